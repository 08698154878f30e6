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
 * Calls in flight to orgs. Camel passes only message headers from an exchange to its request, and logs and tracers show
 * headers. So a header holds a number, by which the request finds its call here. Thread-safe.
 */
final class InFlightCalls {

    /**
     * A call.
     *
     * @param timing receives the durations of its requests
     * @param own headers and query of a webhook's own body, which may hold keys
     * @param memory of the account, for the response
     */
    record Call(Timing timing, Optional<OutgoingRequest> own, Reservation memory) {

        /** A call that writes records. */
        static Call measuredBy(Timing timing, Reservation memory) {
            return new Call(timing, Optional.empty(), memory);
        }

        /** A call with the webhook's own body. */
        static Call of(OutgoingRequest own, Reservation memory) {
            return new Call(own.timing(), Optional.of(own), memory);
        }
    }

    private final Map<String, Call> running = new ConcurrentHashMap<>();
    private final AtomicLong last = new AtomicLong();

    /**
     * Makes a call and removes it when the stage completes.
     *
     * @param send sends the exchange, whose message has the number
     */
    CompletionStage<Exchange> make(Call call, Exchange exchange, Supplier<CompletionStage<Exchange>> send) {
        String number = Long.toString(last.incrementAndGet());
        running.put(number, call);
        exchange.getMessage().setHeader(OrgRequest.CALL_HEADER, number);
        try {
            return send.get().whenComplete((answered, failure) -> running.remove(number));
        } catch (RuntimeException | Error e) {
            running.remove(number);
            throw e;
        }
    }

    /** @throws IllegalStateException if the call has ended, so that its request is not sent */
    Call of(String number) {
        Call call = running.get(number);
        if (call == null) {
            throw new IllegalStateException("the attempt of this request has ended");
        }
        return call;
    }
}
