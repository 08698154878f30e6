package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.credential.PrivateFile;
import io.engagementwebhooks.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store's file, locked for this process by an operating-system lock on {@code <file>.lock}. Not thread-safe: only
 * the thread that writes the file checks it.
 */
public final class StoreFile implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StoreFile.class);

    private final Path file;
    private final FileChannel channel;
    private List<String> opened;
    private boolean isGone;

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
            refuseEmptied(file);
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

    /** A new store has no key yet, so a file that is empty beside one has lost what it held. */
    private static void refuseEmptied(Path file) throws IOException {
        if (!Files.exists(keyOf(file))) {
            return;
        }
        if (Files.notExists(file)) {
            LOG.warn(
                    "store.new file={}: the file does not exist, but its key does; if it held events, stop and put it back",
                    file);
        } else if (Files.size(file) == 0) {
            throw new StoreException(
                    "the store " + file + " is empty, but its key " + keyOf(file) + " exists, so the file was emptied;"
                            + " put a backup in its place, or delete the empty file to start a new store",
                    null);
        }
    }

    /** The file of the key of a store. */
    public static Path keyOf(Path file) {
        return file.resolveSibling(file.getFileName() + ".key");
    }

    /** Remembers which files are open now. */
    void opened() {
        opened = identities();
    }

    /**
     * Checks that the file and its log are those that are open, so that the next start finds what was written.
     *
     * @throws GoneException if one was deleted or replaced
     */
    void requireInPlace() throws GoneException {
        if (identities().equals(opened)) {
            isGone = false;
            return;
        }
        GoneException gone = new GoneException("the file " + file + " or its -wal or -shm file was deleted or"
                + " replaced while this runs, so a restart would lose what is written; put the files back, or stop this,"
                + " restore a backup and start again");
        if (!isGone) {
            LOG.error("store.gone file={}: {}", file, gone.getMessage());
        }
        isGone = true;
        throw gone;
    }

    /** The files that are written were deleted or replaced. */
    static final class GoneException extends SQLException {

        private static final long serialVersionUID = 1L;

        private GoneException(String message) {
            super(message);
        }
    }

    private List<String> identities() {
        return Stream.of("", "-wal", "-shm")
                .map(end -> identity(file.resolveSibling(file.getFileName() + end)))
                .toList();
    }

    /** The device and the inode, where the system has them. */
    private static String identity(Path path) {
        try {
            return "" + Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return "";
        }
    }

    /** Logs a warning if other users can read a file of the store. */
    public static void warnIfOpen(Path file) throws IOException {
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
