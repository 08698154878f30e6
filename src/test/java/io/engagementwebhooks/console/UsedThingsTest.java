package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A change with which a webhook would have a fault is refused: it would rest after the next start. */
@Timeout(300)
class UsedThingsTest {

    private static final String ADMIN = "the-admin-key-of-things";

    private Receiver receiver;
    private RunningProduct product;

    @BeforeEach
    void start(@TempDir Path folder) {
        receiver = new Receiver(got -> new Receiver.Reply(204));
        product = RunningProduct.start(
                folder,
                "accounts:\n  - id: acme\n    apiKeys: [{name: staff, role: admin, key: " + ADMIN + "}]\n",
                "webhooks.egress.plain-http=127.0.0.0/8");
    }

    @AfterEach
    void stop() {
        product.close();
        receiver.close();
    }

    private HttpResponse<String> change(String method, String path, String body) {
        String etag = product.get(path, ADMIN).headers().firstValue("ETag").orElseThrow();
        return product.send(product.request(path, ADMIN)
                .header("Content-Type", "application/json")
                .header("If-Match", etag)
                .method(method, HttpRequest.BodyPublishers.ofString(body.replace('`', '"')))
                .build());
    }

    private void create(String kind, String body) {
        HttpResponse<String> made = product.post("/v1/" + kind, ADMIN, "application/json", body.replace('`', '"'));
        assertEquals(201, made.statusCode(), made.body());
    }

    private void webhook(String name, String delivery) {
        create("webhooks", "{`name`: `%s`, `events`: [`call.*`], `delivery`: {%s}}".formatted(name, delivery));
    }

    private static void assertInUse(HttpResponse<String> answer, String webhook, String fault) {
        assertEquals(409, answer.statusCode(), answer.body());
        JsonNode problem = RunningProduct.json(answer);
        assertEquals(
                "urn:engagement-webhooks:problem:in-use", problem.path("type").asText());
        String detail = problem.path("detail").asText();
        assertTrue(detail.contains("webhook '" + webhook + "': ") && detail.contains(fault), detail);
    }

    @Test
    void the_last_key_of_an_account_is_not_removed_while_a_webhook_needs_one() {
        create("signing-keys", "{`id`: `s1`}");
        create("signing-keys", "{`id`: `s2`}");
        webhook("signed", "`url`: `" + receiver.url() + "`, `signature`: `both`");
        webhook("plain", "`url`: `" + receiver.url() + "`");
        assertEquals(204, change("DELETE", "/v1/signing-keys/s1", "").statusCode());
        assertInUse(change("DELETE", "/v1/signing-keys/s2", ""), "signed", "'signature' needs a key");
        product.stop();
        product.start();
        product.postEvent(ADMIN, TwoAccounts.event("one"));
        product.awaitDeliveries(ADMIN, "one", 2, "delivered");
        receiver.requests()
                .forEach(got -> assertTrue(got.header("webhook-signature").startsWith("v1,")));
        HttpResponse<String> unsigned = change("PATCH", "/v1/webhooks/signed", "{`delivery`: {`signature`: `none`}}");
        assertEquals(200, unsigned.statusCode(), unsigned.body());
        assertEquals(204, change("DELETE", "/v1/signing-keys/s2", "").statusCode());
    }

    @Test
    void a_connection_keeps_the_schema_that_webhooks_are_written_for() {
        String connection =
                "{`type`: `contentsquare`, `clientId`: `a`, `clientSecret`: `%s`, `integrationVersion`: 1, `schema`: [{`name`: `%s`, `type`: `INT`}]%s}";
        create("connections", connection.formatted("s", "length", ", `name`: `insights`"));
        for (int i = 1; i <= 7; i++) {
            webhook(
                    "sessions " + i,
                    "`authentication`: {`type`: `contentsquare`, `connection`: `insights`}, `contentsquare`: {`fields`: {`length`: `{duration}`}}");
        }
        webhook("usual", "`authentication`: {`type`: `contentsquare`, `connection`: `insights`}");
        String path = "/v1/connections/insights";
        HttpResponse<String> other = change("PUT", path, connection.formatted("t", "seconds", ""));
        assertInUse(other, "sessions 5", "field 'length' is not in the schema");
        assertTrue(other.body().contains("and by more webhooks"), other.body());
        assertInUse(
                change("PATCH", path, "{`schema`: [{`name`: `seconds`, `type`: `INT`}]}"),
                "sessions 1",
                "field 'length' is not in the schema");
        HttpResponse<String> renewed = change("PUT", path, connection.formatted("t", "length", ", `scope`: `a`"));
        assertEquals(200, renewed.statusCode(), renewed.body());
    }

    @Test
    void a_client_whose_tokens_need_its_certificate_is_refused_where_a_webhook_shows_another() {
        Certificates.Issued certificate = new Certificates().client("acme", 400);
        String tls = "{`certificate`: %s, `key`: %s}"
                .formatted(
                        JsonNodeFactory.instance.textNode(certificate.certificatePem()),
                        JsonNodeFactory.instance.textNode(certificate.keyPem()));
        create(
                "oauth-clients",
                "{`name`: `crm`, `clientId`: `a`, `authenticationEndpoint`: `https://auth.example.com`, `authorizationMethod`: `tls_client_auth`, `tls`: "
                        + tls + "}");
        webhook(
                "certified",
                "`url`: `https://x.example.com`, `authentication`: {`type`: `oauth2`, `client`: `crm`}, `tls`: " + tls);
        assertInUse(
                change("PATCH", "/v1/oauth-clients/crm", "{`certificateBoundTokens`: true}"),
                "certified",
                "are bound to that of the client");
    }
}
