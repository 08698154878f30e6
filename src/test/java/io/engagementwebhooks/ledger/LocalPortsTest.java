package io.engagementwebhooks.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.LogLines;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;

class LocalPortsTest {

    @Test
    void a_failure_for_lack_of_ports_is_logged_once_a_minute_and_a_refusal_is_not() {
        try (LogLines lines = new LogLines(LocalPorts.class)) {
            for (int i = 0; i < 100; i++) {
                assertTrue(LocalPorts.ranOut(
                        "calling", new IOException(new BindException("Cannot assign requested address"))));
            }
            assertFalse(LocalPorts.ranOut("calling", new ConnectException("Connection refused")));
            assertFalse(LocalPorts.ranOut("calling", new ConnectException(null)));
            assertEquals(1, lines.texts().size());
            assertTrue(lines.texts().get(0).contains("doing=\"calling\" count=1: raise"));
        }
    }
}
