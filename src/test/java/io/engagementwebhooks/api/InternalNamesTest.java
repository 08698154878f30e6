package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A name with an internal address and an unknown name look the same to a customer, who so learns no internal names. The
 * internal name is this machine's. The product opens no address range.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InternalNamesTest {

    private static final String UNKNOWN = "no-such-host.invalid";
    private static final String KEY = "acme-admin-key-00000";
    private static final String WORDS = "host name could not be resolved to a public address";

    private static final ObjectMapper JSON = new ObjectMapper();

    private String inside;
    private RunningProduct product;
    private ApiClient api;

    @BeforeAll
    void start(@TempDir Path folder) throws UnknownHostException {
        InetAddress own = InetAddress.getLocalHost();
        inside = own.getHostName();
        boolean isPrivate = own.isLoopbackAddress() || own.isSiteLocalAddress() || own.isLinkLocalAddress();
        assumeTrue(isPrivate && !inside.equals(own.getHostAddress()) && !inside.contains("localhost"), inside);
        product = RunningProduct.start(
                folder,
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: %1$s}]
                    oauthClients:
                      - {name: inside, clientId: a, clientSecret: b-secret, authenticationEndpoint: "https://%2$s/t"}
                      - {name: unknown, clientId: a, clientSecret: b-secret, authenticationEndpoint: "https://%3$s/t"}
                    connections:
                      - {name: inside, type: salesforce, loginUrl: "https://%2$s", clientId: a, clientSecret: b-secret, apiVersion: "66.0"}
                      - {name: unknown, type: salesforce, loginUrl: "https://%3$s", clientId: a, clientSecret: b-secret, apiVersion: "66.0"}
                    webhooks:
                      - {name: inside, events: ['*'], retry: [7d], delivery: {url: "https://%2$s:8443/hook", authentication: {type: none}}}
                      - {name: unknown, events: ['*'], retry: [7d], delivery: {url: "https://%3$s:8443/hook", authentication: {type: none}}}
                """
                        .formatted(KEY, inside, UNKNOWN),
                "webhooks.egress.allow=");
        api = new ApiClient(product, KEY);
    }

    @AfterAll
    void stop() {
        if (product != null) {
            product.close();
        }
    }

    private JsonNode tested(String kind, String name, String... varying) {
        return alike(api.posted(200, "/v1/" + kind + "/" + name + "/test", "{}"), varying);
    }

    /** Without names and without varying parts. */
    private JsonNode alike(JsonNode answer, String... varying) {
        ObjectNode read = (ObjectNode) answer;
        read.remove(List.of(varying));
        String text = read.toString()
                .replace(UNKNOWN, "HOST")
                .replaceAll("\\b" + Pattern.quote(inside) + "\\b", "HOST")
                .replaceAll("\\b(inside|unknown)\\b", "NAME");
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }

    @Test
    void a_test_of_a_webhook_reports_them_alike() {
        String[] varying = {"ms", "startedAt", "event", "request", "delivery"};
        JsonNode ofInside = tested("webhooks", "inside", varying);
        assertEquals(tested("webhooks", "unknown", varying), ofInside);
        assertEquals("The endpoint's " + WORDS, ofInside.get("reason").asText());
        assertTrue(ofInside.get("timing").isNull());
    }

    @Test
    void a_test_of_an_oauth_client_reports_them_alike() {
        JsonNode ofInside = tested("oauth-clients", "inside", "ms");
        assertEquals(tested("oauth-clients", "unknown", "ms"), ofInside);
        assertTrue(ofInside.get("message").asText().contains(WORDS), ofInside.toString());
        assertEquals("name-not-resolved", ofInside.get("problem").asText());
    }

    @Test
    void a_test_of_a_connection_reports_them_alike() {
        JsonNode ofInside = tested("connections", "inside");
        assertEquals(tested("connections", "unknown"), ofInside);
        assertEquals("false", ofInside.get("ok").asText());
    }

    @Test
    void a_delivery_and_its_attempt_report_them_alike() {
        api.event("1");
        product.awaitDeliveries(KEY, "1", 2, "waiting");
        JsonNode ofInside = attempt("inside");
        assertEquals(attempt("unknown"), ofInside);
        assertEquals("The endpoint's " + WORDS, ofInside.get("reason").asText());
        assertTrue(ofInside.path("timing").isNull() || ofInside.path("timing").isMissingNode(), ofInside.toString());
    }

    private JsonNode attempt(String webhook) {
        String id =
                api.read("/v1/deliveries?webhook=" + webhook).at("/items/0/id").asText();
        Awaitility.await().until(() -> api.delivery(id).path("attemptCount").asInt() == 1);
        return alike(api.delivery(id).at("/attempts/0"), "ms", "startedAt", "request", "id", "endedAt");
    }
}
