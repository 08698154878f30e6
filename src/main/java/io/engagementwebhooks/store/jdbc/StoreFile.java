package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.webhook.config.PrivateFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The store's file, locked for this process by an operating-system lock on {@code <file>.lock}. */
public final class StoreFile implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StoreFile.class);

    private final Path file;
    private final FileChannel channel;

    static final String WRITABLE = "the file and its folder must be writable for the user that runs this";

    private StoreFile(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Acquires the lock. @throws StoreException if another process has it, naming that process */
    public static StoreFile lock(Path file) {
        Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
        FileChannel channel = null;
        try {
            PrivateFile.makeFolder(file.toAbsolutePath().getParent());
            PrivateFile.make(lockFile);
            channel = FileChannel.open(lockFile, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw inUse(file, owner(channel));
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
            // SQLite creates the log and its index with the permissions of the file
            PrivateFile.make(file);
            warnIfOpen(file);
            return new StoreFile(file, channel);
        } catch (OverlappingFileLockException e) {
            close(channel);
            throw inUse(file, Long.toString(ProcessHandle.current().pid()));
        } catch (IOException e) {
            close(channel);
            throw new StoreException("cannot open the store " + file + ": " + e.getMessage() + "; " + WRITABLE, e);
        } catch (StoreException e) {
            close(channel);
            throw e;
        }
    }

    /** Logs a warning if other users can read a file of the store. */
    static void warnIfOpen(Path file) throws IOException {
        for (Path one : SqliteStore.filesWithPayloads(file)) {
            boolean all = PrivateFile.isReadableByAll(one);
            if (all || PrivateFile.isReadableByGroup(one)) {
                LOG.warn(
                        "store.open-to-others file={}: {} can read payloads in it; chmod 600 {}* and chmod 700 {}",
                        one,
                        all ? "every user of this machine" : "its group",
                        file,
                        file.toAbsolutePath().getParent());
                return;
            }
        }
    }

    private static StoreException inUse(Path file, String pid) {
        return new StoreException(
                "store in use by pid " + pid + ": " + file
                        + " is held by another Engagement Webhooks; stop that one, or set webhooks.store.url to another file",
                null);
    }

    private static String owner(FileChannel channel) throws IOException {
        ByteBuffer pid = ByteBuffer.allocate(20);
        channel.read(pid, 0);
        return new String(pid.array(), 0, pid.position(), StandardCharsets.US_ASCII);
    }

    private static void close(FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new StoreException("cannot close the store's lock file", e);
            }
        }
    }

    public Path path() {
        return file;
    }

    /** The bytes of the file and its write-ahead log. */
    long size() {
        return sizeOf(file) + walSize();
    }

    long walSize() {
        return sizeOf(file.resolveSibling(file.getFileName() + "-wal"));
    }

    private static long sizeOf(Path path) {
        try {
            return Files.exists(path) ? Files.size(path) : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        close(channel);
    }
}
