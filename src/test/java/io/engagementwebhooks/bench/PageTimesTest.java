package io.engagementwebhooks.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What pages are timed on is filled into its own folder. */
class PageTimesTest {

    @Test
    void a_folder_with_anything_else_is_refused_and_left_as_it_is(@TempDir Path folder) throws Exception {
        Path file = Files.createDirectories(folder.resolve("store-1-1/data")).resolve("webhooks.db");
        Files.writeString(file, "another user's");
        String[] arguments = {"1", "1", "1", folder.resolve("store").toString(), "sqlite"};

        IllegalStateException refused = assertThrows(IllegalStateException.class, () -> PageTimes.main(arguments));

        assertTrue(refused.getMessage().contains("or name another folder"), refused.getMessage());
        assertEquals("another user's", Files.readString(file));
    }
}
