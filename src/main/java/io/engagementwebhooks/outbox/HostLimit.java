package io.engagementwebhooks.outbox;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The requests of one account in flight at one host, and the webhooks that wait for one of them to end. Guarded by the
 * lock of {@link WebhookQueues}.
 */
final class HostLimit {

    private final int max;
    private int inFlight;

    /** In the order in which they may begin. */
    private final Set<WebhookQueue> waiting = new LinkedHashSet<>();

    /** @param max the most requests in flight */
    HostLimit(int max) {
        this.max = max;
    }

    boolean hasSpace() {
        return inFlight < max;
    }

    boolean isIdle() {
        return inFlight == 0;
    }

    /** How many ready deliveries a webhook needs in memory. */
    int share() {
        return Math.max(1, max / Math.max(1, waiting.size()));
    }

    /** Adds a webhook as the last one, unless it waits already. */
    void await(WebhookQueue webhook) {
        waiting.add(webhook);
    }

    boolean isAwaitedBy(WebhookQueue webhook) {
        return waiting.contains(webhook);
    }

    /** The waiting webhooks, in order; some of them may have nothing to send any more. */
    Collection<WebhookQueue> waiting() {
        return waiting;
    }

    void leave(WebhookQueue webhook) {
        waiting.remove(webhook);
    }

    /** A request begins. */
    void begin(WebhookQueue webhook) {
        inFlight++;
        leave(webhook);
    }

    /** A request has ended. */
    void ended() {
        inFlight--;
    }
}
