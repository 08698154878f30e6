package io.engagementwebhooks.server;

import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.ledger.Ledger;
import org.apache.camel.Navigate;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;

/**
 * Camel's HTTP engine, where a route that takes events in keeps no thread while it waits: Camel's own holds a worker thread
 * per request until the route has ended, so that a hundred requests which wait for a commit, or for their turn, would leave
 * no thread for any other request, and each commit would wake one more thread.
 */
public final class AsyncHttpEngine extends VertxPlatformHttpEngine {

    private final Ledger ledger;
    private final FairExecutor executor;

    /**
     * @param ledger which accounts there are
     * @param executor processes the requests of routes that take events in
     */
    public AsyncHttpEngine(Ledger ledger, FairExecutor executor) {
        this.ledger = ledger;
        this.executor = executor;
    }

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        String router = VertxPlatformHttpRouter.getRouterNameFromPort(getServerPort());
        return takesEvents(processor)
                ? new AsyncHttpConsumer(endpoint, processor, getHandlers(), router, ledger, executor)
                : new SuspendAwareConsumer(endpoint, processor, getHandlers(), router);
    }

    /** Whether a step of the route, or one inside a step, authenticates callers that send events. */
    private static boolean takesEvents(Object step) {
        return step instanceof CallerAuthentication authentication && authentication.takesEvents()
                || step instanceof Navigate<?> steps
                        && steps.hasNext()
                        && steps.next().stream().anyMatch(AsyncHttpEngine::takesEvents);
    }
}
