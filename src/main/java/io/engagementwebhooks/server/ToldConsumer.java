package io.engagementwebhooks.server;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConsumer;

/** Serves as Camel does, but says so while its route is suspended, where Camel answers 503 without a word. */
class ToldConsumer extends VertxPlatformHttpConsumer {

    ToldConsumer(
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

    /** Serves a request of a route that is not suspended. */
    void handle(RoutingContext request) {
        super.handleRequest(request);
    }
}
