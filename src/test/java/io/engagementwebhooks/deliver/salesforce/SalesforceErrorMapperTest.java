package io.engagementwebhooks.deliver.salesforce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.template.FieldValue;
import io.engagementwebhooks.webhook.template.Template;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The outcome of each kind of response, as Camel passes it on. */
@Timeout(300)
class SalesforceErrorMapperTest {

    private static SalesforceStandIn org;
    private static SalesforceBranch branch;

    @BeforeAll
    static void start() {
        org = SalesforceStandIn.start();
        branch = new SalesforceBranch();
    }

    @AfterAll
    static void stop() {
        org.close();
        branch.close();
    }

    @AfterEach
    void letHoldsEnd() {
        branch.clock.pass(Duration.ofHours(2));
    }

    @ParameterizedTest(name = "{0} {1}: {2}")
    @CsvSource({
        "403, REQUEST_LIMIT_EXCEEDED, TryLater",
        "400, UNABLE_TO_LOCK_ROW, TryLater",
        "409, UNABLE_TO_LOCK_ROW, TryLater",
        "500, UNABLE_TO_LOCK_ROW, TryLater",
        "503, SERVER_UNAVAILABLE, TryLater",
        "500, UNKNOWN_EXCEPTION, TryLater",
        "400, LIMIT_EXCEEDED, TryLater",
        "400, PLATFORM_EVENT_PUBLISHING_UNAVAILABLE, TryLater",
        "400, QUERY_TIMEOUT, TryLater",
        "403, API_CURRENTLY_DISABLED, TryLater",
        "429, TOO_MANY, TryLater",
        "408, SLOW, TryLater",
        "400, REQUIRED_FIELD_MISSING, GaveUp",
        "400, INVALID_FIELD, GaveUp",
        "400, MALFORMED_ID, GaveUp",
        "400, STRING_TOO_LONG, GaveUp",
        "400, FIELD_CUSTOM_VALIDATION_EXCEPTION, GaveUp",
        "400, DUPLICATES_DETECTED, GaveUp",
        "400, INSUFFICIENT_ACCESS_OR_READONLY, GaveUp",
        "403, INSUFFICIENT_ACCESS, GaveUp",
        "403, API_DISABLED_FOR_ORG, GaveUp",
        "404, NOT_FOUND, GaveUp",
        "405, METHOD_NOT_ALLOWED, GaveUp",
        "410, UNSUPPORTED_API_VERSION, GaveUp",
        "415, UNSUPPORTED_MEDIA_TYPE, GaveUp",
    })
    void an_error_code_decides(int status, String code, String verdict) {
        org.failNext(status, code, 1);

        Outcome outcome = DeliveryContext.outcome(send(1));

        assertEquals(verdict, outcome.getClass().getSimpleName(), () -> "" + outcome);
        if (outcome instanceof Outcome.GaveUp gaveUp) {
            assertEquals("Salesforce refused the record: " + code, gaveUp.reason());
        }
    }

    @ParameterizedTest(name = "{0}: {1}, slows down: {2}")
    @CsvSource({
        "500, TryLater, false",
        "502, TryLater, true",
        "503, TryLater, true",
        "504, TryLater, true",
        "301, TryLater, false",
        "307, TryLater, false",
        "400, GaveUp, false",
        "404, GaveUp, false",
    })
    void without_a_code_the_status_decides(int status, String verdict, boolean slowDown) {
        org.answerNext(status, "<html>not from the API</html>");

        Outcome outcome = DeliveryContext.outcome(send(1));

        assertEquals(verdict, outcome.getClass().getSimpleName(), () -> "" + outcome);
        if (outcome instanceof Outcome.TryLater later) {
            assertEquals(slowDown, later.slowDown());
        }
    }

    @ParameterizedTest(name = "{0} {1}: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "201 | {\"id\":\"00T\",\"success\":true,\"errors\":[]} | Delivered",
                "200 | {\"id\":\"00T\",\"success\":true,\"errors\":[],\"created\":false} | Delivered",
                "201 | {\"id\":\"e0\",\"success\":true,\"errors\":[{\"statusCode\":\"OPERATION_ENQUEUED\"}]} | Delivered",
                "200 | {\"success\":false,\"errors\":[{\"statusCode\":\"INVALID_FIELD\"}]} | GaveUp",
                "200 | {\"success\":false,\"errors\":[{\"errorCode\":\"UNABLE_TO_LOCK_ROW\"}]} | TryLater",
                "201 | {\"id\":\"00T\",\"succ | TryLater",
                "200 | <html>login</html> | TryLater",
                "201 | {\"id\":\"00T\"} | TryLater",
                "300 | [\"/services/data/v66.0/sobjects/Task/1\"] | GaveUp",
            })
    void the_body_decides_if_there_is_one(int status, String body, String verdict) {
        org.answerNext(status, body);

        Exchange done = send(1);

        Outcome outcome = DeliveryContext.outcome(done);
        assertEquals(verdict, outcome.getClass().getSimpleName(), () -> "" + outcome);
        assertEquals(status, DeliveryContext.of(done).answer().status());
    }

    @Test
    void an_answer_without_content_is_a_success() {
        org.answerNext(204, "");

        Exchange done = send(1);

        assertInstanceOf(Outcome.Delivered.class, DeliveryContext.outcome(done));
        assertEquals(0, DeliveryContext.of(done).answer().body().length);
    }

    @Test
    void an_empty_201_leaves_the_result_unknown() {
        org.answerNext(201, "");

        assertInstanceOf(Outcome.TryLater.class, DeliveryContext.outcome(send(1)));
    }

    @Test
    void a_truncated_response_leaves_the_result_unknown_and_camel_does_not_resend() {
        int before = org.calls();
        org.breakOffNext(201);

        Outcome outcome = assertInstanceOf(Outcome.TryLater.class, DeliveryContext.outcome(send(1)));

        assertTrue(outcome.reason().contains("may exist already"), outcome.reason());
        assertEquals(before + 1, org.calls());
    }

    @Test
    void after_a_truncated_401_camel_does_not_resend() {
        send(1);
        int before = org.calls();
        org.breakOffNext(401);

        assertInstanceOf(Outcome.NotSent.class, DeliveryContext.outcome(send(1)));
        assertEquals(before + 1, org.calls());
    }

    @Test
    void after_a_truncated_401_the_next_delivery_logs_in() {
        send(1);
        org.breakOffNext(401);
        send(2);
        int before = org.logins();

        assertInstanceOf(Outcome.Delivered.class, DeliveryContext.outcome(send(3)));
        assertEquals(before + 1, org.logins());
    }

    @Test
    void a_duplicate_of_our_external_id_is_retried_as_an_update() {
        org.failNext(
                400, "DUPLICATE_VALUE", "duplicate value found: Call_Id__c duplicates value on record with id: 1", 2);

        assertInstanceOf(Outcome.TryLater.class, DeliveryContext.outcome(upsert(1)));
        assertInstanceOf(Outcome.TryLater.class, DeliveryContext.outcome(upsert(2)));
        assertInstanceOf(Outcome.Delivered.class, DeliveryContext.outcome(upsert(3)));
    }

    @Test
    void a_duplicate_of_our_external_id_after_an_attempt_without_response_is_delivered() {
        Delivery delivery = delivery(callById(), 1);
        org.breakOffNext(201);
        assertInstanceOf(Outcome.TryLater.class, DeliveryContext.outcome(branch.send(delivery)));
        org.failNext(
                400, "DUPLICATE_VALUE", "duplicate value found: Call_Id__c duplicates value on record with id: 1", 2);

        assertInstanceOf(
                Outcome.TryLater.class, DeliveryContext.outcome(upsert(1)), "of a delivery that had its answers");
        Outcome outcome = assertInstanceOf(Outcome.Delivered.class, DeliveryContext.outcome(branch.send(delivery)));

        assertEquals("an attempt before this one had arrived: the record exists already", outcome.reason());
    }

    @Test
    void a_duplicate_of_another_field_after_an_attempt_without_an_answer_is_refused() {
        Delivery delivery = delivery(callById(), 1);
        org.breakOffNext(201);
        branch.send(delivery);
        org.failNext(
                400, "DUPLICATE_VALUE", "duplicate value found: Email__c duplicates value on record with id: 1", 1);

        assertInstanceOf(Outcome.GaveUp.class, DeliveryContext.outcome(branch.send(delivery)));
    }

    @Test
    void a_duplicate_in_a_composite_does_not_prove_that_all_records_exist() {
        Delivery delivery = delivery(
                new Target.SalesforceComposite(
                        List.of(new Target.SalesforceComposite.Part("task", Optional.empty(), callById(), Map.of()))),
                1);
        org.breakOffNext(200);
        branch.send(delivery);
        org.answerNext(
                200,
                "{\"compositeResponse\":[{\"referenceId\":\"task\",\"httpStatusCode\":400,\"body\":[{\"errorCode\":"
                        + "\"DUPLICATE_VALUE\",\"message\":\"duplicate value found: Call_Id__c\"}]}]}");

        assertInstanceOf(Outcome.TryLater.class, DeliveryContext.outcome(branch.send(delivery)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "No such column 'Subject' on sobject of type Task | INVALID_FIELD (Subject)",
                "No such column 'a-token-of-theirs' on sobject of type Task | INVALID_FIELD",
                "No such column 'Subject__c' on sobject of type Task | INVALID_FIELD"
            })
    void a_field_named_only_in_the_message_is_reported_if_we_sent_it(String message, String named) {
        org.failNext(400, "INVALID_FIELD", message, 1);

        Outcome.GaveUp outcome = assertInstanceOf(Outcome.GaveUp.class, DeliveryContext.outcome(send(1)));

        assertEquals("Salesforce refused the record: " + named, outcome.reason());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Email__c", "Last_Call_Id__c", "Call_Id__c_old__c"})
    void a_duplicate_of_a_field_whose_name_contains_our_external_id_is_refused(String field) {
        org.failNext(
                400,
                "DUPLICATE_VALUE",
                "duplicate value found: " + field + " duplicates value on record with id: 1",
                1);

        assertInstanceOf(Outcome.GaveUp.class, DeliveryContext.outcome(upsert(2)));
    }

    @Test
    void concurrent_requests_hold_the_org_for_seconds_and_longer_each_time() {
        String message = "ConcurrentRequests (Concurrent API Requests) Limit exceeded.";
        for (int seconds : new int[] {30, 60, 120, 240, 300, 300}) {
            org.failNext(403, "REQUEST_LIMIT_EXCEEDED", message, 1);
            Outcome.TryLater outcome = assertInstanceOf(Outcome.TryLater.class, DeliveryContext.outcome(send(1)));
            assertEquals(branch.clock.instant().plusSeconds(seconds), outcome.notBefore());
            assertTrue(outcome.holdsWebhook());
            branch.clock.pass(Duration.ofSeconds(seconds));
        }
        send(1);
        org.failNext(403, "REQUEST_LIMIT_EXCEEDED", message, 1);
        Outcome.TryLater outcome = assertInstanceOf(Outcome.TryLater.class, DeliveryContext.outcome(send(1)));
        assertEquals(branch.clock.instant().plusSeconds(30), outcome.notBefore());
    }

    private static Exchange send(int attempt) {
        return send(SalesforceBranch.create("Task"), attempt);
    }

    private static Exchange upsert(int attempt) {
        return send(callById(), attempt);
    }

    private static Target.Salesforce callById() {
        return SalesforceBranch.upsert("Task", new FieldValue.Text(Template.text("{cdr_id}")), Map.of());
    }

    private static Exchange send(Target target, int attempt) {
        return branch.send(delivery(target, attempt));
    }

    private static Delivery delivery(Target target, int attempt) {
        return branch.delivery(SalesforceBranch.connection(org), target, "call-ended", Duration.ofSeconds(15), attempt);
    }
}
