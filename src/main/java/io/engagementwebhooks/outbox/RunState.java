package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;

/**
 * The run-time state of a webhook: configured, owned, active, on hold, probing. Guarded by the lock of {@link
 * WebhookQueues}; the stored state can be read without it.
 */
final class RunState {

    private final WebhookId webhook;
    private volatile WebhookState stored;
    private boolean known;
    private long lastChange;
    private boolean configured;
    private boolean owned;
    private volatile long epoch;
    private boolean probing;
    private boolean timedOut;

    RunState(WebhookId webhook) {
        this.webhook = webhook;
        this.stored = WebhookState.active(webhook);
    }

    /** Needs no lock. */
    WebhookState stored() {
        return stored;
    }

    /** Whether a state was read or changed since the start. */
    boolean isKnown() {
        return known;
    }

    /**
     * Sets the stored state. A webhook whose receiver asked for a pause gets one probe first; one that was disabled
     * gets one request at a time until one succeeds.
     *
     * @return whether it was resumed
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

    /** Number of the last change not caused by an attempt; 0: none. */
    long lastChange() {
        return lastChange;
    }

    void lastChange(long number) {
        lastChange = number;
    }

    /** Sets a hold until a time, or keeps a longer one. */
    void setHold(Instant until) {
        Instant known = stored.holdUntil();
        change(stored.withHoldUntil(known == null || known.isBefore(until) ? until : known));
    }

    /** Ends a hold; the next delivery is still a probe. */
    void endHold() {
        stored = stored.withHoldUntil(null);
    }

    void disable(String reason, Instant since) {
        change(new WebhookState(
                webhook, WebhookState.State.DISABLED, reason, since, null, pausedTotal(since), stored.halfOpen()));
    }

    /** A delivery with the current configuration succeeded. */
    void succeeded() {
        stored = stored.afterSuccess();
    }

    boolean isConfigured() {
        return configured;
    }

    void configured(boolean isConfigured) {
        configured = isConfigured;
    }

    /** Whether this process owns the webhook. */
    boolean isOwned() {
        return owned;
    }

    void owned(boolean isOwned) {
        owned = isOwned;
    }

    /** What was read or begun in an earlier epoch may be canceled, or sent by another process. Needs no lock. */
    long epoch() {
        return epoch;
    }

    void endEpoch() {
        epoch++;
    }

    /** Whether it has the state of a new webhook. */
    boolean isInitial() {
        return stored.equals(WebhookState.active(webhook));
    }

    boolean isOpen(Instant now) {
        return isOwned() && configured && isActive(stored) && !isOnHold(now);
    }

    /** Compared in milliseconds, as the reader wakes, which must see the hold as ended then. */
    boolean isOnHold(Instant now) {
        return stored.holdUntil() != null
                && now.toEpochMilli() < stored.holdUntil().toEpochMilli();
    }

    /** Whether only one request at a time may be in flight. */
    boolean isProbing() {
        return probing || timedOut || stored.halfOpen();
    }

    void probe() {
        probing = true;
    }

    /** Records a response. Responses to requests before a hold do not end the probe after it. */
    void responded(Instant now) {
        probing = probing && !isOpen(now);
    }

    /** Whether its last attempt timed out. */
    boolean hasTimedOut() {
        return timedOut;
    }

    void timedOut(boolean isTimedOut) {
        timedOut = isTimedOut;
    }

    /** The webhook's total paused time until a time. Needs no lock. */
    Duration pausedTotal(Instant now) {
        WebhookState state = stored;
        boolean isPaused = !isActive(state) && state.since() != null && now.isAfter(state.since());
        return isPaused ? state.pausedTotal().plus(Duration.between(state.since(), now)) : state.pausedTotal();
    }
}
