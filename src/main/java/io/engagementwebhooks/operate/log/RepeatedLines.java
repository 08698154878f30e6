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
 * Limits repeated warnings and errors: a library's to one a minute, ours to 60. Lines are equal if logger and message
 * are, whatever their values, except for the account. The next written line has the number of omitted ones. INFO lines
 * of Kafka's client are limited too, since they repeat while a broker is unavailable. Thread-safe.
 */
public final class RepeatedLines extends TurboFilter {

    /** Our lines report different things by one message, such as each fault of a file. */
    static final int OF_OURS = 60;

    private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final String VALUE = "{}";

    /** The account in a message of ours. */
    private static final String OF_ACCOUNT = "account=" + VALUE;

    /** Limit of remembered lines, for many accounts with some lines each. */
    private static final int MOST_KNOWN = 10_000;

    private static final ThreadLocal<Boolean> WRITING = new ThreadLocal<>();

    private final Map<Line, Minute> known = new ConcurrentHashMap<>();
    private final LongSupplier nanos;

    /** @param account null if there is none */
    private record Line(String logger, String message, String account) {}

    private RepeatedLines() {
        this(System::nanoTime);
    }

    RepeatedLines(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Applies for the life of the process; idempotent. */
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
                // messages with values in their text are all different
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

    /** The count of a line in a minute. */
    private static final class Minute {

        private long begin;
        private int written;
        private int leftOut;

        /** @return -1 if the line is omitted; otherwise the number of lines omitted before it */
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
