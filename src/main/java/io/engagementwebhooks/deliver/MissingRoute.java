package io.engagementwebhooks.deliver;

import io.engagementwebhooks.webhook.Authentication;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;

/**
 * Judges that no route takes deliveries for a destination of the customer's own, or that a branch is stopped: nothing was
 * sent, and it is not the receiver's fault. Thread-safe.
 */
public final class MissingRoute implements FailureJudge {

    private static final Duration RETRY = Duration.ofMinutes(1);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final String BRANCH = "direct://deliver-";

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

    /**
     * What it means that a try failed without an outcome, where it was handed to a branch that took nothing: that is stopped,
     * or being exchanged. It is tried again soon, and ever later while that lasts.
     *
     * @param exchange of the try
     * @param now when it failed
     * @return empty: it failed by something else
     */
    public static Optional<Outcome.NotSent> stoppedBranch(Exchange exchange, Instant now) {
        String branch = exchange.getProperty(ExchangePropertyKey.TO_ENDPOINT, String.class);
        if (!(exchange.getException() instanceof DirectConsumerNotAvailableException)
                || branch == null
                || !branch.startsWith(BRANCH)) {
            return Optional.empty();
        }
        Instant since = Progress.delivery(exchange).unsentSince();
        Duration lasts = since == null ? Duration.ZERO : Duration.between(since, now);
        Duration wait = lasts.compareTo(FIRST_RETRY) < 0 ? FIRST_RETRY : lasts.compareTo(RETRY) > 0 ? RETRY : lasts;
        String route = branch.substring("direct://".length()).split("\\?", 2)[0];
        return Optional.of(
                new Outcome.NotSent("route '" + route + "' of this installation is stopped", now.plus(wait)));
    }

    private Outcome notSent(Delivery delivery) {
        String destination =
                ((Authentication.Custom) delivery.webhook().delivery().authentication()).destination();
        return new Outcome.NotSent(
                "no route sends to destination '" + destination + "': add one from direct:deliver-" + destination,
                clock.instant().plus(RETRY));
    }
}
