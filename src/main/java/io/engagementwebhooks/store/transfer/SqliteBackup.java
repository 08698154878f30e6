package io.engagementwebhooks.store.transfer;

import io.engagementwebhooks.credential.PrivateFile;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.sqlite.SqliteFaults;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.core.DB;

/**
 * Copies an embedded store to a file, also while a product writes to it.
 *
 * <p>SQLite's backup interface copies pages in file order. A read transaction fixes one state of the store until the
 * last page is copied: without it each commit of another process would restart the copy. Writers do not wait for it;
 * the write-ahead log grows until it ends.
 *
 * @see <a href="https://www.sqlite.org/backup.html">SQLite Backup API</a>
 */
public final class SqliteBackup {

    /** The suffix of the file until the copy is complete. */
    static final String PARTIAL = ".partial";

    private static final int PAGES_PER_STEP = 2_048;

    /** The full check of a larger copy takes minutes, since it compares each index with its table. */
    private static final long LARGEST_FOR_FULL_CHECK = 4L << 30;

    private final Path store;
    private final Path to;
    private final Path partial;
    private final long largestForFullCheck;
    private final Progress progress;

    /** Follows a backup, on its thread. */
    public interface Progress {

        /** Called after some pages. @param copied bytes so far @param total bytes of the store */
        void copied(long copied, long total);

        /** Called when the copy is complete and its check begins. */
        void checking(long bytes);
    }

    /**
     * @param store the file of a store
     * @param to the file to create; a missing folder is created
     */
    public SqliteBackup(Path store, Path to, Progress progress) {
        this(store, to, LARGEST_FOR_FULL_CHECK, progress);
    }

    SqliteBackup(Path store, Path to, long largestForFullCheck, Progress progress) {
        this.store = store;
        this.to = to.toAbsolutePath();
        this.partial = this.to.resolveSibling(this.to.getFileName() + PARTIAL);
        this.largestForFullCheck = largestForFullCheck;
        this.progress = progress;
    }

    /**
     * Makes the backup. The file appears when it is on disk and checked.
     *
     * @return its size in bytes
     * @throws StoreException if the file exists, the disk is full, or the store cannot be read or is damaged; no file
     *     is left then
     */
    public long run() {
        if (Files.exists(to)) {
            throw exists(to);
        }
        Thread atExit = new Thread(this::deletePartial);
        try {
            PrivateFile.makeFolder(to.getParent());
            if (Files.exists(partial)) {
                throw new StoreException(
                        partial + " exists: another backup is writing it, or one was killed; then delete it", null);
            }
            Runtime.getRuntime().addShutdownHook(atExit);
            PrivateFile.make(partial);
            copy();
            check();
            publish();
            return Files.size(to);
        } catch (FileAlreadyExistsException e) {
            throw exists(to);
        } catch (IOException e) {
            throw new StoreException("the backup " + to + " cannot be written: " + e.getMessage(), e);
        } finally {
            finish(atExit);
        }
    }

    private static StoreException exists(Path file) {
        return new StoreException(file + " exists, and a backup replaces no file; give another name", null);
    }

    private void finish(Thread atExit) {
        try {
            if (Runtime.getRuntime().removeShutdownHook(atExit)) {
                deletePartial();
            }
        } catch (IllegalStateException e) {
            // the process is ending, and the hook deletes the file
        }
    }

    private void deletePartial() {
        try {
            Files.deleteIfExists(partial);
            Files.deleteIfExists(partial.resolveSibling(partial.getFileName() + "-journal"));
        } catch (IOException e) {
            throw new StoreException(partial + " is incomplete and cannot be deleted; delete it", e);
        }
    }

    private void copy() throws IOException {
        try (Connection source = SqliteSource.open(store)) {
            source.setAutoCommit(false);
            int pageSize;
            try (Statement statement = source.createStatement()) {
                pageSize = number(statement, "PRAGMA page_size");
                // the first read begins the transaction and fixes the state to copy
                requireSpace((long) number(statement, "PRAGMA page_count") * pageSize);
            }
            DB.ProgressObserver observer =
                    (left, all) -> progress.copied((long) (all - left) * pageSize, (long) all * pageSize);
            int result = source.unwrap(SQLiteConnection.class)
                    .getDatabase()
                    .backup("main", partial.toString(), observer, 0, 0, PAGES_PER_STEP);
            source.rollback();
            requireCopied(SQLiteErrorCode.getErrorCode(result));
        } catch (SQLException e) {
            throw SqliteFaults.unreadable(store, e);
        }
    }

    private static int number(Statement statement, String pragma) throws SQLException {
        try (var row = statement.executeQuery(pragma)) {
            row.next();
            return row.getInt(1);
        }
    }

    private void requireSpace(long bytes) throws IOException {
        long free = Files.getFileStore(to.getParent()).getUsableSpace();
        if (free < bytes) {
            throw full("the store has " + Sizes.text(bytes) + ", and " + Sizes.text(free) + " are free");
        }
    }

    private void requireCopied(SQLiteErrorCode result) {
        switch (result) {
            case SQLITE_OK, SQLITE_DONE -> {}
            case SQLITE_FULL -> throw full("the disk filled up");
            case SQLITE_CORRUPT, SQLITE_NOTADB -> throw SqliteFaults.damaged(store, result.message);
            default -> throw new StoreException("the backup " + to + " cannot be written: " + result.message, null);
        }
    }

    private StoreException full(String why) {
        return new StoreException(
                "there is not enough space for the backup in " + to.getParent() + ": " + why
                        + "; nothing is left there. Free space or give another folder",
                null);
    }

    /** Checks the copy, which has any damage of the store, since it is copied page by page. */
    private void check() throws IOException {
        long bytes = Files.size(partial);
        progress.checking(bytes);
        String check = bytes > largestForFullCheck ? "PRAGMA quick_check(1)" : "PRAGMA integrity_check(1)";
        try (Connection copy = SqliteSource.openUnchanging(partial);
                Statement statement = copy.createStatement();
                var row = statement.executeQuery(check)) {
            String found = row.next() ? row.getString(1) : "the check returned no result";
            if (!found.equals("ok")) {
                throw SqliteFaults.damaged(store, found.replace('\n', ' '));
            }
        } catch (SQLException e) {
            throw SqliteFaults.unreadable(store, e);
        }
    }

    private void publish() throws IOException {
        try (FileChannel file = FileChannel.open(partial, StandardOpenOption.WRITE)) {
            file.force(true);
        }
        PrivateFile.publish(partial, to);
    }
}
