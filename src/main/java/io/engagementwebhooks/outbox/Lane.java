package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;

/**
 * The virtual queue of one webhook: what of it is in memory, how much may be in flight, and when the store has more.
 * Guarded by the lock of {@link DueDeliveries}.
 *
 * <p>The in-flight cap starts at 16, grows by one a round while answers come in time, and shrinks by half, at most once
 * per round of outstanding requests, when the receiver is overloaded.
 */
final class Lane {

    static final long NEVER = Long.MAX_VALUE;
    private static final int FIRST_CAP = 16;

    private final WebhookId webhook;
    private final Queue<DueDelivery> ready = new ArrayDeque<>();
    private final Set<String> held = new HashSet<>();
    private WebhookState state;
    private boolean defined;
    private double cap = FIRST_CAP;
    private int inFlight;
    private int untilNextShrink;
    private boolean probing;
    private long dueInStore = NEVER;
    private long wakeAt = NEVER;
    private Set<String> finishedWhileReading = Set.of();
    private boolean inRing;

    Lane(WebhookId webhook) {
        this.webhook = webhook;
        this.state = WebhookState.active(webhook);
    }

    WebhookId webhook() {
        return webhook;
    }

    WebhookState state() {
        return state;
    }

    /** A webhook that was disabled, or whose receiver asked to wait, gets one probe before the rest. */
    void state(WebhookState changed) {
        if (state.state() == WebhookState.State.DISABLED && changed.state() == WebhookState.State.ACTIVE
                || changed.holdUntil() != null) {
            probing = true;
        }
        state = changed;
    }

    boolean isDefined() {
        return defined;
    }

    void defined(boolean isDefined) {
        defined = isDefined;
    }

    boolean isOpen(Instant now) {
        return defined && state.state() == WebhookState.State.ACTIVE && !isHeld(now);
    }

    /** By the millisecond, as wakes are: one that comes with a hold's last millisecond must find it over. */
    private boolean isHeld(Instant now) {
        return state.holdUntil() != null
                && now.toEpochMilli() < state.holdUntil().toEpochMilli();
    }

    boolean canTake(Instant now) {
        return !ready.isEmpty() && inFlight < allowed() && isOpen(now);
    }

    private int allowed() {
        return probing ? 1 : (int) cap;
    }

    /** How many more may be kept in memory: one round ahead of what may be in flight. */
    int room() {
        return 2 * allowed() - held.size();
    }

    Set<String> held() {
        return held;
    }

    /** Keeps a place for a delivery that is about to be stored, so that the reader leaves its row alone. */
    void reserve(String delivery) {
        held.add(delivery);
    }

    /** Gives a reserved place back. */
    void release(String delivery) {
        held.remove(delivery);
    }

    /** A reserved delivery, or one that was read, can be taken. */
    void add(DueDelivery delivery) {
        held.add(delivery.id());
        ready.add(delivery);
    }

    /** From now on, remembers what ends, since the reader may see it as it was before. */
    void startReading() {
        finishedWhileReading = new HashSet<>();
        dueInStore = NEVER;
    }

    /** Whether a row that was read is still to be sent and not in memory. */
    boolean isNews(String delivery) {
        return !held.contains(delivery) && !finishedWhileReading.contains(delivery);
    }

    void endReading() {
        finishedWhileReading = Set.of();
    }

    boolean isReading() {
        return finishedWhileReading instanceof HashSet;
    }

    /** Whether the reader should look for more before what is ready has run out. */
    boolean wantsMore() {
        return ready.size() <= allowed() / 2;
    }

    DueDelivery take() {
        inFlight++;
        return ready.remove();
    }

    /** Drops what is ready but not in flight: it stays due in the store. */
    int dropReady() {
        int dropped = ready.size();
        ready.forEach(delivery -> held.remove(delivery.id()));
        ready.clear();
        return dropped;
    }

    boolean isInFlight(String delivery) {
        return held.contains(delivery) && ready.stream().noneMatch(d -> d.id().equals(delivery));
    }

    void finished(String delivery, boolean slowDown, boolean answered, int largestCap) {
        held.remove(delivery);
        if (isReading()) {
            finishedWhileReading.add(delivery);
        }
        inFlight--;
        untilNextShrink--;
        if (slowDown) {
            if (untilNextShrink <= 0) {
                cap = Math.max(1, cap / 2);
                untilNextShrink = inFlight;
            }
        } else if (answered) {
            probing = false;
            cap = Math.min(largestCap, cap + 1 / cap);
        }
    }

    long dueInStore() {
        return dueInStore;
    }

    /** @return whether the store now has something earlier than was known */
    boolean dueInStore(long at) {
        if (at < dueInStore) {
            dueInStore = at;
            return true;
        }
        return false;
    }

    /** When the reader will look at this lane next. */
    long wakeAt() {
        return wakeAt;
    }

    void wakeAt(long at) {
        wakeAt = at;
    }

    boolean inRing() {
        return inRing;
    }

    void inRing(boolean isInRing) {
        inRing = isInRing;
    }

    /** The webhook's total pause until a time. */
    Duration pausedTotal(Instant now) {
        boolean pausedNow = state.state() != WebhookState.State.ACTIVE && state.since() != null;
        return pausedNow ? state.pausedTotal().plus(Duration.between(state.since(), now)) : state.pausedTotal();
    }
}
