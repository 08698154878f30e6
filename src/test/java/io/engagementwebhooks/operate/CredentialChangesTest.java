package io.engagementwebhooks.operate;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.StrictTokenServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A repaired credential releases what waited for it (semantics 14), on the running product and the real clock. */
@Timeout(300)
class CredentialChangesTest {

    private static final String KEY = "an-admin-key-of-acme";
    private static final String GOOD =
            "Basic " + Base64.getEncoder().encodeToString("crm:right".getBytes(StandardCharsets.UTF_8));

    @AutoClose
    private final StrictTokenServer tokens = new StrictTokenServer("webhooks", "right", StrictTokenServer.Way.BASIC);

    @AutoClose
    private final Receiver receiver = new Receiver(this::answer);

    @AutoClose
    private RunningProduct product;

    private Receiver.Reply answer(Receiver.Got got) {
        String given = got.header("Authorization");
        boolean known = GOOD.equals(given) || given.startsWith("Bearer ") && tokens.knows(given.substring(7));
        return new Receiver.Reply(known ? 204 : 401);
    }

    private String byOAuth(String secret) {
        return """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: an-admin-key-of-acme}]
                    oauthClients:
                      - {name: crm, clientId: webhooks, clientSecret: %s, authenticationEndpoint: "%s", tokenPath: ""}
                    webhooks:
                      - name: crm
                        events: ["*"]
                        delivery: {url: "%s", authentication: {type: oauth2, client: crm}}
                """
                .formatted(secret, tokens.url(), receiver.url());
    }

    private String byHeader(String password) {
        return """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: an-admin-key-of-acme}]
                    webhooks:
                      - name: crm
                        events: ["*"]
                        retry: [1h]
                        delivery: {url: "%s", authentication: {type: header, user: crm, password: %s}}
                """
                .formatted(receiver.url(), password);
    }

    private void send(String id) {
        assertEquals(
                202,
                product.postEvent(KEY, "{\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"call.ended\",\"data\":{}}")
                        .statusCode());
    }

    /** Its next try is minutes away by then. */
    private void awaitRefusal(String id) {
        await().pollInterval(Duration.ofMillis(20)).until(() -> product.read("/v1/deliveries?event=" + id, KEY)
                .at("/items/0/reason")
                .asText()
                .startsWith("No token for OAuth client 'crm'"));
    }

    @Test
    void a_delivery_waiting_for_a_token_is_sent_when_the_clients_secret_is_fixed() {
        product = RunningProduct.shared(byOAuth("wrong"));
        for (int i = 0; i < 20; i++) {
            send("e" + i);
        }
        for (int i = 0; i < 20; i++) {
            awaitRefusal("e" + i);
        }
        int refused = tokens.requests();
        product.config(byOAuth("right"));
        for (int i = 0; i < 20; i++) {
            product.awaitDeliveries(KEY, "e" + i, 1, "delivered");
        }
        assertEquals(20, receiver.requests().size(), "each is sent once");
        assertEquals(refused + 1, tokens.requests(), "one token serves all");
    }

    @Test
    void a_secret_fixed_while_the_product_is_stopped_is_used_at_the_start(@TempDir Path folder) {
        product = RunningProduct.start(folder, byOAuth("wrong"));
        send("e1");
        awaitRefusal("e1");
        product.stop();
        product.config(byOAuth("right"));
        product.start();
        product.awaitDeliveries(KEY, "e1", 1, "delivered");
    }

    @Test
    void a_refused_delivery_is_sent_when_the_webhooks_password_is_fixed() {
        product = RunningProduct.shared(byHeader("wrong"));
        send("e1");
        await().until(() -> product.read("/v1/deliveries?event=e1", KEY)
                        .at("/items/0/attemptCount")
                        .asInt()
                == 1);
        product.config(byHeader("right"));
        product.awaitDeliveries(KEY, "e1", 1, "delivered");
        assertEquals(2, receiver.requests().size());
    }
}
