package io.engagementwebhooks.deliver;

import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.store.AttemptRow;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.apache.camel.Exchange;

/** Traces attempts as parts of the traces of their events. Implementations are thread-safe. */
public interface AttemptTracing {

    /** Sends the receiver its own span id; no span is exported. */
    AttemptTracing PROPAGATE_ONLY = new AttemptTracing() {
        @Override
        public Optional<TraceParent> begin(Exchange exchange) {
            DeliveryContext context = DeliveryContext.of(exchange);
            if (context.step() == null) {
                step(context.delivery()).ifPresent(context::step);
            }
            return Optional.ofNullable(context.step());
        }

        @Override
        public Ending ending(Exchange exchange) {
            return (attempt, end) -> {};
        }
    };

    /**
     * The step of the attempt that the exchange is, the same however often it is asked for; empty: its event is of no trace.
     */
    Optional<TraceParent> begin(Exchange exchange);

    /** Ends the attempt's span from its exchange, even if it was not begun. */
    Ending ending(Exchange exchange);

    /** The end of an attempt. Reads no exchange. */
    @FunctionalInterface
    interface Ending {
        /** The attempt has ended, and is stored. */
        void ended(AttemptRow attempt, Instant end);
    }

    /** A span id that only the receiver sees. It need not be unpredictable. */
    static Optional<TraceParent> step(Delivery delivery) {
        LongSupplier random = () -> ThreadLocalRandom.current().nextLong();
        return delivery.event().trace().map(trace -> trace.child(random));
    }
}
