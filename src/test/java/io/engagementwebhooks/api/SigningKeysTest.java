package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.webhook.signing.Ed25519Key;
import io.engagementwebhooks.webhook.signing.HmacKey;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Signing keys for customers and receivers; JWK Sets as in RFC 7517 and RFC 8037. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SigningKeysTest {

    private static final String JWKS = "/.well-known/jwks.json";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final Ed25519Key active = Ed25519Key.generate(RANDOM);
    private final String set =
            """
            accounts:
              - id: acme
                apiKeys: [{name: dashboard, role: read, key: acme-read-key-000000}]
                connections:
                  - {name: sales, type: salesforce, loginUrl: "https://acme.my.salesforce.com", clientId: c, clientSecret: s}
                signingKeys:
                  - {id: coming, privateKey: %s, from: %s}
                  - {id: active, privateKey: %s}
                  - {id: just-ended, privateKey: %s, until: %s}
                  - {id: long-ended, privateKey: %s, from: 2020-01-01, until: 2020-12-31}
                  - {id: shared, secret: %s}
                webhooks:
                  - {name: a, events: [a], delivery: {url: "https://a.example.com"}}
                  - name: b
                    events: [a]
                    delivery: {url: "https://b.example.com", signature: both, signingKeys: [{id: own, privateKey: %s}, active]}
                  - name: c
                    events: [a]
                    delivery: {authentication: {type: salesforce, connection: sales}, salesforce: {path: /services/apexrest/calls},
                               body: "1", signingKeys: [{id: to-apex, privateKey: %s}]}
              - id: other
                apiKeys: [{name: dashboard, role: read, key: other-read-key-00000}]
                signingKeys:
                  - {id: active, privateKey: %s, until: %s}
                webhooks:
                  - {name: a, events: [a], delivery: {url: "https://a.example.com"}}
            """
                    .formatted(
                            pair(),
                            now.plus(3, ChronoUnit.DAYS),
                            active.privateText().reveal(),
                            pair(),
                            now.minus(6, ChronoUnit.DAYS),
                            pair(),
                            HmacKey.generate(RANDOM).text().reveal(),
                            pair(),
                            pair(),
                            pair(),
                            now.plus(2, ChronoUnit.DAYS));

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(set);

    private final String acme = product.account("acme");

    private final String other = product.account("other");

    private static String pair() {
        return Ed25519Key.generate(RANDOM).privateText().reveal();
    }

    @Test
    void an_account_sees_its_keys_with_their_state_and_never_what_signs() {
        JsonNode page = product.read("/v1/signing-keys", "acme-read-key-000000");
        List<String> seen = new ArrayList<>();
        page.get("items")
                .forEach(item -> seen.add(item.get("keyId").asText() + " "
                        + item.get("scheme").asText() + " " + item.get("state").asText() + " "
                        + item.get("webhook").asText()));
        assertEquals(
                List.of(
                        acme + "/active v1a active null",
                        acme + "/coming v1a coming null",
                        acme + "/just-ended v1a expired null",
                        acme + "/long-ended v1a expired null",
                        acme + "/own v1a active b",
                        acme + "/shared v1 active null",
                        acme + "/to-apex v1a active c"),
                seen);
        JsonNode coming = page.get("items").get(1);
        assertEquals(now.plus(3, ChronoUnit.DAYS).toString(), coming.get("from").asText());
        assertTrue(coming.get("until").isNull());
        assertEquals(
                active.publicText(), page.get("items").get(0).get("publicKey").asText());
        assertTrue(page.get("items").get(5).get("publicKey").isNull());
        assertFalse(page.toString().contains("whsk_") || page.toString().contains("whsec_"), page.toString());
    }

    @Test
    void public_keys_need_no_api_key_and_are_listed_before_and_after_they_sign() {
        assertEquals(
                Set.of(
                        acme + "/coming",
                        acme + "/active",
                        acme + "/just-ended",
                        acme + "/own",
                        acme + "/to-apex",
                        other + "/active"),
                ids(JWKS).stream()
                        .filter(id -> id.startsWith(acme + "/") || id.startsWith(other + "/"))
                        .collect(Collectors.toSet()));
        assertEquals(Set.of(other + "/active"), ids(JWKS + "?account=" + other));
        assertEquals(Set.of(), ids(JWKS + "?account=unknown"));
    }

    @Test
    void a_public_key_is_an_okp_jwk_without_a_private_part() {
        JsonNode key = null;
        for (JsonNode candidate : product.read(JWKS + "?account=" + acme, null).get("keys")) {
            key = candidate.get("kid").asText().equals(acme + "/active") ? candidate : key;
        }
        String x = Base64.getUrlEncoder().withoutPadding().encodeToString(active.publicKey());
        assertEquals(
                "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" + x + "\",\"kid\":\"" + acme
                        + "/active\",\"alg\":\"EdDSA\",\"use\":\"sig\"}",
                String.valueOf(key));
    }

    @Test
    void public_keys_have_an_etag_and_can_be_cached() {
        HttpResponse<String> first = product.get(JWKS, null);
        assertEquals(
                "public, max-age=300",
                first.headers().firstValue("Cache-Control").orElse(""));
        assertEquals(
                "application/jwk-set+json",
                first.headers().firstValue("Content-Type").orElse(""));
        String tag = first.headers().firstValue("ETag").orElse("");
        assertTrue(tag.matches("\"[0-9a-f]{32}\""), tag);
        for (String known : List.of(tag, "W/" + tag, "\"else\", " + tag, "*")) {
            HttpResponse<String> again = asked(known);
            assertEquals(304, again.statusCode(), known);
            assertEquals("", again.body());
            assertEquals(tag, again.headers().firstValue("ETag").orElse(""));
        }
        assertEquals(200, asked("\"else\"").statusCode());
        String others = product.get(JWKS + "?account=" + other, null)
                .headers()
                .firstValue("ETag")
                .orElse("");
        assertNotEquals(tag, others);
    }

    @Test
    void an_unknown_parameter_is_named() {
        assertEquals(400, product.get(JWKS + "?acount=" + acme, null).statusCode());
        assertEquals(
                400,
                product.get(JWKS + "?account=" + acme + "&account=" + other, null)
                        .statusCode());
    }

    /** The operator is warned before requests become unsigned. */
    @Test
    void health_and_metrics_report_an_account_whose_last_key_ends_soon() {
        String warning = "account '" + other + "': from " + now.plus(2, ChronoUnit.DAYS) + " on no signing key signs";
        Awaitility.await()
                .until(() -> product.send(HttpRequest.newBuilder(product.managementUrl("/observe/health?data=true"))
                                .build())
                        .body()
                        .contains(warning));
        double before = ending();
        RunningProduct more = RunningProduct.shared(set);
        Awaitility.await().until(() -> ending() == before + 1);
        more.close();
    }

    /** Over all accounts of the process. */
    private double ending() {
        String metrics = product.send(HttpRequest.newBuilder(product.managementUrl("/observe/metrics"))
                        .build())
                .body();
        Matcher gauge = Pattern.compile("(?m)^webhooks_signing_ending(?:\\{.*})? (\\S+)$")
                .matcher(metrics);
        assertTrue(gauge.find(), metrics);
        return Double.parseDouble(gauge.group(1));
    }

    private HttpResponse<String> asked(String tags) {
        return product.send(
                product.request(JWKS, null).header("If-None-Match", tags).build());
    }

    private Set<String> ids(String path) {
        Set<String> ids = new TreeSet<>();
        product.read(path, null)
                .get("keys")
                .forEach(key -> ids.add(key.get("kid").asText()));
        return ids;
    }
}
