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
    void a_logger_of_the_wire_is_silent_below_info_and_heard_above(String name) {
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
    void others_are_as_they_are_set() {
        WireLogs.silence();
        Logger logger = context.getLogger("io.engagementwebhooks.operate.WireLogsTest");
        logger.setLevel(Level.TRACE);
        assertTrue(logger.isTraceEnabled());
        logger.setLevel(null);
    }

    @Test
    void it_stands_once() {
        WireLogs.silence();
        WireLogs.silence();
        assertEquals(
                1,
                context.getTurboFilterList().stream()
                        .filter(TurboFilters.class::isInstance)
                        .count());
    }
}
