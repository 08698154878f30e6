package io.engagementwebhooks.store.jdbc;

import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Finds under which epochs this instance owns partitions, until the end of a transaction. */
final class Fence {

    /** A change of owner waits for this, and this sees one that came before. */
    private static final String EPOCHS =
            "SELECT number, epoch FROM partition WHERE owner = ? AND number = ANY (?) FOR SHARE";

    private final String owner;

    Fence(String owner) {
        this.owner = owner;
    }

    /** The epochs of those partitions that are this instance's. */
    Map<Integer, Long> epochs(Statements statements, Collection<Leases.Try> begun) throws SQLException {
        if (begun.isEmpty()) {
            return Map.of();
        }
        List<long[]> rows = statements.query(
                EPOCHS,
                row -> new long[] {row.getInt(1), row.getLong(2)},
                owner,
                Values.ints(begun.stream().map(Leases.Try::partition).collect(Collectors.toSet())));
        return rows.stream().collect(Collectors.toMap(row -> (int) row[0], row -> row[1]));
    }

    /**
     * Those deliveries that still are of the epoch under which each was begun.
     *
     * @param begun what each was begun under; none: no other instance could own it
     */
    List<String> owned(Statements statements, Collection<String> deliveries, Map<String, Leases.Try> begun)
            throws SQLException {
        Map<Integer, Long> epochs = epochs(statements, begun.values());
        return deliveries.stream()
                .filter(delivery ->
                        begun.get(delivery) == null || begun.get(delivery).isOf(epochs))
                .toList();
    }
}
