package io.engagementwebhooks.deliver;

import io.engagementwebhooks.deliver.judge.NothingSentException;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Predicate;
import org.apache.camel.Exchange;

/**
 * Checks, right before the first byte, that a delivery may still be sent: it may have been canceled since its attempt began, or
 * another instance may own its webhook and send it too. Thread-safe.
 *
 * @param maySend whether an attempt of a delivery may still send
 */
public record FencingCheck(Predicate<String> maySend, Clock clock) {

    private static final Duration RETRY = Duration.ofSeconds(1);

    /** Whether the exchange's delivery may be sent; a test always may. */
    public boolean mayBeSent(Exchange exchange) {
        DeliveryContext context = DeliveryContext.of(exchange);
        return context == null
                || context.isTrial()
                || maySend.test(context.delivery().id());
    }

    /** @throws NothingSentException if it may not */
    public void check(Exchange exchange) {
        if (!mayBeSent(exchange)) {
            throw fenced();
        }
    }

    public NothingSentException fenced() {
        return NothingSentException.fenced(clock.instant().plus(RETRY));
    }
}
