package io.engagementwebhooks.server;

import io.engagementwebhooks.webhook.Caller;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConsumer;

/**
 * Serves requests like Camel, with three additions. It answers problem JSON while its route is suspended, passes the
 * authenticated caller to the route, and keeps the body's memory reserved until the route has ended.
 */
class SuspendAwareConsumer extends VertxPlatformHttpConsumer {

    SuspendAwareConsumer(
            PlatformHttpEndpoint endpoint,
            Processor processor,
            List<Handler<RoutingContext>> handlers,
            String routerName) {
        super(endpoint, processor, handlers, routerName);
    }

    @Override
    protected final void handleRequest(RoutingContext request) {
        if (isSuspended()) {
            RouterProblems.answerSuspended(request.request());
        } else {
            handle(request);
        }
    }

    @Override
    protected final Future<Void> populateCamelMessage(RoutingContext request, Exchange exchange, Message message) {
        exchange.setProperty(CallerAuthentication.HOLDS_THREAD, holdsThread());
        exchange.setProperty(CallerAuthentication.ADMITTED, request.<Caller>get(CallerAuthentication.CALLER));
        RequestMemory memory = BodyReader.take(request);
        if (memory != null) {
            RequestMemory.attach(exchange, memory);
        }
        return super.populateCamelMessage(request, exchange, message);
    }

    @Override
    public final void releaseExchange(Exchange exchange, boolean autoRelease) {
        RequestMemory.release(exchange);
        super.releaseExchange(exchange, autoRelease);
    }

    /** Whether a request uses a thread until its route has ended. */
    boolean holdsThread() {
        return true;
    }

    /** Serves a request of a running route. */
    void handle(RoutingContext request) {
        super.handleRequest(request);
    }
}
