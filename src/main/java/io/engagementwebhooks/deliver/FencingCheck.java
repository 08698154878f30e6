package io.engagementwebhooks.deliver;

import io.engagementwebhooks.store.Ownership;
import java.time.Clock;
import java.time.Duration;
import org.apache.camel.Exchange;

/**
 * Whether this process may still send a delivery whose try it has begun. Where several processes share a store, the webhook may
 * have another owner by the time the receiver is connected to, who sends it too: so it is asked right before the first byte.
 * Thread-safe.
 */
public final class FencingCheck {

    private static final Duration ANOTHER_LOOK = Duration.ofSeconds(1);

    /** Where no other process uses the store. */
    public static final FencingCheck ALWAYS = new FencingCheck(Ownership.ALL, Clock.systemUTC());

    private final Ownership ownership;
    private final Clock clock;

    public FencingCheck(Ownership ownership, Clock clock) {
        this.ownership = ownership;
        this.clock = clock;
    }

    /** Whether the answer may ever be no. */
    public boolean isAsked() {
        return ownership != Ownership.ALL;
    }

    /** Whether what the exchange delivers may be sent; a person's test may always. */
    public boolean mayBeSent(Exchange exchange) {
        DeliveryContext context = DeliveryContext.of(exchange);
        return context == null
                || context.isTrial()
                || ownership.maySend(context.delivery().id());
    }

    /** @throws NothingSentException if it may not */
    public void check(Exchange exchange) {
        if (!mayBeSent(exchange)) {
            throw notOwned();
        }
    }

    /** That it may not. */
    NothingSentException notOwned() {
        return NothingSentException.notOwned(clock.instant().plus(ANOTHER_LOOK));
    }
}
