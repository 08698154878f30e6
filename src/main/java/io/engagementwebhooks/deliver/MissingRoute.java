package io.engagementwebhooks.deliver;

import io.engagementwebhooks.webhook.Authentication;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    /** The routes that a try is handed to before anything is sent. */
    private static final Pattern BRANCH = Pattern.compile("direct://(deliver-[^?]+|enrich-session)(\\?.*)?");

    private final Clock clock;

    public MissingRoute(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Optional<Outcome> judge(Throwable failure, Delivery delivery) {
        if (!(failure instanceof DirectConsumerNotAvailableException none)) {
            return Optional.empty();
        }
        return delivery.webhook().delivery().authentication() instanceof Authentication.Custom
                ? Optional.of(notSent(delivery))
                : stoppedBranch(none.getExchange(), delivery, clock.instant()).map(Outcome.class::cast);
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
        return exchange.getException() instanceof DirectConsumerNotAvailableException
                ? stoppedBranch(exchange, Progress.delivery(exchange), now)
                : Optional.empty();
    }

    private static Optional<Outcome.NotSent> stoppedBranch(Exchange exchange, Delivery delivery, Instant now) {
        String to = exchange.getProperty(ExchangePropertyKey.TO_ENDPOINT, "", String.class);
        Matcher branch = BRANCH.matcher(to);
        if (!branch.matches()) {
            return Optional.empty();
        }
        Instant since = delivery.unsentSince();
        Duration lasts = since == null ? Duration.ZERO : Duration.between(since, now);
        Duration wait = lasts.compareTo(FIRST_RETRY) < 0 ? FIRST_RETRY : lasts.compareTo(RETRY) > 0 ? RETRY : lasts;
        return Optional.of(new Outcome.NotSent(
                "route '" + branch.group(1) + "' of this installation is stopped, or was being exchanged",
                now.plus(wait)));
    }

    private Outcome notSent(Delivery delivery) {
        String destination =
                ((Authentication.Custom) delivery.webhook().delivery().authentication()).destination();
        return new Outcome.NotSent(
                "no route sends to destination '" + destination + "': add one from direct:deliver-" + destination,
                clock.instant().plus(RETRY));
    }
}
