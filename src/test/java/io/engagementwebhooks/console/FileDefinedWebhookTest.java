package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The file defines a webhook; its state and what waits for it are run-time, and kept by its name (semantics 24). */
@Timeout(300)
class FileDefinedWebhookTest {

    private static final String ADMIN = "an-admin-key-of-acme";

    private volatile int status = 503;
    private Receiver receiver;
    private RunningProduct product;

    @BeforeEach
    void start(@TempDir Path folder) {
        receiver = new Receiver(got -> new Receiver.Reply(status));
        product = RunningProduct.start(folder, file(webhook("calls", "")));
    }

    @AfterEach
    void stop() {
        product.close();
        receiver.close();
    }

    private static String file(String webhooks) {
        return "accounts:\n  - id: acme\n    apiKeys: [{name: staff, role: admin, key: " + ADMIN + "}]\n    webhooks:"
                + webhooks;
    }

    private String webhook(String name, String more) {
        return "\n      - {name: " + name + more + ", events: [call.ended], retry: [7d], delivery: {url: \""
                + receiver.url() + "\"}}";
    }

    private HttpResponse<String> post(String path) {
        return product.post(path, ADMIN, "application/json", "");
    }

    private JsonNode did(String webhook, String what) {
        HttpResponse<String> answer = post("/v1/webhooks/" + webhook + "/" + what);
        assertEquals(200, answer.statusCode(), answer.body());
        return RunningProduct.json(answer);
    }

    private JsonNode shown(String webhook) {
        return product.read("/v1/webhooks/" + webhook, ADMIN);
    }

    private int statusOf(String webhook) {
        return product.get("/v1/webhooks/" + webhook, ADMIN).statusCode();
    }

    /** One that was tried once and waits a week for its next attempt. */
    private String waiting(String event) {
        assertEquals(202, product.postEvent(ADMIN, TwoAccounts.event(event)).statusCode());
        Awaitility.await()
                .until(() -> product.read("/v1/deliveries?outcome=try-later&event=" + event, ADMIN)
                                .get("items")
                                .size()
                        == 1);
        return product.awaitDeliveries(ADMIN, event, 1, "waiting")
                .get(0)
                .get("id")
                .asText();
    }

    private JsonNode delivery(String id) {
        return product.read("/v1/deliveries/" + id, ADMIN);
    }

    private void setUp(String webhooks, String name, int then) {
        product.setUp(file(webhooks));
        Awaitility.await().until(() -> statusOf(name) == then);
    }

    @Test
    void what_waits_for_a_webhook_that_is_taken_out_of_the_file_stays_and_goes_when_it_returns() {
        String id = waiting("kept");
        setUp(" []", "calls", 404);
        JsonNode kept = delivery(id);
        assertEquals("waiting", kept.get("state").asText());
        assertEquals(
                "webhook 'calls' is no longer set up; the delivery is sent when it returns",
                kept.get("reason").asText());
        product.stop();
        product.start();
        assertEquals("waiting", delivery(id).get("state").asText());
        assertEquals(
                202, product.postEvent(ADMIN, TwoAccounts.event("meanwhile")).statusCode());
        product.awaitDeliveries(ADMIN, "meanwhile", 0);
        status = 204;
        setUp(webhook("calls", ""), "calls", 200);
        assertEquals(1, did("calls", "release").get("deliveries").asInt());
        product.awaitDeliveries(ADMIN, "kept", 1, "delivered");
        assertEquals(2, delivery(id).get("attemptCount").asInt());
        assertEquals(2, receiver.requests().size());
    }

    @Test
    void what_came_due_while_its_webhook_was_not_in_the_file_goes_by_itself_when_it_returns() {
        did("calls", "pause");
        assertEquals(202, product.postEvent(ADMIN, TwoAccounts.event("due")).statusCode());
        setUp(" []", "calls", 404);
        status = 204;
        setUp(webhook("calls", ""), "calls", 200);
        assertEquals("paused", shown("calls").get("state").asText());
        setUp(" []", "calls", 404);
        assertEquals(404, post("/v1/webhooks/calls/resume").statusCode());
        setUp(webhook("calls", ""), "calls", 200);
        did("calls", "resume");
        product.awaitDeliveries(ADMIN, "due", 1, "delivered");
    }

    @Test
    void what_waits_for_a_webhook_that_is_taken_out_of_the_file_is_discarded_by_a_person() {
        String id = waiting("unwanted");
        setUp(" []", "calls", 404);
        assertEquals(1, did("calls", "discard").get("deliveries").asInt());
        assertEquals("discarded", delivery(id).get("state").asText());
        assertEquals("discarded by key 'staff'", delivery(id).get("reason").asText());
        assertEquals(404, post("/v1/webhooks/calls/discard").statusCode());
        status = 204;
        setUp(webhook("calls", ""), "calls", 200);
        assertEquals(0, did("calls", "release").get("deliveries").asInt());
        assertEquals("discarded", delivery(id).get("state").asText());
        assertEquals(1, receiver.requests().size());
    }

    @Test
    void a_webhook_that_is_renamed_in_the_file_takes_along_what_waits_and_its_state() {
        String id = waiting("moved");
        did("calls", "pause");
        setUp(webhook("ended calls", ", was: calls"), "ended%20calls", 200);
        assertEquals(404, statusOf("calls"));
        assertEquals("paused", shown("ended%20calls").get("state").asText());
        assertEquals(
                "paused by key 'staff'", shown("ended%20calls").get("reason").asText());
        assertEquals(1, shown("ended%20calls").get("waiting").asInt());
        assertEquals("ended calls", delivery(id).get("webhook").asText());
        assertEquals("paused", delivery(id).get("state").asText());
        product.stop();
        product.start();
        assertEquals("paused", shown("ended%20calls").get("state").asText());
        status = 204;
        did("ended%20calls", "resume");
        did("ended%20calls", "release");
        product.awaitDeliveries(ADMIN, "moved", 1, "delivered");
        assertEquals(2, receiver.requests().size());
    }

    private HttpResponse<String> create(String name, Receiver to, String more) {
        return product.post(
                "/v1/webhooks",
                ADMIN,
                "application/json",
                "{\"name\": \"" + name + "\", \"events\": [\"call.ended\"], \"delivery\": {\"url\": \"" + to.url()
                        + "\"" + more + "}}");
    }

    private void made(String name, Receiver to) {
        HttpResponse<String> made = create(name, to, "");
        assertEquals(201, made.statusCode(), made.body());
    }

    private HttpResponse<String> change(String method, String webhook, String body) {
        return product.send(product.request("/v1/webhooks/" + webhook, ADMIN)
                .header("If-Match", "*")
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    private static void assertFormerNameRefused(HttpResponse<String> answer) {
        assertEquals(422, answer.statusCode(), answer.body());
        JsonNode fault = RunningProduct.json(answer).at("/faults/0");
        assertEquals("/name", fault.path("pointer").asText());
        assertEquals(
                "webhook 'calls': the set-up file says 'was: calls' of its webhook 'ended calls', to which what waits"
                        + " under that name goes over",
                fault.path("detail").asText());
        assertEquals(
                "choose another name, or take 'was' out of the file first",
                fault.path("wayOut").asText());
    }

    @Test
    void a_name_that_a_webhook_of_the_file_was_called_by_is_given_to_no_other_until_the_file_says_so_no_more() {
        try (Receiver other = new Receiver(got -> new Receiver.Reply(204))) {
            setUp(webhook("ended calls", ", was: calls"), "ended%20calls", 200);
            made("mine", other);
            assertFormerNameRefused(create("calls", other, ""));
            assertFormerNameRefused(change("PATCH", "mine", "{\"name\": \"calls\"}"));

            setUp(webhook("ended calls", "") + webhook("others", ""), "others", 200);
            assertEquals(200, change("PATCH", "mine", "{\"name\": \"calls\"}").statusCode());
            did("calls", "pause");
            assertEquals(202, product.postEvent(ADMIN, TwoAccounts.event("own")).statusCode());
            Awaitility.await().until(() -> shown("calls").get("waiting").asInt() == 1);
            assertEquals(204, change("DELETE", "calls", "").statusCode());
            setUp(webhook("ended calls", ""), "others", 404);
            Awaitility.await().until(() -> receiver.requests().size() == 2);
            made("calls", other);
            assertEquals(1, shown("calls").get("waiting").asInt());
        }
    }

    @Test
    void what_waits_for_a_webhook_stays_its_own_where_the_file_has_one_that_was_called_so_once() {
        try (Receiver other = new Receiver(got -> new Receiver.Reply(204))) {
            setUp(webhook("ended calls", ""), "ended%20calls", 200);
            made("calls", other);
            did("calls", "pause");
            did("ended%20calls", "pause");
            assertEquals(202, product.postEvent(ADMIN, TwoAccounts.event("own")).statusCode());
            product.awaitDeliveries(ADMIN, "own", 2, "paused");

            setUp(webhook("ended calls", ", was: calls") + webhook("others", ""), "others", 200);
            assertEquals(1, shown("calls").get("waiting").asInt());
            assertEquals(1, shown("ended%20calls").get("waiting").asInt());
            HttpResponse<String> deleted = change("DELETE", "calls", "");
            assertEquals(409, deleted.statusCode(), deleted.body());
            assertEquals(
                    "webhook 'calls': the set-up file says 'was: calls' of its webhook 'ended calls', to which what waits"
                            + " under that name goes over; take 'was' out of the file first",
                    RunningProduct.json(deleted).path("detail").asText());
            assertEquals(200, change("PATCH", "calls", "{\"retry\": [\"1s\"]}").statusCode());
            did("calls", "resume");
            Awaitility.await().until(() -> other.requests().size() == 1);
            product.awaitDeliveries(ADMIN, "own", 2, "paused", "delivered");
            assertEquals(0, receiver.requests().size());
        }
    }

    @Test
    void what_waits_for_a_webhook_that_rests_stays_its_own_where_the_file_has_one_that_was_called_so_once() {
        String clients = "\n    oauthClients: [{name: crm, clientId: us, clientSecret: a-secret-of-us,"
                + " authenticationEndpoint: \"https://auth.example.com\"}]";
        try (Receiver other = new Receiver(got -> new Receiver.Reply(204))) {
            setUp(webhook("ended calls", "") + clients, "ended%20calls", 200);
            String credentials = ", \"authentication\": {\"type\": \"oauth2\", \"client\": \"crm\"}";
            assertEquals(201, create("calls", other, credentials).statusCode());
            did("calls", "pause");
            did("ended%20calls", "pause");
            assertEquals(202, product.postEvent(ADMIN, TwoAccounts.event("own")).statusCode());
            product.awaitDeliveries(ADMIN, "own", 2, "paused");

            product.stop();
            product.setUp(file(webhook("ended calls", ", was: calls")));
            product.start();
            assertEquals(1, shown("ended%20calls").get("waiting").asInt());
            setUp(webhook("ended calls", "") + webhook("others", "") + clients, "others", 200);
            assertEquals(1, shown("calls").get("waiting").asInt());
        }
    }

    @Test
    void what_waits_for_a_webhook_of_the_file_stays_its_own_though_one_of_the_api_was_called_so_once() {
        try (Receiver other = new Receiver(got -> new Receiver.Reply(204))) {
            made("mine", other);
            assertEquals(200, change("PATCH", "mine", "{\"name\": \"ours\"}").statusCode());
            setUp(webhook("calls", "") + webhook("mine", ""), "mine", 200);
            List.of("calls", "mine", "ours").forEach(each -> did(each, "pause"));
            assertEquals(202, product.postEvent(ADMIN, TwoAccounts.event("own")).statusCode());
            product.awaitDeliveries(ADMIN, "own", 3, "paused");

            setUp(webhook("calls", ""), "mine", 404);
            assertEquals(1, shown("ours").get("waiting").asInt());
            product.stop();
            product.start();
            assertEquals(1, shown("ours").get("waiting").asInt());
            setUp(webhook("calls", "") + webhook("mine", ""), "mine", 200);
            assertEquals(1, shown("mine").get("waiting").asInt());
        }
    }

    @Test
    void the_state_of_a_webhook_of_the_file_is_changed_while_it_runs_and_its_definition_is_not() {
        JsonNode before = shown("calls");
        assertEquals("file", before.get("managedBy").asText());
        assertEquals("paused", did("calls", "pause").get("state").asText());
        product.postEvent(ADMIN, TwoAccounts.event("held"));
        product.awaitDeliveries(ADMIN, "held", 1, "paused");
        assertEquals(409, post("/v1/webhooks/calls/release").statusCode());
        product.setUp(file(webhook("calls", "") + webhook("others", "")));
        Awaitility.await().until(() -> statusOf("others") == 200);
        assertEquals("paused", shown("calls").get("state").asText());
        assertEquals(1, did("calls", "discard").get("deliveries").asInt());
        assertEquals("active", did("calls", "resume").get("state").asText());
        assertEquals(before.get("definition"), shown("calls").get("definition"));
        for (String method : List.of("PUT", "PATCH", "DELETE")) {
            HttpResponse<String> answer = change(method, "calls", "{\"retry\": [\"1s\"]}");
            assertEquals(409, answer.statusCode(), method);
            assertTrue(answer.body().contains("managed-by-file"), method);
        }
    }
}
