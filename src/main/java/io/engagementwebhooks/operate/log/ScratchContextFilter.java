package io.engagementwebhooks.operate.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.function.Supplier;
import org.slf4j.Marker;

/**
 * Leaves out what libraries say of a scratch context below ERROR, on the thread that works with it: such lines read as if the
 * product itself started and stopped. Thread-safe.
 */
public final class ScratchContextFilter extends TurboFilter {

    private static final ThreadLocal<Boolean> MUTED = new ThreadLocal<>();

    private ScratchContextFilter() {}

    /** Does work on a scratch context, in silence. */
    public static <T> T without(Supplier<T> work) {
        TurboFilters.add(ScratchContextFilter.class, ScratchContextFilter::new);
        MUTED.set(true);
        try {
            return work.get();
        } finally {
            MUTED.remove();
        }
    }

    @Override
    public FilterReply decide(
            Marker marker, Logger logger, Level level, String message, Object[] values, Throwable thrown) {
        return MUTED.get() != null && !level.isGreaterOrEqual(Level.ERROR) && !Loggers.isOurs(logger)
                ? FilterReply.DENY
                : FilterReply.NEUTRAL;
    }
}
