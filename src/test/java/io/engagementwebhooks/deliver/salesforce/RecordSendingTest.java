package io.engagementwebhooks.deliver.salesforce;

import static io.engagementwebhooks.deliver.salesforce.SalesforceBranch.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.Target;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.Test;

/** Records of one org and object that are due at the same time share a request; each has its own outcome. */
class RecordSendingTest extends SalesforceFixture {

    private static Target create(String object, String field, String value) {
        return SalesforceBranch.create(object, Map.of(field, text(value)));
    }

    private static Target upsert(String id) {
        return SalesforceBranch.upsert("Task", text(id), Map.of("Subject", text("Call " + id)));
    }

    /** Sends records in parallel; those that can share a request are one batch. */
    private List<Exchange> send(Target... targets) throws Exception {
        SalesforceConnection batching = SalesforceBranch.batching(org, targets.length);
        return branch.sendTogether(Stream.of(targets)
                .map(target -> branch.delivery(batching, target, "call-ended"))
                .toList());
    }

    private static List<String> outcomes(List<Exchange> done) {
        return done.stream()
                .map(each -> DeliveryContext.outcome(each).getClass().getSimpleName())
                .toList();
    }

    @Test
    void records_due_together_are_one_call_with_a_result_each() throws Exception {
        List<Exchange> done = send(upsert("1"), upsert("2"), upsert("3"));

        assertEquals(List.of("Delivered", "Delivered", "Delivered"), outcomes(done));
        assertEquals(1, org.calls());
        assertEquals(3, org.records().size());
        for (Exchange each : done) {
            assertEquals(200, DeliveryContext.of(each).answer().status());
            assertTrue(new String(DeliveryContext.of(each).answer().body()).startsWith("{\"id\":\"00T"));
            assertEquals("one of 3 in one request", DeliveryContext.of(each).note());
        }
    }

    @Test
    void each_attempt_records_its_own_part_of_the_batch() throws Exception {
        List<Exchange> done = send(upsert("1"), upsert("2"));

        SalesforceStandIn.Call call = org.received().get(0);
        JsonNode whole = EventJson.mapper().readTree(call.body());
        for (int i = 0; i < done.size(); i++) {
            OutgoingRequest shown = DeliveryContext.of(done.get(i)).request();
            assertEquals(call.method(), shown.method());
            assertEquals(org.url().resolve(call.target()), shown.url());
            JsonNode part = EventJson.mapper().readTree(shown.body());
            assertEquals(whole.get("allOrNone"), part.get("allOrNone"));
            assertEquals(1, part.get("records").size());
            assertEquals(String.valueOf(i + 1), part.at("/records/0/Call_Id__c").asText());
            assertTrue(
                    whole.get("records")
                            .toString()
                            .contains(part.at("/records/0").toString()),
                    whole.toString());
        }
    }

    @Test
    void while_the_writing_route_is_replaced_there_is_no_attempt() throws Exception {
        branch.context.getRouteController().stopRoute("write-records");

        List<Exchange> done = send(upsert("1"), upsert("2"));

        assertEquals(List.of("NotSent", "NotSent"), outcomes(done));
        assertEquals(0, org.calls());
        branch.context.getRouteController().startRoute("write-records");
        assertEquals(List.of("Delivered"), outcomes(send(upsert("1"))));
    }

    @Test
    void created_records_are_batched_too() throws Exception {
        List<Exchange> done = send(create("Task", "Subject", "a"), create("Task", "Subject", "b"));

        assertEquals(List.of("Delivered", "Delivered"), outcomes(done));
        assertEquals(1, org.calls());
    }

    private static Target event(String field, String value) {
        return new Target.Salesforce(
                Target.Salesforce.Operation.PLATFORM_EVENT,
                "Call_Ended__e",
                Optional.empty(),
                Optional.empty(),
                Map.of(field, text(value)));
    }

    @Test
    void platform_events_are_batched_and_an_invalid_one_fails_alone() throws Exception {
        org.tellNothing();

        List<Exchange> done = send(event("Call_Id__c", "1"), event("No_Field__c", "2"), event("Call_Id__c", "3"));

        assertEquals(List.of("Delivered", "GaveUp", "Delivered"), outcomes(done));
        assertEquals(1, org.calls());
        assertEquals(
                List.of("1", "3"),
                org.records().stream()
                        .map(published -> published.fields().path("Call_Id__c").asText())
                        .sorted()
                        .toList());
        assertTrue(new String(DeliveryContext.of(done.get(0)).answer().body()).contains("OPERATION_ENQUEUED"));
    }

    @Test
    void a_record_that_is_refused_fails_alone() throws Exception {
        org.tellNothing();
        List<Exchange> done = send(
                create("Task", "Subject", "a"),
                create("Task", "Subject", "x".repeat(10)),
                create("Task", "CallType", "Sideways"));

        assertEquals(List.of("Delivered", "Delivered", "GaveUp"), outcomes(done));
        assertEquals(
                "Salesforce refused the record: INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST (CallType)",
                DeliveryContext.outcome(done.get(2)).reason());
        assertEquals(1, org.calls());
    }

    @Test
    void a_batch_refused_as_a_whole_is_resent_in_halves() throws Exception {
        org.failNext(400, "JSON_PARSER_ERROR", 1);

        List<Exchange> done = send(upsert("1"), upsert("2"), upsert("3"), upsert("4"));

        assertEquals(List.of("Delivered", "Delivered", "Delivered", "Delivered"), outcomes(done));
        assertEquals(3, org.calls());
    }

    @Test
    void the_invalid_record_of_a_batch_fails_alone() throws Exception {
        List<Exchange> done = send(
                create("Call__c", "Seconds__c", "1"),
                create("Call__c", "Seconds__c", "2"),
                create("Call__c", "Seconds__c", "not a number"),
                create("Call__c", "Seconds__c", "4"));

        assertEquals(1, outcomes(done).stream().filter("GaveUp"::equals).count(), () -> "" + outcomes(done));
        assertInstanceOf(Outcome.GaveUp.class, DeliveryContext.outcome(done.get(2)));
        assertEquals(
                "Salesforce refused the record: JSON_PARSER_ERROR (Seconds__c)",
                DeliveryContext.outcome(done.get(2)).reason());
        assertEquals(3, org.records().size());
        assertEquals(5, org.calls(), "four, two and two, and the last two by themselves");
    }

    @Test
    void a_limit_holds_all_records_of_a_batch() throws Exception {
        org.failNext(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 1);

        List<Exchange> done = send(upsert("1"), upsert("2"));

        assertEquals(List.of("TryLater", "TryLater"), outcomes(done));
        assertEquals(403, DeliveryContext.of(done.get(1)).answer().status());
        assertEquals(List.of("NotSent", "NotSent"), outcomes(send(upsert("1"), upsert("2"))));
        assertEquals(1, org.calls());
    }

    @Test
    void a_response_without_one_result_per_record_leaves_all_unknown() throws Exception {
        org.answerNext(200, "[{\"success\":true,\"errors\":[]}]");

        assertEquals(List.of("TryLater", "TryLater"), outcomes(send(upsert("1"), upsert("2"))));
    }

    @Test
    void after_a_broken_connection_all_records_are_upserted_again() throws Exception {
        org.dropNextAnswer();
        assertEquals(List.of("TryLater", "TryLater"), outcomes(send(upsert("1"), upsert("2"))));

        assertEquals(List.of("Delivered", "Delivered"), outcomes(send(upsert("1"), upsert("2"))));
        assertEquals(2, org.records().size());
    }

    @Test
    void a_revoked_token_is_renewed_for_the_whole_batch() throws Exception {
        send(upsert("1"), upsert("2"));
        org.revokeTokens();

        assertEquals(List.of("Delivered", "Delivered"), outcomes(send(upsert("3"), upsert("4"))));
        assertEquals(2, org.logins());
    }

    @Test
    void two_hundred_records_are_one_request() throws Exception {
        Target[] targets = new Target[200];
        for (int n = 0; n < targets.length; n++) {
            targets[n] = upsert("call-" + n);
        }

        assertTrue(outcomes(send(targets)).stream().allMatch("Delivered"::equals));
        assertEquals(1, org.calls());
        assertEquals(200, org.records().size());
    }
}
