package io.engagementwebhooks.ledger;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class FileDescriptorsTest {

    private final FileDescriptors descriptors = new FileDescriptors();

    @Test
    void a_failure_for_lack_of_descriptors_is_found_in_any_cause() {
        assertTrue(descriptors.ranOut("connecting", new SocketException("Too many open files")));
        assertTrue(descriptors.ranOut(
                "reading", new IllegalStateException(new FileSystemException("/x", null, "Too many open files"))));
        assertTrue(descriptors.ranOut("reading", new IOException("Too many open files in system")));
    }

    @Test
    void other_failures_are_not_for_lack_of_descriptors() {
        assertFalse(descriptors.ranOut("connecting", new ConnectException("Connection refused")));
        assertFalse(descriptors.ranOut("connecting", new SocketException("Connection reset")));
        assertFalse(descriptors.ranOut("looking up", new UnknownHostException("nowhere.example")));
        assertFalse(descriptors.ranOut("reading", new IOException((String) null)));
    }

    @Test
    void an_unreadable_file_for_lack_of_descriptors_differs_from_a_faulty_one() {
        assertThrows(
                FileDescriptors.NoneLeftException.class,
                () -> descriptors.check("reading", new FileSystemException("/x", null, "Too many open files")));
        assertDoesNotThrow(() -> descriptors.check("reading", new NoSuchFileException("/x")));
    }

    @Test
    void each_is_counted_and_at_most_one_line_a_minute_is_logged() {
        Logger log = (Logger) LoggerFactory.getLogger(FileDescriptors.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        log.addAppender(lines);
        try {
            for (int i = 0; i < 100; i++) {
                descriptors.ranOut("connecting", new SocketException("Too many open files"));
            }
            assertEquals(100, descriptors.failures());
            assertEquals(1, lines.list.size());
            assertTrue(lines.list.get(0).getFormattedMessage().contains("doing=\"connecting\" count=1 "));
        } finally {
            log.detachAppender(lines);
        }
    }
}
