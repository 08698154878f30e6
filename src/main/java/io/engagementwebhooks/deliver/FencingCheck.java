package io.engagementwebhooks.deliver;

import java.time.Clock;
import java.time.Duration;
import java.util.function.Predicate;
import org.apache.camel.Exchange;

/**
 * Checks, right before the first byte, that a delivery may still be sent. If instances share a store, another one may own its
 * webhook since the attempt began, and sends it too, or may have canceled it. Thread-safe.
 */
public final class FencingCheck {

    private static final Duration RETRY = Duration.ofSeconds(1);

    /** For a store of a single instance. */
    public static final FencingCheck ALWAYS = new FencingCheck(delivery -> true, Clock.systemUTC());

    private final Predicate<String> maySend;
    private final Clock clock;

    /** @param maySend whether an attempt of a delivery may still send */
    public FencingCheck(Predicate<String> maySend, Clock clock) {
        this.maySend = maySend;
        this.clock = clock;
    }

    /** Whether other instances share the store. */
    public boolean isShared() {
        return this != ALWAYS;
    }

    /** Whether the exchange's delivery may be sent; a test always may. */
    public boolean mayBeSent(Exchange exchange) {
        DeliveryContext context = DeliveryContext.of(exchange);
        return context == null
                || context.isTrial()
                || maySend.test(context.delivery().id());
    }

    /** @throws NothingSentException if another instance owns it */
    public void check(Exchange exchange) {
        if (!mayBeSent(exchange)) {
            throw notOwned();
        }
    }

    NothingSentException notOwned() {
        return NothingSentException.notOwned(clock.instant().plus(RETRY));
    }
}
