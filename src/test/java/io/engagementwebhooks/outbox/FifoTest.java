package io.engagementwebhooks.outbox;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.due.FifoSuccession;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.InterceptedStore;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** FIFO order of deliveries dispatched from memory and from the store. */
@Timeout(300)
class FifoTest extends OverRealStore {

    private static final Duration HOUR = Duration.ofHours(1);

    private final AtomicInteger reads = new AtomicInteger();

    @Override
    OutboxFixture made() {
        return new OutboxFixture(counted(store), clock, 10_000, 20);
    }

    /** The same store, counting the searches for due deliveries. */
    private Store counted(Store store) {
        return InterceptedStore.of(store)
                .on("due", (arguments, real) -> {
                    reads.incrementAndGet();
                    return real.proceed();
                })
                .build();
    }

    private SampleIntake intake(String key) {
        return SampleIntake.event("e" + events++).inOrder(key, "crm", clock);
    }

    private String accept(String key) {
        SampleIntake intake = intake(key);
        get(outbox.acceptance().accept(List.of(intake.intake())));
        return intake.deliveryId();
    }

    private DueDelivery takeOnly(String id) {
        List<DueDelivery> all = takeAll();
        assertEquals(List.of(id), ids(all));
        return all.get(0);
    }

    private void end(DueDelivery one, DeliveryState state, Duration again) {
        AttemptRow attempt =
                SampleAttempt.of(one.attempts() + 1, clock.instant(), 1, state.text(), "", null, 500, null, null);
        Instant dueAt = again == null ? null : clock.instant().plus(again);
        AttemptResult result = new AttemptResult(one.id(), CRM, state, "", dueAt, attempt, null, null)
                .withFifo(new FifoSuccession(one.fifoKey(), HOUR));
        get(store.outcomes().record(result));
    }

    @Test
    void a_new_delivery_continues_in_memory_only_if_none_of_its_key_is_pending() {
        String first = accept("a");
        String second = accept("a");
        String other = accept("b");
        List<DueDelivery> taken = takeAll();
        assertEquals(List.of(first, other), ids(taken));
        assertEquals(0, reads.get(), "nothing was read back");
        taken.forEach(one -> end(one, DeliveryState.DELIVERED, null));
        DueDelivery next = takeOnly(second);
        String third = accept("a");
        assertEquals(List.of(), takeAll());
        end(next, DeliveryState.DELIVERED, null);
        end(takeOnly(third), DeliveryState.DELIVERED, null);
        assertEquals(0, store.waitingCount());
    }

    @Test
    void a_delivery_that_waits_for_a_retry_blocks_only_its_key() {
        String first = accept("a");
        DueDelivery one = takeOnly(first);
        end(one, DeliveryState.WAITING, Duration.ofMinutes(5));
        String second = accept("a");
        String other = accept("b");
        assertEquals(List.of(other), ids(takeAll()));
        pass(Duration.ofMinutes(5));
        DueDelivery again = takeOnly(first);
        end(again, DeliveryState.DELIVERED, null);
        takeOnly(second);
    }

    @Test
    void after_skip_after_the_next_is_sent_and_the_overtaken_one_keeps_its_schedule() {
        String first = accept("a");
        String second = accept("a");
        String third = accept("a");
        end(takeOnly(first), DeliveryState.WAITING, Duration.ofHours(2));
        assertEquals(List.of(), takeAll());
        pass(HOUR);
        end(takeOnly(second), DeliveryState.DELIVERED, null);
        end(takeOnly(third), DeliveryState.DELIVERED, null);
        pass(HOUR);
        takeOnly(first);
    }

    @Test
    void a_pause_keeps_the_order() {
        String first = accept("a");
        String second = accept("a");
        end(takeOnly(first), DeliveryState.WAITING, Duration.ofHours(2));
        get(outbox.setState(CRM, WebhookState.State.PAUSED, "by staff"));
        pass(Duration.ofHours(3));
        assertEquals(List.of(), takeAll());
        get(outbox.setState(CRM, WebhookState.State.ACTIVE, null));
        end(takeOnly(first), DeliveryState.DELIVERED, null);
        takeOnly(second);
    }

    @Test
    void a_manual_retry_is_sent_alone_when_the_next_may_overtake_it() {
        String first = accept("a");
        String second = accept("a");
        end(takeOnly(first), DeliveryState.WAITING, Duration.ofHours(2));
        outbox.manual().retryNow(CRM, first);
        DueDelivery again = takeOnly(first);
        pass(HOUR);
        assertEquals(List.of(), takeAll(), "the first is in flight");
        end(again, DeliveryState.WAITING, Duration.ofHours(2));
        takeOnly(second);
    }

    @Test
    void discarding_the_first_sends_the_next_and_discarding_all_leaves_none() {
        String first = accept("a");
        String second = accept("a");
        end(takeOnly(first), DeliveryState.WAITING, Duration.ofHours(2));
        assertTrue(outbox.manual().discardOne(CRM, first, "not wanted"));
        end(takeOnly(second), DeliveryState.WAITING, Duration.ofHours(2));
        List<Intake> more = new ArrayList<>();
        for (int i = 0; i < 1_200; i++) {
            more.add(intake("a").intake());
        }
        get(outbox.acceptance().accept(more));
        get(outbox.setState(CRM, WebhookState.State.PAUSED, "by staff"));
        ManualOperations.Handled handled =
                outbox.manual().discard(CRM, "not wanted", clock.instant().plus(HOUR));
        assertEquals(new ManualOperations.Handled(1_201, false), handled);
        assertEquals(0, store.waitingCount());
    }

    @Test
    void a_replay_of_many_of_one_key_keeps_their_order() {
        List<String> ids = List.of(accept("a"), accept("a"), accept("a"));
        ids.forEach(id -> end(takeOnly(id), DeliveryState.DELIVERED, null));
        ids.forEach(id -> get(outbox.manual().replay(CRM, id, null)));
        ids.forEach(id -> end(takeOnly(id), DeliveryState.DELIVERED, null));
        assertEquals(List.of(), takeAll());
    }

    /** With twenty thousand blocked deliveries other keys continue, and the reader is idle. */
    @Test
    void many_blocked_deliveries_slow_neither_the_reader_nor_other_keys() {
        String head = accept("a");
        end(takeOnly(head), DeliveryState.WAITING, HOUR);
        for (int step = 0; step < 20; step++) {
            List<Intake> behind = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                behind.add(intake("a").intake());
            }
            get(outbox.acceptance().accept(behind));
        }
        int before = reads.get();
        for (int i = 0; i < 50; i++) {
            DueDelivery other = takeOnly(accept("key " + i));
            end(other, DeliveryState.DELIVERED, null);
        }
        assertTrue(reads.get() - before <= 100, "the store was read " + (reads.get() - before) + " times");
        assertEquals(20_001, store.waitingCount());
        pass(HOUR);
        end(takeOnly(head), DeliveryState.DELIVERED, null);
        assertEquals(1, takeAll().size());
        assertNull(due.takeIfAny());
    }
}
