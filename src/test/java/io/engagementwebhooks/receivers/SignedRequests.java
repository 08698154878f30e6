package io.engagementwebhooks.receivers;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.webhook.signing.Ed25519Key;
import io.engagementwebhooks.webhook.signing.HmacKey;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.function.Function;

/**
 * The running product, and what it has really sent over HTTP: one event by a webhook for each form of signature, whose
 * body is not plain ASCII. Two keys of the account sign, two shared secrets and a pair; a fourth is announced.
 */
final class SignedRequests implements AutoCloseable {

    private static final String KEY = "acme-admin-key-00000";
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String CONFIG =
            """
            accounts:
              - id: acme
                apiKeys: [{name: staff, role: admin, key: %s}]
                signingKeys:
                  - {id: next, privateKey: %s, from: 9999-01-01}
                  - {id: pair, privateKey: %s}
                  - {id: shared, secret: %s}
                  - {id: older, secret: %7$s}
                webhooks:
                  - {name: standard, events: [a], delivery: {url: "%5$s/standard?x=%%2B", body: '%6$s'}}
                  - {name: rfc9421, events: [a], delivery: {url: "%5$s/rfc9421?x=%%2B&y", body: '%6$s', signature: rfc9421}}
                  - {name: both, events: [a], delivery: {url: "%5$s/both", body: '%6$s', signature: both, method: PUT}}
                  - {name: none, events: [a], delivery: {url: "%5$s/none", body: '%6$s', signature: none}}
                  - name: github
                    events: [a]
                    delivery: {url: "%5$s/github", body: '%6$s', signing: {custom: {key: shared, keyAs: text,
                      header: X-Hub-Signature-256, prefix: "sha256="}}}
                  - name: stripe
                    events: [a]
                    delivery: {url: "%5$s/stripe", body: '%6$s', signature: none, signing: {custom: {key: [shared, older],
                      keyAs: text, header: Stripe-Signature, prefix: "t={timestamp},v1=", content: "{timestamp}.{body}"}}}
                  - name: shopify
                    events: [a]
                    delivery: {url: "%5$s/shopify", body: '%6$s', signature: none, signing: {custom: {key: shared, keyAs: text,
                      header: X-Shopify-Hmac-Sha256, encoding: base64}}, headers: {X-Shopify-Topic: a,
                      X-Shopify-Shop-Domain: shop.myshopify.com, X-Shopify-API-Version: 2026-01, X-Shopify-Webhook-Id: "1"}}
                  - name: slack
                    events: [a]
                    delivery: {url: "%5$s/slack", body: '%6$s', signature: none, signing: {custom: {key: shared, keyAs: text,
                      header: X-Slack-Signature, timestampHeader: X-Slack-Request-Timestamp, prefix: "v0=",
                      content: "v0:{timestamp}:{body}"}}}
            """;
    private static final String BODY = "{\"call\": \"{cdr_id}\", \"agent\": \"Zoë €\", \"said\": \"{said}\"}";
    private static final String EVENT =
            "{\"id\":\"1\",\"source\":\"/pbx\",\"type\":\"a\",\"data\":{\"cdr_id\":914022177,\"said\":\"«Grüß Gott» 👋\"}}";

    private final HmacKey shared = HmacKey.generate(RANDOM);
    private final HmacKey older = HmacKey.generate(RANDOM);
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));
    private final RunningProduct product;

    /** @param start makes a product of the text of a configuration file */
    SignedRequests(Function<String, RunningProduct> start) {
        String receivers = "http://127.0.0.1:" + receiver.url().getPort();
        product = start.apply(CONFIG.formatted(
                KEY,
                pair(),
                pair(),
                shared.text().reveal(),
                receivers,
                BODY,
                older.text().reveal()));
        HttpResponse<String> accepted = product.postEvent(KEY, EVENT);
        if (accepted.statusCode() != 202) {
            throw new AssertionError(accepted.body());
        }
        product.awaitDeliveries(KEY, "1", 8, "delivered");
    }

    private static String pair() {
        return Ed25519Key.generate(RANDOM).privateText().reveal();
    }

    /** The request of a webhook. */
    Receiver.Got of(String webhook) {
        return receiver.requests().stream()
                .filter(got -> got.target().getPath().equals("/" + webhook))
                .findFirst()
                .orElseThrow();
    }

    static byte[] body(Receiver.Got request) {
        return request.body().getBytes(StandardCharsets.UTF_8);
    }

    /** Where it was sent, as its receiver puts it together. */
    static String url(Receiver.Got request) {
        return "http://" + request.header("Host") + request.target();
    }

    String account() {
        return product.account("acme");
    }

    String secret() {
        return shared.text().reveal();
    }

    URI jwks() {
        return product.url("/.well-known/jwks.json?account=" + account());
    }

    /** All of it for verifiers in other languages; {@code tampered}: the bodies are not those that were sent. */
    ObjectNode toJson(boolean tampered) {
        ObjectNode all = new JsonMapper().createObjectNode();
        all.put("secret", secret()).put("older", older.text().reveal()).put("jwks", jwks().toString());
        ObjectNode requests = all.putObject("requests");
        for (Receiver.Got got : receiver.requests()) {
            ObjectNode request = requests.putObject(got.target().getPath().substring(1));
            request.put("method", got.method()).put("url", url(got));
            request.put("body", tampered ? got.body().replace("914022177", "914022178") : got.body());
            ObjectNode headers = request.putObject("headers");
            got.headers().forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
        }
        return all;
    }

    @Override
    public void close() {
        product.close();
        receiver.close();
    }
}
