package io.engagementwebhooks.deliver.receiver;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.request.MessageRequest;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.ledger.FatalErrors;
import java.util.Set;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;

/**
 * Sends the {@linkplain MessageRequest request on the message}, replaces it by the response, and stores both in the
 * exchange's {@link DeliveryContext}. Its headers are removed even after a failure. The route continues on a thread of
 * the attempt, not on the event loop. Thread-safe.
 */
final class ReceiverProducer extends DefaultAsyncProducer {

    private final ReceiverCalls calls;
    private final Set<String> declared;

    ReceiverProducer(ReceiverEndpoint endpoint) {
        super(endpoint);
        calls = endpoint.getComponent().getCalls();
        declared = endpoint.declared();
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        EgressClient.Call call;
        try {
            call = begin(exchange);
        } catch (RuntimeException e) {
            failed(exchange, e);
            callback.done(true);
            return true;
        }
        call.answer().whenComplete((answer, failure) -> calls.resuming().resume(exchange, () -> {
            ended(exchange, call, answer, failure);
            callback.done(false);
        }));
        return false;
    }

    /**
     * Checks twice that the delivery may be sent: before the connect, which may be slow, and before the first byte.
     */
    private EgressClient.Call begin(Exchange exchange) {
        OutgoingRequest request = MessageRequest.of(exchange, declared);
        DeliveryContext context = DeliveryContext.of(exchange);
        boolean isFirst = !context.hasSent();
        context.request(request);
        Delivery delivery = context.delivery();
        boolean isLimited = delivery.webhook().delivery().rateLimit().isPresent();
        calls.fencingCheck().check(exchange);
        return calls.egress().beginInTurn(request, () -> {
            calls.fencingCheck().check(exchange);
            if (isLimited) {
                calls.listener().requestBegins(delivery.id(), isFirst);
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
