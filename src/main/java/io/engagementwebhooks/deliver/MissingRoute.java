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
import org.apache.camel.Route;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;

/**
 * Judges that no route takes deliveries for a destination of the customer's own, or that its route or a branch is stopped:
 * nothing was sent, and it is not the receiver's fault. It is tried again soon, since a route is away while it is exchanged
 * too, and ever later while that lasts. Thread-safe.
 */
public final class MissingRoute implements FailureJudge {

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);

    /** Behind its entrance a route may have sent something, which another try sends once more. */
    private static final Duration FIRST_RETRY_BEHIND = Duration.ofSeconds(10);

    private static final Duration LAST_RETRY = Duration.ofMinutes(1);

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
        Exchange exchange = none.getExchange();
        Instant now = clock.instant();
        return delivery.webhook().delivery().authentication() instanceof Authentication.Custom own
                ? Optional.of(noRoute(own.destination(), exchange, delivery, now))
                : stoppedBranch(exchange, delivery, now).map(Outcome.class::cast);
    }

    /** The destination's route does not serve the delivery's account. @param why in words for the customer */
    static Outcome.NotSent notOpen(String why, Delivery delivery, Instant now) {
        return new Outcome.NotSent(why, again(FIRST_RETRY, delivery, now));
    }

    private static Outcome.NotSent noRoute(String destination, Exchange exchange, Delivery delivery, Instant now) {
        String entrance = OwnDestinations.entrance(destination);
        String called = withoutOptions(to(exchange));
        // a step that judges may have called something else since
        String to = called.startsWith("direct:") ? called : entrance;
        Instant again = again(to.equals(entrance) ? FIRST_RETRY : FIRST_RETRY_BEHIND, delivery, now);
        Optional<String> stopped = exchange.getContext().getRoutes().stream()
                .filter(route ->
                        withoutOptions(route.getEndpoint().getEndpointUri()).equals(to))
                .map(Route::getRouteId)
                .findFirst();
        return stopped.map(route -> stopped(route, again)).orElseGet(() -> {
            String why = "no route sends to destination '" + destination + "': add one from " + to;
            return new Outcome.NotSent(why, again);
        });
    }

    private static String to(Exchange exchange) {
        return exchange.getProperty(ExchangePropertyKey.TO_ENDPOINT, "", String.class);
    }

    /** As route files have it. */
    private static String withoutOptions(String endpoint) {
        return endpoint.replaceFirst("\\?.*", "").replaceFirst("://", ":");
    }

    /**
     * What it means that a try failed without an outcome, where it was handed to a branch that took nothing: that is stopped,
     * or being exchanged.
     *
     * @param exchange of the try
     * @param now when it failed
     * @return empty: it failed by something else
     */
    public static Optional<Outcome.NotSent> stoppedBranch(Exchange exchange, Instant now) {
        return exchange.getException() instanceof DirectConsumerNotAvailableException
                ? stoppedBranch(exchange, DeliveryContext.delivery(exchange), now)
                : Optional.empty();
    }

    private static Optional<Outcome.NotSent> stoppedBranch(Exchange exchange, Delivery delivery, Instant now) {
        Matcher branch = BRANCH.matcher(to(exchange));
        return branch.matches()
                ? Optional.of(stopped(branch.group(1), again(FIRST_RETRY, delivery, now)))
                : Optional.empty();
    }

    private static Outcome.NotSent stopped(String route, Instant again) {
        return new Outcome.NotSent(
                "route '" + route + "' of this installation is stopped, or was being exchanged;"
                        + " its operator can start it over JMX",
                again);
    }

    private static Instant again(Duration first, Delivery delivery, Instant now) {
        Instant since = delivery.unsentSince();
        Duration lasts = since == null ? Duration.ZERO : Duration.between(since, now);
        return now.plus(lasts.compareTo(first) < 0 ? first : lasts.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : lasts);
    }
}
