package io.engagementwebhooks.store.outcome;

import io.engagementwebhooks.store.query.Latencies;
import io.engagementwebhooks.store.query.StatsStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The counts of an account in a minute, as stored: one per column. Not thread-safe. */
public final class MinuteCounts {

    private static final long MS_PER_MINUTE = 60_000;
    private static final int EVENTS = 0;
    private static final int DELIVERED = 1;
    private static final int TRY_LATER = 2;
    private static final int GAVE_UP = 3;
    private static final int SKIPPED = 4;
    private static final int LATENCIES = 5;

    /** The column names, in order. */
    public static final List<String> COLUMNS = columns();

    private final long[] counts = new long[COLUMNS.size()];

    private static List<String> columns() {
        List<String> columns = new ArrayList<>(List.of("events", "delivered", "try_later", "gave_up", "skipped"));
        for (int i = 0; i < Latencies.BUCKETS; i++) {
            columns.add("l" + i);
        }
        return List.copyOf(columns);
    }

    /** The columns as a SQL list. */
    public static String columnList() {
        return String.join(", ", COLUMNS);
    }

    /** The SQL assignments that add to an existing row. */
    public static String addAssignments() {
        return COLUMNS.stream()
                .map(column -> column + " = minute_stats." + column + " + excluded." + column)
                .collect(Collectors.joining(", "));
    }

    /** Minutes since 1970. */
    public static long minuteOf(long millis) {
        return Math.floorDiv(millis, MS_PER_MINUTE);
    }

    /** Counts an accepted event and its deliveries that were skipped at once. */
    public void countAccepted(long skipped) {
        counts[EVENTS]++;
        counts[SKIPPED] += skipped;
    }

    /** Counts an attempt. */
    public void countAttempt(AttemptResult result) {
        boolean isSent = result.attempt() != null;
        switch (result.state()) {
            case DELIVERED -> counts[DELIVERED]++;
            case GAVE_UP -> counts[GAVE_UP]++;
            case SKIPPED -> counts[SKIPPED]++;
            default -> counts[TRY_LATER] += isSent ? 1 : 0;
        }
        if (isSent) {
            counts[LATENCIES + Latencies.bucketOf(result.attempt().ms())]++;
        }
    }

    public long get(int column) {
        return counts[column];
    }

    public void add(int column, long more) {
        counts[column] += more;
    }

    /** The counts as a time step. @param first its first minute */
    public StatsStore.Step step(long first) {
        Latencies latencies = new Latencies();
        for (int i = 0; i < Latencies.BUCKETS; i++) {
            latencies.add(i, counts[LATENCIES + i]);
        }
        return new StatsStore.Step(
                Instant.ofEpochMilli(first * MS_PER_MINUTE),
                counts[EVENTS],
                counts[DELIVERED],
                counts[TRY_LATER],
                counts[GAVE_UP],
                counts[SKIPPED],
                latencies);
    }
}
