package io.engagementwebhooks.ledger;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.LogLines;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class FileDescriptorsTest {

    @AutoClose
    private final LogLines lines = new LogLines(FileDescriptors.class);

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
    void a_budget_above_four_fifths_of_the_descriptors_or_half_of_few_is_reduced_and_logged() {
        String setting = "webhooks.deliver.max-in-flight";

        assertEquals(3276, FileDescriptors.within(3276, setting, 4096));
        assertEquals(10_000, FileDescriptors.within(10_000, setting, -1), "the limit is unknown");
        assertEquals(64, FileDescriptors.within(64, setting, 128));
        assertEquals(List.of(), lines.texts());

        assertEquals(3276, FileDescriptors.within(10_000, setting, 4096));
        assertEquals(
                "process.file-descriptors limit=4096: webhooks.deliver.max-in-flight is 3276 and not 10000;"
                        + " raise the limit (ulimit -n)",
                lines.texts().get(0));
        assertEquals(64, FileDescriptors.within(65, setting, 128), "its files and its callers need the others");
    }

    @Test
    void each_is_counted_and_at_most_one_line_a_minute_is_logged() {
        for (int i = 0; i < 100; i++) {
            descriptors.ranOut("connecting", new SocketException("Too many open files"));
        }
        assertEquals(100, descriptors.failures());
        assertEquals(1, lines.texts().size());
        assertTrue(lines.texts().get(0).contains("doing=\"connecting\" count=1 "));
    }
}
