package io.engagementwebhooks.deliver.judge;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.step.OwnDestinations;
import io.engagementwebhooks.webhook.auth.Authentication;
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
 * Judges a failure to hand a delivery to a route: its custom destination has none, or the route is stopped. Nothing was
 * sent. The retry comes soon, since a route is also missing while it is replaced, and backs off to {@link #LAST_RETRY}.
 * Thread-safe.
 */
public record MissingRoute(Clock clock) implements FailureJudge {

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);

    /** After its entry endpoint a route may have sent something, which a retry repeats. */
    static final Duration FIRST_RETRY_AFTER_ENTRANCE = Duration.ofSeconds(10);

    private static final Duration LAST_RETRY = Duration.ofMinutes(1);

    /** Routes that get a delivery before anything is sent. */
    private static final Pattern BRANCH = Pattern.compile("direct://(deliver-[^?]+|enrich-session)(\\?.*)?");

    @Override
    public Optional<Outcome> judge(Throwable failure, Delivery delivery) {
        if (!(failure instanceof DirectConsumerNotAvailableException none)) {
            return Optional.empty();
        }
        Exchange exchange = none.getExchange();
        Instant now = clock.instant();
        return delivery.webhook().delivery().authentication() instanceof Authentication.Custom own
                ? Optional.of(noRoute(own.destination(), exchange, delivery, now))
                : stoppedBranch(exchange, delivery, now);
    }

    /** The outcome if a destination's route does not serve the delivery's account. @param why for the customer */
    public static Outcome.NotSent notOpen(String why, Delivery delivery, Instant now) {
        return new Outcome.NotSent(why, retryAt(FIRST_RETRY, delivery, now));
    }

    private static Outcome.NotSent noRoute(String destination, Exchange exchange, Delivery delivery, Instant now) {
        String entrance = OwnDestinations.entrance(destination);
        String called = OwnDestinations.withoutOptions(to(exchange));
        // a later step may have called another endpoint
        String to = called.startsWith("direct:") ? called : entrance;
        Instant retryAt = retryAt(to.equals(entrance) ? FIRST_RETRY : FIRST_RETRY_AFTER_ENTRANCE, delivery, now);
        Optional<String> stopped = exchange.getContext().getRoutes().stream()
                .filter(route -> OwnDestinations.from(route).equals(to))
                .map(Route::getRouteId)
                .findFirst();
        return stopped.map(route -> stopped(route, retryAt)).orElseGet(() -> {
            String why = "no route sends to destination '" + destination + "': add one from " + to;
            return new Outcome.NotSent(why, retryAt);
        });
    }

    private static String to(Exchange exchange) {
        return exchange.getProperty(ExchangePropertyKey.TO_ENDPOINT, "", String.class);
    }

    /** The outcome of an attempt that a stopped or currently replaced branch did not accept. */
    private static Optional<Outcome> stoppedBranch(Exchange exchange, Delivery delivery, Instant now) {
        Matcher branch = BRANCH.matcher(to(exchange));
        return branch.matches()
                ? Optional.of(stopped(branch.group(1), retryAt(FIRST_RETRY, delivery, now)))
                : Optional.empty();
    }

    private static Outcome.NotSent stopped(String route, Instant retryAt) {
        return new Outcome.NotSent(
                "route '" + route + "' of this installation is stopped, or was being replaced;"
                        + " its operator can start it over JMX",
                retryAt);
    }

    /** A time that backs off while nothing can be sent. */
    static Instant retryAt(Duration first, Delivery delivery, Instant now) {
        Instant since = delivery.unsentSince();
        Duration lasts = since == null ? Duration.ZERO : Duration.between(since, now);
        return now.plus(lasts.compareTo(first) < 0 ? first : lasts.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : lasts);
    }
}
