package io.engagementwebhooks.store.jdbc;

import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Reads the epochs of the partitions that this instance owns, stable until the end of the transaction. */
final class Fence {

    /** FOR SHARE: a change of owner waits for this transaction, and this one sees every earlier change. */
    private static final String EPOCHS =
            "SELECT number, epoch FROM partition WHERE owner = ? AND number = ANY (?) FOR SHARE";

    private final String owner;

    Fence(String owner) {
        this.owner = owner;
    }

    /** The epochs of those partitions that this instance owns. */
    Map<Integer, Long> epochs(Statements statements, Collection<Leases.AttemptEpoch> begun) throws SQLException {
        if (begun.isEmpty()) {
            return Map.of();
        }
        List<long[]> rows = statements.query(
                EPOCHS,
                row -> new long[] {row.getInt(1), row.getLong(2)},
                owner,
                Values.ints(begun.stream().map(Leases.AttemptEpoch::partition).collect(Collectors.toSet())));
        return rows.stream().collect(Collectors.toMap(row -> (int) row[0], row -> row[1]));
    }

    /**
     * Returns the deliveries whose attempt began in the current epoch.
     *
     * @param begun the epoch of each attempt; missing: no other instance can own the webhook
     */
    List<String> withCurrentEpoch(
            Statements statements, Collection<String> deliveries, Map<String, Leases.AttemptEpoch> begun)
            throws SQLException {
        Map<Integer, Long> epochs = epochs(statements, begun.values());
        return deliveries.stream()
                .filter(delivery ->
                        begun.get(delivery) == null || begun.get(delivery).isOf(epochs))
                .toList();
    }
}
