package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** What is dispatched and has not begun is bounded, and one timer at a time waits for limited webhooks. */
class DispatcherTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final long FIRST = 9_000;
    private static final long SECOND = 10_000;

    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final List<Runnable> timers = new ArrayList<>();
    private final List<String> begun = new ArrayList<>();
    private int refills;
    private final Dispatcher dispatcher =
            new Dispatcher((account, task) -> tasks.add(task), this::refill, (delay, task) -> timers.add(task));

    private void refill() {
        refills++;
        dispatcher.refillAt(FIRST, 0);
    }

    @Test
    void two_limited_webhooks_keep_one_timer() {
        dispatcher.refillAt(SECOND, 0);
        dispatcher.refillAt(FIRST, 0);
        for (int round = 0; round < 5; round++) {
            List<Runnable> due = List.copyOf(timers);
            timers.clear();
            due.forEach(Runnable::run);
            assertEquals(1, timers.size());
        }
        assertEquals(5, refills);
    }

    private static DueDelivery delivery(int account, int number) {
        WebhookId webhook = Ids.webhook("account-" + account, "crm");
        String id = account + "-" + number;
        Event event = SampleIntake.event(id).of(webhook.account()).intake().event();
        return new DueDelivery(id, webhook, event, null, 0, 0, NOW, Duration.ZERO, NOW, false, null, null);
    }

    /** Dispatches for accounts in turn until no delivery may be dispatched. @return how many were */
    private int fill(int accounts) {
        int dispatched = 0;
        for (int number = 0; number < Dispatcher.WINDOW; number++) {
            for (int account = 0; account < accounts; account++) {
                if (dispatcher.hasSpace() && dispatcher.hasSpace("account-" + account)) {
                    dispatcher.dispatch(delivery(account, number));
                    dispatched++;
                }
            }
        }
        return dispatched;
    }

    @Test
    void an_account_and_all_accounts_have_a_bound_and_are_refilled_once_half_have_begun() {
        dispatcher.open(due -> begun.add(due.id()));
        assertEquals(Dispatcher.WINDOW, fill(1));
        assertFalse(dispatcher.hasSpace("account-0"));
        assertTrue(dispatcher.hasSpace("account-1"));
        assertEquals(Dispatcher.MAX_UNSTARTED - Dispatcher.WINDOW, fill(200));
        assertFalse(dispatcher.hasSpace());

        refills = 0;
        while (refills == 0) {
            tasks.remove().run();
        }
        assertEquals(Dispatcher.WINDOW / 2, begun.size(), "the first account is refilled");
        while (refills == 1) {
            tasks.remove().run();
        }
        assertEquals(Dispatcher.MAX_UNSTARTED / 2, begun.size(), "all accounts are refilled");
        assertTrue(dispatcher.hasSpace());
    }

    @Test
    void what_is_recalled_does_not_begin_and_leaves_its_space() {
        dispatcher.open(due -> begun.add(due.id()));
        fill(1);
        assertEquals(
                Dispatcher.WINDOW,
                dispatcher.recall(Ids.webhook("account-0", "crm")).size());
        tasks.forEach(Runnable::run);
        assertEquals(List.of(), begun);
        assertEquals(Dispatcher.WINDOW, fill(1));
    }
}
