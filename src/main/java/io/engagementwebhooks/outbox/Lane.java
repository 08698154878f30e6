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
import java.util.concurrent.TimeUnit;

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

    /** A receiver that has not answered for so long is slow, unless it takes so long usually. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int TIMES_USUAL = 4;

    private final long number;
    private WebhookId webhook;
    private final Queue<DueDelivery> ready = new ArrayDeque<>();
    private final Set<String> held = new HashSet<>();
    private final Set<String> beforeRepair = new HashSet<>();
    private WebhookState state;
    private boolean stateKnown;
    private boolean defined;
    private boolean owned = true;
    private double cap = FIRST_CAP;
    private int inFlight;
    private int untilNextShrink = -1;
    private boolean probing;
    private boolean halfOpen;
    private long dueInStore = NEVER;
    private long wakeAt = NEVER;
    private boolean reading;
    private long behind;
    private long behindBefore;
    private boolean inRing;
    private boolean slow;
    private double usualNanos;

    /** @param number tells lanes apart that are due at the same time */
    Lane(WebhookId webhook, long number) {
        this.webhook = webhook;
        this.number = number;
        this.state = WebhookState.active(webhook);
    }

    WebhookId webhook() {
        return webhook;
    }

    long number() {
        return number;
    }

    void renamed(WebhookId to) {
        webhook = to;
        state = new WebhookState(
                to, state.state(), state.reason(), state.since(), state.holdUntil(), state.pausedTotal());
    }

    WebhookState state() {
        return state;
    }

    /** The state as it was stored, unless it is known already. */
    void stored(WebhookState read) {
        if (!stateKnown) {
            state(read);
        }
    }

    /**
     * One whose receiver asked to wait gets one probe before the rest; one that was disabled gets one at a time until one
     * arrives.
     */
    void state(WebhookState changed) {
        boolean wasDisabled = state.state() == WebhookState.State.DISABLED;
        halfOpen |= wasDisabled && changed.state() != WebhookState.State.DISABLED;
        probing |= changed.holdUntil() != null;
        state = changed;
        stateKnown = true;
    }

    /** Holds back all until a time, or longer if it was held longer. */
    void hold(Instant until) {
        Instant known = state.holdUntil();
        Instant longest = known == null || known.isBefore(until) ? until : known;
        state(new WebhookState(webhook, state.state(), state.reason(), state.since(), longest, state.pausedTotal()));
    }

    /** Ends a hold; what comes first is a probe still. */
    void endHold() {
        state = new WebhookState(webhook, state.state(), state.reason(), state.since(), null, state.pausedTotal());
    }

    void disable(String reason, Instant since) {
        state(new WebhookState(webhook, WebhookState.State.DISABLED, reason, since, null, pausedTotal(since)));
    }

    boolean isDefined() {
        return defined;
    }

    void defined(boolean isDefined) {
        defined = isDefined;
    }

    /** Whether this process sends its deliveries; another does in a shared store. */
    boolean isOwned() {
        return owned;
    }

    void owned(boolean isOwned) {
        owned = isOwned;
    }

    boolean isOpen(Instant now) {
        return owned && defined && state.state() == WebhookState.State.ACTIVE && !isOnHold(now);
    }

    /** By the millisecond, as wakes are: one that comes with a hold's last millisecond must find it over. */
    boolean isOnHold(Instant now) {
        return state.holdUntil() != null
                && now.toEpochMilli() < state.holdUntil().toEpochMilli();
    }

    boolean canTake(Instant now) {
        return !ready.isEmpty() && inFlight < allowed() && isOpen(now);
    }

    private int allowed() {
        return isProbing() ? 1 : (int) cap;
    }

    private boolean isProbing() {
        return probing || halfOpen;
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
        beforeRepair.remove(delivery);
    }

    /** A reserved delivery, or one that was read, can be taken. */
    void add(DueDelivery delivery) {
        held.add(delivery.id());
        ready.add(delivery);
    }

    /**
     * The reader reads what is due and not held. Until it has ended no place is reserved: what came in meanwhile would
     * overtake older ones, and might be read as well.
     */
    void startReading() {
        reading = true;
        behindBefore = behind;
        dueInStore = NEVER;
    }

    void endReading() {
        reading = false;
    }

    /** About how many of its rows are due in the store and not in memory. */
    long behind() {
        return behind;
    }

    /** @return by how much that changes what was known */
    long behind(long many) {
        long change = Math.max(0, many) - behind;
        behind += change;
        return change;
    }

    /** How many became due since the reading began; the store was asked after that. */
    long behindSince() {
        return behind - behindBefore;
    }

    /** What it has to send now if it has a free place for it: what waits for its receiver waits for nothing of ours. */
    long sendable(Instant now) {
        return isOpen(now) && !isProbing() && inFlight < allowed() ? ready.size() + behind : 0;
    }

    boolean isReading() {
        return reading;
    }

    /** Its credential was repaired: one probe goes first, and what is in flight was sent with the old one. */
    void repaired() {
        probing = true;
        beforeRepair.addAll(held);
        ready.forEach(delivery -> beforeRepair.remove(delivery.id()));
    }

    /** Whether a try that has ended was begun with a credential that has been repaired since. */
    boolean wasBeforeRepair(String delivery) {
        return beforeRepair.remove(delivery);
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

    /** A try ended without a record of it: its row must not be read again, but others may be sent in its place. */
    void lost() {
        inFlight--;
    }

    /**
     * A try has ended and is recorded.
     *
     * @param slowDown whether the receiver is overloaded
     * @param answered whether it answered
     * @param nanos how long it took
     */
    void finished(String delivery, boolean slowDown, boolean answered, int largestCap, Instant now, long nanos) {
        tookSo(nanos, slowDown, answered);
        held.remove(delivery);
        inFlight--;
        untilNextShrink = Math.max(-1, untilNextShrink - 1);
        if (slowDown) {
            shrink();
        } else if (answered) {
            cap = Math.min(largestCap, cap + 1 / cap);
            // an answer to what was sent before the hold is no answer to the probe after it
            probing = probing && !isOpen(now);
        }
    }

    /** A delivery has arrived that was sent as the webhook is now. */
    void arrived() {
        halfOpen = false;
    }

    private void tookSo(long nanos, boolean slowDown, boolean answered) {
        if (answered) {
            slow = false;
            usualNanos = usualNanos == 0 ? nanos : 0.8 * usualNanos + 0.2 * nanos;
        } else if (slowDown) {
            slow = true;
        }
    }

    private double patience() {
        return Math.max(PATIENCE_NANOS, TIMES_USUAL * usualNanos);
    }

    /** Something of it has been in flight for so long. */
    void inFlightFor(long nanos) {
        slow |= nanos > patience();
    }

    /** Whether its receiver timed out last, or has let the product wait for far longer than usual. */
    boolean isSlow() {
        return slow;
    }

    int inFlight() {
        return inFlight;
    }

    private void shrink() {
        if (untilNextShrink < 0) {
            cap = Math.max(1, cap / 2);
            untilNextShrink = inFlight;
        }
    }

    /** Takes over what another lane has in memory but is not ready: its webhook has become this one. */
    void adopt(Lane other) {
        held.addAll(other.held);
        beforeRepair.addAll(other.beforeRepair);
        inFlight += other.inFlight;
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
        boolean pausedNow =
                state.state() != WebhookState.State.ACTIVE && state.since() != null && now.isAfter(state.since());
        return pausedNow ? state.pausedTotal().plus(Duration.between(state.since(), now)) : state.pausedTotal();
    }
}
