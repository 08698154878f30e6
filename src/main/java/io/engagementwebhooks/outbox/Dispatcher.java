package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.due.DueDelivery;
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
 * Passes taken deliveries to threads: at most {@value #WINDOW} of an account at a time, and while {@value #MAX_UNSTARTED}
 * of all accounts wait for a thread, one. The rest waits in {@link DueScheduler}, so that attempts in flight continue
 * between those that begin. Thread-safe.
 */
final class Dispatcher {

    /** The most dispatched deliveries of an account that wait for a thread. */
    static final int WINDOW = 16;

    /** Of all accounts, the number of waiting deliveries from which an account may have one. */
    static final int MAX_UNSTARTED = 512;

    /** The longest wait of the timer, since the clock may be set. */
    private static final long MAX_WAIT_MS = 1_000;

    private final BiConsumer<String, Runnable> threads;
    private final Runnable refill;
    private final BiConsumer<Duration, Runnable> timer;
    private final Map<String, Window> windows = new HashMap<>();
    private Consumer<DueDelivery> attempts;
    private int unstarted;
    private long refillAt = DueCursor.NEVER;

    /** Identifies the last timer; earlier ones do nothing. */
    private Object lastTimer;

    /** The dispatched deliveries of an account that wait for a thread, at least one. */
    private static final class Window {
        private final Map<String, DueDelivery> unstarted = new LinkedHashMap<>();
        private boolean hasMore;
    }

    /**
     * @param threads runs the tasks of an account
     * @param refill dispatches more deliveries
     * @param timer runs a task after a delay
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

    /** Whether another delivery of an account may be dispatched; otherwise it is refilled once half of them have begun. */
    synchronized boolean hasSpace(String account) {
        Window window = windows.get(account);
        if (window == null) {
            return attempts != null;
        }
        window.hasMore = window.unstarted.size() >= limit();
        return !window.hasMore && attempts != null;
    }

    private int limit() {
        return unstarted < MAX_UNSTARTED ? WINDOW : 1;
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
            String account = due.webhook().account();
            Window window = windows.get(account);
            if (window != null && window.unstarted.remove(due.id(), due)) {
                begun = attempts;
                isRefilled = window.hasMore && window.unstarted.size() <= limit() / 2;
                window.hasMore &= !isRefilled;
                removed(account, window, 1);
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
            Object started = new Object();
            refillAt = at;
            lastTimer = started;
            timer.accept(Duration.ofMillis(Math.min(MAX_WAIT_MS, at - now)), () -> refillNow(started));
        }
    }

    private void refillNow(Object ended) {
        synchronized (this) {
            if (ended != lastTimer) {
                return;
            }
            refillAt = DueCursor.NEVER;
        }
        refill.run();
    }
}
