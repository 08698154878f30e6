package io.engagementwebhooks.deliver.judge;

import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.webhook.Durations;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Steps {@code note-delivered} and {@code note-failed} of a destination that is not HTTP: the route says the outcome of
 * its attempt. Exchange properties say why, and when to try again; not headers, which a reply could set. Thread-safe.
 */
public final class OutcomeNoting {

    /** String: the reason of a failure, or a note on a delivered attempt. */
    static final String REASON = "webhookReason";

    /** A duration, a number of seconds, a time, or {@value #NEVER}: the earliest next attempt; absent: by the retry schedule. */
    static final String RETRY_AFTER = "webhookRetryAfter";

    private static final String NEVER = "never";

    /** Not storable, or more than one line. */
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\p{Cs}\\p{Zl}\\p{Zp}]+");

    /** As in an HTTP Retry-After header. */
    private static final Pattern SECONDS = Pattern.compile("[0-9]+");

    private static final int LONGEST_REASON = 400;

    private OutcomeNoting() {}

    public static Processor delivered() {
        return exchange -> DeliveryContext.endWithDelivery(exchange, new Outcome.Delivered(reason(exchange, "")));
    }

    public static Processor failed(Clock clock) {
        return exchange -> DeliveryContext.endWithDelivery(exchange, failure(exchange, clock.instant()));
    }

    private static Outcome failure(Exchange exchange, Instant now) {
        String reason = reason(exchange, "The destination did not take the delivery");
        String retryAfter = property(exchange, RETRY_AFTER);
        return retryAfter.equals(NEVER)
                ? new Outcome.GaveUp(reason, false, true)
                : new Outcome.TryLater(reason, retryAfter.isEmpty() ? null : time(retryAfter, now), false, false);
    }

    private static Instant time(String text, Instant now) {
        try {
            if (SECONDS.matcher(text).matches()) {
                return now.plusSeconds(Long.parseLong(text));
            }
            return text.contains("T") ? OffsetDateTime.parse(text).toInstant() : now.plus(Durations.parse(text));
        } catch (DateTimeException | ArithmeticException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "exchange property '" + RETRY_AFTER
                            + "' must be a duration such as 10m, a number of seconds, a time such as"
                            + " 2026-12-24T09:00:00Z, or " + NEVER,
                    e);
        }
    }

    private static String reason(Exchange exchange, String otherwise) {
        String given = property(exchange, REASON);
        String reason = CONTROL.matcher(given.substring(0, Math.min(given.length(), LONGEST_REASON)))
                .replaceAll(" ")
                .strip();
        return reason.isEmpty() ? otherwise : reason;
    }

    private static String property(Exchange exchange, String name) {
        return exchange.getProperty(name, "", String.class).strip();
    }
}
