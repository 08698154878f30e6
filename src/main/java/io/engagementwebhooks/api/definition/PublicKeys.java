package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.api.Parameters;
import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.server.HttpCall;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.SigningKey;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Step {@code list-public-keys}: {@code GET /.well-known/jwks.json}, the public keys that verify signatures, as a JWK
 * Set (RFC 7517, RFC 8037). It needs no API key: it has only the public half of Ed25519 keys. A key is listed before it
 * signs, and for a while after it has ended. Thread-safe.
 */
public record PublicKeys(Supplier<Config> config, Clock clock) implements Processor {

    /** How long an ended key is listed: requests that it signed may still be in a receiver's queue. */
    static final Duration KEPT = Duration.ofDays(7);

    private static final String MEDIA_TYPE = "application/jwk-set+json";
    private static final String CACHING = "public, max-age=300";
    private static final String ACCOUNT = "account";
    private static final JsonMapper JSON = new JsonMapper();

    @Override
    public void process(Exchange exchange) {
        HttpCall call = HttpCall.of(exchange);
        String account = Parameters.of(call.query(), List.of(ACCOUNT)).text(ACCOUNT);
        byte[] document = document(account);
        String tag = tag(document);
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader("Cache-Control", CACHING);
        message.setHeader("ETag", tag);
        if (isKnown(call, tag)) {
            message.setHeader(Exchange.HTTP_RESPONSE_CODE, 304);
            message.setBody(null);
        } else {
            message.setHeader(Exchange.CONTENT_TYPE, MEDIA_TYPE);
            message.setBody(document);
        }
    }

    private byte[] document(String account) {
        Config current = config.get();
        Instant now = clock.instant();
        ObjectNode set = JSON.createObjectNode();
        ArrayNode keys = set.putArray("keys");
        Set<String> accounts = account == null ? current.accounts().keySet() : Set.of(account);
        for (String of : accounts) {
            ListedKey.of(current, of).stream()
                    .map(ListedKey::key)
                    .filter(key -> key.validity().until().isAfter(now.minus(KEPT)))
                    .forEach(key -> add(keys, of, key));
        }
        return set.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void add(ArrayNode keys, String account, SigningKey key) {
        key.publicKey().ifPresent(bytes -> keys.addObject()
                .put("kty", "OKP")
                .put("crv", "Ed25519")
                .put("x", Base64.getUrlEncoder().withoutPadding().encodeToString(bytes))
                .put("kid", key.publicId(account))
                .put("alg", "EdDSA")
                .put("use", "sig"));
    }

    private static String tag(byte[] document) {
        return "\"" + HexFormat.of().formatHex(Sha256.of(document), 0, 16) + "\"";
    }

    /** RFC 9110, 13.1.2: a list of tags, compared weakly, or {@code *}. */
    private static boolean isKnown(HttpCall call, String tag) {
        return call.headers().getOrDefault("if-none-match", List.of()).stream()
                .flatMap(value -> Arrays.stream(value.split(",")))
                .map(String::strip)
                .anyMatch(known -> known.equals("*") || known.equals(tag) || known.equals("W/" + tag));
    }
}
