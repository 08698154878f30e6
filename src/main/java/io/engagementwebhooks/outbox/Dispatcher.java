package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Passes taken deliveries to threads, at most {@value #WINDOW} of an account and {@value #MAX_UNSTARTED} of all at a time.
 * The rest waits in {@link DueScheduler}, so that attempts in flight continue between those that begin. Thread-safe.
 */
final class Dispatcher {

    /** The most dispatched deliveries of an account that wait for a thread. */
    static final int WINDOW = 16;

    /** The most dispatched deliveries of all accounts that wait for a thread. */
    static final int MAX_UNSTARTED = 1_024;

    /** The longest wait of the timer, since the clock may be set. */
    private static final long MAX_WAIT_MS = 1_000;

    private final BiConsumer<String, Runnable> threads;
    private final Runnable refill;
    private final BiConsumer<Duration, Runnable> timer;

    /** Of accounts with deliveries that wait for a thread. */
    private final Map<String, Window> windows = new HashMap<>();

    private int unstarted;
    private boolean hasMore;
    private Consumer<DueDelivery> attempts;
    private long refillAt = DueCursor.NEVER;
    private int timers;

    /** The dispatched deliveries of an account that wait for a thread. */
    private static final class Window {
        private final Map<String, DueDelivery> unstarted = new LinkedHashMap<>();
        private boolean hasMore;
    }

    /**
     * @param threads runs the tasks of an account
     * @param refill dispatches more deliveries
     * @param timer runs a task after a time
     */
    Dispatcher(BiConsumer<String, Runnable> threads, Runnable refill, BiConsumer<Duration, Runnable> timer) {
        this.threads = threads;
        this.refill = refill;
        this.timer = timer;
    }

    /** @param attempts begins attempts, or null: no account has space */
    synchronized void open(Consumer<DueDelivery> attempts) {
        this.attempts = attempts;
    }

    /** Whether another delivery may be dispatched; otherwise it is refilled once half of them have begun. */
    synchronized boolean hasSpace() {
        hasMore = unstarted >= MAX_UNSTARTED;
        return !hasMore && attempts != null;
    }

    /** Whether another delivery of an account may be dispatched; otherwise it is refilled once half of them have begun. */
    synchronized boolean hasSpace(String account) {
        Window window = windows.get(account);
        if (window != null) {
            window.hasMore = window.unstarted.size() >= WINDOW;
        }
        return window == null || !window.hasMore;
    }

    synchronized void dispatch(DueDelivery due) {
        String account = due.webhook().account();
        windows.computeIfAbsent(account, id -> new Window()).unstarted.put(due.id(), due);
        unstarted++;
        threads.accept(account, () -> begin(due));
    }

    private void begin(DueDelivery due) {
        Consumer<DueDelivery> begun = null;
        boolean isRefilled = false;
        synchronized (this) {
            Window window = windows.get(due.webhook().account());
            if (window != null && window.unstarted.remove(due.id(), due)) {
                begun = attempts;
                removed(due.webhook().account(), window, 1);
                isRefilled = isRefilled(window);
            }
        }
        try {
            if (begun != null) {
                begun.accept(due);
            }
        } finally {
            if (isRefilled) {
                refill.run();
            }
        }
    }

    private boolean isRefilled(Window window) {
        boolean isOfAccount = window.hasMore && window.unstarted.size() <= WINDOW / 2;
        boolean isOfAll = hasMore && unstarted <= MAX_UNSTARTED / 2;
        window.hasMore &= !isOfAccount;
        hasMore &= !isOfAll;
        return isOfAccount || isOfAll;
    }

    private void removed(String account, Window window, int many) {
        unstarted -= many;
        if (window.unstarted.isEmpty()) {
            windows.remove(account);
        }
    }

    /** Removes the deliveries of a webhook that wait for a thread. @return their ids */
    synchronized List<String> recall(WebhookId webhook) {
        Window window = windows.get(webhook.account());
        List<String> recalled = new ArrayList<>();
        if (window != null) {
            window.unstarted.values().removeIf(due -> due.webhook().equals(webhook) && recalled.add(due.id()));
            removed(webhook.account(), window, recalled.size());
        }
        return recalled;
    }

    /** Removes all deliveries that wait for a thread. @return their ids */
    synchronized List<String> stop() {
        attempts = null;
        List<String> recalled = windows.values().stream()
                .flatMap(window -> window.unstarted.keySet().stream())
                .toList();
        windows.clear();
        unstarted = 0;
        return recalled;
    }

    /** The number of deliveries that wait for a thread, by webhook. */
    synchronized Map<WebhookId, Integer> unstarted() {
        Map<WebhookId, Integer> counts = new HashMap<>();
        windows.values()
                .forEach(window ->
                        window.unstarted.values().forEach(due -> counts.merge(due.webhook(), 1, Integer::sum)));
        return counts;
    }

    /** Dispatches more deliveries at a time, in ms since 1970, or {@link DueCursor#NEVER}. */
    synchronized void refillAt(long at, long now) {
        if (at < refillAt) {
            refillAt = at;
            int timer = ++timers;
            this.timer.accept(Duration.ofMillis(Math.min(MAX_WAIT_MS, at - now)), () -> refillNow(timer));
        }
    }

    /** Only the last timer counts: an earlier one would start a second chain of timers. */
    private void refillNow(int timer) {
        synchronized (this) {
            if (timer != timers) {
                return;
            }
            refillAt = DueCursor.NEVER;
        }
        refill.run();
    }
}
