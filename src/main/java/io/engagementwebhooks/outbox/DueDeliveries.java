package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.TryResult;
import io.engagementwebhooks.store.WaitingWebhook;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands out due deliveries, a turn for each webhook, so that a slow receiver holds back only itself. Thread-safe.
 *
 * <p>The rows of the store are the truth: memory holds one round of each webhook ahead, and a fresh delivery is handed
 * on in memory only where nothing older of its webhook is due. A delivery in memory is not read again; one that is lost
 * with the process is still a due row.
 */
public final class DueDeliveries {

    private static final Logger LOG = LoggerFactory.getLogger(DueDeliveries.class);
    private static final int LARGEST_READ = 64;
    private static final int MOST_IN_MEMORY = 4096;
    private static final Duration STORE_RETRY = Duration.ofSeconds(1);

    private final Store store;
    private final Clock clock;
    private final int largestCap;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition takeable = lock.newCondition();
    private final Condition readable = lock.newCondition();
    private final Map<WebhookId, Lane> lanes = new HashMap<>();
    private final Deque<Lane> ring = new ArrayDeque<>();
    private final PriorityQueue<Wake> wakes = new PriorityQueue<>(Comparator.comparingLong(Wake::at));
    private Set<WebhookId> defined = Set.of();
    private int inMemory;
    private boolean open;
    private Thread reader;

    /** A lane that may have something to read at a time. */
    private record Wake(long at, Lane lane) {}

    /**
     * @param store where due rows are
     * @param clock now
     * @param largestCap how many requests to one webhook may be in flight at most
     */
    public DueDeliveries(Store store, Clock clock, int largestCap) {
        this.store = store;
        this.clock = clock;
        this.largestCap = largestCap;
    }

    /** Starts handing out: what is due in the store is read. */
    public void open() {
        List<WebhookState> states = store.webhookStates();
        List<WaitingWebhook> waiting = store.waiting();
        lock.lock();
        try {
            open = true;
            states.forEach(state -> lane(state.webhook()).state(state));
            waiting.forEach(w -> lane(w.webhook()).dueInStore(w.firstDue().toEpochMilli()));
            lanes.values().forEach(this::wakeIfMore);
            reader = new Thread(this::read, "outbox-reader");
            reader.start();
        } finally {
            lock.unlock();
        }
    }

    /** Stops handing out: what is not in flight stays due in the store, and whoever waits gets null. */
    public void close() {
        Thread ending;
        lock.lock();
        try {
            open = false;
            lanes.values().forEach(lane -> {
                inMemory -= lane.dropReady();
                lane.inRing(false);
                lane.wakeAt(Lane.NEVER);
            });
            ring.clear();
            wakes.clear();
            takeable.signalAll();
            readable.signalAll();
            ending = reader;
            reader = null;
        } finally {
            lock.unlock();
        }
        if (ending != null) {
            ending.interrupt();
            join(ending);
        }
    }

    private static void join(Thread ending) {
        try {
            ending.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Says which webhooks there are; deliveries of others wait until theirs returns. */
    public void define(Set<WebhookId> webhooks) {
        lock.lock();
        try {
            defined = Set.copyOf(webhooks);
            lanes.values().forEach(lane -> {
                lane.defined(defined.contains(lane.webhook()));
                wakeNow(lane);
            });
        } finally {
            lock.unlock();
        }
    }

    /** Takes the next delivery in turn, waiting for one. @return null if this was closed */
    public DueDelivery take() throws InterruptedException {
        lock.lock();
        try {
            while (open) {
                DueDelivery next = next();
                if (next != null) {
                    return next;
                }
                takeable.await();
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private DueDelivery next() {
        Instant now = clock.instant();
        for (int turns = ring.size(); turns > 0; turns--) {
            Lane lane = ring.remove();
            if (!lane.canTake(now)) {
                lane.inRing(false);
                continue;
            }
            DueDelivery next = lane.take();
            inMemory--;
            if (lane.canTake(now)) {
                ring.add(lane);
            } else {
                lane.inRing(false);
            }
            if (lane.wantsMore()) {
                wakeIfMore(lane);
            }
            if (!ring.isEmpty()) {
                takeable.signal();
            }
            return next;
        }
        return null;
    }

    /**
     * Asks for a place in memory for a delivery that is about to be stored. There is one only if nothing older of its
     * webhook is due and there is room; without one the delivery is read from the store in its turn.
     *
     * @return whether there is one; then {@link #handOver} or {@link #release} must follow
     */
    boolean reserve(WebhookId webhook, String delivery) {
        lock.lock();
        try {
            Lane lane = lane(webhook);
            Instant now = clock.instant();
            boolean granted = open
                    && lane.isOpen(now)
                    && !lane.isReading()
                    && lane.dueInStore() > now.toEpochMilli()
                    && lane.room() > 0
                    && inMemory < MOST_IN_MEMORY;
            if (granted) {
                lane.reserve(delivery);
            }
            return granted;
        } finally {
            lock.unlock();
        }
    }

    /** A delivery with a reserved place was stored and can be taken. */
    void handOver(DueDelivery fresh) {
        lock.lock();
        try {
            Lane lane = lane(fresh.webhook());
            if (open && lane.isOpen(clock.instant())) {
                lane.add(fresh);
                inMemory++;
                enterRing(lane, clock.instant());
            } else {
                lane.release(fresh.id());
                dueInStore(lane, fresh.dueAt().toEpochMilli());
            }
        } finally {
            lock.unlock();
        }
    }

    /** A delivery with a reserved place was not stored after all. */
    void release(WebhookId webhook, String delivery) {
        lock.lock();
        try {
            lane(webhook).release(delivery);
        } finally {
            lock.unlock();
        }
    }

    /**
     * A delivery that was taken has ended its try and was recorded.
     *
     * @param delivery its id
     * @param result what was recorded
     * @param slowDown whether the receiver is overloaded
     */
    public void finished(String delivery, TryResult result, boolean slowDown) {
        lock.lock();
        try {
            Lane lane = lane(result.webhook());
            boolean answered = result.attempt() != null && result.attempt().status() != null;
            lane.finished(delivery, slowDown, answered, largestCap);
            Instant now = clock.instant();
            apply(lane, result);
            if (!lane.isOpen(now)) {
                putBack(lane, now);
            }
            if (result.dueAt() != null) {
                dueInStore(lane, result.dueAt().toEpochMilli());
            }
            enterRing(lane, now);
            if (lane.wantsMore()) {
                wakeIfMore(lane);
            }
        } finally {
            lock.unlock();
        }
    }

    /** What is ready of a lane that may not send stays due in the store. */
    private void putBack(Lane lane, Instant now) {
        int dropped = lane.dropReady();
        inMemory -= dropped;
        if (dropped > 0) {
            dueInStore(lane, now.toEpochMilli());
        }
    }

    private static void apply(Lane lane, TryResult result) {
        WebhookState state = lane.state();
        if (result.disableWebhook() != null) {
            Instant since =
                    result.attempt().startedAt().plusMillis(result.attempt().ms());
            lane.state(new WebhookState(
                    lane.webhook(),
                    WebhookState.State.DISABLED,
                    result.disableWebhook(),
                    since,
                    null,
                    lane.pausedTotal(since)));
        } else if (result.holdWebhookUntil() != null) {
            lane.state(new WebhookState(
                    lane.webhook(),
                    state.state(),
                    state.reason(),
                    state.since(),
                    result.holdWebhookUntil(),
                    state.pausedTotal()));
        }
    }

    /** The state of a webhook was changed by a person. */
    public void changed(WebhookState state) {
        lock.lock();
        try {
            Lane lane = lane(state.webhook());
            lane.state(state);
            Instant now = clock.instant();
            if (!lane.isOpen(now)) {
                putBack(lane, now);
            }
            wakeNow(lane);
        } finally {
            lock.unlock();
        }
    }

    /** Something of a webhook is due at a time that this did not know of: a replay, a released wait. */
    public void due(WebhookId webhook, Instant at) {
        lock.lock();
        try {
            dueInStore(lane(webhook), at.toEpochMilli());
        } finally {
            lock.unlock();
        }
    }

    /** How things stand with a webhook. */
    public WebhookState state(WebhookId webhook) {
        lock.lock();
        try {
            Lane lane = lanes.get(webhook);
            return lane == null ? WebhookState.active(webhook) : lane.state();
        } finally {
            lock.unlock();
        }
    }

    /** The webhook's total pause until now, which ages do not count. */
    public Duration pausedTotal(WebhookId webhook) {
        lock.lock();
        try {
            return lane(webhook).pausedTotal(clock.instant());
        } finally {
            lock.unlock();
        }
    }

    /** Whether a delivery is being sent at this moment. */
    public boolean isInFlight(WebhookId webhook, String delivery) {
        lock.lock();
        try {
            Lane lane = lanes.get(webhook);
            return lane != null && lane.isInFlight(delivery);
        } finally {
            lock.unlock();
        }
    }

    private Lane lane(WebhookId webhook) {
        return lanes.computeIfAbsent(webhook, id -> {
            Lane lane = new Lane(id);
            lane.defined(defined.contains(id));
            return lane;
        });
    }

    private void enterRing(Lane lane, Instant now) {
        if (open && !lane.inRing() && lane.canTake(now)) {
            lane.inRing(true);
            ring.add(lane);
            takeable.signal();
        } else if (lane.inRing()) {
            takeable.signal();
        }
    }

    private void dueInStore(Lane lane, long at) {
        if (lane.dueInStore(at)) {
            wake(lane, at);
        }
    }

    private void wakeIfMore(Lane lane) {
        if (lane.dueInStore() != Lane.NEVER) {
            wake(lane, lane.dueInStore());
        }
    }

    private void wakeNow(Lane lane) {
        enterRing(lane, clock.instant());
        wakeIfMore(lane);
    }

    /** Lets the reader look at a lane, once at a time and not before its receiver may be asked again. */
    private void wake(Lane lane, long at) {
        Instant hold = lane.state().holdUntil();
        long then = hold == null ? at : Math.max(at, hold.toEpochMilli());
        if (open && then < lane.wakeAt()) {
            lane.wakeAt(then);
            wakes.add(new Wake(then, lane));
            readable.signal();
        }
    }

    /** The reader: fills lanes from the store when something of theirs is due. */
    private void read() {
        while (true) {
            try {
                Lane lane = nextToRead();
                if (lane == null) {
                    return;
                }
                fill(lane);
            } catch (InterruptedException e) {
                return;
            } catch (StoreException e) {
                LOG.warn(
                        "due deliveries cannot be read, trying again in {} s: {}",
                        STORE_RETRY.toSeconds(),
                        e.getMessage());
                if (!pause()) {
                    return;
                }
            }
        }
    }

    /** @return false if this was closed meanwhile */
    private boolean pause() {
        lock.lock();
        try {
            if (open) {
                takeableOrClosed();
            }
            return open;
        } catch (InterruptedException e) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void takeableOrClosed() throws InterruptedException {
        long nanos = STORE_RETRY.toNanos();
        while (open && nanos > 0) {
            nanos = readable.awaitNanos(nanos);
        }
    }

    private Lane nextToRead() throws InterruptedException {
        lock.lock();
        try {
            while (open) {
                Wake wake = wakes.peek();
                long now = clock.millis();
                if (wake == null) {
                    readable.await();
                } else if (wake.at() > now) {
                    readable.await(wake.at() - now, TimeUnit.MILLISECONDS);
                } else {
                    wakes.remove();
                    if (isDue(wake, now)) {
                        return wake.lane();
                    }
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** A lane without room, or one that is paused, is woken again when that ends. */
    private boolean isDue(Wake wake, long now) {
        Lane lane = wake.lane();
        if (lane.wakeAt() != wake.at()) {
            return false;
        }
        lane.wakeAt(Lane.NEVER);
        if (lane.dueInStore() <= now) {
            return lane.room() > 0 && lane.isOpen(Instant.ofEpochMilli(now));
        }
        wakeIfMore(lane);
        return false;
    }

    private void fill(Lane lane) {
        int limit;
        Set<String> held;
        lock.lock();
        try {
            limit = Math.min(LARGEST_READ, lane.room());
            held = Set.copyOf(lane.held());
            lane.startReading();
        } finally {
            lock.unlock();
        }
        Instant now = clock.instant();
        try {
            List<DueDelivery> due = store.due(lane.webhook(), now, limit, held);
            long next = due.size() == limit
                    ? now.toEpochMilli()
                    : store.nextDue(lane.webhook(), now)
                            .map(Instant::toEpochMilli)
                            .orElse(Lane.NEVER);
            filled(lane, due, next);
        } catch (StoreException e) {
            filled(lane, List.of(), now.toEpochMilli());
            throw e;
        }
    }

    private void filled(Lane lane, List<DueDelivery> due, long next) {
        lock.lock();
        try {
            List<DueDelivery> news =
                    due.stream().filter(delivery -> lane.isNews(delivery.id())).toList();
            lane.endReading();
            if (open) {
                news.forEach(lane::add);
                inMemory += news.size();
                if (!lane.isOpen(clock.instant())) {
                    putBack(lane, clock.instant());
                }
                enterRing(lane, clock.instant());
                if (next != Lane.NEVER) {
                    dueInStore(lane, next);
                }
            }
        } finally {
            lock.unlock();
        }
    }
}
