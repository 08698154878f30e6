package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;

/**
 * Whether deliveries of a webhook may be sent now: configured, owned by this process, active, not held by its receiver; and
 * whether one probe goes before the rest. Guarded by the lock of {@link WebhookQueues}; the stored state can be read without it.
 */
final class RunState {

    private final WebhookId webhook;
    private volatile WebhookState stored;
    private boolean known;
    private long lastChange;
    private boolean configured;
    private long epoch;
    private boolean probing;
    private boolean timedOut;

    RunState(WebhookId webhook) {
        this.webhook = webhook;
        this.stored = WebhookState.active(webhook);
    }

    /** Without the lock. */
    WebhookState stored() {
        return stored;
    }

    /** Whether a state was read or changed since the start. */
    boolean isKnown() {
        return known;
    }

    /**
     * A webhook whose receiver asked to wait gets one probe before the rest; one that was disabled gets one at a time until one
     * arrives.
     *
     * @return whether it was paused or disabled and is active now
     */
    boolean change(WebhookState changed) {
        boolean isResumed = !isActive(stored) && isActive(changed);
        probing |= changed.holdUntil() != null;
        stored = changed;
        known = true;
        return isResumed;
    }

    private static boolean isActive(WebhookState state) {
        return state.state() == WebhookState.State.ACTIVE;
    }

    /** Number of the last change that no attempt made; 0: none. */
    long lastChange() {
        return lastChange;
    }

    void lastChange(long number) {
        lastChange = number;
    }

    /** Holds back all until a time, or longer if it was held longer. */
    void hold(Instant until) {
        Instant known = stored.holdUntil();
        change(stored.heldUntil(known == null || known.isBefore(until) ? until : known));
    }

    /** Ends a hold; the next delivery is a probe still. */
    void endHold() {
        stored = stored.heldUntil(null);
    }

    void disable(String reason, Instant since) {
        change(new WebhookState(
                webhook, WebhookState.State.DISABLED, reason, since, null, pausedTotal(since), stored.halfOpen()));
    }

    /** A delivery arrived that was sent as the webhook is now. */
    void arrived() {
        stored = stored.open();
    }

    boolean isConfigured() {
        return configured;
    }

    void configured(boolean isConfigured) {
        configured = isConfigured;
    }

    /** Whether this process sends its deliveries; another one does in a shared store. */
    boolean isOwned() {
        return epoch != 0;
    }

    /** {@link io.engagementwebhooks.store.Ownership#epoch} under which the ready deliveries were read; 0: none. */
    long epoch() {
        return epoch;
    }

    void epoch(long now) {
        epoch = now;
    }

    /** Whether nothing is known of it that is not so of any webhook. */
    boolean isInitial() {
        return stored.equals(WebhookState.active(webhook));
    }

    boolean isOpen(Instant now) {
        return isOwned() && configured && isActive(stored) && !isOnHold(now);
    }

    /** To the millisecond, as the reader wakes: it must find a hold ended in the last millisecond of it. */
    boolean isOnHold(Instant now) {
        return stored.holdUntil() != null
                && now.toEpochMilli() < stored.holdUntil().toEpochMilli();
    }

    /** Whether one request at a time is in flight. */
    boolean isProbing() {
        return probing || timedOut || stored.halfOpen();
    }

    void probe() {
        probing = true;
    }

    /** Records a response. Responses to requests before a hold do not end the probe after it. */
    void answered(Instant now) {
        probing = probing && !isOpen(now);
    }

    /** Whether its last attempt timed out. */
    boolean hasTimedOut() {
        return timedOut;
    }

    void timedOut(boolean isTimedOut) {
        timedOut = isTimedOut;
    }

    /** The webhook's total pause until a time. Without the lock. */
    Duration pausedTotal(Instant now) {
        WebhookState state = stored;
        boolean isPaused = !isActive(state) && state.since() != null && now.isAfter(state.since());
        return isPaused ? state.pausedTotal().plus(Duration.between(state.since(), now)) : state.pausedTotal();
    }
}
