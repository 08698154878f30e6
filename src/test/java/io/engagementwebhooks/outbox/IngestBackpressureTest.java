package io.engagementwebhooks.outbox;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.accept.Accepted;
import io.engagementwebhooks.store.accept.IdentityReusedException;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.outcome.WebhookState.State;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.InterceptedStore;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Back-pressure of ingest (semantics 5), over a real store with a settable clock. */
@Timeout(300)
class IngestBackpressureTest extends OverRealStore {

    private static final int BACKLOG = 1_500;

    private final Queue<Runnable> ticks = new ArrayDeque<>();
    private double processor = 1;
    private IngestBackpressure pacing;

    @Override
    OutboxFixture made() {
        return fixture(10_000);
    }

    private OutboxFixture fixture(int inFlight) {
        return new OutboxFixture(store, clock, inFlight, 256, 64L << 20, scheduler -> {
            pacing = new IngestBackpressure(scheduler, () -> processor, clock, ticks::add);
            return pacing;
        });
    }

    private CompletableFuture<List<Accepted>> accept(int deliveries) {
        return accept(CRM, deliveries);
    }

    private CompletableFuture<List<Accepted>> accept(WebhookId webhook, int deliveries) {
        List<Intake> batch = IntStream.range(0, deliveries)
                .mapToObj(i -> SampleIntake.event("e" + events++)
                        .to(webhook.name(), clock)
                        .intake())
                .toList();
        return outbox.acceptance().accept(batch).toCompletableFuture();
    }

    private List<CompletableFuture<List<Accepted>>> acceptEach(int events) {
        return IntStream.range(0, events).mapToObj(i -> accept(1)).toList();
    }

    /** @param count the number of events that are admitted, in their order; the others wait */
    private static void assertAdmitted(int count, List<CompletableFuture<List<Accepted>>> events) {
        events.subList(0, count).forEach(Patience::get);
        assertTrue(events.subList(count, events.size()).stream().noneMatch(CompletableFuture::isDone));
    }

    /** A backlog that throttles ingest. */
    private void fallBehind() {
        get(accept(BACKLOG));
        pass(Duration.ofMillis(250));
    }

    /** Advances the clock and runs due tasks. */
    @Override
    void pass(Duration time) {
        clock.pass(time);
        for (int due = ticks.size(); due > 0; due--) {
            ticks.remove().run();
        }
    }

    private void evaluateAgain() {
        pass(Duration.ofMillis(250));
        pacing.acquire("acme", 1);
        pass(Duration.ofMillis(250));
    }

    private boolean isThrottling() {
        evaluateAgain();
        return pacing.isThrottling();
    }

    private void deliver(int count) {
        end(count, this::delivered);
    }

    /** Ends deliveries like a stopped branch. */
    private void sendNothing(int count) {
        end(count, this::unsent);
    }

    private void end(int count, Function<DueDelivery, AttemptResult> how) {
        List<DueDelivery> taken = new ArrayList<>();
        for (int left = count; left > 0; left -= taken.size()) {
            taken.clear();
            int most = left;
            await().pollInterval(Duration.ofMillis(1))
                    .until(() -> !take(taken, most).isEmpty());
            List<AttemptResult> results = taken.stream().map(how).toList();
            results.stream().map(store.outcomes()::record).toList().forEach(Patience::get);
        }
    }

    private List<DueDelivery> take(List<DueDelivery> into, int most) {
        for (DueDelivery next = null; into.size() < most && (next = due.takeIfAny()) != null; ) {
            into.add(next);
        }
        return into;
    }

    private AttemptResult delivered(DueDelivery d) {
        AttemptRow attempt = SampleAttempt.of(1, clock.instant(), 1, "delivered", "", null, 200, null, null);
        return new AttemptResult(d.id(), d.webhook(), DeliveryState.DELIVERED, "", null, attempt, null, null);
    }

    private AttemptResult unsent(DueDelivery d) {
        Instant next = clock.instant().plusSeconds(60);
        return new AttemptResult(d.id(), d.webhook(), DeliveryState.WAITING, "stopped", next, null, null, null);
    }

    @Test
    void an_event_is_stored_at_once_while_delivery_keeps_up() {
        get(accept(BACKLOG));
        deliver(BACKLOG);
        assertFalse(isThrottling());
        get(accept(1));
        assertEquals(0, pacing.throttled());
    }

    @Test
    void a_batch_with_conflicts_is_stored_in_two_transactions_and_its_account_is_in_debt() {
        fallBehind();
        List<Integer> transactions = new ArrayList<>();
        Outbox counted =
                new OutboxFixture(counting(transactions), clock, 10_000, 256, 64L << 20, scheduler -> pacing).outbox();
        List<Intake> batch = IntStream.range(0, 40)
                .mapToObj(i -> (i % 2 == 0 ? SampleIntake.event("e" + i).with("8") : SampleIntake.event("fresh" + i))
                        .to("crm", clock)
                        .intake())
                .toList();
        List<Object> answers = get(counted.acceptance().acceptAllowingConflicts(batch));
        assertTrue(pacing.isThrottling());
        assertEquals(0, pacing.throttled());
        assertTrue(pacing.isInDebt("acme"));
        assertFalse(pacing.isInDebt("globex"));
        pass(Duration.ofMillis(350));
        assertTrue(pacing.isInDebt("acme"));
        pass(Duration.ofMillis(50));
        assertFalse(pacing.isInDebt("acme"), "40 deliveries at the floor");
        assertEquals(List.of(40, 20), transactions);
        for (int i = 0; i < 40; i++) {
            if (i % 2 == 0) {
                assertTrue(assertInstanceOf(IdentityReusedException.class, answers.get(i))
                        .getMessage()
                        .startsWith("event e" + i + " "));
            } else {
                assertEquals(
                        "fresh" + i,
                        assertInstanceOf(Accepted.class, answers.get(i)).eventId());
            }
        }
    }

    /** @param transactions the expected number of events of each */
    private Store counting(List<Integer> transactions) {
        return InterceptedStore.of(store)
                .on("accept", (arguments, real) -> {
                    transactions.add(((List<?>) arguments[0]).size());
                    return real.proceed();
                })
                .build();
    }

    @Test
    void while_none_began_lately_events_are_admitted_at_the_floor() {
        fallBehind();
        List<CompletableFuture<List<Accepted>>> waiting = acceptEach(20);
        assertTrue(pacing.isThrottling());
        assertEquals(20, pacing.throttled());
        pass(Duration.ofMillis(50));
        assertAdmitted(5, waiting);
        pass(Duration.ofMillis(100));
        assertAdmitted(15, waiting);
    }

    @Test
    void a_batch_costs_its_deliveries_and_later_events_wait_for_it() {
        fallBehind();
        CompletableFuture<List<Accepted>> batch = accept(20);
        CompletableFuture<List<Accepted>> next = accept(1);
        pass(Duration.ofMillis(10));
        get(batch);
        pass(Duration.ofMillis(100));
        pass(Duration.ofMillis(90));
        assertFalse(next.isDone());
        pass(Duration.ofMillis(20));
        get(next);
    }

    /** Where more are sendable than begin in a tenth of a second, fewer are admitted than begin. */
    @Test
    void events_are_admitted_at_the_rate_of_delivery() {
        get(accept(BACKLOG));
        deliver(BACKLOG - 150);
        get(accept(1));
        pass(Duration.ofMillis(250));
        List<CompletableFuture<List<Accepted>>> waiting = acceptEach(200);
        pass(Duration.ofMillis(100));
        waiting.subList(0, 102).forEach(Patience::get);
        assertTrue(
                waiting.subList(104, 200).stream().noneMatch(CompletableFuture::isDone),
                "1 030 a second: 1 350 began, and 16 more wait than begin in a tenth of a second");
    }

    @Test
    void far_behind_events_are_admitted_at_half_the_rate_of_delivery() {
        get(accept(2 * BACKLOG));
        deliver(500);
        pass(Duration.ofMillis(250));
        List<CompletableFuture<List<Accepted>>> waiting = acceptEach(60);
        pass(Duration.ofMillis(100));
        assertAdmitted(25, waiting); // 250 a second, and no more
    }

    /** What begins in a tenth of a second, whatever was sent before, so that a jump in load counts at once. */
    @Test
    void more_sendable_deliveries_than_begin_in_a_tenth_of_a_second_throttle_within_a_quarter() {
        get(accept(1_000));
        deliver(1_000);
        get(accept(90));
        pass(Duration.ofMillis(250));
        get(accept(1));
        assertFalse(pacing.isThrottling(), "91 of the 100 that begin in a tenth of a second");
        get(accept(20));
        pass(Duration.ofMillis(20));
        accept(1);
        assertTrue(pacing.isThrottling());
    }

    /** All at once, they would be the next backlog. */
    @Test
    void events_that_wait_are_admitted_gradually_when_the_backlog_is_sent() {
        fallBehind();
        List<CompletableFuture<List<Accepted>>> waiting = acceptEach(400);
        deliver(BACKLOG);
        pass(Duration.ofMillis(20));
        waiting.subList(0, 89).forEach(Patience::get);
        pass(Duration.ofMillis(20));
        assertTrue(
                waiting.subList(181, 400).stream().noneMatch(CompletableFuture::isDone),
                "three times the rate of delivery");
    }

    /** Independent of the recent rate: a restarted process would admit events at the floor for seconds. */
    @Test
    void events_that_wait_are_not_admitted_at_the_floor_while_nothing_is_behind() {
        fallBehind();
        List<CompletableFuture<List<Accepted>>> waiting = acceptEach(100);
        get(outbox.setState(CRM, State.PAUSED, "holiday"));
        for (int i = 0; i < 5; i++) {
            pass(Duration.ofMillis(20));
        }
        waiting.forEach(Patience::get);
    }

    @Test
    void all_waiting_events_are_admitted_when_the_processor_is_free() {
        fallBehind();
        List<CompletableFuture<List<Accepted>>> waiting = acceptEach(40);
        processor = 0.5;
        pass(Duration.ofMillis(250));
        waiting.forEach(Patience::get);
        assertEquals(0, ticks.size(), "nothing ticks while no one waits");
        get(accept(1));
    }

    @Test
    void a_free_or_unknown_processor_does_not_throttle() {
        get(accept(BACKLOG));
        processor = 0.89;
        assertFalse(isThrottling());
        processor = -1;
        assertFalse(isThrottling());
        processor = 0.9;
        assertTrue(isThrottling());
    }

    @Test
    void begun_deliveries_count_for_a_second() {
        get(accept(2 * BACKLOG));
        deliver(2 * BACKLOG - 150);
        assertFalse(isThrottling(), "2850 began in the last second, and 150 could");
        pass(Duration.ofSeconds(1));
        assertTrue(isThrottling());
    }

    @Test
    void unsendable_deliveries_do_not_throttle() {
        get(accept(BACKLOG));
        assertTrue(isThrottling());
        due.define(Set.of());
        assertFalse(isThrottling(), "not set up");
        due.define(Set.of(CRM));
        assertTrue(isThrottling());
        get(outbox.setState(CRM, State.PAUSED, "holiday"));
        assertFalse(isThrottling(), "paused");
        get(outbox.setState(CRM, State.ACTIVE, null));
        assertTrue(isThrottling());
        due.close();
        assertFalse(isThrottling(), "the room is stopped");
    }

    @Test
    void deliveries_that_wait_for_a_probe_do_not_throttle() {
        get(accept(BACKLOG));
        assertTrue(isThrottling());
        due.repaired(CRM);
        assertFalse(isThrottling());
    }

    @Test
    void a_receiver_at_its_concurrency_limit_does_not_throttle() {
        get(accept(BACKLOG));
        assertTrue(isThrottling());
        for (int i = 0; i < 16; i++) {
            await().pollInterval(Duration.ofMillis(1)).until(() -> due.takeIfAny() != null);
        }
        assertFalse(isThrottling(), "its backlog waits for it, not for us");
    }

    @Test
    void a_backlog_that_waits_for_the_in_flight_budget_does_not_throttle() {
        due.close();
        start(fixture(20));
        due.define(Set.of(CRM, ERP));
        get(accept(CRM, 16));
        get(accept(ERP, BACKLOG));
        assertTrue(isThrottling());
        List<DueDelivery> inFlight = new ArrayList<>();
        await().pollInterval(Duration.ofMillis(1))
                .until(() -> take(inFlight, 19).size() == 19);
        assertFalse(isThrottling(), "its account has all that it may have in flight, and waits for receivers");
        get(store.outcomes().record(delivered(inFlight.get(0))));
        assertTrue(isThrottling());
    }

    @Test
    void dispatched_deliveries_that_wait_for_a_thread_throttle_ingest() throws Exception {
        due.close();
        due.open(begun -> {});
        get(accept(BACKLOG));
        assertTrue(due.runTask());
        assertTrue(isThrottling(), "they wait for the processor, not for the receiver");
        assertEquals(BACKLOG - 1, due.backlog().due());
    }

    @Test
    void a_webhook_of_a_stopped_branch_does_not_throttle_until_the_branch_runs() {
        get(accept(2 * BACKLOG));
        sendNothing(100);
        assertFalse(isThrottling(), "its backlog waits for the branch");
        get(accept(1));
        deliver(1);
        assertTrue(isThrottling(), "now it waits for us");
    }

    @Test
    void a_single_unsent_attempt_does_not_end_throttling() {
        get(accept(2 * BACKLOG));
        deliver(100);
        sendNothing(1);
        assertTrue(isThrottling());
    }

    @Test
    void an_expired_delivery_of_a_stopped_branch_does_not_show_that_the_branch_runs() {
        get(accept(2 * BACKLOG));
        sendNothing(100);
        end(1, d -> new AttemptResult(d.id(), CRM, DeliveryState.GAVE_UP, "its time is over", null, null, null, null));
        assertFalse(isThrottling());
        assertEquals(0, due.backlog().perSecond());
    }

    @Test
    void an_unsent_attempt_does_not_count_as_sent() {
        due.define(Set.of(CRM, ERP));
        get(accept(CRM, BACKLOG + 100));
        sendNothing(BACKLOG + 100);
        get(accept(ERP, BACKLOG));
        pass(Duration.ofMillis(250));
        List<CompletableFuture<List<Accepted>>> waiting = acceptEach(20);
        assertEquals(new DueScheduler.Backlog(BACKLOG, BACKLOG, 0), due.backlog());
        pass(Duration.ofMillis(100));
        assertAdmitted(10, waiting); // the floor, and no more
    }

    @Test
    void a_delivery_that_ends_without_an_attempt_counts_as_begun() {
        get(accept(2 * BACKLOG));
        end(
                2 * BACKLOG - 150,
                d -> new AttemptResult(d.id(), CRM, DeliveryState.SKIPPED, "no session", null, null, null, null));
        assertFalse(isThrottling(), "2850 ended in the last second, and 150 could be sent");
        pass(Duration.ofSeconds(1));
        assertTrue(isThrottling());
    }

    @Test
    void a_backlog_from_before_the_start_counts() {
        get(accept(BACKLOG));
        due.close();
        start();
        due.awaitCaughtUp();
        assertTrue(isThrottling());
    }

    @Test
    void a_sent_backlog_does_not_count() {
        get(accept(BACKLOG));
        deliver(BACKLOG);
        due.awaitCaughtUp();
        pass(Duration.ofSeconds(11));
        assertEquals(0, due.backlog().due());
        assertFalse(isThrottling());
    }

    @Test
    void requests_are_refused_if_they_would_wait_over_five_seconds() {
        fallBehind();
        for (int i = 0; i < 500; i++) {
            accept(1);
        }
        assertFalse(outbox.acceptance().isBackedUp("acme"));
        accept(1);
        assertTrue(outbox.acceptance().isBackedUp("acme"));
        processor = 0;
        pass(Duration.ofMillis(250));
        assertFalse(outbox.acceptance().isBackedUp("acme"));
    }

    @Test
    void an_account_waits_for_what_it_sent_itself_and_not_for_another_one() {
        fallBehind();
        accept(600);
        for (int i = 0; i < 500; i++) {
            accept(1);
        }
        assertTrue(outbox.acceptance().isBackedUp("acme"));
        assertFalse(outbox.acceptance().isBackedUp("globex"));
        Intake other = new SampleIntake("globex", "g1", "call.ended", null, "{}", List.of()).intake();
        CompletableFuture<List<Accepted>> accepted =
                outbox.acceptance().accept(List.of(other)).toCompletableFuture();
        pass(Duration.ofMillis(20));
        get(accepted);
    }

    @Test
    void the_debt_of_a_large_batch_delays_further_events() {
        fallBehind();
        CompletableFuture<List<Accepted>> batch = accept(600);
        pass(Duration.ofMillis(100));
        get(batch);
        assertTrue(outbox.acceptance().isBackedUp("acme"), "the next turn comes after about six seconds");
        pass(Duration.ofSeconds(2));
        assertFalse(outbox.acceptance().isBackedUp("acme"));
    }
}
