package io.engagementwebhooks.store.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.config.BootstrapKey;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.store.sqlite.StoreFile;
import io.engagementwebhooks.testkit.LogLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** File permissions of the store. */
class StoreFilesTest {

    @TempDir
    Path folder;

    private Path store() {
        return folder.resolve("in").resolve("data").resolve("webhooks.db");
    }

    private static String permissions(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void permit(Path file, String permissions) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    private List<String> warningsOfAStart() {
        try (LogLines lines = new LogLines(StoreFile.class)) {
            SqliteStore.open(store(), Clock.systemUTC()).close();
            return lines.texts();
        }
    }

    @Test
    void an_emptied_file_beside_its_key_is_not_taken_for_a_new_store() throws IOException {
        SqliteStore.open(store(), Clock.systemUTC()).close();
        Files.write(store().resolveSibling("webhooks.db.key"), new byte[] {1});
        assertEquals(List.of(), warningsOfAStart());
        Files.write(store(), new byte[0]);

        String refused = assertThrows(StoreException.class, () -> SqliteStore.open(store(), Clock.systemUTC()))
                .getMessage();

        assertTrue(refused.contains("so the file was emptied; put a backup in its place, or delete"), refused);
        assertEquals(0, Files.size(store()));
        Files.delete(store());
        List<String> warnings = warningsOfAStart();
        assertTrue(warnings.size() == 1 && warnings.get(0).startsWith("store.new file="), warnings.toString());
    }

    @Test
    void created_files_are_readable_by_their_owner_only() throws IOException {
        Map<String, String> files;
        try (SqliteStore store = SqliteStore.open(store(), Clock.systemUTC())) {
            store.settings()
                    .putIfAbsent("a", new byte[] {1})
                    .toCompletableFuture()
                    .join();
            BootstrapKey.make(store().resolveSibling("first-key"), new SecureRandom());
            try (Stream<Path> made = Files.list(store().getParent())) {
                files = made.collect(Collectors.toMap(
                        file -> file.getFileName().toString(), StoreFilesTest::permissions, (a, b) -> a, TreeMap::new));
            }
        }
        assertEquals(
                Map.of(
                        "first-key", "rw-------",
                        "webhooks.db", "rw-------",
                        "webhooks.db-shm", "rw-------",
                        "webhooks.db-wal", "rw-------",
                        "webhooks.db.lock", "rw-------"),
                files);
        assertEquals("rwx------", permissions(store().getParent()));
        assertEquals("rwx------", permissions(store().getParent().getParent()));
    }

    @Test
    void a_store_readable_by_others_is_logged_with_the_fix() throws IOException {
        assertEquals(List.of(), warningsOfAStart());
        permit(store(), "rw-r--r--");
        assertEquals(List.of(), warningsOfAStart(), "its folder lets no one in");

        permit(store().getParent(), "rwxr-xr-x");
        List<String> ofAll = warningsOfAStart();
        assertEquals(1, ofAll.size(), ofAll.toString());
        assertTrue(ofAll.get(0).startsWith("store.open-to-others file=" + store()), ofAll.get(0));
        assertTrue(ofAll.get(0).contains("every user of this machine"), ofAll.get(0));
        assertTrue(
                ofAll.get(0).contains("chmod 600 " + store() + "* and chmod 700 " + store().getParent()), ofAll.get(0));

        permit(store(), "rw-r-----");
        List<String> ofGroup = warningsOfAStart();
        assertEquals(1, ofGroup.size(), ofGroup.toString());
        assertTrue(ofGroup.get(0).contains("its group can read"), ofGroup.get(0));

        permit(store(), "rw-------");
        assertEquals(List.of(), warningsOfAStart());
    }
}
