package io.engagementwebhooks.deliver.egress;

import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The idle connections of all accounts, up to a limit. For the event loop only, except {@link #size}. */
final class IdleConnections {

    private final int limit;

    /** The connections of each account that has some, the one that was used longest ago first. */
    private final Map<String, Set<EgressConnection>> byAccount = new HashMap<>();

    private volatile int size;

    IdleConnections(int limit) {
        this.limit = limit;
    }

    /**
     * Adds a connection.
     *
     * @return above the limit, the one to close: the account with most loses the one that it used longest ago
     */
    Optional<EgressConnection> add(String account, EgressConnection connection) {
        byAccount.computeIfAbsent(account, none -> new LinkedHashSet<>()).add(connection);
        size++;
        return size <= limit
                ? Optional.empty()
                : Optional.of(Collections.max(byAccount.values(), Comparator.comparingInt(Set::size))
                        .iterator()
                        .next());
    }

    /** Removes a connection, if it is idle. */
    void remove(String account, EgressConnection connection) {
        byAccount.computeIfPresent(account, (same, idle) -> {
            size -= idle.remove(connection) ? 1 : 0;
            return idle.isEmpty() ? null : idle;
        });
    }

    /** Thread-safe. */
    int size() {
        return size;
    }
}
