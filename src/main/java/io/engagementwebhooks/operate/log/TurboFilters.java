package io.engagementwebhooks.operate.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * Filters for every logger, in every logging configuration, registered as one filter. Logback calls filters even for
 * statements below the logger's level; these are not called for those. Thread-safe.
 */
public final class TurboFilters extends TurboFilter {

    private final List<TurboFilter> filters = new CopyOnWriteArrayList<>();

    private TurboFilters() {}

    /** Adds a filter unless one of its class exists. Does nothing without Logback. */
    public static synchronized <T extends TurboFilter> void add(Class<T> type, Supplier<T> made) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            List<TurboFilter> filters = of(context).filters;
            if (filters.stream().noneMatch(type::isInstance)) {
                filters.add(made.get());
            }
        }
    }

    private static TurboFilters of(LoggerContext context) {
        for (TurboFilter filter : context.getTurboFilterList()) {
            if (filter instanceof TurboFilters known) {
                return known;
            }
        }
        TurboFilters made = new TurboFilters();
        made.setContext(context);
        made.start();
        context.addTurboFilter(made);
        return made;
    }

    @Override
    public FilterReply decide(
            Marker marker, Logger logger, Level level, String message, Object[] values, Throwable thrown) {
        if (!level.isGreaterOrEqual(logger.getEffectiveLevel())) {
            return FilterReply.NEUTRAL;
        }
        for (TurboFilter filter : filters) {
            FilterReply reply = filter.decide(marker, logger, level, message, values, thrown);
            if (reply != FilterReply.NEUTRAL) {
                return reply;
            }
        }
        return FilterReply.NEUTRAL;
    }
}
