package io.engagementwebhooks.deliver.receiver;

import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.Progress;
import io.engagementwebhooks.deliver.Resuming;
import io.engagementwebhooks.deliver.StillOwned;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.ledger.FatalErrors;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;

/**
 * Sends the exchange's {@link Progress#request request} and keeps the {@link Progress#answer answer} on it: neither an endpoint's URI
 * nor a header of the message decides where a delivery goes. The route continues on a thread that delivers, never on the event
 * loop. Thread-safe.
 */
public final class ReceiverCalls {

    private final EgressClient egress;
    private final StillOwned stillOwned;
    private final Resuming resuming;

    public ReceiverCalls(EgressClient egress, StillOwned stillOwned, Resuming resuming) {
        this.egress = egress;
        this.stillOwned = stillOwned;
        this.resuming = resuming;
    }

    boolean process(Exchange exchange, AsyncCallback callback) {
        EgressClient.Call call;
        try {
            call = begin(exchange);
        } catch (RuntimeException e) {
            exchange.setException(e);
            callback.done(true);
            return true;
        }
        Delivery delivery = Progress.delivery(exchange);
        call.answer()
                .whenComplete((answer, failure) -> resuming.resume(delivery, () -> {
                    ended(exchange, answer, failure);
                    callback.done(false);
                }));
        return false;
    }

    /** Asked twice where others may own: before connecting, which may take long, and before the first byte. */
    private EgressClient.Call begin(Exchange exchange) {
        OutgoingRequest request = Progress.request(exchange);
        if (request == null) {
            throw new IllegalStateException("a step before receiver: builds the request");
        }
        if (!stillOwned.isAsked()) {
            return egress.beginInTurn(request, null);
        }
        stillOwned.check(exchange);
        return egress.beginInTurn(request, () -> stillOwned.check(exchange));
    }

    private static void ended(Exchange exchange, Answer answer, Throwable failure) {
        try {
            if (failure == null) {
                Progress.answered(exchange, answer);
                exchange.getMessage().setBody(Progress.answer(exchange).body());
            } else {
                exchange.setException(failure);
            }
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            exchange.setException(e);
        }
    }
}
