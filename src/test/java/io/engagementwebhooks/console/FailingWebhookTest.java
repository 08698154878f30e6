package io.engagementwebhooks.console;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Got;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A webhook that fails for too long, as its owner sees it, from the first failure to the last delivery; a restart needs
 * its own product.
 */
@Timeout(300)
class FailingWebhookTest {

    private static final String KEY = "an-admin-key-of-acme";
    private static final int EVENTS = 30;
    private final CountDownLatch probed = new CountDownLatch(1);
    private final Receiver receiver = new Receiver(this::answer);
    private volatile boolean isBack;
    private RunningProduct product;

    /** Failing receivers answer 500; when they work again, the first response is delayed. */
    private Reply answer(Got got) {
        boolean fails = got.target().getPath().startsWith("/failing");
        if (fails && isBack) {
            Patience.await(probed);
        }
        return new Reply(fails && !isBack ? 500 : 204);
    }

    private String config() {
        return """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: %1$s}]
                    webhooks:
                      - {name: watcher, events: ["webhook.*"], delivery: {url: "%2$s", authentication: {type: none}}}
                      - {name: beside, events: [beside], delivery: {url: "%3$s", authentication: {type: none}}}
                      - {name: patient, events: [patient], retry: [100ms], disableAfter: never, delivery: {url: "%4$s", authentication: {type: none}}}
                """
                .formatted(KEY, at("/watcher"), at("/beside"), at("/failing-patient"));
    }

    @AfterEach
    void stop() {
        probed.countDown();
        product.close();
        receiver.close();
    }

    private String at(String path) {
        return receiver.url().resolve(path).toString();
    }

    private List<Got> requests(String path) {
        return receiver.requests().stream()
                .filter(got -> got.target().getPath().equals(path))
                .toList();
    }

    private HttpResponse<String> post(String path, String body) {
        return product.post(path, KEY, "application/json", body);
    }

    private void send(String id, String type) {
        String event = "{\"id\":\"%s\",\"source\":\"/calls\",\"type\":\"%s\",\"data\":{}}".formatted(id, type);
        HttpResponse<String> answer = product.postEvent(KEY, event);
        assertEquals(202, answer.statusCode(), answer.body());
    }

    private String state(String webhook) {
        return product.read("/v1/webhooks/" + webhook, KEY).get("state").asText();
    }

    /** System events of a type that the watcher got. */
    private List<JsonNode> systemEvents(String type) {
        return requests("/watcher").stream()
                .map(got -> EventJson.parse(got.body().getBytes(StandardCharsets.UTF_8)))
                .filter(event -> event.get("type").asText().equals(type))
                .map(event -> event.get("data"))
                .toList();
    }

    private void awaitAll(String state) {
        await().until(() -> {
            JsonNode items =
                    product.read("/v1/deliveries?webhook=crm&limit=200", KEY).get("items");
            return items.size() == EVENTS
                    && items.findValuesAsText("state").stream().allMatch(state::equals);
        });
    }

    @Test
    void it_is_disabled_and_reported_keeps_its_deliveries_and_probes_first_when_resumed(@TempDir Path folder) {
        product = RunningProduct.start(folder, config());
        HttpResponse<String> made = post(
                "/v1/webhooks",
                """
                {"name": "crm", "events": ["call.ended"], "retry": [%s], "disableAfter": "1s",
                 "delivery": {"url": "%s", "timeout": "30s", "authentication": {"type": "none"}}}"""
                        .formatted(String.join(", ", Collections.nCopies(1000, "\"300ms\"")), at("/failing")));
        assertEquals(201, made.statusCode(), made.body());
        IntStream.range(0, EVENTS).forEach(i -> send("e" + i, "call.ended"));

        await().until(() -> state("crm").equals("disabled"));
        awaitAll("paused");
        await().until(() -> systemEvents("webhook.disabled").size() == 1);
        JsonNode event = systemEvents("webhook.disabled").get(0);
        assertEquals("crm", event.get("webhook").asText());
        assertTrue(event.get("waiting").asInt() > 0, event.toString());
        String reason = event.get("reason").asText();
        assertTrue(reason.startsWith("no delivery has arrived for 1s, since "), reason);
        assertTrue(reason.contains("500"), reason);

        String page = Visitor.signedIn(product, KEY).get("/console/webhooks").body();
        assertTrue(page.contains("disabled"), page);
        assertTrue(page.contains("no delivery has arrived for 1s"), page);
        assertTrue(
                page.contains("/console/webhooks/"
                        + product.read("/v1/webhooks/crm", KEY).get("id").asText() + "/resume"),
                page);

        product.stop();
        int before = requests("/failing").size();
        isBack = true;
        product.start();
        assertEquals("disabled", state("crm"));
        awaitArrivalBeside("while-it-rests");
        assertEquals(before, requests("/failing").size(), "it rests, after a restart too");

        assertEquals(200, post("/v1/webhooks/crm/resume", "").statusCode());
        await().until(() -> requests("/failing").size() > before);
        awaitArrivalBeside("while-it-is-probed");
        assertEquals(before + 1, requests("/failing").size(), "one probes before the rest comes");
        probed.countDown();
        awaitAll("delivered");
        assertEquals("active", state("crm"));
    }

    private void awaitArrivalBeside(String id) {
        send(id, "beside");
        product.awaitDeliveries(KEY, id, 1, "delivered");
    }

    @Test
    void a_webhook_that_is_never_disabled_is_failing_until_five_deliveries_in_a_row_succeed() {
        product = RunningProduct.shared(config());
        IntStream.range(0, 20).forEach(i -> send("p" + i, "patient"));
        await().until(() -> systemEvents("webhook.failing").size() == 1);
        assertEquals(
                "patient", systemEvents("webhook.failing").get(0).get("webhook").asText());
        assertEquals("active", state("patient"));
        JsonNode health = health("patient");
        assertEquals("failing", health.get("status").asText());
        assertTrue(health.get("reason").asText().contains("500"), health.toString());
        assertFalse(health.get("since").isNull());
        Visitor staff = Visitor.signedIn(product, KEY);
        for (String path : List.of("/console/webhooks", "/console/overview")) {
            String page = staff.get(path).body();
            assertTrue(page.contains("badge failing"), page);
            assertFalse(page.contains("badge active"), page);
        }
        assertTrue(staff.get("/console/webhooks").body().contains("5 successes in a row end it"));
        await().until(() -> metric("webhooks_webhooks_unhealthy{health=\"failing\"}") >= 1);

        probed.countDown();
        isBack = true;
        IntStream.range(0, 5).forEach(i -> send("p-again" + i, "patient"));
        await().until(() -> systemEvents("webhook.recovered").size() == 1);
        assertEquals("healthy", health("patient").get("status").asText(), "no delivery is retrying");
    }

    private JsonNode health(String webhook) {
        return product.read("/v1/webhooks/" + webhook, KEY).get("health");
    }

    private double metric(String name) {
        String metrics = product.send(HttpRequest.newBuilder(product.managementUrl("/observe/metrics"))
                        .build())
                .body();
        return metrics.lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    @Test
    void
            one_whose_deliveries_are_retried_for_days_is_failing_though_none_gave_up_and_one_without_events_has_no_traffic() {
        product = RunningProduct.shared(config());
        HttpResponse<String> made = post(
                "/v1/webhooks",
                """
                {"name": "crm", "events": ["call.ended"], "retry": ["1h"],
                 "delivery": {"url": "%s", "authentication": {"type": "none"}}}"""
                        .formatted(at("/failing")));
        assertEquals(201, made.statusCode(), made.body());
        assertEquals("no-traffic", health("crm").get("status").asText());
        send("one", "call.ended");
        await().until(() -> health("crm").get("status").asText().equals("degraded"));
        assertTrue(health("crm").get("reason").asText().startsWith("The only attempt failed"));
        IntStream.range(0, 19).forEach(i -> send("r" + i, "call.ended"));
        await().until(() -> health("crm").get("status").asText().equals("failing"));
        assertEquals(20, product.read("/v1/webhooks/crm", KEY).get("waiting").asInt(), "none gave up: all are retried");
        assertEquals(200, post("/v1/webhooks/crm/pause", "").statusCode());
        assertEquals("paused", health("crm").get("status").asText());
    }

    @Test
    void an_invalid_duration_is_an_error_of_the_definition() {
        product = RunningProduct.shared(config());
        HttpResponse<String> answer = post(
                "/v1/webhooks",
                """
                {"name": "crm", "events": ["call.ended"], "disableAfter": "soon",
                 "delivery": {"url": "%s", "authentication": {"type": "none"}}}"""
                        .formatted(at("/failing")));
        assertEquals(422, answer.statusCode(), answer.body());
        assertTrue(answer.body().contains("/disableAfter"), answer.body());
    }
}
