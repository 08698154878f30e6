package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.ledger.Reservation;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.camel.Exchange;

/**
 * Calls of an org that are in flight. Between an exchange and the request that Camel makes of it only headers of the message
 * go, which logs and tracers show: so a number goes there, and the request finds here what is its own. Thread-safe.
 */
final class InFlightCalls {

    /**
     * A call.
     *
     * @param timing receives the durations of its requests
     * @param own what a webhook's own body goes with: its headers and its query, which may hold keys
     * @param memory of the account, for the answer
     */
    record Call(Timing timing, Optional<OutgoingRequest> own, Reservation memory) {

        /** That of records. */
        static Call measuredBy(Timing timing, Reservation memory) {
            return new Call(timing, Optional.empty(), memory);
        }

        /** That of a body of the webhook's own. */
        static Call of(OutgoingRequest own, Reservation memory) {
            return new Call(own.timing(), Optional.of(own), memory);
        }
    }

    private final Map<String, Call> running = new ConcurrentHashMap<>();
    private final AtomicLong last = new AtomicLong();

    /** Makes a call. @param made with the exchange's message, which has its number then, until the stage is complete */
    CompletionStage<Exchange> make(Call call, Exchange exchange, Supplier<CompletionStage<Exchange>> made) {
        String number = Long.toString(last.incrementAndGet());
        running.put(number, call);
        exchange.getMessage().setHeader(OrgRequest.CALL_HEADER, number);
        try {
            return made.get().whenComplete((answered, failure) -> running.remove(number));
        } catch (RuntimeException | Error e) {
            running.remove(number);
            throw e;
        }
    }

    /** @throws IllegalStateException if the call has ended: its request must not be sent */
    Call of(String number) {
        Call call = running.get(number);
        if (call == null) {
            throw new IllegalStateException("a request was to be sent after its try had ended");
        }
        return call;
    }
}
