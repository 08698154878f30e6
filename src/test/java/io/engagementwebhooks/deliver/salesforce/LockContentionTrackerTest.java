package io.engagementwebhooks.deliver.salesforce;

import static io.engagementwebhooks.deliver.salesforce.SalesforceBranch.connection;
import static io.engagementwebhooks.deliver.salesforce.SalesforceBranch.text;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.webhook.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.Test;

/** Several deliveries to children of one record, which Salesforce locks while it writes one of them. */
class LockContentionTrackerTest extends SalesforceFixture {

    private static String event(String id, int minute) {
        return "{\"id\":\"" + id + "\",\"type\":\"call.modified\",\"time\":\"2026-11-24T09:" + minute
                + ":00Z\",\"data\":{\"cdr_id\":7}}";
    }

    private static Target ofContact(String contact) {
        return SalesforceBranch.create("Task", Map.of("Subject", text("{id}"), "WhoId", text(contact)));
    }

    private Future<Exchange> start(Target target, String event) {
        return branch.start(branch.delivery(connection(org), target, event));
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
            Outcome outcome = DeliveryContext.outcome(each.get(60, TimeUnit.SECONDS));
            assertInstanceOf(Outcome.Delivered.class, outcome, () -> "" + outcome);
        }
    }

    @Test
    void without_known_contention_calls_run_in_parallel_and_the_org_reports_it() throws Exception {
        org.lockParents(Duration.ofSeconds(20));
        List<Future<Exchange>> together = new ArrayList<>();
        for (int n = 0; n < 2; n++) {
            together.add(start(ofContact("003000000000001AAA"), event("next-" + n, 20)));
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (Future<Exchange> each : together) {
            outcomes.add(DeliveryContext.outcome(each.get(60, TimeUnit.SECONDS)));
        }
        assertTrue(outcomes.stream().anyMatch(Outcome.TryLater.class::isInstance), () -> "" + outcomes);
    }
}
