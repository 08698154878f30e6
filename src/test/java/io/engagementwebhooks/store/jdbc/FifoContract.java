package io.engagementwebhooks.store.jdbc;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.RetentionLimits;
import io.engagementwebhooks.store.accept.Accepted;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.due.AttemptKind;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.due.DueStore;
import io.engagementwebhooks.store.due.DueStore.Waiting;
import io.engagementwebhooks.store.due.FifoSuccession;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.query.ReplayJobs;
import io.engagementwebhooks.testkit.Due;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SampleQuery;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** FIFO order of deliveries with one key, in every store. */
@Timeout(300)
abstract class FifoContract extends StoreFixture {

    private static final WebhookId CRM = Ids.webhook("acme", "crm");
    private static final Duration HOUR = Duration.ofHours(1);

    private final AtomicInteger events = new AtomicInteger();
    private final Map<String, String> keys = new HashMap<>();

    private SampleIntake of(String key) {
        SampleIntake intake = SampleIntake.event("e" + events.incrementAndGet()).inOrder(key, "crm", clock);
        keys.put(intake.deliveryId(), FifoSuccession.key(CRM, key));
        return intake;
    }

    private String accept(String key) {
        SampleIntake intake = of(key);
        get(store.events().accept(List.of(intake.intake())));
        return intake.deliveryId();
    }

    private List<String> due() {
        return Due.of(store.due(), CRM, clock.instant(), 100, Set.of()).stream()
                .map(DueDelivery::id)
                .toList();
    }

    private DeliveryRow row(String id) {
        return store.deliveries().delivery("acme", id).orElseThrow();
    }

    private AttemptRow attempt(String id, String outcome) {
        return SampleAttempt.of(row(id).attempts() + 1, clock.instant(), 5, outcome, "", null, 500, null, null);
    }

    private Instant deliver(String id) {
        return get(store.outcomes()
                        .record(new AttemptResult(
                                        id,
                                        CRM,
                                        DeliveryState.DELIVERED,
                                        "",
                                        null,
                                        attempt(id, "delivered"),
                                        null,
                                        null)
                                .withFifo(new FifoSuccession(keys.get(id), HOUR))))
                .nextDueAt();
    }

    private Instant fail(String id, Duration again) {
        return fail(id, again, HOUR);
    }

    private Instant fail(String id, Duration again, Duration skipAfter) {
        Instant dueAt = clock.instant().plus(again);
        return get(store.outcomes()
                        .record(new AttemptResult(
                                        id,
                                        CRM,
                                        DeliveryState.WAITING,
                                        "500",
                                        dueAt,
                                        attempt(id, "try-later"),
                                        null,
                                        null)
                                .withFifo(new FifoSuccession(keys.get(id), skipAfter))))
                .nextDueAt();
    }

    @Test
    void only_the_first_of_a_key_is_due_and_each_end_schedules_the_next() {
        List<String> ids = List.of(accept("a"), accept("a"), accept("a"));
        assertEquals(ids.subList(0, 1), due());
        assertEquals(clock.instant(), deliver(ids.get(0)));
        assertEquals(ids.subList(1, 2), due());
        assertEquals(clock.instant(), deliver(ids.get(1)));
        assertEquals(ids.subList(2, 3), due());
        assertNull(deliver(ids.get(2)));
        assertEquals(List.of(), due());
    }

    @Test
    void a_batch_is_in_fifo_order_and_the_result_names_blocked_deliveries() {
        SampleIntake one = of("a");
        SampleIntake two = of("a");
        SampleIntake other = of("b");
        List<Accepted> answers = get(store.events().accept(List.of(one.intake(), two.intake(), other.intake())));
        assertEquals(
                List.of(Set.of(), Set.of(two.deliveryId()), Set.of()),
                answers.stream().map(Accepted::blocked).toList());
        assertEquals(List.of(one.deliveryId(), other.deliveryId()), due());
    }

    @Test
    void another_key_another_webhook_and_an_event_without_a_key_do_not_wait() {
        String first = accept("a");
        accept("a");
        String other = accept("b");
        SampleIntake elsewhere = SampleIntake.event("x").inOrder("a", "erp", clock);
        SampleIntake free = SampleIntake.event("y").to("crm", clock);
        get(store.events().accept(List.of(elsewhere.intake(), free.intake())));
        assertEquals(List.of(first, other, free.deliveryId()), due());
        assertEquals(
                List.of(elsewhere.deliveryId()),
                Due.of(store.due(), Ids.webhook("acme", "erp"), clock.instant(), 10, Set.of()).stream()
                        .map(DueDelivery::id)
                        .toList());
    }

    @Test
    void a_blocked_delivery_names_the_blocking_one_and_has_no_due_time() {
        String first = accept("a");
        String second = accept("a");
        String third = accept("a");
        assertNull(row(first).blockedBy());
        assertEquals(first, row(second).blockedBy());
        assertEquals(first, row(third).blockedBy());
        assertNull(row(third).dueAt());
        assertEquals(DeliveryState.WAITING, row(third).state());
        deliver(first);
        assertNull(row(second).blockedBy());
        assertEquals(second, row(third).blockedBy());
        assertEquals(
                second,
                store.deliveries()
                        .deliveries(SampleQuery.of("acme", "crm", null, null, null, null, null, 1))
                        .get(0)
                        .blockedBy());
    }

    @Test
    void a_failing_delivery_blocks_its_key_until_skip_after() {
        String first = accept("a");
        String second = accept("a");
        String third = accept("a");
        assertNull(fail(first, Duration.ofMinutes(30)));
        clock.pass(Duration.ofMinutes(30));
        assertEquals(List.of(first), due());
        Instant skip = START.plus(HOUR);
        assertEquals(skip, fail(first, Duration.ofHours(5)), "it is not tried again before that");
        assertEquals(List.of(), due());
        clock.pass(Duration.ofMinutes(30));
        assertEquals(List.of(second), due());
        assertEquals(clock.instant(), deliver(second));
        assertEquals(List.of(third), due());
        assertNull(deliver(third));
        assertEquals(
                1,
                store.due().dueCount(CRM, clock.instant().plus(DAY), 10),
                "what was overtaken is tried again by its schedule");
        clock.pass(DAY);
        assertEquals(List.of(first), due());
        assertNull(deliver(first));
    }

    private static final Duration DAY = Duration.ofDays(1);

    @Test
    void an_overtaken_delivery_blocks_no_other() {
        String first = accept("a");
        String second = accept("a");
        String third = accept("a");
        fail(first, Duration.ofHours(5), Duration.ZERO);
        assertEquals(List.of(second), due());
        fail(second, Duration.ofMinutes(5));
        assertEquals(second, row(third).blockedBy());
        clock.pass(Duration.ofHours(6));
        assertEquals(List.of(second, first), due());
        fail(first, DAY);
        assertEquals(second, row(third).blockedBy());
        deliver(second);
        assertEquals(List.of(third), due());
    }

    @Test
    void without_skip_after_a_failing_delivery_blocks_its_key_until_it_ends() {
        String first = accept("a");
        String second = accept("a");
        assertNull(fail(first, Duration.ofDays(20), null));
        clock.pass(Duration.ofDays(19));
        assertEquals(List.of(), due());
        clock.pass(DAY);
        assertEquals(List.of(first), due());
        get(store.outcomes()
                .record(new AttemptResult(
                                first, CRM, DeliveryState.GAVE_UP, "", null, attempt(first, "gave-up"), null, null)
                        .withFifo(new FifoSuccession(keys.get(first), null))));
        assertEquals(List.of(second), due());
    }

    @Test
    void after_a_pause_the_first_is_sent_before_one_that_might_have_overtaken_it() {
        String first = accept("a");
        String second = accept("a");
        fail(first, Duration.ofHours(2));
        clock.pass(Duration.ofHours(3));
        assertEquals(List.of(first), due(), "no one was sent in between: both are due");
        assertEquals(START.plus(HOUR), fail(first, Duration.ofHours(5)));
        assertEquals(List.of(second), due());
    }

    @Test
    void a_failure_changes_nothing_of_the_next_delivery_whose_attempt_has_begun() {
        String first = accept("a");
        String second = accept("a");
        fail(first, Duration.ofMinutes(90));
        clock.pass(HOUR);
        DueDelivery taken =
                Due.of(store.due(), CRM, clock.instant(), 1, Set.of()).get(0);
        assertEquals(second, taken.id());
        clock.pass(HOUR);
        assertEquals(taken.dueAt(), fail(first, Duration.ofHours(5)));
        AttemptResult failed = new AttemptResult(
                second,
                CRM,
                DeliveryState.WAITING,
                "500",
                clock.instant().plus(HOUR),
                attempt(second, "try-later"),
                null,
                null);
        assertTrue(get(store.outcomes()
                        .record(failed.withFifo(new FifoSuccession(keys.get(second), HOUR))
                                .withTaken(0, taken.dueAt())))
                .hasChanged());
    }

    @Test
    void an_unsent_delivery_is_not_overtaken() {
        String first = accept("a");
        String second = accept("a");
        AttemptResult unsent = new AttemptResult(
                        first,
                        CRM,
                        DeliveryState.WAITING,
                        "no token",
                        clock.instant().plusSeconds(30),
                        null,
                        null,
                        null)
                .withFifo(new FifoSuccession(keys.get(first), Duration.ZERO));
        assertNull(get(store.outcomes().record(unsent)).nextDueAt());
        clock.pass(DAY);
        assertEquals(List.of(first), due());
        assertEquals(first, row(second).blockedBy());
    }

    @Test
    void the_order_is_kept_over_a_restart() {
        String first = accept("a");
        String second = accept("a");
        fail(first, Duration.ofMinutes(5));
        store.close();
        store = open(clock);
        String third = accept("a");
        assertEquals(List.of(), due());
        clock.pass(Duration.ofMinutes(5));
        assertEquals(List.of(first), due());
        deliver(first);
        assertEquals(List.of(second), due());
        deliver(second);
        assertEquals(List.of(third), due());
    }

    @Test
    void discarding_the_first_schedules_the_next_and_discarding_a_middle_one_does_not() {
        String first = accept("a");
        String second = accept("a");
        String third = accept("a");
        fail(first, Duration.ofMinutes(5));
        assertEquals(1, get(store.due().discard(CRM, List.of(second), "no", clock.instant())));
        assertEquals(List.of(), due());
        assertEquals(first, row(third).blockedBy());
        assertEquals(1, get(store.due().discard(CRM, List.of(first), "no", clock.instant())));
        assertEquals(List.of(third), due());
    }

    @Test
    void making_all_due_keeps_the_fifo_order() {
        String first = accept("a");
        String second = accept("a");
        fail(first, Duration.ofMinutes(5));
        assertEquals(
                1,
                get(store.due().makeDue(CRM, List.of(first, second), clock.instant(), true)),
                "the second stays where it is");
        assertEquals(List.of(first), due());
        deliver(first);
        assertEquals(List.of(second), due());
    }

    @Test
    void a_replay_is_queued_after_pending_deliveries_of_its_key() {
        String old = accept("a");
        deliver(old);
        String first = accept("a");
        assertEquals(ReplayJobs.Replayed.DUE, get(store.replays().replay("acme", old, null, clock.instant())));
        assertEquals(List.of(first), due());
        assertEquals(first, row(old).blockedBy());
        assertEquals(ReplayJobs.Replayed.DUE, get(store.replays().replay("acme", old, "01NEW", clock.instant())));
        keys.put("01NEW", keys.get(old));
        deliver(first);
        assertEquals(List.of(old), due());
        deliver(old);
        assertEquals(List.of("01NEW"), due());
        assertNull(deliver("01NEW"));
        assertEquals(ReplayJobs.Replayed.DUE, get(store.replays().replay("acme", old, null, clock.instant())));
        assertEquals(List.of(old), due(), "no one is before it");
    }

    private void giveUp(String id, int status) {
        AttemptRow attempt = SampleAttempt.of(
                row(id).attempts() + 1, clock.instant(), 5, "gave-up", "refused", null, status, null, null);
        get(store.outcomes()
                .record(new AttemptResult(id, CRM, DeliveryState.GAVE_UP, "refused", null, attempt, null, null)
                        .withFifo(new FifoSuccession(keys.get(id), HOUR))));
    }

    private DueStore.Released release() {
        return get(store.due().release(CRM, true, clock.instant(), Waiting.lastDueAt(clock.instant()), 2));
    }

    @Test
    void a_repaired_credential_does_not_release_blocked_deliveries() {
        List<String> ids = List.of(accept("a"), accept("a"), accept("a"), accept("a"));
        ids.forEach(id -> giveUp(id, 401));
        ids.forEach(id ->
                assertEquals(ReplayJobs.Replayed.DUE, get(store.replays().replay("acme", id, null, clock.instant()))));
        assertEquals(new DueStore.Released(0, null), release(), "one is due, the others are behind it");
        AttemptRow refused = SampleAttempt.of(2, clock.instant(), 5, "try-later", "401", null, 401, null, null);
        get(store.outcomes()
                .record(new AttemptResult(
                                ids.get(0),
                                CRM,
                                DeliveryState.WAITING,
                                "401",
                                clock.instant().plus(DAY),
                                refused,
                                null,
                                null)
                        .withFifo(new FifoSuccession(keys.get(ids.get(0)), null))));
        assertEquals(new DueStore.Released(1, null), release());
        assertEquals(ids.subList(0, 1), due());
        assertEquals(new DueStore.Released(0, null), release());
        for (String id : ids) {
            assertEquals(List.of(id), due());
            deliver(id);
        }
    }

    @Test
    void a_replay_of_a_waiting_delivery_keeps_its_place() {
        String first = accept("a");
        String second = accept("a");
        String third = accept("a");
        fail(first, Duration.ofMinutes(5));
        get(store.replays().replay("acme", second, null, clock.instant()));
        assertEquals(List.of(), due());
        get(store.replays().replay("acme", first, null, clock.instant()));
        assertEquals(List.of(first), due());
        deliver(first);
        assertEquals(List.of(second), due());
        deliver(second);
        assertEquals(List.of(third), due());
    }

    @Test
    void an_expired_delivery_schedules_the_next_of_its_key() {
        String first = accept("a");
        fail(first, Duration.ofDays(200), null);
        clock.pass(Duration.ofDays(91));
        String second = accept("a");
        Instant now = clock.instant();
        Instant old = now.minus(Duration.ofDays(90));
        assertEquals(List.of(), due());
        get(store.retain(new RetentionLimits(now, old, old, old, old, old.plus(Duration.ofDays(7)), 100)));
        assertEquals(DeliveryState.GAVE_UP, row(first).state());
        assertEquals(List.of(second), due());
    }

    @Test
    void age_begins_when_the_delivery_is_first_of_its_key() {
        String first = accept("a");
        accept("a");
        clock.pass(Duration.ofHours(7));
        deliver(first);
        DueDelivery next =
                Due.of(store.due(), CRM, clock.instant(), 1, Set.of()).get(0);
        assertEquals(clock.instant(), next.startedAt());
    }

    /** Concurrent accepts and outcomes: one that misses the other would leave a key blocked forever. */
    @Test
    void a_delivery_accepted_while_the_last_one_ends_is_sent_in_order() throws Exception {
        int senders = 4;
        int each = 60;
        Map<String, List<String>> accepted = new HashMap<>();
        ExecutorService threads = Executors.newFixedThreadPool(senders);
        List<Future<?>> sending = new ArrayList<>();
        for (int i = 0; i < senders; i++) {
            String key = "key " + i % 2;
            List<String> order = accepted.computeIfAbsent(key, k -> Collections.synchronizedList(new ArrayList<>()));
            Object oneAtATime = order;
            sending.add(threads.submit(() -> {
                for (int n = 0; n < each; n++) {
                    synchronized (oneAtATime) {
                        SampleIntake intake = SampleIntake.event(
                                        Thread.currentThread().getId() + "/" + events.incrementAndGet())
                                .inOrder(key, "crm", clock);
                        get(store.events().accept(List.of(intake.intake())));
                        order.add(intake.deliveryId());
                    }
                }
            }));
        }
        List<String> delivered = new ArrayList<>();
        while (delivered.size() < senders * each) {
            List<DueDelivery> due = Due.of(store.due(), CRM, clock.instant(), 10, Set.of());
            boolean allSent = sending.stream().allMatch(Future::isDone);
            if (due.isEmpty()
                    && allSent
                    && Due.of(store.due(), CRM, clock.instant(), 10, Set.of()).isEmpty()) {
                break;
            }
            for (DueDelivery one : due) {
                keys.put(one.id(), one.fifoKey());
                deliver(one.id());
                delivered.add(one.id());
            }
        }
        for (Future<?> one : sending) {
            one.get();
        }
        threads.shutdown();
        assertEquals(senders * each, delivered.size(), "none waits for ever");
        for (List<String> order : accepted.values()) {
            assertEquals(order, delivered.stream().filter(order::contains).toList());
        }
        assertEquals(0, store.waitingCount());
    }

    @Test
    void searching_due_deliveries_does_not_read_blocked_ones() {
        String head = accept("a");
        List<Intake> behind = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            behind.add(of("a").intake());
        }
        get(store.events().accept(behind));
        fail(head, HOUR);
        String other = accept("b");
        assertEquals(List.of(other), due());
        assertEquals(1, store.due().dueCount(CRM, clock.instant(), 10_000));
        assertEquals(
                START.plus(HOUR),
                store.due().nextDue(CRM, AttemptKind.RETRIES, clock.instant()).orElseThrow());
        deliver(other);
        get(store.due().discard(CRM, List.of(head), "no", clock.instant()));
        assertEquals(1, store.due().dueCount(CRM, clock.instant(), 10_000));
        for (AttemptKind share : AttemptKind.values()) {
            assertTrue(store.due().nextDue(CRM, share, clock.instant()).isEmpty(), "the rest is not due at a time");
        }
        assertFalse(due().isEmpty());
    }
}
