package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.egress.RawReceiver;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.StrictTokenServer;
import io.engagementwebhooks.testkit.TestKeys;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * OAuth clients in the API (semantics 31, 32) on the running product; {@link DefinitionsRestartTest} has the age of credentials. A
 * test under other address rules has its own product.
 */
@Timeout(300)
class OAuthClientApiTest {

    private static final String KEY = TwoAccounts.adminKey("acme");

    private static final String CONFIG =
            """
            accounts:
              - id: acme
                apiKeys: [{name: staff, role: admin, key: acme-admin-key-00000}]
                oauthClients:
                  - name: crm
                    clientId: the client
                    clientSecret: "%s"
                    authenticationEndpoint: "%s"
                    tokenPath: ""
                    scope: calls
                    audience: api
                    resource: [urn:a, urn:b]
                    parameters: {tenant: acme, tenant_key: "{{file:%s}}"}
                    %s
                webhooks:
                  - name: calls
                    events: ["*"]
                    delivery: {url: "%s", authentication: {type: oauth2, client: crm, renewOn: [401, 403]}}
            """;

    @TempDir
    Path folder;

    private final AtomicReference<Reply> tokenAnswer = new AtomicReference<>(
            new Reply(200, java.util.Map.of(), "{\"access_token\":\"hush-token\",\"expires_in\":\"60\"}"));

    @AutoClose
    private final Receiver tokenServer = new Receiver(got -> tokenAnswer.get());

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Reply(204));

    @AutoClose
    private RunningProduct product;

    @BeforeEach
    void keep() throws IOException {
        Files.writeString(folder.resolve("tenant.key"), "hush-tenant");
    }

    private void start(String secret, URI endpoint, String more) throws IOException {
        product = RunningProduct.shared(config(secret, endpoint, more));
    }

    private String config(String secret, URI endpoint, String more) {
        return CONFIG.formatted(secret, endpoint, folder.resolve("tenant.key"), more, receiver.url());
    }

    private JsonNode client() {
        return product.read("/v1/oauth-clients/crm", KEY);
    }

    private JsonNode test() {
        HttpResponse<String> answer = product.post("/v1/oauth-clients/crm/test", KEY, "application/json", "{}");
        assertEquals(200, answer.statusCode(), answer.body());
        assertFalse(answer.body().contains("hush"), answer.body());
        return RunningProduct.json(answer);
    }

    @Test
    void a_client_shows_every_field_but_its_secrets() throws Exception {
        start("hush-secret", tokenServer.url(), "");
        JsonNode client = client();
        Instant since = Instant.parse(client.get("credentialSince").asText());
        assertFalse(since.isAfter(Instant.now()));
        assertEquals(
                tokenServer.url().toString().replace("=%2B", "=…"),
                client.get("tokenUrl").asText());
        assertEquals(client, product.read("/v1/oauth-clients", KEY).at("/items/0"));
        assertEquals("the client", client.get("clientId").asText());
        assertEquals("***", client.at("/definition/clientSecret").asText());
        assertEquals("***", client.at("/definition/parameters/tenant_key").asText());
        assertFalse(client.toString().contains("hush"), client.toString());
    }

    @Test
    void a_key_shows_how_it_signs_and_not_itself() throws Exception {
        Files.writeString(
                folder.resolve("client.pem"),
                TestKeys.pem(TestKeys.ec("secp256r1").getPrivate()));
        product = RunningProduct.shared(config("", tokenServer.url(), "authorizationMethod: private_key_jwt")
                .replace("clientSecret: \"\"", "privateKey: \"{{file:" + folder.resolve("client.pem") + "}}\""));
        JsonNode client = client();
        assertEquals("***", client.at("/definition/privateKey").asText());
        assertFalse(client.toString().contains("PRIVATE KEY"), client.toString());
        assertTrue(client.get("credentialSince").isTextual());
    }

    @Test
    void a_client_without_a_credential_has_no_age() throws Exception {
        product = RunningProduct.shared(
                config("", tokenServer.url(), "authorizationMethod: none").replace("clientSecret: \"\"", ""));
        assertTrue(client().get("credentialSince").isNull());
        assertTrue(test().get("ok").asBoolean());
        assertTrue(tokenServer.requests().get(0).body().contains("client_id=the+client"));
    }

    @Test
    void deliveries_waiting_for_a_token_say_so_and_so_do_webhook_and_client() throws Exception {
        tokenAnswer.set(new Reply(503, java.util.Map.of(), "<html>maintenance, hush-secret</html>"));
        start("hush-secret", tokenServer.url(), "");
        product.postEvent(KEY, TwoAccounts.event("waits"));
        String problem = "The token endpoint " + tokenServer.url().getAuthority()
                + " answered 503 <html>maintenance, ***</html>";
        Awaitility.await().untilAsserted(() -> {
            JsonNode delivery =
                    product.read("/v1/deliveries?event=waits", KEY).get("items").get(0);
            assertEquals("waiting", delivery.get("state").asText());
            assertEquals(0, delivery.get("attemptCount").asInt());
            assertEquals(
                    "No token for OAuth client 'crm': " + problem,
                    delivery.get("reason").asText());
        });
        assertEquals(problem, client().get("problem").asText());
        assertEquals(problem, client().get("lastToken").get("problem").asText());
        assertFalse(client().get("lastToken").get("ok").asBoolean());
        JsonNode webhook = product.read("/v1/webhooks/calls", KEY);
        assertEquals(problem, webhook.get("credentialProblem").asText());
        assertEquals(0, receiver.requests().size());

        tokenAnswer.set(new Reply(200, java.util.Map.of(), "{\"access_token\":\"hush-token\",\"expires_in\":\"60\"}"));
        JsonNode delivered =
                product.awaitDeliveries(KEY, "waits", 1, "delivered").get(0);
        assertEquals(1, delivered.get("attemptCount").asInt());
        JsonNode last = client().get("lastToken");
        assertTrue(last.get("ok").asBoolean());
        assertTrue(Instant.parse(last.get("expiresAt").asText()).isAfter(Instant.now()));
        assertTrue(client().get("problem").isNull());
        assertEquals("Bearer hush-token", receiver.requests().get(0).header("Authorization"));
    }

    @Test
    void a_test_describes_the_token_without_showing_it() throws Exception {
        start("hush-secret", tokenServer.url(), "");
        JsonNode test = test();
        assertTrue(test.get("ok").asBoolean());
        assertEquals("A token came, good for 60 s", test.get("message").asText());
        assertEquals(60, test.get("expiresIn").asInt());
        assertTrue(client().get("lastToken").isNull(), "a trial is not a delivery's");
        String form = tokenServer.requests().get(0).body();
        for (String field : new String[] {
            "grant_type=client_credentials",
            "scope=calls",
            "audience=api",
            "resource=urn%3Aa",
            "resource=urn%3Ab",
            "tenant=acme",
            "tenant_key=hush-tenant"
        }) {
            assertTrue(("&" + form + "&").contains("&" + field + "&"), form);
        }
    }

    @Test
    void a_test_names_the_error_and_the_way_out() throws Exception {
        start("hush secret", tokenServer.url(), "");
        assertTrial(
                401,
                "{\"error\":\"invalid_client\",\"error_description\":\"no hush secret\"}",
                "client-refused",
                "answered 401 invalid_client: no ***. The server knows no such client, or the secret is wrong,"
                        + " or it wants id and secret as they are, without form-encoding: encoding: raw, or it wants them in the"
                        + " form: authorizationMethod: body");
        assertTrial(
                400, "{\"error\":\"invalid_scope\"}", "request-refused", "answered 400 invalid_scope. Check tokenPath");
        assertTrial(404, "", "request-refused", "answered 404. Check tokenPath, and scope");
        assertTrial(500, "", "unavailable", "answered 500. The server has an error");
        assertTrial(429, "", "unavailable", "answered 429. The server has an error");
        assertTrial(
                200, "<html>login</html>", "not-json", "something that is not JSON: <html>login</html>. This looks");
        assertTrial(200, "{\"token_type\":\"Bearer\"}", "no-token", "answered without an access_token. Check");
        assertTrial(
                200, "{\"error\":\"invalid_grant\"}", "no-token", "without an access_token, but with invalid_grant.");
        assertTrial(
                200,
                "{\"access_token\":\"t\",\"token_type\":\"mac\"}",
                "unusable-token",
                "a token that is not of type Bearer. Only bearer tokens");
        tokenAnswer.set(
                new Reply(302, java.util.Map.of("Location", receiver.url().toString()), ""));
        JsonNode redirect = test();
        assertEquals("redirect", redirect.get("problem").asText());
        assertTrue(redirect.get("message").asText().contains("answered 302. Credentials follow no redirect"));
        assertEquals(0, receiver.requests().size());
    }

    private void assertTrial(int status, String body, String problem, String words) {
        tokenAnswer.set(new Reply(status, java.util.Map.of(), body));
        JsonNode test = test();
        assertFalse(test.get("ok").asBoolean());
        assertEquals(problem, test.get("problem").asText());
        assertTrue(
                test.get("message").asText().contains(words),
                test.get("message").asText());
        assertTrue(test.get("expiresIn").isNull());
    }

    @Test
    void a_test_distinguishes_an_unknown_server_from_a_forbidden_address() throws Exception {
        int closed = FreePort.any();
        start("hush-secret", URI.create("http://127.0.0.1:" + closed + "/t"), "");
        assertProblem("connection-refused", "refused the connection. Check host and port");
        product.close();
        // raw bytes: the JDK's HTTP server answers a TLS hello in some of its releases only
        try (RawReceiver plain = new RawReceiver(talk -> talk.write("HTTP/1.1 400 Bad Request\r\n\r\n"))) {
            start("hush-secret", URI.create("https://127.0.0.1:" + plain.port() + "/t"), "");
            assertProblem("tls", "could not agree on TLS with us. The server's certificate must be valid");
            product.close();
        }
        start("hush-secret", URI.create("https://no-such-host.invalid/t"), "");
        assertProblem("name-not-resolved", "host name could not be resolved to a public address. Check the host");
        product.close();
        try (StrictTokenServer unreachable = new StrictTokenServer("a", "b", StrictTokenServer.Way.BASIC)) {
            String config = config(
                    "hush-secret",
                    URI.create("https://localhost:" + unreachable.url().getPort() + "/t"),
                    "");
            product = RunningProduct.start(
                    folder,
                    config.replace(receiver.url().toString(), "https://a.example.com/"),
                    "webhooks.egress.allow=");
            assertProblem("address-refused", "Not allowed: localhost leads to an address that is not public");
            assertEquals(0, unreachable.requests());
        }
    }

    private void assertProblem(String problem, String words) {
        JsonNode test = test();
        assertEquals(problem, test.get("problem").asText());
        assertTrue(
                test.get("message").asText().contains(words),
                test.get("message").asText());
    }
}
