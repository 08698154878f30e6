package io.engagementwebhooks.deliver.salesforce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.ledger.Reservation;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import io.engagementwebhooks.webhook.SalesforceConnection;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.AsyncProducer;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultExchange;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Many connections in one process. */
class ManyOrgsTest extends SalesforceFixture {

    ManyOrgsTest() {
        super(new SalesforceBranch(SalesforceBranch.LOOPBACK, Duration.ofSeconds(60)));
    }

    private SalesforceConnection named(String name) {
        return SalesforceBranch.connection(name, org.url(), SalesforceStandIn.CLIENT_SECRET, List.of("127.0.0.1"));
    }

    /** All on this thread: one that waited for a login or for the opening of an org would hold up the others. */
    @Test
    void a_hundred_orgs_whose_login_hangs_hold_no_thread() throws Exception {
        org.hangLogin();
        List<Exchange> ended = new CopyOnWriteArrayList<>();
        AsyncProducer route =
                branch.context.getEndpoint("direct:deliver-salesforce").createAsyncProducer();
        route.start();

        for (int n = 0; n < 100; n++) {
            Exchange exchange = new DefaultExchange(branch.context);
            exchange.getMessage().setBody(create(named("org-" + n)));
            assertFalse(route.process(exchange, doneSync -> ended.add(exchange)), "it waits without a thread");
        }
        Awaitility.await("each login is sent").until(() -> branch.tasks.get() == 100);
        assertEquals(List.of(), ended);

        org.close();
        Awaitility.await().until(() -> ended.size() == 100);
        Awaitility.await("each answer is read").until(() -> branch.tasks.get() == 200);
    }

    @Test
    @SuppressWarnings("try")
    void without_memory_for_the_response_a_delivery_waits_without_an_attempt() {
        try (Reservation all = branch.ledger.of("acme").reserve(branch.ledger.memory() * 3 / 4)) {
            Outcome.NotSent outcome = assertInstanceOf(
                    Outcome.NotSent.class, DeliveryContext.outcome(branch.send(create(named("sales")))));
            assertEquals("Answers to other deliveries of this account take all of its memory", outcome.reason());
            assertEquals(List.of(), org.records());
        }
        assertInstanceOf(Outcome.Delivered.class, DeliveryContext.outcome(branch.send(create(named("sales")))));
        assertEquals(0, branch.ledger.reserved());
    }

    /** The org may be a customer's own server, with a description of any size. */
    @Test
    void without_memory_for_the_description_the_record_is_sent_unchanged() {
        AtomicReference<String> url = new AtomicReference<>();
        try (SalesforceBranch small = new SalesforceBranch(4 << 20);
                Receiver hostile = new Receiver(got -> hostile(got, url.get()))) {
            url.set(hostile.url().resolve("/").toString().replaceFirst("/$", ""));
            SalesforceConnection connection =
                    SalesforceBranch.connection("sales", URI.create(url.get()), "secret", List.of("127.0.0.1"));

            Outcome outcome = DeliveryContext.outcome(
                    small.send(small.delivery(connection, SalesforceBranch.create("Task"), "call-ended")));

            assertInstanceOf(Outcome.Delivered.class, outcome, () -> "" + outcome);
            assertTrue(small.ledger.of("acme").refused() > 0);
            assertEquals(0, small.ledger.reserved());
        }
    }

    private static Receiver.Reply hostile(Receiver.Got got, String url) {
        String path = got.target().getPath();
        if (path.endsWith("/token")) {
            return json(
                    200,
                    "{\"access_token\":\"t\",\"instance_url\":\"" + url + "\",\"id\":\"" + url
                            + "/id/00D000000000000EAA/005000000000000AAA\"}");
        }
        return path.endsWith("/describe")
                ? json(200, "{\"fields\":[" + "{\"name\":\"x\"},".repeat(400_000) + "{}]}")
                : json(201, "{\"id\":\"1\",\"success\":true,\"errors\":[]}");
    }

    private static Receiver.Reply json(int status, String body) {
        return new Receiver.Reply(status, Map.of("Content-Type", "application/json"), body);
    }

    private Delivery create(SalesforceConnection connection) {
        return branch.delivery(connection, SalesforceBranch.create("Task"), "call-ended", Duration.ofSeconds(60), 1);
    }
}
