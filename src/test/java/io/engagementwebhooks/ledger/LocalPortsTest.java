package io.engagementwebhooks.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LocalPortsTest {

    @Test
    void a_failure_for_lack_of_ports_is_logged_once_a_minute_and_a_refusal_is_not() {
        Logger log = (Logger) LoggerFactory.getLogger(LocalPorts.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        log.addAppender(lines);
        try {
            for (int i = 0; i < 100; i++) {
                assertTrue(LocalPorts.ranOut(
                        "calling", new IOException(new BindException("Cannot assign requested address"))));
            }
            assertFalse(LocalPorts.ranOut("calling", new ConnectException("Connection refused")));
            assertFalse(LocalPorts.ranOut("calling", new ConnectException(null)));
            assertEquals(1, lines.list.size());
            assertTrue(lines.list.get(0).getFormattedMessage().contains("doing=\"calling\" count=1: raise"));
        } finally {
            log.detachAppender(lines);
        }
    }
}
