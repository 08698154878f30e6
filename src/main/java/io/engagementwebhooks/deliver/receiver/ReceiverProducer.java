package io.engagementwebhooks.deliver.receiver;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.request.MessageRequest;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.webhook.DeliveryMethod;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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
        DeliveryContext context = DeliveryContext.of(exchange);
        if (context == null || !context.delivery().webhook().delivery().validated()) {
            return send(exchange, callback, true);
        }
        CompletableFuture<Void> permission = permission(exchange, context);
        if (permission.isDone() && !permission.isCompletedExceptionally()) {
            return send(exchange, callback, true);
        }
        long begun = System.nanoTime();
        permission.whenComplete((granted, failure) -> calls.resuming().resume(exchange, () -> {
            if (failure == null) {
                // asking does not use up the receiver's time for the delivery
                context.extendDeadline(Duration.ofNanos(System.nanoTime() - begun));
                send(exchange, callback, false);
            } else {
                failed(exchange, Causes.unwrapped(failure));
                callback.done(false);
            }
        }));
        return false;
    }

    private CompletableFuture<Void> permission(Exchange exchange, DeliveryContext context) {
        try {
            calls.fencingCheck().check(exchange);
            return calls.validation().permitted(context, MessageRequest.of(exchange, declared));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** @param isSync whether it runs within {@link #process} */
    private boolean send(Exchange exchange, AsyncCallback callback, boolean isSync) {
        EgressClient.Call call;
        try {
            call = begin(exchange);
        } catch (RuntimeException e) {
            failed(exchange, e);
            callback.done(isSync);
            return isSync;
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
        DeliveryMethod method = delivery.webhook().delivery();
        if (method.validated()) {
            request.header(PermissionRequest.REQUEST_ORIGIN, calls.validation().origin());
        }
        boolean isLimited = method.rateLimit().isPresent() || method.validated();
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
