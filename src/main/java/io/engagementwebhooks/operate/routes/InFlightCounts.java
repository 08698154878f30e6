package io.engagementwebhooks.operate.routes;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.impl.engine.DefaultInflightRepository;

/**
 * Counts exchanges in flight by route id, across swaps of the route: exchanges on a former version count until they
 * end. Camel drops a route's count with the route, so late exchanges would make the next version's count too small
 * for ever. Thread-safe.
 */
public final class InFlightCounts extends DefaultInflightRepository {

    private final Set<String> retiring = ConcurrentHashMap.newKeySet();

    /** While a route retires, its stop does not wait for exchanges in flight. */
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

    /** Keeps the count for the next version, so that an exchange between two versions is counted consistently. */
    @Override
    public void removeRoute(String route) {}
}
