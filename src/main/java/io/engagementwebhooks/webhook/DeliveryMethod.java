package io.engagementwebhooks.webhook;

import io.engagementwebhooks.webhook.auth.Authentication;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * How a webhook delivers: target, authentication, limits, and whether it waits for a field.
 *
 * @param target an HTTP receiver, Salesforce or Contentsquare
 * @param authentication how the request is authenticated; it chooses the branch of the deliver route
 * @param timeout from DNS to the last header; the body gets the remaining time
 * @param succeedOn statuses of the receiver that count as delivered beside 2xx, empty by default
 * @param waitFor a field that a later event of the same subject brings, or empty: deliver at once
 * @param fifo the order of deliveries, or empty: none
 * @param rateLimit the most requests per period, or empty: adapted to the receiver
 * @param validated whether the receiver must permit deliveries first, as CloudEvents' HTTP 1.1 Web Hooks define it
 */
public record DeliveryMethod(
        Target target,
        Authentication authentication,
        Duration timeout,
        Set<Integer> succeedOn,
        Optional<WaitFor> waitFor,
        Optional<Fifo> fifo,
        Optional<RateLimit> rateLimit,
        boolean validated) {

    /** The default timeout of an attempt. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(15);

    public DeliveryMethod {
        Objects.requireNonNull(target);
        Objects.requireNonNull(authentication);
        Objects.requireNonNull(timeout);
        succeedOn = Set.copyOf(succeedOn);
        Objects.requireNonNull(waitFor);
        Objects.requireNonNull(fifo);
        Objects.requireNonNull(rateLimit);
    }

    /** One whose receiver is not asked for permission. */
    public DeliveryMethod(
            Target target,
            Authentication authentication,
            Duration timeout,
            Set<Integer> succeedOn,
            Optional<WaitFor> waitFor,
            Optional<Fifo> fifo,
            Optional<RateLimit> rateLimit) {
        this(target, authentication, timeout, succeedOn, waitFor, fifo, rateLimit, false);
    }

    /** The limits of a batch. */
    public Batch batch() {
        if (target instanceof Target.Salesforce && authentication instanceof Authentication.Salesforce salesforce) {
            return salesforce.connection().batch();
        }
        if (target instanceof Target.Contentsquare
                && authentication instanceof Authentication.Contentsquare contentsquare) {
            return contentsquare.connection().batch();
        }
        return Batch.NONE;
    }

    /** A copy with another target. */
    DeliveryMethod to(Target other) {
        return new DeliveryMethod(other, authentication, timeout, succeedOn, waitFor, fifo, rateLimit, validated);
    }
}
