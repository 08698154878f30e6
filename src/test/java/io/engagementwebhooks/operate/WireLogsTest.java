package io.engagementwebhooks.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import io.engagementwebhooks.operate.log.TurboFilters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** No level and no configuration makes the wire be logged. */
class WireLogsTest {

    private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.apache.hc.client5.http.wire",
                "org.apache.hc.client5.http.headers",
                "org.eclipse.jetty.http.HttpGenerator",
                "org.apache.camel.processor.Pipeline"
            })
    void a_wire_logger_is_silent_below_info(String name) {
        WireLogs.silence();
        Logger logger = context.getLogger(name);
        Level before = logger.getLevel();
        logger.setLevel(Level.TRACE);
        try {
            assertFalse(logger.isTraceEnabled());
            assertFalse(logger.isDebugEnabled());
            assertTrue(logger.isInfoEnabled());
            assertTrue(logger.isErrorEnabled());
        } finally {
            logger.setLevel(before);
        }
    }

    @Test
    void other_loggers_keep_their_levels() {
        WireLogs.silence();
        Logger logger = context.getLogger("io.engagementwebhooks.operate.WireLogsTest");
        logger.setLevel(Level.TRACE);
        assertTrue(logger.isTraceEnabled());
        logger.setLevel(null);
    }

    @Test
    void the_filter_is_added_once() {
        WireLogs.silence();
        WireLogs.silence();
        assertEquals(
                1,
                context.getTurboFilterList().stream()
                        .filter(TurboFilters.class::isInstance)
                        .count());
    }
}
