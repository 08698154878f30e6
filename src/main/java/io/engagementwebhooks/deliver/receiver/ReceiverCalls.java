package io.engagementwebhooks.deliver.receiver;

import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.FencingCheck;
import io.engagementwebhooks.deliver.MessageRequest;
import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.Resuming;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.ledger.FatalErrors;
import java.util.Set;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;

/**
 * Sends the {@linkplain MessageRequest request on the message}, replaces it by the response, and stores both in the
 * exchange's {@link DeliveryContext}. Its headers are removed even after a failure. The route continues on a delivery
 * thread, not on the event loop. Thread-safe.
 */
public final class ReceiverCalls {

    private final EgressClient egress;
    private final FencingCheck fencingCheck;
    private final RequestListener listener;
    private final Resuming resuming;

    /** Notified right before the first byte of requests of webhooks with a rate limit. */
    public interface RequestListener {

        /** @param isFirst whether it is the first request of its attempt */
        void requestBegins(String delivery, boolean isFirst);
    }

    public ReceiverCalls(EgressClient egress, FencingCheck fencingCheck, RequestListener listener, Resuming resuming) {
        this.egress = egress;
        this.fencingCheck = fencingCheck;
        this.listener = listener;
        this.resuming = resuming;
    }

    /** @param declared names of further headers to send */
    boolean process(Exchange exchange, Set<String> declared, AsyncCallback callback) {
        EgressClient.Call call;
        try {
            call = begin(exchange, declared);
        } catch (RuntimeException e) {
            failed(exchange, e);
            callback.done(true);
            return true;
        }
        Delivery delivery = DeliveryContext.delivery(exchange);
        call.answer()
                .whenComplete((answer, failure) -> resuming.resume(delivery, () -> {
                    ended(exchange, call, answer, failure);
                    callback.done(false);
                }));
        return false;
    }

    /**
     * Checks the ownership twice if instances share the store: before the connect, which may be slow, and before the
     * first byte.
     */
    private EgressClient.Call begin(Exchange exchange, Set<String> declared) {
        OutgoingRequest request = MessageRequest.of(exchange, declared);
        DeliveryContext context = DeliveryContext.of(exchange);
        boolean isFirst = !context.hasSent();
        context.request(request);
        Delivery delivery = context.delivery();
        boolean isLimited = delivery.webhook().delivery().rateLimit().isPresent();
        if (!fencingCheck.isShared() && !isLimited) {
            return egress.beginInTurn(request, null);
        }
        fencingCheck.check(exchange);
        return egress.beginInTurn(request, () -> {
            fencingCheck.check(exchange);
            if (isLimited) {
                listener.requestBegins(delivery.id(), isFirst);
            }
        });
    }

    private static void ended(Exchange exchange, EgressClient.Call call, Answer answer, Throwable failure) {
        if (failure != null) {
            failed(exchange, failure);
            return;
        }
        try {
            DeliveryContext context = DeliveryContext.of(exchange);
            // a second request, after a token renewal, gets this time too
            context.extendDeadline(call.waited());
            context.answered(answer);
            // a later step must not send these
            exchange.getMessage().removeHeaders("*");
            exchange.getMessage().setBody(context.answer().body());
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            failed(exchange, e);
        }
    }

    private static void failed(Exchange exchange, Throwable failure) {
        exchange.getMessage().removeHeaders("*");
        exchange.setException(failure);
    }
}
