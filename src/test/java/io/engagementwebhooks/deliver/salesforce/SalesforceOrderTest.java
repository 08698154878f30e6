package io.engagementwebhooks.deliver.salesforce;

import static io.engagementwebhooks.deliver.salesforce.SalesforceBranch.connection;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.Outcome;
import io.engagementwebhooks.deliver.Progress;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import io.engagementwebhooks.webhook.FieldValue;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several deliveries to one record, or to children of one record (semantics 20). */
@Timeout(60)
class SalesforceOrderTest {

    private SalesforceStandIn org;
    private SalesforceBranch branch;

    @BeforeEach
    void start() {
        org = SalesforceStandIn.start();
        branch = new SalesforceBranch();
    }

    @AfterEach
    void stop() {
        org.close();
        branch.close();
    }

    private static String event(String id, int minute) {
        return "{\"id\":\"" + id + "\",\"type\":\"call.modified\",\"time\":\"2026-11-24T09:" + minute
                + ":00Z\",\"data\":{\"cdr_id\":7}}";
    }

    private static FieldValue text(String template) {
        return new FieldValue.Text(Template.text(template));
    }

    private static Target ofCall() {
        return SalesforceBranch.upsert("Task", text("{cdr_id}"), Map.of("Subject", text("{id}")));
    }

    private static Target ofContact(String contact) {
        return new Target.Salesforce(
                Target.Salesforce.Operation.CREATE,
                "Task",
                Optional.empty(),
                Optional.empty(),
                Map.of("Subject", text("{id}"), "WhoId", text(contact)));
    }

    private Outcome send(Target target, String event) {
        return Progress.outcome(branch.send(branch.delivery(connection(org), target, event)));
    }

    private Future<Exchange> start(Target target, String event) {
        return branch.context
                .createProducerTemplate()
                .asyncSend("direct:deliver-salesforce", exchange -> exchange.getMessage()
                        .setBody(branch.delivery(connection(org), target, event)));
    }

    @Test
    void an_older_event_does_not_write_over_a_newer_one() {
        assertInstanceOf(Outcome.Delivered.class, send(ofCall(), event("newer", 30)));

        Outcome.Skipped outcome = assertInstanceOf(Outcome.Skipped.class, send(ofCall(), event("older", 20)));

        assertEquals("superseded by event newer", outcome.reason());
        assertEquals("newer", org.records().get(0).fields().path("Subject").asText());
    }

    @Test
    void the_newest_is_not_superseded_by_itself() {
        send(ofCall(), event("newest", 30));

        assertInstanceOf(Outcome.Delivered.class, send(ofCall(), event("newest", 30)));
    }

    @Test
    void an_event_that_was_not_delivered_supersedes_nothing() {
        org.failNext(400, "INVALID_FIELD", 1);
        send(ofCall(), event("newer", 30));

        assertInstanceOf(Outcome.Delivered.class, send(ofCall(), event("older", 20)));
    }

    @Test
    void deliveries_of_one_record_are_written_one_at_a_time() throws Exception {
        send(ofCall(), event("first", 10));
        org.hold();
        Future<Exchange> running = start(ofCall(), event("running", 20));
        Awaitility.await().until(() -> org.calls() == 2);
        Future<Exchange> latest = start(ofCall(), event("latest", 40));
        Future<Exchange> middle = start(ofCall(), event("middle", 30));
        assertEquals(2, org.calls());
        org.letGo();

        for (Future<Exchange> each : List.of(running, latest, middle)) {
            Outcome outcome = Progress.outcome(each.get(30, TimeUnit.SECONDS));
            assertTrue(outcome instanceof Outcome.Delivered || outcome instanceof Outcome.Skipped, () -> "" + outcome);
        }
        assertEquals("latest", org.records().get(0).fields().path("Subject").asText());
    }

    @Test
    void after_a_lock_calls_to_children_of_one_record_are_made_one_at_a_time() throws Exception {
        org.lockParents();
        String contact = "003000000000001AAA";
        org.failNext(400, "UNABLE_TO_LOCK_ROW", 1);
        assertInstanceOf(Outcome.TryLater.class, send(ofContact(contact), event("first", 10)));

        List<Future<Exchange>> together = new ArrayList<>();
        for (int n = 0; n < 5; n++) {
            together.add(start(ofContact(contact), event("next-" + n, 20)));
        }
        for (Future<Exchange> each : together) {
            Outcome outcome = Progress.outcome(each.get(30, TimeUnit.SECONDS));
            assertInstanceOf(Outcome.Delivered.class, outcome, () -> "" + outcome);
        }
    }

    @Test
    void without_a_lock_nobody_waits_and_the_org_says_so() throws Exception {
        org.lockParents();
        List<Future<Exchange>> together = new ArrayList<>();
        for (int n = 0; n < 2; n++) {
            together.add(start(ofContact("003000000000001AAA"), event("next-" + n, 20)));
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (Future<Exchange> each : together) {
            outcomes.add(Progress.outcome(each.get(30, TimeUnit.SECONDS)));
        }
        assertTrue(outcomes.stream().anyMatch(Outcome.TryLater.class::isInstance), () -> "" + outcomes);
    }
}
