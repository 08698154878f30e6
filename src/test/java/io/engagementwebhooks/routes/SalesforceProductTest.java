package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Salesforce on the running product: several orgs in one process, and what its API and metrics show of them. */
@Timeout(300)
class SalesforceProductTest {

    static final String KEY = "a-key-of-acme-that-may-do-all";

    private final SalesforceStandIn good = SalesforceStandIn.start();
    private RunningProduct product;

    @AfterEach
    void stop() {
        if (product != null) {
            product.close();
        }
        good.close();
    }

    /** Adds an account to the product of this process. */
    private void start(String config) {
        product = RunningProduct.shared(config);
    }

    static String connection(String name, SalesforceStandIn org, String more) {
        return "      - {name: " + name + ", type: salesforce, loginUrl: \"" + org.url() + "\", clientId: "
                + SalesforceStandIn.CLIENT_ID + ", instanceSuffix: 127.0.0.1, " + more + "}\n";
    }

    static String secret(String secret) {
        return "clientSecret: \"" + secret + "\"";
    }

    static String webhook(String name, String salesforce) {
        return "      - name: to-" + name + "\n        events: [\"*\"]\n        delivery:\n          authentication:"
                + " {type: salesforce, connection: " + name + "}\n" + salesforce;
    }

    static String config(List<String> connections, List<String> webhooks) {
        return "accounts:\n  - id: acme\n    apiKeys: [{name: staff, role: admin, key: " + KEY
                + "}]\n    connections:\n" + String.join("", connections) + "    webhooks:\n"
                + String.join("", webhooks);
    }

    static String event(String id) {
        return "{\"id\":\"" + id
                + "\",\"source\":\"/pbx\",\"type\":\"call.ended\",\"data\":{\"cdr_id\":7,\"duration\":3}}";
    }

    private List<JsonNode> deliveries(String webhook) {
        List<JsonNode> items = new ArrayList<>();
        product.read("/v1/deliveries?limit=200&webhook=to-" + webhook, KEY)
                .get("items")
                .forEach(items::add);
        return items;
    }

    /** With two workers, so that one that waited for an org would be missed: its own product. */
    @Test
    void orgs_that_hang_or_refuse_affect_no_one_else_neither_at_start_nor_while_running(@TempDir Path folder) {
        // closed before the product, which waits for calls that hang
        try (SalesforceStandIn other = SalesforceStandIn.start();
                SalesforceStandIn third = SalesforceStandIn.start()) {
            other.hang();
            third.hangLogin();
            product = RunningProduct.start(
                    folder,
                    config(
                            List.of(
                                    connection("good", good, secret(SalesforceStandIn.CLIENT_SECRET)),
                                    connection("hangs", other, secret(SalesforceStandIn.CLIENT_SECRET)),
                                    connection("login-hangs", third, secret(SalesforceStandIn.CLIENT_SECRET)),
                                    connection("refuses", good, secret("wrong"))),
                            List.of(
                                    webhook("hangs", ""),
                                    webhook("login-hangs", ""),
                                    webhook("refuses", ""),
                                    webhook("good", ""))),
                    "webhooks.deliver.threads=2");
            assertEquals(0, good.logins() + other.logins() + third.logins(), "no one logs in at start");

            int events = 60;
            for (int n = 0; n < events; n++) {
                product.postEvent(KEY, event("e" + n));
            }
            org.awaitility.Awaitility.await().until(() -> deliveries("good").stream()
                    .allMatch(item -> item.get("state").asText().equals("delivered")));

            assertEquals(events, good.records().size());
            assertTrue(
                    deliveries("hangs").stream()
                            .noneMatch(item -> item.get("state").asText().equals("delivered")),
                    "the others had not even ended");
            assertTrue(deliveries("login-hangs").stream()
                    .allMatch(item -> item.get("attemptCount").asInt() == 0));
            assertTrue(deliveries("refuses").stream()
                    .allMatch(item -> item.get("attemptCount").asInt() == 0));
        }
    }

    @Test
    void the_api_shows_what_an_org_has_used_and_what_holds_it_and_so_do_the_metrics(@TempDir Path folder)
            throws Exception {
        product = RunningProduct.start(
                folder,
                config(
                        List.of(connection("good", good, secret(SalesforceStandIn.CLIENT_SECRET))),
                        List.of(webhook("good", ""))));
        assertTrue(shown().get("status").isNull(), "nothing is known before its first use");

        product.postEvent(KEY, event("first"));
        product.awaitDeliveries(KEY, "first", 1, "delivered");
        assertEquals(18, shown().get("status").get("requestsUsed").asInt());
        assertEquals(15_000, shown().get("status").get("requestsLimit").asInt());
        assertTrue(shown().get("status").get("problem").isNull());
        String metrics = metrics();
        assertTrue(
                metrics.contains("webhooks_connection_requests_used{account=\"" + product.account("acme")
                        + "\",connection=\"good\"} 18.0"),
                metrics);

        good.allow(18);
        product.postEvent(KEY, event("second"));
        org.awaitility.Awaitility.await()
                .until(() -> !shown().get("status").get("problem").isNull());
        assertEquals(
                "the org's daily limit of requests to Salesforce is used up",
                shown().get("status").get("problem").asText());
        assertFalse(shown().get("status").get("until").isNull());
    }

    private JsonNode shown() {
        return product.read("/v1/connections", KEY).get("items").get(0);
    }

    private String metrics() throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(product.managementUrl("/observe/metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith("webhooks_connection"))
                .collect(Collectors.joining("\n"));
    }

    @Test
    void a_connection_is_tried_out_over_the_api() {
        start(config(
                List.of(connection("good", good, secret(SalesforceStandIn.CLIENT_SECRET))),
                List.of(webhook("good", "          salesforce: {fields: {Duration__c: \"{duration}\"}}\n"))));

        JsonNode report = RunningProduct.json(product.post("/v1/connections/good/test", KEY, "application/json", ""));

        assertEquals("good", report.get("connection").asText());
        assertFalse(report.get("ok").asBoolean());
        assertEquals(
                "{\"level\":\"fault\",\"webhook\":\"to-good\",\"field\":\"Duration__c\",\"text\":\"Task has no field"
                        + " 'Duration__c', or the user of the connection may not see it\"}",
                report.get("findings").get(1).toString());
        assertEquals(0, good.records().size());
    }

    @Test
    void a_body_of_the_webhooks_own_goes_to_apex_and_is_recorded_as_any_other() {
        start(config(
                List.of(connection("good", good, secret(SalesforceStandIn.CLIENT_SECRET))),
                List.of(webhook(
                        "good",
                        "          salesforce: {path: /services/apexrest/calls}\n"
                                + "          bodyJq: \"{call: .data.cdr_id}\"\n"))));
        product.postEvent(KEY, event("own"));

        JsonNode delivery = product.awaitDeliveries(KEY, "own", 1, "delivered").get(0);

        assertEquals(List.of("{\"call\":7}"), good.apexBodies());
        assertEquals(delivery.get("id").asText(), good.callHeaders().get(0).get("webhook-id"));
        JsonNode attempt = product.read("/v1/deliveries/" + delivery.get("id").asText() + "/attempts", KEY)
                .get("items")
                .get(0);
        assertEquals(200, attempt.get("status").asInt());
    }

    private static final String TASK_OF_THE_CALL =
            "{object: Task, externalId: Call_Id__c, externalIdValue: \"{cdr_id}\", fields: {Subject: \"{id}\"}";

    /** A webhook that writes the task of a call by itself, and one that writes it with a lead for the caller. */
    static String singleAndComposite(SalesforceStandIn org) {
        String single = webhook("good", "          salesforce: " + TASK_OF_THE_CALL + "}\n")
                .replace("[\"*\"]", "[\"call.single\"]");
        String composite = webhook(
                        "good",
                        "          salesforce:\n            records:\n"
                                + "              - {object: Lead, externalId: Caller_Id__c, externalIdValue: \"{caller}\","
                                + " fields: {LastName: \"{id}\", Company: unknown}}\n"
                                + "              - " + TASK_OF_THE_CALL + ", links: {WhoId: lead}}\n")
                .replace("[\"*\"]", "[\"call.composite\"]")
                .replace("name: to-good", "name: to-good-together");
        return config(
                List.of(connection("good", org, secret(SalesforceStandIn.CLIENT_SECRET))), List.of(single, composite));
    }

    static String call(String id, String kind, int call, String caller, String time) {
        return "{\"id\":\"" + id + "\",\"source\":\"/pbx\",\"type\":\"call." + kind + "\",\"time\":\"2026-11-24T" + time
                + "Z\",\"data\":{\"cdr_id\":" + call + ",\"caller\":\"" + caller + "\"}}";
    }

    static List<String> written(SalesforceStandIn org, String object, String field) {
        return org.records().stream()
                .filter(record -> record.object().equals(object))
                .map(record -> record.fields().path(field).asText())
                .toList();
    }

    static String note(RunningProduct product, String event) {
        JsonNode delivery =
                product.read("/v1/deliveries?event=" + event, KEY).get("items").get(0);
        return product.read("/v1/deliveries/" + delivery.get("id").asText() + "/attempts", KEY)
                .get("items")
                .get(0)
                .get("note")
                .asText();
    }

    @Test
    void an_older_composite_that_waits_for_a_newer_single_write_is_skipped_behind_it() {
        start(singleAndComposite(good));
        good.hold();
        product.postEvent(KEY, call("single", "single", 7, "c1", "09:40:00"));
        org.awaitility.Awaitility.await().until(() -> good.calls() == 1);
        product.postEvent(KEY, call("composite", "composite", 7, "c1", "09:50:00"));
        product.postEvent(KEY, call("older", "single", 7, "c1", "09:30:00"));
        product.awaitDeliveries(KEY, "older", 1, "waiting", "sending");
        assertEquals(1, good.calls(), "they wait for their turn");
        good.letGo();

        product.awaitDeliveries(KEY, "composite", 1, "delivered");
        product.awaitDeliveries(KEY, "older", 1, "skipped");
        assertEquals(List.of("composite"), written(good, "Task", "Subject"));
    }

    static String at(String id, String time) {
        return event(id).replace("\"data\"", "\"time\":\"" + time + "\",\"data\"");
    }
}
