package io.engagementwebhooks.operate.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Marker;
import org.slf4j.helpers.MessageFormatter;

/** Collects the product's warnings on a thread instead of logging them. Thread-safe. */
public final class WarningCollector extends TurboFilter {

    private static final ThreadLocal<List<String>> COLLECTED = new ThreadLocal<>();

    private WarningCollector() {}

    /** Runs work on this thread. @return the warnings that it logged */
    public static List<String> during(Runnable work) {
        TurboFilters.add(WarningCollector.class, WarningCollector::new);
        List<String> warnings = new ArrayList<>();
        COLLECTED.set(warnings);
        try {
            work.run();
        } finally {
            COLLECTED.remove();
        }
        return warnings;
    }

    @Override
    public FilterReply decide(
            Marker marker, Logger logger, Level level, String message, Object[] values, Throwable thrown) {
        List<String> warnings = COLLECTED.get();
        if (warnings == null || level != Level.WARN || !Loggers.isOurs(logger)) {
            return FilterReply.NEUTRAL;
        }
        warnings.add(MessageFormatter.basicArrayFormat(message, values));
        return FilterReply.DENY;
    }
}
