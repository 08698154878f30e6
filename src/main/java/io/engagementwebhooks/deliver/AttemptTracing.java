package io.engagementwebhooks.deliver;

import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.store.AttemptRow;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.apache.camel.Exchange;

/** Attempts as steps of the traces that their events belong to. Implementations are thread-safe. */
public interface AttemptTracing {

    /** A receiver is told a step of its own in the trace; nobody else is. */
    AttemptTracing TOLD_ONLY = new AttemptTracing() {
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

    /** Takes what the end of the attempt tells out of its exchange; one whose step was not begun is one all the same. */
    Ending ending(Exchange exchange);

    /** The end of an attempt. Reads no exchange. */
    @FunctionalInterface
    interface Ending {
        /** The attempt has ended, and is stored. */
        void ended(AttemptRow attempt, Instant end);
    }

    /** A step that nobody but the receiver is told of; nothing secret hangs on its id. */
    static Optional<TraceParent> step(Delivery delivery) {
        LongSupplier random = () -> ThreadLocalRandom.current().nextLong();
        return delivery.event().trace().map(trace -> trace.child(random));
    }
}
