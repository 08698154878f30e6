package io.engagementwebhooks.console;

import static io.engagementwebhooks.console.Visitor.changed;
import static io.engagementwebhooks.console.Visitor.plus;
import static io.engagementwebhooks.console.Visitor.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The form of an account's own event types. */
@Timeout(300)
class EventTypePageTest {

    private static final String KEY = "acme-admin-key-of-event-types";
    private static final String READ = "acme-read-key-of-event-types";
    private static final String NEW = "/console/settings/event-type";
    private static final String SCHEMA =
            "{\"type\": \"object\", \"properties\": {\"total\": {\"type\": \"number\", \"minimum\": 1.50}}, \"required\": [\"total\"]}";

    @AutoClose
    private static RunningProduct product;

    private static Visitor anna;

    @BeforeAll
    static void start() {
        product = RunningProduct.shared(
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: anna, role: admin, key: %s}, {name: eve, role: read, key: %s}]
                    eventTypes:
                      - {type: order.shipped, title: Order shipped, schema: {type: object}, sample: {parcel: 7}, check: warn}
                """
                        .formatted(KEY, READ));
        anna = Visitor.signedIn(product, KEY);
    }

    private static String[] opened(String path) {
        return Visitor.fields(anna.get(path).body());
    }

    private static HttpResponse<String> saved(String path, String... changes) {
        return anna.post(path, plus(changed(opened(path), changes), "do", "save"));
    }

    private static HttpResponse<String> savedNew(String type, String... more) {
        String[] fields = {"type", type, "schema", SCHEMA, "sample", "{\"total\": 19.90}"};
        return saved(NEW, with(fields, more));
    }

    private static void made(String type, String... more) {
        HttpResponse<String> made = savedNew(type, more);
        assertEquals(303, made.statusCode(), made.body());
        assertEquals(
                "/console/events?type=" + type + "#" + type,
                made.headers().firstValue("Location").orElse(""));
    }

    private static JsonNode definition(String type) {
        return product.read("/v1/event-types/" + type, KEY).path("definition");
    }

    @Test
    void one_is_added_and_stands_in_the_catalog() {
        made("order.placed", "title", "Order placed", "check", "refuse");
        JsonNode definition = definition("order.placed");
        assertEquals("refuse", definition.path("check").asText());
        assertEquals(1.5, definition.at("/schema/properties/total/minimum").asDouble());
        assertFalse(definition.has("description"), definition.toString());
        String catalog = anna.get("/console/events").body();
        assertTrue(catalog.contains("Event type 'order.placed' is saved."), catalog);
        assertTrue(catalog.contains("Events that do not fit the JSON Schema are refused."), catalog);
        assertTrue(catalog.contains("href=\"/console/settings/event-type/order.placed\">Edit"), catalog);
        String audit = anna.get("/console/settings/audit").body();
        assertTrue(audit.contains("order.placed"), audit);
    }

    @Test
    void one_that_is_shown_and_saved_is_the_same_and_a_changed_field_changes_alone() {
        made("bill.paid", "description", "A customer paid.");
        String path = NEW + "/bill.paid";
        JsonNode before = definition("bill.paid");
        assertEquals(303, saved(path).statusCode());
        assertEquals(before, definition("bill.paid"));
        assertEquals(303, saved(path, "sample", "{\"total\": 2}").statusCode());
        JsonNode now = definition("bill.paid");
        assertEquals(2, now.at("/sample/total").asInt());
        assertEquals(before.path("schema"), now.path("schema"));
        HttpResponse<String> renamed = saved(path, "type", "bill.settled");
        assertEquals(422, renamed.statusCode());
        assertTrue(renamed.body().contains("The Event type cannot be changed. Create another one."), renamed.body());
    }

    @Test
    void faults_stand_at_their_fields_in_the_words_of_the_form() {
        HttpResponse<String> unreadable =
                saved(NEW, "type", "a.b", "schema", "\n{\"type\": \"object\",\n \"required\": [}", "sample", "{");
        assertEquals(422, unreadable.statusCode());
        assertTrue(
                unreadable.body().contains("The JSON Schema cannot be read as JSON. Correct line 3 near column"),
                unreadable.body());
        assertTrue(
                unreadable.body().contains("The Sample data cannot be read as JSON. Correct line 1"),
                unreadable.body());
        assertTrue(unreadable.body().contains("\"required\": [}"), unreadable.body());
        assertFault(
                "The JSON Schema at /properties/a/pattern is no regular expression",
                "schema",
                "{\"properties\": {\"a\": {\"pattern\": \"(a\"}}}");
        assertFault("The JSON Schema must be a JSON object", "schema", "[]");
        assertFault("The Sample data does not fit the schema: data/total must be", "sample", "{\"total\": 1}");
        assertFault("This event type is built in. Choose another.", "type", "call.ended");
        assertFault("This name is in use. Choose another.", "type", "order.shipped");
        assertFault("Use 1 to 128 letters", "type", "delivery.mine");
        assertFault("Enter the JSON Schema.", "schema", "");
    }

    private static void assertFault(String text, String field, String value) {
        HttpResponse<String> refused = savedNew("never.made", field, value);
        assertEquals(422, refused.statusCode(), refused.body());
        String page = refused.body();
        int fault = page.indexOf("id=\"" + field + "-fault\"");
        assertTrue(fault >= 0 && page.indexOf(text, fault) >= 0, page);
    }

    @Test
    void the_dialog_of_a_deletion_names_what_it_changes_and_its_webhooks_are_named() {
        made("seat.booked");
        HttpResponse<String> webhook = product.post(
                "/v1/webhooks",
                KEY,
                "application/json",
                "{\"name\": \"seats\", \"events\": [\"seat.booked\"], \"delivery\": {\"url\": \"https://seats.example.com\"}}");
        assertEquals(201, webhook.statusCode(), webhook.body());
        String path = NEW + "/seat.booked";
        String page = anna.get(path).body();
        assertTrue(page.contains("Its events are still accepted, without a check, and delivered."), page);
        assertTrue(page.contains(">seats</a>"), page);
        HttpResponse<String> deleted = anna.post(path, plus(Visitor.fields(page), "do", "delete"));
        assertEquals(303, deleted.statusCode(), deleted.body());
        assertEquals(404, anna.get(path).statusCode());
        assertEquals(
                "seat.booked",
                product.read("/v1/webhooks/seats", KEY)
                        .at("/definition/events/0")
                        .asText());
    }

    @Test
    void its_fields_are_offered_in_the_builder_and_a_rule_on_one_stays_a_rule() {
        made(
                "trip.booked",
                "schema",
                "{\"properties\": {\"total\": {\"type\": \"number\", \"title\": \"Fare\", \"description\": \"what is paid\"},"
                        + " \"class\": {\"enum\": [\"first\", \"second\"]}}}");
        String[] opened = Visitor.fields(anna.get("/console/builder").body(), "builder");
        String page = anna.get("/console/builder?event=trip.booked").body();
        assertTrue(
                page.contains("<option value=\".data.total NUMBER\" title=\"what is paid\" selected>Fare</option>"),
                page);
        assertTrue(
                page.contains("data-into=\"body\" data-insert=\"{total}\" title=\"{total}: what is paid\">Fare"), page);
        String values = anna.get("/console/builder-names/value?event=trip.booked&field=.data.class%20ANY")
                .body();
        assertTrue(values.contains("<option value=\"second\"></option>"), values);
        assertFalse(page.contains("Duration (seconds)"), page);

        String preview = anna.post("/console/builder-preview", opened).body();
        assertFalse(preview.contains("id=\"lines\""), preview);
        preview = anna.post("/console/builder-preview", plus(opened, "event", "trip.booked"))
                .body();
        assertTrue(preview.contains("id=\"lines\" hx-swap-oob=\"true\""), preview);
        assertTrue(preview.contains("id=\"insert-body\" hx-swap-oob=\"true\""), preview);
        assertTrue(preview.contains(">Fare</option>"), preview);

        String[] rule = {
            "do", "save", "name", "fares", "event", "trip.booked", "event", "call.ended", "condition-kind", "lines",
                    "field",
            ".data.total", "comparison", "AT_LEAST", "value", "100", "to", "http", "url", "https://x.example.com",
                    "auth", "none"
        };
        assertEquals(200, anna.post("/console/builder", rule).statusCode(), "the first signing key is shown");
        JsonNode made = product.read("/v1/webhooks/fares", KEY).path("definition");
        assertEquals(".data.total >= 100", made.path("condition").asText());
        String path = "/console/builder/fares";
        String shown = anna.get(path).body();
        assertTrue(
                shown.contains("<option value=\".data.total NUMBER\" title=\"what is paid\" selected>Fare</option>"),
                shown);
        String[] again = plus(Visitor.fields(shown, "builder"), "do", "save");
        assertEquals(303, anna.post(path, again).statusCode());
        JsonNode saved = product.read("/v1/webhooks/fares", KEY).path("definition");
        assertEquals(made.path("condition"), saved.path("condition"));
        assertEquals(made.path("delivery"), saved.path("delivery"));
        HttpResponse<String> refused = anna.post(path, changed(again, "value", "much"));
        assertEquals(422, refused.statusCode());
        assertTrue(refused.body().contains("Rule 1: enter a number, such as 120."), refused.body());
    }

    @Test
    void a_rule_on_a_field_whose_type_has_changed_is_not_rewritten_before_it_is_seen() {
        made("ticket.sold");
        String[] rule = {
            "do", "save", "name", "tickets", "event", "ticket.sold", "condition-kind", "lines", "field",
            ".data.total", "comparison", "AT_LEAST", "value", "100", "to", "http", "url", "https://x.example.com",
            "auth", "none"
        };
        assertTrue(anna.post("/console/builder", rule).statusCode() < 400);
        String path = "/console/builder/tickets";
        String[] opened = Visitor.fields(anna.get(path).body(), "builder");
        String text = SCHEMA.replace("\"number\", \"minimum\": 1.50", "\"string\"");
        assertEquals(
                303,
                saved(NEW + "/ticket.sold", "schema", text, "sample", "{\"total\": \"1\"}")
                        .statusCode());

        String preview = anna.post(path + "/preview", opened).body();
        assertTrue(preview.contains("Rule 1: the type of this field has changed"), preview);
        assertTrue(preview.contains("<option value=\".data.total NUMBER\" selected>"), preview);
        HttpResponse<String> refused = anna.post(path, plus(changed(opened, "value", ""), "do", "save"));
        assertEquals(422, refused.statusCode());
        assertTrue(refused.body().contains("Rule 1: enter a value"), refused.body());
        String[] filled = changed(Visitor.fields(refused.body(), "builder"), "value", "100");
        refused = anna.post(path, plus(filled, "do", "save"));
        assertEquals(422, refused.statusCode());
        assertTrue(refused.body().contains("Rule 1: the type of this field has changed"), refused.body());
        assertEquals(".data.total >= 100", condition("tickets"));

        String[] seen = plus(Visitor.fields(refused.body(), "builder"), "do", "save");
        assertEquals(303, anna.post(path, seen).statusCode());
        assertEquals(".data.total >= \"100\"", condition("tickets"));
    }

    private static String condition(String webhook) {
        return product.read("/v1/webhooks/" + webhook, KEY)
                .at("/definition/condition")
                .asText();
    }

    @Test
    void one_of_the_file_is_read_only_and_a_built_in_one_has_no_form() {
        String page = anna.get(NEW + "/order.shipped").body();
        assertTrue(page.contains("Defined in the configuration file of this installation."), page);
        assertTrue(page.contains("\"parcel\" : 7"), page);
        assertFalse(page.contains("value=\"save\"") || page.contains("value=\"delete\""), page);
        assertEquals(404, anna.get(NEW + "/call.ended").statusCode());
        String catalog = anna.get("/console/events").body();
        assertTrue(catalog.contains("href=\"/console/settings/event-type/order.shipped\">Show"), catalog);
        assertTrue(
                catalog.contains("Events that do not fit the JSON Schema are accepted, counted and logged."), catalog);
    }

    @Test
    void role_read_sees_the_definition_and_changes_nothing() {
        Visitor eve = Visitor.signedIn(product, READ);
        assertFalse(eve.get("/console/events").body().contains("New event type"));
        String page = eve.get(NEW + "/order.shipped").body();
        assertTrue(page.contains("parcel"), page);
        HttpResponse<String> made = eve.post(NEW, "do", "save", "type", "eve.s", "schema", "{}", "sample", "{}");
        assertEquals(422, made.statusCode());
        assertEquals(404, product.get("/v1/event-types/eve.s", KEY).statusCode());
    }
}
