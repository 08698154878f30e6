package io.engagementwebhooks.store.transfer;

import io.engagementwebhooks.store.StoreException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Makes a backup in a process with a private small file system, and prints the result and the remaining files. */
public final class BackupOnDisk {

    private BackupOnDisk() {}

    /** @param arguments the store, the folder, and {@code fill}: fills the disk after the first step */
    public static void main(String[] arguments) throws IOException {
        Path disk = Path.of(arguments[1]);
        try {
            new SqliteBackup(Path.of(arguments[0]), disk.resolve("backup.db"), new SqliteBackup.Progress() {
                        @Override
                        public void copied(long copied, long total) {
                            if (arguments[2].equals("fill")) {
                                fill(disk.resolve("filler"));
                            }
                        }

                        @Override
                        public void checking(long bytes) {
                            throw new IllegalStateException("all is copied");
                        }
                    })
                    .run();
        } catch (StoreException e) {
            System.out.println(e.getMessage());
        }
        try (Stream<Path> files = Files.list(disk)) {
            List<String> names =
                    files.map(file -> file.getFileName().toString()).sorted().toList();
            System.out.println("files " + names);
        }
    }

    private static void fill(Path file) {
        byte[] block = new byte[4096];
        try (OutputStream out = Files.newOutputStream(file)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            // the disk is full
        }
    }
}
