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
 */
public record DeliveryMethod(
        Target target,
        Authentication authentication,
        Duration timeout,
        Optional<WaitFor> waitFor,
        Optional<Fifo> fifo) {

    /** How long an attempt may take where the webhook does not say. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(15);

    public DeliveryMethod {
        Objects.requireNonNull(target);
        Objects.requireNonNull(authentication);
        Objects.requireNonNull(timeout);
        Objects.requireNonNull(waitFor);
        Objects.requireNonNull(fifo);
    }

    /** One whose deliveries do not wait for each other. */
    public DeliveryMethod(Target target, Authentication authentication, Duration timeout, Optional<WaitFor> waitFor) {
        this(target, authentication, timeout, waitFor, Optional.empty());
    }

    /** The same with another target. */
    DeliveryMethod to(Target other) {
        return new DeliveryMethod(other, authentication, timeout, waitFor, fifo);
    }
}
