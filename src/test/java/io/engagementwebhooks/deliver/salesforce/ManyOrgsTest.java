package io.engagementwebhooks.deliver.salesforce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.Outcome;
import io.engagementwebhooks.ledger.Reservation;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import io.engagementwebhooks.webhook.SalesforceConnection;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.Exchange;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many connections in one process, and unused ones. */
class ManyOrgsTest extends SalesforceFixture {

    ManyOrgsTest() {
        super(new SalesforceBranch(SalesforceBranch.LOOPBACK, Duration.ofSeconds(60)));
    }

    private Future<Exchange> start(SalesforceConnection connection) {
        return branch.start(
                branch.delivery(connection, SalesforceBranch.create("Task"), "call-ended", Duration.ofSeconds(60), 1));
    }

    private SalesforceConnection named(String name) {
        return SalesforceBranch.connection(name, org.url(), SalesforceStandIn.CLIENT_SECRET, List.of("127.0.0.1"));
    }

    @Test
    void thirty_connections_work_in_one_process_and_are_closed_when_idle() throws Exception {
        assertWorkAndAreClosed(30);
    }

    @Test
    @Tag("slow")
    void as_many_as_may_be_open_work_in_one_process_and_are_closed_when_idle() throws Exception {
        assertWorkAndAreClosed(SalesforceBranch.MOST_OPEN);
    }

    private void assertWorkAndAreClosed(int connections) throws Exception {
        // the mock org accepts only its latest token, so each connection has its own org
        List<SalesforceStandIn> orgs = new ArrayList<>();
        try {
            List<Future<Exchange>> sent = new ArrayList<>();
            for (int n = 0; n < connections; n++) {
                SalesforceStandIn one = SalesforceStandIn.start();
                orgs.add(one);
                sent.add(start(SalesforceBranch.connection(
                        "org-" + n, one.url(), SalesforceStandIn.CLIENT_SECRET, List.of("127.0.0.1"))));
            }
            for (Future<Exchange> each : sent) {
                Outcome outcome = DeliveryContext.outcome(each.get(60, TimeUnit.SECONDS));
                assertInstanceOf(Outcome.Delivered.class, outcome, () -> "" + outcome);
            }
            assertEquals(
                    connections,
                    orgs.stream().mapToInt(SalesforceStandIn::logins).sum());
            long threads = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().contains("salesforce-acme-org-"))
                    .count();
            assertTrue(threads <= 8L * connections, "threads of " + connections + " orgs: " + threads);

            branch.clock.pass(Duration.ofMinutes(16));
            branch.orgs.closeIdle();

            Awaitility.await().until(() -> branch.context.getComponentNames().stream()
                    .noneMatch(name -> name.startsWith("salesforce-acme-org-")));
        } finally {
            orgs.forEach(SalesforceStandIn::close);
        }
    }

    @Test
    void at_the_limit_the_least_recently_used_org_is_closed() throws Exception {
        try (SalesforceBranch two = new SalesforceBranch(2, 64 << 20)) {
            for (String name : List.of("first", "second", "third", "first")) {
                Outcome outcome = DeliveryContext.outcome(two.send(create(two, name)));
                assertInstanceOf(Outcome.Delivered.class, outcome, () -> name + ": " + outcome);
                two.clock.pass(Duration.ofSeconds(1));
            }

            assertEquals(4, org.logins());
            assertNull(two.orgs.state(named("second")).session().token());
        }
    }

    @Test
    void if_all_orgs_at_the_limit_are_in_use_the_next_delivery_waits_without_an_attempt() {
        try (SalesforceBranch one = new SalesforceBranch(1, 64 << 20)) {
            SalesforceOrg used = one.orgs.lease(named("first"));

            Outcome.NotSent outcome =
                    assertInstanceOf(Outcome.NotSent.class, DeliveryContext.outcome(one.send(create(one, "second"))));
            assertEquals(
                    "Other Salesforce orgs of this account are in use, as many as can be open at a time",
                    outcome.reason());
            assertEquals(0, org.logins());

            used.release();
            assertInstanceOf(Outcome.Delivered.class, DeliveryContext.outcome(one.send(create(one, "second"))));
        }
    }

    @Test
    @SuppressWarnings("try")
    void without_memory_for_the_response_a_delivery_waits_without_an_attempt() {
        try (Reservation all = branch.ledger.of("acme").reserve(branch.ledger.memory() * 3 / 4)) {
            Outcome.NotSent outcome = assertInstanceOf(
                    Outcome.NotSent.class, DeliveryContext.outcome(branch.send(create(branch, "sales"))));
            assertEquals("Answers to other deliveries of this account take all of its memory", outcome.reason());
            assertEquals(List.of(), org.records());
        }
        assertInstanceOf(Outcome.Delivered.class, DeliveryContext.outcome(branch.send(create(branch, "sales"))));
        assertEquals(0, branch.ledger.reserved());
    }

    /** The org may be a customer's own server, with a description of any size. */
    @Test
    void without_memory_for_the_description_the_record_is_sent_unchanged() {
        AtomicReference<String> url = new AtomicReference<>();
        try (SalesforceBranch small = new SalesforceBranch(1, 4 << 20);
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

    private Delivery create(SalesforceBranch by, String name) {
        return by.delivery(named(name), SalesforceBranch.create("Task"), "call-ended");
    }

    @Test
    void an_idle_org_is_closed_and_opened_again_by_the_next_delivery() throws Exception {
        String first = scheme(start(named("sales")));
        branch.clock.pass(Duration.ofMinutes(14));
        branch.orgs.closeIdle();
        assertEquals(first, scheme(start(named("sales"))), "used within a quarter of an hour");

        branch.clock.pass(Duration.ofMinutes(16));
        branch.orgs.closeIdle();
        Awaitility.await().until(() -> branch.context.hasComponent(first) == null);
        assertNull(branch.orgs.state(named("sales")).session().token());

        start(named("sales")).get(60, TimeUnit.SECONDS);
        assertEquals(2, org.logins());
        assertEquals(3, org.records().size());
    }

    @Test
    void the_usage_of_an_org_survives_its_closing() throws Exception {
        start(named("sales")).get(60, TimeUnit.SECONDS);
        branch.clock.pass(Duration.ofMinutes(16));
        branch.orgs.closeIdle();

        assertEquals(
                18,
                branch.orgs.caches(named("sales")).usage().last().orElseThrow().used());
    }

    @Test
    void a_paused_org_is_not_closed() throws Exception {
        org.allow(17);
        start(named("sales")).get(60, TimeUnit.SECONDS);
        branch.clock.pass(Duration.ofMinutes(16));
        branch.orgs.closeIdle();

        Outcome outcome = DeliveryContext.outcome(start(named("sales")).get(60, TimeUnit.SECONDS));

        assertInstanceOf(Outcome.NotSent.class, outcome);
        assertEquals(1, org.calls());
    }

    private static String scheme(Future<Exchange> sent) throws Exception {
        return sent.get(60, TimeUnit.SECONDS).getProperty(ChooseOrg.ORG, String.class);
    }
}
