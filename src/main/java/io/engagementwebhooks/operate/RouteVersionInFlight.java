package io.engagementwebhooks.operate;

import java.util.concurrent.atomic.LongAdder;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.spi.RoutePolicy;

/**
 * Counts exchanges in flight on one version of a route, until their last asynchronous step has called back. Not a
 * service, so that it counts after its route has stopped. Thread-safe.
 */
final class RouteVersionInFlight implements RoutePolicy {

    private final LongAdder begun = new LongAdder();
    private final LongAdder done = new LongAdder();

    /** Counts each version of each route that starts from now on. */
    static void countIn(CamelContext context) {
        context.addRoutePolicyFactory((of, routeId, route) -> new RouteVersionInFlight());
    }

    /** Whether nothing is in flight on this version; false without a count. */
    static boolean isIdle(Route version) {
        return version.getRoutePolicyList() != null
                && version.getRoutePolicyList().stream()
                        .anyMatch(policy -> policy instanceof RouteVersionInFlight count && count.isIdle());
    }

    private boolean isIdle() {
        // in this order, so that an exchange that ends in between is counted as begun
        long ended = done.sum();
        return begun.sum() == ended;
    }

    @Override
    public void onExchangeBegin(Route route, Exchange exchange) {
        begun.increment();
    }

    @Override
    public void onExchangeDone(Route route, Exchange exchange) {
        done.increment();
    }

    @Override
    public void onInit(Route route) {}

    @Override
    public void onRemove(Route route) {}

    @Override
    public void onStart(Route route) {}

    @Override
    public void onStop(Route route) {}

    @Override
    public void onSuspend(Route route) {}

    @Override
    public void onResume(Route route) {}
}
