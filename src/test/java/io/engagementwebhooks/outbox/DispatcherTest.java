package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.SampleIntake;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DispatcherTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    private final List<Runnable> tasks = new ArrayList<>();
    private final List<Runnable> timers = new ArrayList<>();
    private long nextRefill = DueCursor.NEVER;
    private int refills;
    private int dispatched;
    private final Dispatcher dispatcher =
            new Dispatcher((account, task) -> tasks.add(task), this::refill, (delay, task) -> timers.add(task));

    private void refill() {
        refills++;
        dispatcher.refillAt(nextRefill, 0);
    }

    private void dispatch(String account) {
        String id = "d" + ++dispatched;
        dispatcher.dispatch(new DueDelivery(
                id,
                Ids.webhook(account, "crm"),
                SampleIntake.event(id).of(account).intake().event(),
                null,
                0,
                0,
                NOW,
                Duration.ZERO,
                NOW,
                false,
                null,
                null));
    }

    private int fill(String account) {
        int filled = 0;
        for (; dispatcher.hasSpace(account); filled++) {
            dispatch(account);
        }
        return filled;
    }

    private int unstarted() {
        return dispatcher.unstarted().values().stream().mapToInt(count -> count).sum();
    }

    /** Two limited webhooks: the timer of the earlier one replaces that of the later one. */
    @Test
    void a_timer_that_was_replaced_dispatches_nothing_and_starts_no_other() {
        dispatcher.refillAt(1_000, 0);
        dispatcher.refillAt(10, 0);
        nextRefill = 1_000;
        timers.get(1).run();
        assertEquals(1, refills);
        assertEquals(3, timers.size());

        timers.get(0).run();

        assertEquals(1, refills);
        assertEquals(3, timers.size());
        nextRefill = DueCursor.NEVER;
        timers.get(2).run();
        assertEquals(2, refills);
        assertEquals(3, timers.size());
    }

    @Test
    void an_account_has_one_delivery_dispatched_while_those_of_others_wait_for_threads() {
        dispatcher.open(due -> {});
        int accounts = Dispatcher.MAX_UNSTARTED / Dispatcher.WINDOW;
        for (int i = 0; i < accounts; i++) {
            assertEquals(Dispatcher.WINDOW, fill("account-" + i));
        }
        assertEquals(Dispatcher.MAX_UNSTARTED, unstarted());

        assertEquals(1, fill("one-more"));
        assertEquals(1, fill("and-another"));

        int before = refills;
        tasks.get(tasks.size() - 2).run();
        assertEquals(before + 1, refills, "the next one of this account is dispatched");
        assertTrue(dispatcher.hasSpace("one-more"));
        assertFalse(dispatcher.hasSpace("and-another"));
    }

    @Test
    void all_deliveries_that_wait_are_counted_until_they_begin_or_are_recalled() {
        List<String> begun = new ArrayList<>();
        dispatcher.open(due -> begun.add(due.id()));
        fill("acme");
        fill("globex");
        tasks.get(0).run();
        assertEquals(List.of("d1"), begun);
        assertEquals(2 * Dispatcher.WINDOW - 1, unstarted());

        assertEquals(
                Dispatcher.WINDOW,
                dispatcher.recall(Ids.webhook("globex", "crm")).size());
        assertEquals(Dispatcher.WINDOW - 1, unstarted());
        assertEquals(Dispatcher.WINDOW - 1, dispatcher.stop().size());
        assertEquals(0, unstarted());

        tasks.forEach(Runnable::run);
        assertEquals(List.of("d1"), begun);
    }
}
