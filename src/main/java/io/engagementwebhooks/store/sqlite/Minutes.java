package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.Latencies;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Counts what a group of transactions does to its accounts, and adds it to their minutes before it is committed: one row an
 * account, however much it was. Used by the writer thread alone.
 */
final class Minutes {

    private static final String[] COUNTS = {"events", "delivered", "try_later", "gave_up", "skipped"};
    private static final int EVENTS = 0;
    private static final int DELIVERED = 1;
    private static final int TRY_LATER = 2;
    private static final int GAVE_UP = 3;
    private static final int SKIPPED = 4;
    private static final long MS_PER_MINUTE = 60_000;

    static final String COLUMNS = String.join(", ", COUNTS) + ", "
            + IntStream.range(0, Latencies.CLASSES).mapToObj(i -> "l" + i).collect(Collectors.joining(", "));
    private static final String ADD = "INSERT INTO figure (account, minute, " + COLUMNS + ") VALUES (?, ?"
            + ", ?".repeat(COUNTS.length + Latencies.CLASSES) + ") ON CONFLICT DO UPDATE SET "
            + COLUMNS.lines()
                    .flatMap(line -> java.util.Arrays.stream(line.split(", ")))
                    .map(column -> column + " = " + column + " + excluded." + column)
                    .collect(Collectors.joining(", "));

    private final Prepared prepared;
    private final Map<Integer, Sums> pending = new HashMap<>();

    Minutes(Prepared prepared) {
        this.prepared = prepared;
    }

    private static final class Sums {
        private final long[] counts = new long[COUNTS.length];
        private final Latencies latencies = new Latencies();
    }

    private Sums of(int account) {
        return pending.computeIfAbsent(account, key -> new Sums());
    }

    /** An event was accepted, so many of whose deliveries are skipped from the beginning. */
    void accepted(int account, int skipped) {
        Sums sums = of(account);
        sums.counts[EVENTS]++;
        sums.counts[SKIPPED] += skipped;
    }

    /** A try has ended. @param ms how long its attempt took, or negative: nothing was sent */
    void tried(int account, DeliveryState state, long ms) {
        Sums sums = of(account);
        switch (state) {
            case DELIVERED -> sums.counts[DELIVERED]++;
            case GAVE_UP -> sums.counts[GAVE_UP]++;
            case SKIPPED -> sums.counts[SKIPPED]++;
            default -> sums.counts[TRY_LATER] += ms < 0 ? 0 : 1;
        }
        if (ms >= 0) {
            sums.latencies.add(Latencies.classOf(ms), 1);
        }
    }

    void write(long now) throws SQLException {
        for (Map.Entry<Integer, Sums> account : pending.entrySet()) {
            PreparedStatement add = prepared.of(ADD);
            add.setInt(1, account.getKey());
            add.setLong(2, now / MS_PER_MINUTE);
            int column = 3;
            for (long count : account.getValue().counts) {
                add.setLong(column++, count);
            }
            for (int i = 0; i < Latencies.CLASSES; i++) {
                add.setLong(column++, account.getValue().latencies.count(i));
            }
            add.executeUpdate();
        }
        pending.clear();
    }

    void forget() {
        pending.clear();
    }
}
