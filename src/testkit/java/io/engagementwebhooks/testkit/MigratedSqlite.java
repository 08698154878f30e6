package io.engagementwebhooks.testkit;

import io.engagementwebhooks.store.sqlite.SqliteStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;

/** An empty embedded store, created once per process and copied for each test, to skip migrations. */
public final class MigratedSqlite {

    private static byte[] file;

    private MigratedSqlite() {}

    /** Makes the file of a store where there is none. */
    public static void copyTo(Path path) {
        try {
            if (!Files.exists(path)) {
                Files.createDirectories(path.getParent());
                Files.write(path, file());
                // with the product's permissions, which avoids a warning
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens a store; its file is a copy unless it exists. */
    public static SqliteStore open(Path path, Clock clock) {
        copyTo(path);
        return SqliteStore.open(path, clock);
    }

    private static synchronized byte[] file() throws IOException {
        if (file == null) {
            Path folder = Files.createTempDirectory("migrated");
            Path path = folder.resolve("webhooks.db");
            SqliteStore.open(path, Clock.systemUTC()).close();
            file = Files.readAllBytes(path);
            Folders.delete(folder);
        }
        return file;
    }
}
