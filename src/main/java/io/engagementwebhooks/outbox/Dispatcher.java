package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.Background;
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
 * Passes taken deliveries to threads, at most {@value #WINDOW} of an account at a time. The rest waits in
 * {@link DueScheduler}, so that attempts in flight continue between those that begin. Thread-safe.
 */
final class Dispatcher implements AutoCloseable {

    /** The most dispatched deliveries of an account that wait for a thread. */
    static final int WINDOW = 16;

    /** The longest wait of the timer, since the clock may be set. */
    private static final long MAX_WAIT_MS = 1_000;

    private final BiConsumer<String, Runnable> threads;
    private final Runnable refill;
    private final Background timer = new Background("outbox-timer");
    private final Map<String, Window> windows = new HashMap<>();
    private Consumer<DueDelivery> attempts;
    private long refillAt = DueCursor.NEVER;

    /** The dispatched deliveries of an account that wait for a thread. */
    private static final class Window {
        private final Map<String, DueDelivery> unstarted = new LinkedHashMap<>();
        private boolean hasMore;
    }

    /**
     * @param threads runs the tasks of an account
     * @param refill dispatches more deliveries
     */
    Dispatcher(BiConsumer<String, Runnable> threads, Runnable refill) {
        this.threads = threads;
        this.refill = refill;
    }

    /** @param attempts begins attempts, or null: no account has space */
    synchronized void open(Consumer<DueDelivery> attempts) {
        this.attempts = attempts;
    }

    /** Whether another delivery of an account may be dispatched; otherwise it is refilled once half of them have begun. */
    synchronized boolean hasSpace(String account) {
        Window window = windows.computeIfAbsent(account, id -> new Window());
        window.hasMore = window.unstarted.size() >= WINDOW;
        return !window.hasMore && attempts != null;
    }

    synchronized void dispatch(DueDelivery due) {
        String account = due.webhook().account();
        windows.get(account).unstarted.put(due.id(), due);
        threads.accept(account, () -> begin(due));
    }

    private void begin(DueDelivery due) {
        Consumer<DueDelivery> begun = null;
        boolean isRefilled = false;
        synchronized (this) {
            Window window = windows.get(due.webhook().account());
            if (window != null && window.unstarted.remove(due.id(), due)) {
                begun = attempts;
                isRefilled = window.hasMore && window.unstarted.size() <= WINDOW / 2;
                window.hasMore &= !isRefilled;
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

    /** Removes the deliveries of a webhook that wait for a thread. @return their ids */
    synchronized List<String> recall(WebhookId webhook) {
        Window window = windows.get(webhook.account());
        List<String> recalled = new ArrayList<>();
        if (window != null) {
            window.unstarted.values().removeIf(due -> due.webhook().equals(webhook) && recalled.add(due.id()));
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
            timer.after(Duration.ofMillis(Math.min(MAX_WAIT_MS, at - now)), this::refillNow);
        }
    }

    private void refillNow() {
        synchronized (this) {
            refillAt = DueCursor.NEVER;
        }
        refill.run();
    }

    @Override
    public void close() {
        timer.close();
    }
}
