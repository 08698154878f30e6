package io.engagementwebhooks.store;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What happened to an account in a minute, as stores keep it: a number a column. For one thread. */
public final class MinuteCounts {

    private static final long MS_PER_MINUTE = 60_000;
    private static final int EVENTS = 0;
    private static final int DELIVERED = 1;
    private static final int TRY_LATER = 2;
    private static final int GAVE_UP = 3;
    private static final int SKIPPED = 4;
    private static final int LATENCIES = 5;

    /** The names of the columns, in their order. */
    public static final List<String> COLUMNS = columns();

    private final long[] counts = new long[COLUMNS.size()];

    private static List<String> columns() {
        List<String> columns = new ArrayList<>(List.of("events", "delivered", "try_later", "gave_up", "skipped"));
        for (int i = 0; i < Latencies.CLASSES; i++) {
            columns.add("l" + i);
        }
        return List.copyOf(columns);
    }

    /** The columns as SQL lists them. */
    public static String columnList() {
        return String.join(", ", COLUMNS);
    }

    /** What SQL sets where a row is there already. */
    public static String added() {
        return COLUMNS.stream()
                .map(column -> column + " = minute_stats." + column + " + excluded." + column)
                .collect(Collectors.joining(", "));
    }

    /** The number of the minute of a time. */
    public static long minuteOf(long millis) {
        return Math.floorDiv(millis, MS_PER_MINUTE);
    }

    /** An event was accepted, so many of whose deliveries are skipped from the beginning. */
    public void accepted(long skipped) {
        counts[EVENTS]++;
        counts[SKIPPED] += skipped;
    }

    /** A try has ended. */
    public void tried(AttemptResult result) {
        boolean isSent = result.attempt() != null;
        switch (result.state()) {
            case DELIVERED -> counts[DELIVERED]++;
            case GAVE_UP -> counts[GAVE_UP]++;
            case SKIPPED -> counts[SKIPPED]++;
            default -> counts[TRY_LATER] += isSent ? 1 : 0;
        }
        if (isSent) {
            counts[LATENCIES + Latencies.classOf(result.attempt().ms())]++;
        }
    }

    /** The number for a column, by its place. */
    public long get(int column) {
        return counts[column];
    }

    /** Adds to the number for a column. */
    public void add(int column, long more) {
        counts[column] += more;
    }

    /** As what happened in a step. @param first the number of its first minute */
    public Figures.Step step(long first) {
        Latencies latencies = new Latencies();
        for (int i = 0; i < Latencies.CLASSES; i++) {
            latencies.add(i, counts[LATENCIES + i]);
        }
        return new Figures.Step(
                Instant.ofEpochMilli(first * MS_PER_MINUTE),
                counts[EVENTS],
                counts[DELIVERED],
                counts[TRY_LATER],
                counts[GAVE_UP],
                counts[SKIPPED],
                latencies);
    }
}
