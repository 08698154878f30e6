package io.engagementwebhooks.deliver.salesforce;

import static io.engagementwebhooks.deliver.salesforce.SalesforceBranch.connection;
import static io.engagementwebhooks.deliver.salesforce.SalesforceBranch.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.deliver.request.RequestBuilding;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Target.Salesforce;
import io.engagementwebhooks.webhook.Target.SalesforceComposite;
import io.engagementwebhooks.webhook.jq.JqProgram;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.template.Body;
import io.engagementwebhooks.webhook.template.FieldValue;
import io.engagementwebhooks.webhook.template.Template;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.component.salesforce.SalesforceEndpointConfig;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Platform events, composite requests, custom bodies, and values that are fitted to the fields of an object. */
class SalesforceOperationsTest extends SalesforceFixture {

    private static final String UNKNOWN =
            "{\"id\":\"1\",\"type\":\"call.ended\",\"data\":{\"cdr_id\":7,\"anum\":\"+46701\","
                    + "\"anum_md5\":\"abc\",\"duration\":3,\"direction\":\"inbound\"}}";
    private static final String KNOWN =
            UNKNOWN.replace("\"cdr_id\"", "\"contact_id\":\"003000000000001AAA\",\"cdr_id\"");

    private Exchange exchange(Target target, String event) {
        return branch.send(branch.delivery(connection(org), target, event));
    }

    private static Salesforce one(Salesforce.Operation operation, String object, Map<String, FieldValue> fields) {
        return new Salesforce(operation, object, Optional.empty(), Optional.empty(), fields);
    }

    private static Salesforce upsert(String object, String field, String value, Map<String, FieldValue> fields) {
        return new Salesforce(
                Salesforce.Operation.UPSERT, object, Optional.of(field), Optional.of(text(value)), fields);
    }

    /** A lead for an unknown caller, with the call as its task. */
    private static SalesforceComposite leadAndTask() {
        Salesforce lead = upsert(
                "Lead", "Caller_Id__c", "{anum_md5}", Map.of("LastName", text("Caller {anum}"), "Company", text("-")));
        Salesforce task = upsert("Task", "Call_Id__c", "{cdr_id}", Map.of());
        return new SalesforceComposite(List.of(
                new SalesforceComposite.Part(
                        "lead", Optional.of(JqProgram.compile(".data.contact_id == null")), lead, Map.of()),
                new SalesforceComposite.Part("task", Optional.empty(), task, Map.of("WhoId", "lead"))));
    }

    private List<String> objects() {
        return org.records().stream().map(SalesforceStandIn.Entry::object).toList();
    }

    @Test
    void a_platform_event_is_published_and_its_enqueued_error_is_a_success() {
        Outcome outcome = send(
                one(
                        Salesforce.Operation.PLATFORM_EVENT,
                        "Call_Ended__e",
                        Map.of("Call_Id__c", text("{cdr_id}"), "Seconds__c", text("{duration}"))),
                "call-ended");

        assertInstanceOf(Outcome.Delivered.class, outcome, () -> "" + outcome);
        assertEquals(List.of("Call_Ended__e"), objects());
        assertEquals(192, org.records().get(0).fields().path("Seconds__c").intValue());
    }

    @Test
    void an_unknown_caller_becomes_a_lead_with_the_call_as_its_task_in_one_request() {
        Exchange done = exchange(leadAndTask(), UNKNOWN);

        assertInstanceOf(
                Outcome.Delivered.class, DeliveryContext.outcome(done), () -> "" + DeliveryContext.outcome(done));
        assertEquals(List.of("Lead", "Task"), objects());
        assertEquals(
                org.records().get(0).id(),
                org.records().get(1).fields().path("WhoId").asText());
        assertEquals(1, org.calls());
    }

    @Test
    void the_same_caller_again_is_the_same_lead() {
        send(leadAndTask(), UNKNOWN);
        assertInstanceOf(
                Outcome.Delivered.class,
                send(
                        leadAndTask(),
                        UNKNOWN.replace("\"cdr_id\":7", "\"cdr_id\":8").replace("\"1\"", "\"2\"")));

        assertEquals(List.of("Lead", "Task", "Task"), objects());
    }

    @Test
    void a_known_caller_leaves_the_lead_and_the_link_to_it_out() {
        assertInstanceOf(Outcome.Delivered.class, send(leadAndTask(), KNOWN));

        assertEquals(List.of("Task"), objects());
        assertFalse(org.records().get(0).fields().has("WhoId"));
    }

    @Test
    void a_when_that_fails_is_named_by_its_record() {
        SalesforceComposite failing = new SalesforceComposite(List.of(new SalesforceComposite.Part(
                "task", Optional.of(JqProgram.compile("error(\"no\")")), SalesforceBranch.create("Task"), Map.of())));

        Outcome.GaveUp outcome = assertInstanceOf(Outcome.GaveUp.class, send(failing, UNKNOWN));

        assertEquals("'when' of record 'task' cannot be computed: the jq program failed: no", outcome.reason());
    }

    @Test
    void without_a_record_to_write_the_delivery_is_skipped() {
        SalesforceComposite none = new SalesforceComposite(List.of(new SalesforceComposite.Part(
                "task", Optional.of(JqProgram.compile("false")), SalesforceBranch.create("Task"), Map.of())));

        assertInstanceOf(Outcome.Skipped.class, send(none, UNKNOWN));
        assertEquals(0, org.calls());
    }

    @Test
    void a_refused_part_rolls_back_the_others_and_is_named() {
        org.tellNothing();
        Salesforce bad = one(Salesforce.Operation.CREATE, "Call__c", Map.of("No_Such_Field__c", text("x")));
        SalesforceComposite target = new SalesforceComposite(List.of(
                new SalesforceComposite.Part("task", Optional.empty(), SalesforceBranch.create("Task"), Map.of()),
                new SalesforceComposite.Part("call", Optional.empty(), bad, Map.of())));

        Outcome.GaveUp outcome = assertInstanceOf(Outcome.GaveUp.class, send(target, UNKNOWN));

        assertEquals("Salesforce refused record 'call': INVALID_FIELD (No_Such_Field__c)", outcome.reason());
        assertEquals(List.of(), objects());
    }

    @Test
    void lock_contention_in_a_part_is_retried() {
        org.answerNext(
                200,
                "{\"compositeResponse\":[{\"body\":[{\"errorCode\":\"PROCESSING_HALTED\",\"message\":\"\"}],"
                        + "\"httpStatusCode\":400,\"referenceId\":\"lead\"},{\"body\":[{\"errorCode\":"
                        + "\"UNABLE_TO_LOCK_ROW\",\"message\":\"\"}],\"httpStatusCode\":400,\"referenceId\":\"task\"}]}");

        assertInstanceOf(Outcome.TryLater.class, send(leadAndTask(), UNKNOWN));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}",
                "{\"compositeResponse\":[]}",
                "<html>login</html>",
                "{\"compositeResponse\":[{\"httpStatusCode\":201}]}"
            })
    void a_response_without_all_records_leaves_the_result_unknown(String body) {
        org.answerNext(200, body);

        assertInstanceOf(Outcome.TryLater.class, send(leadAndTask(), UNKNOWN));
    }

    @Test
    void a_value_of_an_event_is_never_read_as_a_reference() {
        Salesforce task = one(Salesforce.Operation.CREATE, "Task", Map.of("Subject", text("From {anum}")));
        SalesforceComposite target = new SalesforceComposite(List.of(
                new SalesforceComposite.Part("first", Optional.empty(), task, Map.of()),
                new SalesforceComposite.Part("second", Optional.empty(), task, Map.of())));

        Exchange done = exchange(target, UNKNOWN.replace("+46701", "@{first.id}"));

        assertInstanceOf(Outcome.Delivered.class, DeliveryContext.outcome(done));
        assertEquals(
                "From @ {first.id}",
                org.records().get(1).fields().path("Subject").asText());
        assertTrue(DeliveryContext.of(done).note().contains("'@{' written as '@ {'"));
    }

    private static Target own(String method, String path, Body body) {
        return new Target.OwnRequest(new Target.Http(
                URI.create(path),
                method,
                body,
                Map.of("X-Campaign", Template.header("X-Campaign", "autumn")),
                Signing.NONE));
    }

    private static Body json(String template) {
        return new Body.Templated(Template.json(template), Body.Format.JSON);
    }

    @Test
    void the_webhooks_own_body_reaches_apex_with_the_orgs_token_and_the_message_id() {
        Exchange done = exchange(own("POST", "/services/apexrest/calls", json("{\"call\": {cdr_id}}")), "call-ended");

        assertInstanceOf(
                Outcome.Delivered.class, DeliveryContext.outcome(done), () -> "" + DeliveryContext.outcome(done));
        assertEquals(List.of("{\"call\": 914022177}"), org.apexBodies());
        Map<String, String> sent = org.callHeaders().get(0);
        assertEquals("application/json", sent.get("content-type"));
        assertEquals("autumn", sent.get("x-campaign"));
        assertTrue(sent.get("webhook-id").startsWith("msg_"));
        assertTrue(sent.get("authorization").startsWith("Bearer "));
        assertFalse(sent.containsKey("x-sfdc-session"));
        assertTrue(sent.keySet().stream().noneMatch(name -> name.startsWith("x-sfdc") || name.startsWith("raw")));
        assertEquals("\"taken\"", new String(DeliveryContext.of(done).answer().body()));
    }

    private static Target withKeys() {
        return new Target.OwnRequest(new Target.Http(
                URI.create("/services/apexrest/calls?of=a%2Fb+c&key=key-of-the-query"),
                "PUT",
                json("{\"call\": {cdr_id}}"),
                Map.of("X-Api-Key", Template.header("X-Api-Key", "key-of-a-header")),
                Signing.NONE));
    }

    @Test
    void the_webhooks_own_keys_reach_apex() {
        assertInstanceOf(Outcome.Delivered.class, send(withKeys(), "call-ended"));

        SalesforceStandIn.Call call = org.received().get(0);
        assertEquals(
                "PUT /services/apexrest/calls?of=a%2Fb+c&key=key-of-the-query", call.method() + " " + call.target());
        assertEquals("key-of-a-header", org.callHeaders().get(0).get("x-api-key"));
    }

    /** Camel's tracer and log steps show headers and properties. */
    @Test
    void the_webhooks_own_keys_are_in_no_header_of_the_message_and_in_no_property() {
        Exchange exchange = new DefaultExchange(branch.context);
        exchange.getMessage().setBody(branch.delivery(connection(org), withKeys(), "call-ended"));

        new SalesforceRecord(new RequestBuilding(branch.clock, AttemptTracing.PROPAGATE_ONLY)).process(exchange);

        assertEquals("/services/apexrest/calls", exchange.getMessage().getHeader(SalesforceEndpointConfig.RAW_PATH));
        String shown = exchange.getMessage().getHeaders() + " " + exchange.getAllProperties();
        assertFalse(shown.contains("key-of-"), shown);
    }

    @Test
    void the_webhooks_own_keys_are_resent_with_a_renewed_token() {
        send(withKeys(), "call-ended");
        org.revokeTokens();

        assertInstanceOf(Outcome.Delivered.class, send(withKeys(), "call-ended"));

        assertEquals(
                List.of(org.received().get(0).target()),
                org.received().stream()
                        .map(SalesforceStandIn.Call::target)
                        .distinct()
                        .toList());
        assertTrue(org.callHeaders().stream().allMatch(headers -> "key-of-a-header".equals(headers.get("x-api-key"))));
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 500})
    void keys_and_token_are_masked_in_the_recorded_response(int status) {
        send(withKeys(), "call-ended");
        String token = org.callHeaders().get(0).get("authorization").substring("Bearer ".length());
        assertTrue(token.contains("!"), "as Salesforce's do");
        org.answerNext(
                status,
                String.join(
                        " ",
                        token,
                        token.replace("!", "%21"),
                        token.replace("!", "&#33;"),
                        token.replace("!", "\\u0021"),
                        "key-of-a-header",
                        "key-of-the-query",
                        "key%2dof-the-query"));

        Exchange done = exchange(withKeys(), "call-ended");

        assertEquals(
                "*** *** *** *** *** *** ***",
                new String(DeliveryContext.of(done).answer().body()));
    }

    @Test
    void an_apex_exception_is_reported_and_recorded() {
        Exchange done =
                exchange(own("POST", "/services/apexrest/calls", json("{\"note\": \"make it fail\"}")), "call-ended");

        Outcome.GaveUp outcome = assertInstanceOf(Outcome.GaveUp.class, DeliveryContext.outcome(done));
        assertEquals("Salesforce refused the request: APEX_ERROR", outcome.reason());
        assertEquals(400, DeliveryContext.of(done).answer().status());
        assertTrue(new String(DeliveryContext.of(done).answer().body()).contains("de-reference"));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "200 | [{\"success\":true,\"errors\":[]},{\"success\":false,\"errors\":[{\"statusCode\":\"INVALID_FIELD\"}]}] | GaveUp",
                "200 | [{\"success\":false,\"errors\":[{\"statusCode\":\"UNABLE_TO_LOCK_ROW\"}]}] | TryLater",
                "200 | {\"compositeResponse\":[{\"httpStatusCode\":400,\"body\":[{\"errorCode\":\"INVALID_FIELD\"}]}]} | GaveUp",
                "200 | {\"hasErrors\":true,\"results\":[{\"statusCode\":404,\"result\":[{\"errorCode\":\"NOT_FOUND\"}]}]} | GaveUp",
                "200 | [{\"success\":true,\"errors\":[]}] | Delivered",
                "204 | '' | Delivered",
                "403 | [{\"errorCode\":\"REQUEST_LIMIT_EXCEEDED\",\"message\":\"TotalRequests Limit exceeded.\"}] | TryLater",
                "503 | <html>down</html> | TryLater",
                "302 | '' | TryLater",
                "404 | [{\"errorCode\":\"NOT_FOUND\",\"message\":\"Could not find a match for URL\"}] | GaveUp",
            })
    void rest_api_resources_are_judged_by_the_body(int status, String answer, String verdict) {
        org.answerNext(status, answer);

        Outcome outcome =
                send(own("PATCH", "/services/data/v66.0/composite/sobjects/Task/Call_Id__c", json("{}")), "call-ended");

        assertEquals(verdict, outcome.getClass().getSimpleName(), () -> "" + outcome);
    }

    @Test
    void a_form_goes_to_apex_as_a_form() {
        Body form = new Body.Form(Map.of("call", Template.text("{cdr_id}")));

        assertInstanceOf(Outcome.Delivered.class, send(own("PUT", "/services/apexrest/calls", form), "call-ended"));
        assertEquals(
                "application/x-www-form-urlencoded", org.callHeaders().get(0).get("content-type"));
        assertEquals(List.of("call=914022177"), org.apexBodies());
    }

    @Test
    void the_orgs_description_decides_types_lengths_and_picklist_values() {
        Map<String, FieldValue> fields = Map.of(
                "Caller__c", text("x".repeat(50)),
                "Seconds__c", text("{duration}.7"),
                "Answered__c", text("1"),
                "Result__c", text("no answer"),
                "Contact__c", text("003000000000001AAA"));

        Exchange done = exchange(one(Salesforce.Operation.CREATE, "Call__c", fields), "call-ended");

        assertInstanceOf(
                Outcome.Delivered.class, DeliveryContext.outcome(done), () -> "" + DeliveryContext.outcome(done));
        JsonNode call = org.records().get(0).fields();
        assertEquals("x".repeat(40), call.path("Caller__c").asText());
        assertEquals("Caller__c cut to 40 characters", DeliveryContext.of(done).note());
        assertEquals(192, call.path("Seconds__c").intValue());
        assertTrue(call.path("Answered__c").booleanValue());
        assertEquals("No Answer", call.path("Result__c").asText());
    }

    @Test
    void a_mapping_table_gives_picklist_values() {
        FieldValue mapped =
                new FieldValue.Mapped(text("{direction}"), Map.of("inbound", "Outbound"), Optional.of("Internal"));

        send(one(Salesforce.Operation.CREATE, "Task", Map.of("CallType", mapped)), "call-ended");
        send(one(Salesforce.Operation.CREATE, "Task", Map.of("CallType", mapped)), UNKNOWN.replace("inbound", "else"));

        assertEquals(
                List.of("Outbound", "Internal"),
                org.records().stream()
                        .map(entry -> entry.fields().path("CallType").asText())
                        .toList());
    }

    @Test
    void an_object_is_described_once_a_day_and_deliveries_do_not_depend_on_it() {
        send(SalesforceBranch.create("Task"), "call-ended");
        send(SalesforceBranch.create("Task"), "call-ended");
        assertEquals(1, org.describes());

        branch.clock.pass(java.time.Duration.ofDays(1));
        org.tellNothing();
        assertInstanceOf(Outcome.Delivered.class, send(SalesforceBranch.create("Task"), "call-ended"));
        assertInstanceOf(Outcome.Delivered.class, send(SalesforceBranch.create("Task"), "call-ended"));
        assertEquals(2, org.describes());
    }

    @Test
    void a_create_only_field_is_omitted_from_updates() {
        Salesforce target = upsert("Task", "Call_Id__c", "{cdr_id}", Map.of());
        assertInstanceOf(Outcome.Delivered.class, send(target, "call-ended"));
        assertInstanceOf(Outcome.Delivered.class, send(target, "call-ended"));

        assertEquals(1, org.records().size());
        assertEquals("Call", org.records().get(0).fields().path("TaskSubtype").asText());
    }

    @Test
    void an_existing_record_is_detected_at_the_first_attempt_and_updated_at_the_second() {
        org.add("Task", Map.of("Call_Id__c", "914022177", "Subject", "old"));
        Salesforce target = upsert("Task", "Call_Id__c", "{cdr_id}", Map.of());

        Outcome.TryLater first = assertInstanceOf(Outcome.TryLater.class, send(target, "call-ended"));
        assertTrue(first.reason().contains("TaskSubtype can be set only when it is made"), first.reason());
        assertInstanceOf(Outcome.Delivered.class, send(target, "call-ended"));

        ObjectNode task = org.records().get(0).fields();
        assertEquals("Completed", task.path("Status").asText());
    }

    @Test
    void several_records_with_one_external_id_are_not_changed() {
        org.add("Task", Map.of("Call_Id__c", "914022177"));
        org.add("Task", Map.of("Call_Id__c", "914022177"));

        Outcome.GaveUp outcome = assertInstanceOf(
                Outcome.GaveUp.class, send(upsert("Task", "Call_Id__c", "{cdr_id}", Map.of()), "call-ended"));

        assertEquals("Salesforce refused the record: several records have this external id", outcome.reason());
    }

    @Test
    void after_a_lost_response_the_record_is_upserted_again() {
        org.dropNextAnswer();
        Salesforce target = upsert("Task", "Call_Id__c", "{cdr_id}", Map.of("Subject", text("A call")));

        Outcome.TryLater outcome = assertInstanceOf(Outcome.TryLater.class, send(target, "call-ended"));
        assertEquals("The connection to Salesforce broke before the whole answer came", outcome.reason());
        assertInstanceOf(Outcome.Delivered.class, send(target, "call-ended"));

        assertEquals(1, org.records().size());
    }
}
