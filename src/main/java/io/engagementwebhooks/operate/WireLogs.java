package io.engagementwebhooks.operate;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import io.engagementwebhooks.operate.log.TurboFilters;
import java.util.List;
import org.slf4j.Marker;

/**
 * Limits the loggers of wire traffic to INFO, at any configured level. Their DEBUG lines hold {@code Authorization}
 * headers, token request forms and tokens.
 */
final class WireLogs extends TurboFilter {

    /** The loggers that write headers, bodies, or failed exchanges with their responses. */
    private static final List<String> WRITE_THE_WIRE =
            List.of("org.apache.hc.", "org.eclipse.jetty.", "org.apache.camel.processor.", "io.netty.handler.logging.");

    private WireLogs() {}

    /** Applies for the life of the process; idempotent. */
    static void silence() {
        TurboFilters.add(WireLogs.class, WireLogs::new);
    }

    @Override
    public FilterReply decide(
            Marker marker, Logger logger, Level level, String format, Object[] parameters, Throwable thrown) {
        boolean isWire =
                !level.isGreaterOrEqual(Level.INFO) && WRITE_THE_WIRE.stream().anyMatch(logger.getName()::startsWith);
        return isWire ? FilterReply.DENY : FilterReply.NEUTRAL;
    }
}
