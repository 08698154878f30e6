package io.engagementwebhooks.operate.log;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/** Adds filters that hold for every logger, in whatever logging configuration. */
public final class TurboFilters {

    private TurboFilters() {}

    /** Adds a filter unless there is one of its class. Without Logback nothing is added. */
    public static <T extends TurboFilter> void add(Class<T> type, Supplier<T> made) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context
                && context.getTurboFilterList().stream().noneMatch(type::isInstance)) {
            T filter = made.get();
            filter.setContext(context);
            filter.start();
            context.addTurboFilter(filter);
        }
    }
}
