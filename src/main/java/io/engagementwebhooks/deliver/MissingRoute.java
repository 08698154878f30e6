package io.engagementwebhooks.deliver;

import io.engagementwebhooks.webhook.Authentication;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;

/**
 * Judges that no route takes deliveries for a destination of the customer's own: nothing was sent, and it is not the
 * receiver's fault. Thread-safe.
 */
public final class MissingRoute implements FailureJudge {

    private static final Duration RETRY = Duration.ofMinutes(1);

    private final Clock clock;

    public MissingRoute(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Optional<Outcome> judge(Throwable failure, Delivery delivery) {
        boolean missing = failure instanceof DirectConsumerNotAvailableException
                && delivery.webhook().delivery().authentication() instanceof Authentication.Custom;
        return missing ? Optional.of(notSent(delivery)) : Optional.empty();
    }

    private Outcome notSent(Delivery delivery) {
        String destination =
                ((Authentication.Custom) delivery.webhook().delivery().authentication()).destination();
        return new Outcome.NotSent(
                "no route sends to destination '" + destination + "': add one from direct:deliver-" + destination,
                clock.instant().plus(RETRY));
    }
}
