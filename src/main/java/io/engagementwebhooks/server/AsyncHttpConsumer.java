package io.engagementwebhooks.server;

import io.engagementwebhooks.ledger.AccountLedger;
import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.webhook.Caller;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.support.MessageHelper;
import org.apache.camel.support.ObjectHelper;

/**
 * Processes a request on the threads of its account and releases the thread while the route waits. The response is
 * written on the connection's event loop when the route has ended. Bodies of responses are text or bytes, or convertible
 * to bytes.
 */
final class AsyncHttpConsumer extends SuspendAwareConsumer {

    private final Ledger ledger;
    private final FairExecutor executor;

    AsyncHttpConsumer(
            PlatformHttpEndpoint endpoint,
            Processor processor,
            List<Handler<RoutingContext>> handlers,
            String routerName,
            Ledger ledger,
            FairExecutor executor) {
        super(endpoint, processor, handlers, routerName);
        this.ledger = ledger;
        this.executor = executor;
    }

    @Override
    boolean holdsThread() {
        return false;
    }

    @Override
    void handle(RoutingContext request) {
        Exchange exchange = createExchange(false);
        exchange.setPattern(ExchangePattern.InOut);
        Context connection = request.vertx().getOrCreateContext();
        Caller caller = request.get(CallerAuthentication.CALLER);
        AccountLedger account =
                caller == null ? ledger.anonymous() : ledger.of(caller.account().id());
        processHttpRequest(exchange, request).onComplete(read -> {
            if (read.failed()) {
                exchange.setException(read.cause());
                end(request, exchange);
                return;
            }
            try {
                executor.execute(
                        account.account(),
                        () -> process(exchange, () -> connection.runOnContext(v -> end(request, exchange))));
            } catch (RejectedExecutionException closed) {
                exchange.setException(closed);
                end(request, exchange);
            }
        });
    }

    private void process(Exchange exchange, Runnable whenDone) {
        AtomicBoolean done = new AtomicBoolean();
        try {
            createUoW(exchange);
            getAsyncProcessor().process(exchange, doneSync -> {
                if (done.compareAndSet(false, true)) {
                    whenDone.run();
                }
            });
        } catch (Exception | Error e) {
            // Camel does not catch an Error of a step
            FatalErrors.check(e);
            if (done.compareAndSet(false, true)) {
                exchange.setException(e);
                whenDone.run();
            }
        }
    }

    private void end(RoutingContext request, Exchange exchange) {
        try {
            respond(request, exchange);
        } catch (Exception | Error e) {
            FatalErrors.check(e);
            request.fail(e);
        } finally {
            doneUoW(exchange);
            releaseExchange(exchange, false);
        }
    }

    private void respond(RoutingContext request, Exchange exchange) throws Exception {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        if (exchange.getException() != null) {
            throw exchange.getException();
        }
        Message message = exchange.getMessage();
        Buffer body = body(exchange, message.getBody());
        Integer status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        response.setStatusCode(status != null ? status : body == null ? 204 : 200);
        putHeaders(response, request.pathParams(), exchange, message);
        String contentType = MessageHelper.getContentType(message);
        if (contentType != null) {
            response.putHeader("Content-Type", contentType);
        }
        if (body == null) {
            response.end();
        } else {
            response.end(body);
        }
    }

    private void putHeaders(
            HttpServerResponse response, Map<String, String> pathParameters, Exchange exchange, Message message) {
        HeaderFilterStrategy filter = getEndpoint().getHeaderFilterStrategy();
        message.getHeaders().forEach((name, value) -> {
            if (pathParameters.containsKey(name)) {
                return;
            }
            for (Object one : ObjectHelper.createIterable(value, null)) {
                String text = exchange.getContext().getTypeConverter().convertTo(String.class, exchange, one);
                if (text != null && !filter.applyFilterToCamelHeaders(name, text, exchange)) {
                    response.headers().add(name, text);
                }
            }
        });
    }

    private static Buffer body(Exchange exchange, Object body) throws Exception {
        if (body == null) {
            return null;
        }
        if (body instanceof Buffer buffer) {
            return buffer;
        }
        if (body instanceof String text) {
            return Buffer.buffer(text);
        }
        if (body instanceof byte[] bytes) {
            return Buffer.buffer(bytes);
        }
        if (body instanceof ByteBuffer buffer) {
            // from the start: Camel's tracer may have read it to its end
            ByteBuffer whole = buffer.duplicate().rewind();
            byte[] bytes = new byte[whole.remaining()];
            whole.get(bytes);
            return Buffer.buffer(bytes);
        }
        return Buffer.buffer(exchange.getContext().getTypeConverter().mandatoryConvertTo(byte[].class, exchange, body));
    }
}
