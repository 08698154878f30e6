package io.engagementwebhooks.deliver.contentsquare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.contentsquare.ContentsquareConstants;
import io.engagementwebhooks.contentsquare.ContentsquareRequest;
import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.deliver.request.RequestBuilding;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.testkit.SampleWebhook;
import io.engagementwebhooks.webhook.Batch;
import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField.Conversion;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField.Type;
import io.engagementwebhooks.webhook.DeliveryMethod;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.Authentication;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.jq.JqProgram;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.template.Body;
import io.engagementwebhooks.webhook.template.FieldValue;
import io.engagementwebhooks.webhook.template.Template;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnrichmentBuildingTest {

    private static final List<SchemaField> SCHEMA = List.of(
            new SchemaField("answered", Type.BOOL, true),
            new SchemaField("duration", Type.INT, false),
            new SchemaField("source_name", Type.STRING, true),
            new SchemaField("start", Type.DATETIME, true));

    private final EnrichmentBuilding step = new EnrichmentBuilding(
            new RequestBuilding(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC), AttemptTracing.PROPAGATE_ONLY));

    @Test
    void an_ended_call_enriches_the_session_it_came_from() throws Exception {
        Exchange done = build(sample("call-ended"), SCHEMA, Map.of());

        assertNull(DeliveryContext.outcome(done));
        assertEquals(
                Map.of(
                        "projectId",
                        1337L,
                        "userId",
                        "ae267-6g87D-88Nn6od",
                        "sessionNumber",
                        4,
                        "enrichmentNumber",
                        1,
                        "enrichment",
                        Map.of(
                                "answered",
                                true,
                                "duration",
                                192,
                                "source_name",
                                "Autumn campaign",
                                "start",
                                "2026-11-24T09:27:55Z")),
                done.getMessage().getBody());
        assertTrue(done.getMessage().getHeaders().isEmpty());
        assertEquals(
                "01JD0000000000000000000001", DeliveryContext.delivery(done).id());
    }

    @Test
    void a_call_without_a_visit_is_skipped() throws Exception {
        Outcome.Skipped outcome = assertInstanceOf(
                Outcome.Skipped.class, DeliveryContext.outcome(build(sample("call-missed"), SCHEMA, Map.of())));
        assertEquals("no Contentsquare session in the event", outcome.reason());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"projectId\":1,\"userId\":\"u\"}",
                "{\"projectId\":1,\"userId\":\"\",\"sessionNumber\":1}",
                "{\"projectId\":1,\"userId\":\" \\u2003\",\"sessionNumber\":1}",
                "{\"projectId\":1,\"userId\":null,\"sessionNumber\":1}",
                "{\"projectId\":null,\"userId\":\"u\",\"sessionNumber\":1}",
                "{\"projectId\":1,\"userId\":\"u\",\"sessionNumber\":0}",
                "{\"projectId\":1,\"userId\":\"u\",\"sessionNumber\":1e999999999}",
                "{\"projectId\":1.5,\"userId\":\"u\",\"sessionNumber\":1}",
                "\"none\""
            })
    void missing_or_invalid_ids_are_no_session(String ids) {
        String event = "{\"data\":{\"duration\":1,\"web\":{\"contentsquare\":" + ids + "}}}";

        assertInstanceOf(Outcome.Skipped.class, DeliveryContext.outcome(build(event, SCHEMA, Map.of())));
    }

    @Test
    void a_required_field_without_a_value_gives_up_and_is_named() {
        Outcome.GaveUp outcome = assertInstanceOf(
                Outcome.GaveUp.class, DeliveryContext.outcome(build(event("\"duration\":null"), SCHEMA, Map.of())));
        assertEquals("the field duration is required and has no value in the event", outcome.reason());
    }

    @Test
    void a_value_of_the_wrong_type_is_omitted_if_optional_and_gives_up_if_required() {
        Exchange done = build(event("\"duration\":1,\"answered\":\"perhaps\""), SCHEMA, Map.of());
        assertEquals(Map.of("duration", 1), enrichment(done));
        assertEquals(
                "answered left out: not a value of type BOOL, true or false, 1 or 0",
                DeliveryContext.of(done).note());

        Outcome.GaveUp outcome = assertInstanceOf(
                Outcome.GaveUp.class,
                DeliveryContext.outcome(build(event("\"duration\":2147483648"), SCHEMA, Map.of())));
        assertTrue(outcome.reason().contains("duration"), outcome.reason());
    }

    @Test
    void a_long_text_is_cut_and_noted() {
        Exchange done = build(event("\"duration\":1,\"source_name\":\"" + "å".repeat(26) + "\""), SCHEMA, Map.of());

        assertEquals(Map.of("duration", 1, "source_name", "å".repeat(25)), enrichment(done));
        assertEquals("source_name cut to 50 bytes", DeliveryContext.of(done).note());
    }

    @Test
    void caller_numbers_are_not_sent_unless_the_mapping_names_them() {
        List<SchemaField> schema = List.of(
                new SchemaField("anum", Type.STRING, true),
                new SchemaField("anum_md5", Type.STRING, true),
                new SchemaField("cnum", Type.STRING, true),
                new SchemaField("duration", Type.INT, true));

        Exchange done =
                build(event("\"duration\":1,\"anum\":\"+46\",\"anum_md5\":\"5d\",\"cnum\":\"+46\""), schema, Map.of());

        assertEquals(Map.of("duration", 1), enrichment(done));
    }

    @Test
    void a_callers_number_under_another_name_is_not_sent_either() {
        List<SchemaField> schema = List.of(
                new SchemaField("ext_reference", Type.STRING, true), new SchemaField("duration", Type.INT, true));

        Exchange done = build(
                event("\"duration\":1,\"anum\":\"+46701234567\",\"ext_reference\":\"0046 70-123 45 67\""),
                schema,
                Map.of());

        assertEquals(Map.of("duration", 1), enrichment(done));
        assertEquals(
                "ext_reference left out: a caller's number is sent only where 'from' or 'fields' names it",
                DeliveryContext.of(done).note());
    }

    @Test
    void a_required_callers_number_gives_up_and_says_why() {
        List<SchemaField> schema = List.of(new SchemaField("anum", Type.STRING, false));

        Outcome.GaveUp outcome = assertInstanceOf(
                Outcome.GaveUp.class, DeliveryContext.outcome(build(event("\"anum\":\"+46\""), schema, Map.of())));

        assertEquals(
                "the field anum is required and cannot be sent: a caller's number is sent only where 'from' or 'fields'"
                        + " names it",
                outcome.reason());
    }

    @Test
    void the_schemas_mapping_selects_and_converts_values() {
        List<SchemaField> schema = List.of(
                field("call_duration", Type.INT, "{duration}", Conversion.SECONDS_TO_MILLISECONDS),
                field("missed", Type.BOOL, "{answered}", Conversion.NOT),
                field("caller", Type.STRING, "{anum}", Conversion.NONE),
                new SchemaField("start", Type.DATETIME, true, null, Conversion.NONE, ZoneId.of("Europe/Berlin")));

        Exchange done = build(
                event("\"duration\":42,\"answered\":1,\"anum\":\"+4670123xxx\",\"start\":\"2026-11-24T10:00:00\""),
                schema,
                Map.of());

        assertEquals(
                Map.of(
                        "call_duration",
                        42_000,
                        "missed",
                        false,
                        "caller",
                        "+4670123xxx",
                        "start",
                        "2026-11-24T09:00:00Z"),
                enrichment(done));
    }

    @Test
    void fields_of_the_webhooks_mapping_are_sent_unchanged() {
        List<SchemaField> schema =
                List.of(field("call_duration", Type.INT, "{duration}", Conversion.SECONDS_TO_MILLISECONDS));

        Exchange done = build(
                event("\"duration\":42"),
                schema,
                Map.of("call_duration", new FieldValue.Text(Template.text("{duration}"))));

        assertEquals(Map.of("call_duration", 42), enrichment(done));
    }

    @Test
    void an_object_is_not_sent_without_a_mapping() {
        List<SchemaField> schema =
                List.of(new SchemaField("customer", Type.STRING, true), new SchemaField("duration", Type.INT, true));

        Exchange done = build(event("\"duration\":1,\"customer\":{\"phone\":\"+46\"}"), schema, Map.of());

        assertEquals(Map.of("duration", 1), enrichment(done));
    }

    @Test
    void a_number_beyond_the_type_is_named_with_the_types_rule() {
        Outcome.GaveUp outcome = assertInstanceOf(
                Outcome.GaveUp.class,
                DeliveryContext.outcome(build(event("\"duration\":2147483648"), SCHEMA, Map.of())));

        assertEquals(
                "the field duration is required and cannot be sent: not a value of type INT, a whole number from"
                        + " -2147483648 to 2147483647",
                outcome.reason());
    }

    private static SchemaField field(String name, Type type, String from, Conversion conversion) {
        return new SchemaField(name, type, true, new FieldValue.Text(Template.text(from)), conversion, ZoneOffset.UTC);
    }

    @Test
    void an_enrichment_without_values_is_skipped() {
        List<SchemaField> schema = List.of(new SchemaField("answered", Type.BOOL, true));

        assertInstanceOf(
                Outcome.Skipped.class, DeliveryContext.outcome(build(event("\"duration\":1"), schema, Map.of())));
    }

    @Test
    void only_the_fields_of_the_webhooks_mapping_are_sent() {
        Map<String, FieldValue> fields = Map.of(
                "duration", new FieldValue.Text(Template.text("{duration}")),
                "source_name", new FieldValue.Text(Template.text("Call {cdr_id}")));

        Exchange done = build(event("\"duration\":7,\"answered\":true,\"cdr_id\":3"), SCHEMA, fields);

        assertEquals(Map.of("duration", 7, "source_name", "Call 3"), enrichment(done));
    }

    @Test
    void a_field_that_the_schema_does_not_have_gives_up_and_is_named() {
        Map<String, FieldValue> fields = Map.of("other", new FieldValue.Text(Template.text("x")));

        Outcome.GaveUp outcome = assertInstanceOf(
                Outcome.GaveUp.class, DeliveryContext.outcome(build(event("\"duration\":7"), SCHEMA, fields)));
        assertTrue(outcome.reason().contains("other"), outcome.reason());
    }

    @Test
    void a_program_that_fails_is_named_by_its_field() {
        FieldValue failing = new FieldValue.Program(JqProgram.compile(".data.duration | error(\"no\")"));
        Map<String, FieldValue> ofWebhook = Map.of("duration", failing);
        List<SchemaField> ofSchema =
                List.of(new SchemaField("duration", Type.INT, true, failing, Conversion.NONE, ZoneOffset.UTC));

        for (Exchange done : List.of(
                build(event("\"duration\":7"), SCHEMA, ofWebhook),
                build(event("\"duration\":7"), ofSchema, Map.of()))) {
            Outcome.GaveUp outcome = assertInstanceOf(Outcome.GaveUp.class, DeliveryContext.outcome(done));
            assertEquals("the field duration cannot be computed: the jq program failed: no", outcome.reason());
        }
    }

    private static Object enrichment(Exchange exchange) {
        assertNull(DeliveryContext.outcome(exchange), () -> "" + DeliveryContext.outcome(exchange));
        return exchange.getMessage().getBody(Map.class).get("enrichment");
    }

    private static String event(String data) {
        return "{\"data\":{" + data
                + ",\"web\":{\"contentsquare\":{\"projectId\":1,\"userId\":\"u\",\"sessionNumber\":2}}}}";
    }

    private Exchange build(String event, List<SchemaField> schema, Map<String, FieldValue> fields) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setHeader("enrichmentNumber", 3);
        exchange.getMessage().setBody(delivery(event, schema, fields));
        step.process(exchange);
        return exchange;
    }

    /** Camel's tracer and log steps show headers and properties. */
    @Test
    void keys_of_a_webhooks_own_request_are_in_no_header_of_the_message_and_in_no_text_of_a_property() {
        Target own = new Target.OwnRequest(new Target.Http(
                URI.create("/v1/calls?key=key-of-the-query"),
                "PUT",
                new Body.Templated(Template.json("{}"), Body.Format.JSON),
                Map.of("X-Api-Key", Template.header("X-Api-Key", "key-of-a-header")),
                Signing.NONE));
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setBody(delivery(event("\"duration\":1"), SCHEMA, own));

        step.process(exchange);

        ContentsquareRequest sent = exchange.getProperty(ContentsquareConstants.REQUEST, ContentsquareRequest.class);
        assertEquals("/v1/calls?key=key-of-the-query", sent.path());
        assertEquals("key-of-a-header", sent.headers().get("X-Api-Key"));
        assertEquals("application/json", sent.contentType());
        String shown = exchange.getMessage().getHeaders() + " " + exchange.getAllProperties();
        assertTrue(shown.contains("PUT /v1/calls"), shown);
        assertFalse(shown.contains("key-of-"), shown);
    }

    private static Delivery delivery(String event, List<SchemaField> schema, Map<String, FieldValue> fields) {
        return delivery(event, schema, new Target.Contentsquare(fields, Target.Contentsquare.DEFAULT_SESSION_PATH));
    }

    private static Delivery delivery(String event, List<SchemaField> schema, Target target) {
        ContentsquareConnection connection = new ContentsquareConnection(
                "acme",
                "insights",
                ContentsquareConnection.DEFAULT_TOKEN_URL,
                "cs-client",
                Secret.of("secret"),
                "",
                null,
                1,
                ContentsquareConnection.DEFAULT_ENDPOINT_SUFFIX,
                schema,
                new Batch(50, Duration.ofMillis(20)),
                null);
        Webhook webhook = SampleWebhook.of(
                "acme",
                "calls-to-insights",
                target,
                new Authentication.Contentsquare(connection),
                DeliveryMethod.DEFAULT_TIMEOUT);
        Event happened = new Event(
                new EventIdentity("acme", "/calls", "1"),
                "call.ended",
                null,
                null,
                event.getBytes(StandardCharsets.UTF_8),
                new byte[32]);
        return new Delivery("01JD0000000000000000000001", webhook, happened, null, 1, Instant.EPOCH);
    }

    private static String sample(String name) throws IOException {
        try (InputStream in = EnrichmentBuildingTest.class.getResourceAsStream("/events/" + name + ".json")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
