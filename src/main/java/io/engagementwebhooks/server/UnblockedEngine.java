package io.engagementwebhooks.server;

import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.ledger.Ledger;
import java.util.function.Predicate;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;

/**
 * Camel's HTTP engine, where some endpoints keep no thread while their route waits: Camel's own holds a worker thread per
 * request until the route has ended, so that a hundred requests which wait for a commit, or for their turn, would leave
 * no thread for any other request, and each commit would wake one more thread.
 */
public final class UnblockedEngine extends VertxPlatformHttpEngine {

    private final Predicate<PlatformHttpEndpoint> unblocked;
    private final Ledger ledger;
    private final FairExecutor executor;

    /**
     * @param unblocked which endpoints are served so; the others hold a thread for each request
     * @param ledger which accounts there are
     * @param executor processes the requests of unblocked endpoints
     */
    public UnblockedEngine(Predicate<PlatformHttpEndpoint> unblocked, Ledger ledger, FairExecutor executor) {
        this.unblocked = unblocked;
        this.ledger = ledger;
        this.executor = executor;
    }

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        String router = VertxPlatformHttpRouter.getRouterNameFromPort(getServerPort());
        return unblocked.test(endpoint)
                ? new UnblockedConsumer(endpoint, processor, getHandlers(), router, ledger, executor)
                : new ToldConsumer(endpoint, processor, getHandlers(), router);
    }
}
