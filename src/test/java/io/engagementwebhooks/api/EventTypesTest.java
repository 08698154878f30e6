package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Event types that an account defines: by the API beside those of the file, in the catalog, and checked at ingest. */
@Timeout(120)
class EventTypesTest {

    private static final String SCHEMA =
            "{`type`: `object`, `properties`: {`total`: {`type`: `number`, `minimum`: 0, `description`: `what is paid`},"
                    + " `note`: {`type`: `string`, `pattern`: `^(a+)+$`}}, `required`: [`total`]}";

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(TwoAccounts.delivering(receiver.url()));

    private final ApiClient acme = new ApiClient(product, TwoAccounts.adminKey("acme"));
    private final ApiClient other = new ApiClient(product, TwoAccounts.adminKey("other"));

    private static String type(String name, String check) {
        return "{`type`: `" + name + "`, `title`: `Paid`, `description`: `A customer paid.`, `schema`: " + SCHEMA
                + ", `sample`: {`total`: 7.50}, `check`: `" + check + "`}";
    }

    private static String event(String id, String type, String data) {
        return "{`id`: `" + id + "`, `source`: `/shop`, `type`: `" + type + "`, `data`: " + data + "}";
    }

    private HttpResponse<String> sent(String event) {
        return product.postEvent(TwoAccounts.adminKey("acme"), event.replace('`', '"'));
    }

    private boolean isStored(String event) {
        return acme.read("/v1/events?event=" + event).get("items").size() == 1;
    }

    private JsonNode listed(ApiClient api, String type) {
        return StreamSupport.stream(api.read("/v1/event-types").get("items").spliterator(), false)
                .filter(item -> item.get("type").asText().equals(type))
                .findFirst()
                .orElse(com.fasterxml.jackson.databind.node.MissingNode.getInstance());
    }

    @Test
    void one_is_made_listed_shown_changed_and_removed() {
        HttpResponse<String> made = acme.created("event-types", type("bill.paid", "off"));
        assertEquals(
                "/v1/event-types/bill.paid",
                made.headers().firstValue("Location").orElse(""));
        JsonNode view = RunningProduct.json(made);
        assertEquals("api", view.get("managedBy").asText());
        assertEquals("off", view.get("check").asText());
        assertEquals("total", view.at("/fields/0/name").asText());
        assertEquals("what is paid", view.at("/fields/0/description").asText());
        assertEquals(0, view.at("/definition/schema/properties/total/minimum").intValue());
        assertEquals("bill.paid", view.at("/sample/type").asText());
        assertEquals("Paid", listed(acme, "bill.paid").get("title").asText());
        assertTrue(listed(other, "bill.paid").isMissingNode());
        ApiClient.assertProblem(404, "not-found", other.get("/v1/event-types/bill.paid"));

        JsonNode changed = RunningProduct.json(acme.change(
                "PATCH", "/v1/event-types/bill.paid", "{`check`: `warn`, `schema`: {`properties`: {`note`: null}}}"));
        assertEquals("warn", changed.get("check").asText());
        assertFalse(changed.at("/schema/properties").has("note"));
        assertTrue(changed.at("/schema/properties").has("total"));

        ApiClient.assertProblem(
                412, "edit-conflict", acme.send("PUT", "/v1/event-types/bill.paid", ApiClient.etag(made), "{}"));
        acme.delete("/v1/event-types/bill.paid");
        assertTrue(listed(acme, "bill.paid").isMissingNode());
    }

    @Test
    void built_in_types_and_those_of_the_file_are_read_only() {
        assertEquals("product", listed(acme, "call.ended").get("managedBy").asText());
        assertEquals(
                "file", acme.read("/v1/event-types/order.sold").get("managedBy").asText());
        assertEquals(
                0,
                acme.read("/v1/event-types/order.sold")
                        .at("/definition/schema/properties/total/minimum")
                        .intValue());
        for (String method : List.of("PUT", "DELETE")) {
            ApiClient.assertProblem(409, "built-in", acme.send(method, "/v1/event-types/call.ended", "*", "{}"));
            ApiClient.assertProblem(409, "managed-by-file", acme.send(method, "/v1/event-types/order.sold", "*", "{}"));
        }
        assertRefused(type("call.ended", "off"), "/type", "is built in");
        assertRefused(type("order.sold", "off"), "/type", "is taken");
        assertRefused(type("webhook.own", "off"), "/type", "cannot be used as an event type");
    }

    private void assertRefused(String definition, String pointer, String rule) {
        HttpResponse<String> refused = acme.create("event-types", definition);
        ApiClient.assertProblem(422, "invalid", refused);
        JsonNode fault = RunningProduct.json(refused).at("/faults/0");
        assertEquals(pointer, fault.get("pointer").asText());
        assertTrue(fault.get("detail").asText().contains(rule), refused.body());
    }

    @Test
    void hostile_schemas_are_refused_with_the_place() {
        String before = "{`type`: `x.y`, `sample`: {}, `schema`: ";
        assertRefused(
                before + "{`$ref`: `https://example.com/schema.json`}}",
                "/schema",
                "at /$ref refers to another document");
        assertRefused(before + "{`required`: [`a`]}}", "/sample", "data/a must be there (required)");
    }

    @Test
    void null_in_a_schema_and_in_a_sample_stays() {
        acme.created(
                "event-types",
                "{`type`: `a.b`, `schema`: {`properties`: {`x`: {`const`: null}}, `required`: [`x`]}, `sample`: {`x`: null}}");
        assertTrue(acme.read("/v1/event-types/a.b").at("/definition/sample").has("x"));
    }

    @Test
    void its_sample_is_sent_to_webhooks_that_ask_for_it() {
        acme.created("event-types", type("bill.paid", "refuse"));
        acme.created(
                "webhooks", "{`name`: `bills`, `events`: [`bill.*`], `delivery`: {`url`: `" + receiver.url() + "`}}");
        JsonNode sent = acme.posted(202, "/v1/event-types/bill.paid/sample", "");
        assertEquals(1, sent.get("deliveries").asInt());
        JsonNode delivery =
                acme.awaitDeliveries(sent.get("id").asText(), 1, "delivered").get(0);
        assertEquals("bill.paid", delivery.get("eventType").asText());
        assertEquals("bills", listed(acme, "bill.paid").at("/webhooks/0/name").asText());
        JsonNode preview = acme.posted(200, "/v1/webhooks/preview", "{`webhook`: `bills`}");
        assertTrue(preview.toString().contains("7.5"), preview.toString());
    }

    @Test
    void a_refused_event_is_answered_with_place_and_rule_and_is_not_stored() {
        acme.created("event-types", type("bill.paid", "refuse"));
        assertEquals(202, sent(event("fits", "bill.paid", "{`total`: 1}")).statusCode());
        HttpResponse<String> refused = sent(event("too-low", "bill.paid", "{`total`: -4711, `note`: `no`}"));
        ApiClient.assertProblem(422, "event-invalid", refused);
        assertEquals(
                "/data/total",
                RunningProduct.json(refused).at("/faults/0/pointer").asText());
        assertEquals(
                "data/total must be at least 0 (minimum)",
                RunningProduct.json(refused).at("/faults/0/detail").asText());
        assertEquals(
                "/data/note",
                RunningProduct.json(refused).at("/faults/1/pointer").asText());
        assertFalse(refused.body().contains("4711"), refused.body());
        ApiClient.assertProblem(422, "event-invalid", sent("{`id`: `none`, `source`: `/shop`, `type`: `bill.paid`}"));
        assertTrue(isStored("fits"));
        assertFalse(isStored("too-low"));
        // a type without a check, and another account
        assertEquals(202, sent(event("order", "order.sold", "{}")).statusCode());
        assertEquals(
                202,
                product.postEvent(
                                other.key(),
                                event("elsewhere", "bill.paid", "{}").replace('`', '"'))
                        .statusCode());
    }

    @Test
    void a_batch_with_one_that_does_not_fit_is_refused_whole_with_its_place() {
        acme.created("event-types", type("bill.paid", "refuse"));
        String batch = "[" + event("b0", "bill.paid", "{`total`: 1}") + "," + event("b1", "call.ended", "{}") + ","
                + event("b2", "bill.paid", "{}") + "]";
        String events = batch.replace("{`id`", "{`specversion`: `1.0`, `id`").replace('`', '"');
        HttpResponse<String> refused =
                product.post("/v1/events", acme.key(), "application/cloudevents-batch+json", events);
        ApiClient.assertProblem(422, "event-invalid", refused);
        assertEquals(2, RunningProduct.json(refused).get("index").asInt());
        assertTrue(RunningProduct.json(refused).get("detail").asText().startsWith("item 2: event type 'bill.paid'"));
        assertEquals(
                "/data/total",
                RunningProduct.json(refused).at("/faults/0/pointer").asText());
        for (String event : List.of("b0", "b1", "b2")) {
            assertFalse(isStored(event), event);
        }
    }

    @Test
    void a_warned_event_is_stored_and_counted() {
        acme.created("event-types", type("bill.paid", "warn"));
        MeterRegistry meters = product.camel().getRegistry().findSingleByType(MeterRegistry.class);
        double before = warned(meters);
        assertEquals(202, sent(event("odd", "bill.paid", "{}")).statusCode());
        assertEquals(202, sent(event("fine", "bill.paid", "{`total`: 1}")).statusCode());
        assertEquals(1, warned(meters) - before);
        assertTrue(isStored("odd"));
    }

    private static double warned(MeterRegistry meters) {
        return meters.get("webhooks.ingest.invalid")
                .tag("check", "warn")
                .functionCounter()
                .count();
    }

    @Test
    void a_check_that_changes_holds_for_the_next_event() {
        acme.created("event-types", type("bill.paid", "refuse"));
        ApiClient.assertProblem(422, "event-invalid", sent(event("one", "bill.paid", "{}")));
        acme.change("PATCH", "/v1/event-types/bill.paid", "{`check`: `off`}");
        assertEquals(202, sent(event("one", "bill.paid", "{}")).statusCode());
        acme.change("PATCH", "/v1/event-types/bill.paid", "{`check`: `refuse`}");
        acme.delete("/v1/event-types/bill.paid");
        assertEquals(202, sent(event("two", "bill.paid", "{}")).statusCode());
    }
}
