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
 * Camel's HTTP engine without a thread per waiting ingest request. Camel's own holds a worker thread per request until
 * the route has ended: a hundred requests that wait for a commit, or for back-pressure, would leave no thread for any
 * other request.
 */
public final class AsyncHttpEngine extends VertxPlatformHttpEngine {

    private final Ledger ledger;
    private final FairExecutor executor;

    /**
     * @param ledger the accounts
     * @param executor processes ingest requests
     */
    public AsyncHttpEngine(Ledger ledger, FairExecutor executor) {
        this.ledger = ledger;
        this.executor = executor;
    }

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        String router = VertxPlatformHttpRouter.getRouterNameFromPort(getServerPort());
        return authenticatesIngest(processor)
                ? new AsyncHttpConsumer(endpoint, processor, getHandlers(), router, ledger, executor)
                : new SuspendAwareConsumer(endpoint, processor, getHandlers(), router);
    }

    /** Whether a step of the route, nested ones included, authenticates callers that send events. */
    private static boolean authenticatesIngest(Object step) {
        return step instanceof CallerAuthentication authentication && authentication.authenticatesIngest()
                || step instanceof Navigate<?> steps
                        && steps.hasNext()
                        && steps.next().stream().anyMatch(AsyncHttpEngine::authenticatesIngest);
    }
}
