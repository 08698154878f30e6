package io.engagementwebhooks.operate.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Marker;
import org.slf4j.spi.LocationAwareLogger;

/**
 * Limits how often a warning or an error is written: a library's once a minute, one of ours 60 times. Lines are the same if
 * their logger and message are, whatever the values; the same line about another account is another one. The next line that is written says how many were left out.
 * What Kafka's client says at INFO is limited too, since it repeats that while a broker is away. Thread-safe.
 */
public final class RepeatedLines extends TurboFilter {

    /** Lines of ours name different things by one message, such as each fault of a file. */
    static final int OF_OURS = 60;

    private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final String VALUE = "{}";

    /** Where a message of ours names an account. */
    private static final String OF_ACCOUNT = "account=" + VALUE;

    /** Limit of remembered lines, for many accounts with some lines each. */
    private static final int MOST_KNOWN = 10_000;

    private static final ThreadLocal<Boolean> WRITING = new ThreadLocal<>();

    private final Map<Line, Minute> known = new ConcurrentHashMap<>();
    private final LongSupplier nanos;

    /** @param account null: it is about none */
    private record Line(String logger, String message, String account) {}

    private RepeatedLines() {
        this(System::nanoTime);
    }

    RepeatedLines(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Holds for the life of the process. A second call changes nothing. */
    public static void limit() {
        TurboFilters.add(RepeatedLines.class, RepeatedLines::new);
    }

    @Override
    public FilterReply decide(
            Marker marker, Logger logger, Level level, String message, Object[] values, Throwable thrown) {
        if (message == null || !isLimited(logger, level) || WRITING.get() != null) {
            return FilterReply.NEUTRAL;
        }
        boolean isOurs = Loggers.isOurs(logger);
        Line line = new Line(logger.getName(), message, isOurs ? account(message, values) : null);
        int leftOut = minute(line).enter(nanos.getAsLong(), isOurs ? OF_OURS : 1);
        if (leftOut > 0) {
            write(marker, logger, level, message + " (" + leftOut + " more of these were left out)", values, thrown);
        }
        return leftOut == 0 ? FilterReply.NEUTRAL : FilterReply.DENY;
    }

    private static boolean isLimited(Logger logger, Level level) {
        return level.isGreaterOrEqual(Level.INFO)
                && (level.isGreaterOrEqual(Level.WARN) || logger.getName().startsWith("org.apache.kafka."));
    }

    private static String account(String message, Object[] values) {
        int at = message.indexOf(OF_ACCOUNT);
        if (at < 0 || values == null) {
            return null;
        }
        int before = 0;
        for (int value = message.indexOf(VALUE); value < at; value = message.indexOf(VALUE, value + 1)) {
            before++;
        }
        return before < values.length ? String.valueOf(values[before]) : null;
    }

    private Minute minute(Line line) {
        if (known.size() >= MOST_KNOWN) {
            known.values().removeIf(minute -> minute.isOver(nanos.getAsLong()));
            if (known.size() >= MOST_KNOWN) {
                // messages that hold their values: no two are the same
                known.clear();
            }
        }
        return known.computeIfAbsent(line, key -> new Minute());
    }

    private static void write(
            Marker marker, Logger logger, Level level, String message, Object[] values, Throwable thrown) {
        WRITING.set(true);
        try {
            logger.log(
                    marker,
                    RepeatedLines.class.getName(),
                    level.isGreaterOrEqual(Level.ERROR)
                            ? LocationAwareLogger.ERROR_INT
                            : level.isGreaterOrEqual(Level.WARN)
                                    ? LocationAwareLogger.WARN_INT
                                    : LocationAwareLogger.INFO_INT,
                    message,
                    values,
                    thrown);
        } finally {
            WRITING.remove();
        }
    }

    /** How often one line came in a minute. */
    private static final class Minute {

        private long begin;
        private int written;
        private int leftOut;

        /** @return -1: it is left out; else it is written, and so many were left out before it */
        synchronized int enter(long now, int most) {
            if (written == 0 || isOver(now)) {
                begin = now;
                written = 0;
            } else if (written >= most) {
                leftOut++;
                return -1;
            }
            written++;
            int before = leftOut;
            leftOut = 0;
            return before;
        }

        synchronized boolean isOver(long now) {
            return now - begin >= MINUTE_NANOS;
        }
    }
}
