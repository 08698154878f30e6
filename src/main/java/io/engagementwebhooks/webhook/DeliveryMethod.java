package io.engagementwebhooks.webhook;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How a webhook delivers: the target, how we prove who we are, how long it may take, and whether it waits for a field.
 *
 * @param target an HTTP receiver, Salesforce or Contentsquare
 * @param authentication how the request is authenticated; it chooses the branch of the deliver route
 * @param timeout from resolving the name to the last header; the body gets what is left
 * @param waitFor a field that a later event of the same subject brings, or empty: deliver at once
 * @param fifo what must arrive in order, or empty: deliveries do not wait for each other
 * @param rateLimit how often requests may begin, or empty: as often as the receiver takes them
 */
public record DeliveryMethod(
        Target target,
        Authentication authentication,
        Duration timeout,
        Optional<WaitFor> waitFor,
        Optional<Fifo> fifo,
        Optional<RateLimit> rateLimit) {

    /** How long an attempt may take where the webhook does not say. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(15);

    public DeliveryMethod {
        Objects.requireNonNull(target);
        Objects.requireNonNull(authentication);
        Objects.requireNonNull(timeout);
        Objects.requireNonNull(waitFor);
        Objects.requireNonNull(fifo);
        Objects.requireNonNull(rateLimit);
    }

    /**
     * Deliveries that go in one request.
     *
     * @param most how many, at most
     * @param gathering how long one waits for others
     */
    public record Together(int most, Duration gathering) {

        private static final Together NONE = new Together(1, Duration.ZERO);
    }

    /** What goes in one request if it is due together. */
    public Together together() {
        if (target instanceof Target.Salesforce && authentication instanceof Authentication.Salesforce salesforce) {
            SalesforceConnection.Batch batch = salesforce.connection().batch();
            return new Together(batch.size(), batch.most());
        }
        if (target instanceof Target.Contentsquare
                && authentication instanceof Authentication.Contentsquare contentsquare) {
            ContentsquareConnection.Batch batch = contentsquare.connection().batch();
            return new Together(batch.size(), batch.most());
        }
        return Together.NONE;
    }

    /** The same with another target. */
    DeliveryMethod to(Target other) {
        return new DeliveryMethod(other, authentication, timeout, waitFor, fifo, rateLimit);
    }
}
