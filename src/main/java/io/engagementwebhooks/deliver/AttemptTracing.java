package io.engagementwebhooks.deliver;

import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.store.query.AttemptRow;
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
            if (context.traceParent() == null) {
                child(context.delivery()).ifPresent(context::traceParent);
            }
            return Optional.ofNullable(context.traceParent());
        }

        @Override
        public Ending ending(Exchange exchange) {
            return (attempt, end) -> {};
        }
    };

    /** The attempt's span, the same on every call; empty if the event has no trace. */
    Optional<TraceParent> begin(Exchange exchange);

    /**
     * Prepares the end of the attempt's span: reads the exchange now. Creates the span if {@link #begin} was not
     * called.
     */
    Ending ending(Exchange exchange);

    /** Ends the span of an attempt, without access to the exchange. */
    @FunctionalInterface
    interface Ending {
        /** Called once the attempt is stored. */
        void ended(AttemptRow attempt, Instant end);
    }

    /** A new span id for the receiver alone; it need not be unpredictable. */
    static Optional<TraceParent> child(Delivery delivery) {
        LongSupplier random = () -> ThreadLocalRandom.current().nextLong();
        return delivery.event().trace().map(trace -> trace.child(random));
    }
}
