package io.engagementwebhooks.deliver;

import io.engagementwebhooks.store.Ownership;
import java.time.Clock;
import java.time.Duration;
import org.apache.camel.Exchange;

/**
 * Checks, right before the first byte, that this instance still owns a delivery. If instances share a store, another
 * one may have become the owner since the attempt began, and sends it too. Thread-safe.
 */
public final class FencingCheck {

    private static final Duration RETRY = Duration.ofSeconds(1);

    /** For a store of a single instance. */
    public static final FencingCheck ALWAYS = new FencingCheck(Ownership.ALL, Clock.systemUTC());

    private final Ownership ownership;
    private final Clock clock;

    public FencingCheck(Ownership ownership, Clock clock) {
        this.ownership = ownership;
        this.clock = clock;
    }

    /** Whether other instances share the store. */
    public boolean isShared() {
        return ownership != Ownership.ALL;
    }

    /** Whether the exchange's delivery may be sent; a test always may. */
    public boolean mayBeSent(Exchange exchange) {
        DeliveryContext context = DeliveryContext.of(exchange);
        return context == null
                || context.isTrial()
                || ownership.maySend(context.delivery().id());
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
