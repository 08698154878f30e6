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
 * their logger and message are, whatever the values. The next line that is written says how many were left out.
 * What Kafka's client says at INFO is limited too, since it repeats that while a broker is away. Thread-safe.
 */
public final class RepeatedLines extends TurboFilter {

    /** Lines of ours name different things by one message, such as each fault of a file. */
    static final int OF_OURS = 60;

    private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** So many lines are known at a time. */
    private static final int MOST_KNOWN = 1_000;

    private static final ThreadLocal<Boolean> WRITING = new ThreadLocal<>();

    private final Map<Line, Minute> known = new ConcurrentHashMap<>();
    private final LongSupplier nanos;

    private record Line(String logger, String message) {}

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
        int leftOut = minute(logger, message).enter(nanos.getAsLong(), Loggers.isOurs(logger) ? OF_OURS : 1);
        if (leftOut > 0) {
            write(marker, logger, level, message + " (" + leftOut + " more of these were left out)", values, thrown);
        }
        return leftOut == 0 ? FilterReply.NEUTRAL : FilterReply.DENY;
    }

    /** Asked for each statement of each logger: what its level keeps silent is not looked at. */
    private static boolean isLimited(Logger logger, Level level) {
        return level.isGreaterOrEqual(Level.INFO)
                && level.isGreaterOrEqual(logger.getEffectiveLevel())
                && (level.isGreaterOrEqual(Level.WARN) || logger.getName().startsWith("org.apache.kafka."));
    }

    private Minute minute(Logger logger, String message) {
        if (known.size() >= MOST_KNOWN) {
            known.values().removeIf(minute -> minute.isOver(nanos.getAsLong()));
            if (known.size() >= MOST_KNOWN) {
                // messages that hold their values: no two are the same
                known.clear();
            }
        }
        return known.computeIfAbsent(new Line(logger.getName(), message), line -> new Minute());
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
