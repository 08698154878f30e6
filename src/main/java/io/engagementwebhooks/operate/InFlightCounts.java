package io.engagementwebhooks.operate;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.impl.engine.DefaultInflightRepository;

/**
 * Camel's counts of exchanges in flight, which go on over a swap: exchanges that a former version of a route still works
 * on count for the route's id until they end. Camel forgets a route's count with the route, and the exchanges that end
 * later would make the next version's count too small, for ever. Thread-safe.
 */
final class InFlightCounts extends DefaultInflightRepository {

    private final Set<String> retiring = ConcurrentHashMap.newKeySet();

    /** While a route retires, nobody waits for what it has in flight. */
    void retire(String route) {
        retiring.add(route);
    }

    void retired(String route) {
        retiring.remove(route);
    }

    @Override
    public int size(String route) {
        return retiring.contains(route) ? 0 : super.size(route);
    }

    /** The next version of the route keeps the count, so an exchange that begins between two versions is counted at both ends. */
    @Override
    public void removeRoute(String route) {}
}
