package io.engagementwebhooks.console;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.console.text.Words;
import io.engagementwebhooks.store.query.ResponseKind;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Failures are grouped by webhook and cause, with advice, and the failed ones of a group are replayed. */
@Timeout(300)
class FailuresPageTest {

    private static final String KEY = "acme-admin-key-of-failures";
    private static final String READER = "acme-read-key-of-failures";

    private static volatile boolean isRepaired;

    @AutoClose
    private static Receiver receiver;

    @AutoClose
    private static RunningProduct product;

    private static Visitor anna;

    private static Receiver.Reply answer(Receiver.Got got) {
        return isRepaired || !got.target().getPath().startsWith("/c/")
                ? new Receiver.Reply(204)
                : new Receiver.Reply(404, Map.of(), "\n no such contact \nsecond line");
    }

    @BeforeAll
    static void start() {
        receiver = new Receiver(FailuresPageTest::answer);
        product = RunningProduct.shared(
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: anna, role: admin, key: %1$s}, {name: eve, role: read, key: %2$s}]
                    webhooks:
                      - {name: crm, events: [call.ended], giveUpOn: 404, delivery: {url: "%3$sc/17?key=hidden", authentication: {type: none}}}
                      - {name: closed, events: [text.sent], retry: [1h], delivery: {url: "http://127.0.0.1:%4$d/in", authentication: {type: none}}}
                """
                        .formatted(KEY, READER, receiver.url().resolve("/"), FreePort.any()));
        for (int i = 0; i < 3; i++) {
            product.postEvent(KEY, "{\"id\": \"e%d\", \"source\": \"/pbx\", \"type\": \"call.ended\"}".formatted(i));
        }
        product.postEvent(KEY, "{\"id\": \"t\", \"source\": \"/pbx\", \"type\": \"text.sent\", \"data\": {}}");
        await().until(() ->
                groups().size() == 2 && groups().get(0).get("failed").asInt() == 3);
        anna = Visitor.signedIn(product, KEY);
    }

    private static JsonNode groups() {
        return product.read("/v1/failures?hours=1", KEY).get("groups");
    }

    @Test
    void a_group_has_its_cause_endpoints_hours_response_and_advice_and_is_replayed() {
        JsonNode crm = groups().get(0);
        assertEquals(404, crm.get("httpStatus").asInt());
        assertEquals(0, crm.get("retrying").asInt());
        assertEquals("no such contact", crm.get("response").asText());
        String host = receiver.url().getAuthority();
        assertEquals(
                "[{\"of\":\"" + host + "/c/17\",\"deliveries\":3}]",
                crm.get("endpoints").toString());
        assertEquals(
                3,
                crm.get("hours").findValues("deliveries").stream()
                        .mapToInt(JsonNode::asInt)
                        .sum());
        JsonNode closed = groups().get(1);
        assertEquals("connection-refused", closed.get("fault").asText());
        assertEquals(1, closed.get("retrying").asInt());

        String overview = anna.get("/console/overview").body();
        for (String text : new String[] {
            "3 × HTTP 404", "no such contact", Words.of("advice", "404", ""), "1 × Connection refused", "Retry these 3"
        }) {
            assertTrue(overview.contains(text), text + overview);
        }
        String page = anna.get("/console/failures?hours=1").body();
        assertTrue(page.contains(host + "/c/17"), page);
        assertTrue(anna.get(link(page, "log-", "HTTP-404")).body().split("<tr id=\"line-").length == 4, page);
        String refused = anna.get(link(page, "log-", "Connection-refused")).body();
        assertEquals(2, refused.split("<tr id=\"line-").length, refused);
        assertFalse(Visitor.signedIn(product, READER)
                .get("/console/failures")
                .body()
                .contains("Retry these"));

        isRepaired = true;
        HttpResponse<String> counted = anna.get(link(page, "retry-", "HTTP-404"));
        assertTrue(counted.body().contains("3 deliveries would be sent again"), counted.body());
        HttpResponse<String> started =
                anna.post("/console/replays", Visitor.with(Visitor.fields(counted.body(), "replay"), "do", "start"));
        assertEquals(303, started.statusCode(), started.body());
        await().until(() -> groups().size() == 1);
        assertEquals("closed", groups().get(0).get("webhook").asText());
    }

    @Test
    void a_replay_of_a_fault_counts_only_deliveries_with_that_fault() {
        JsonNode none = RunningProduct.json(
                product.post("/v1/replays", KEY, "application/json", "{\"fault\": \"timeout\", \"dryRun\": true}"));
        assertEquals(0, none.get("matched").asInt(), none.toString());
        HttpResponse<String> unknown =
                product.post("/v1/replays", KEY, "application/json", "{\"fault\": \"tired\", \"dryRun\": true}");
        assertEquals(422, unknown.statusCode());
        assertTrue(unknown.body().contains("known: not-allowed"), unknown.body());
    }

    private static String link(String page, String prefix, String cause) {
        Matcher link = Pattern.compile("id=\"" + prefix + "[^\"]*-" + cause + "\" href=\"([^\"]+)\"")
                .matcher(page);
        assertTrue(link.find(), page);
        return link.group(1).replace("&amp;", "&");
    }

    @Test
    void each_cause_has_advice_and_the_documentation_has_the_same() throws IOException {
        for (String fault : ResponseKind.faults()) {
            assertFalse(Words.of("advice", fault, "").isEmpty(), fault);
        }
        Map<String, String> documented = new TreeMap<>();
        Matcher row = Pattern.compile("(?m)^\\| (.+) \\| (.+) \\|$")
                .matcher(Files.readString(Path.of("docs/delivery.md"))
                        .split("## Causes of failures")[1]
                        .split("\n## ")[0]);
        while (row.find()) {
            documented.put(row.group(1), row.group(2));
        }
        documented.remove("cause");
        documented.keySet().removeIf(cause -> cause.startsWith("---"));
        Map<String, String> shown = new TreeMap<>();
        for (String cause : Words.ofKind("advice")) {
            shown.put(Words.of("response", cause, cause), Words.of("advice", cause, ""));
        }
        assertTrue(shown.size() > 10, shown::toString);
        assertEquals(shown, documented);
    }
}
