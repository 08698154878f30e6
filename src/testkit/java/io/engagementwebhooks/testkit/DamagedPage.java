package io.engagementwebhooks.testkit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;

/** Overwrites a part of an embedded store's file with garbage until it is closed. */
public final class DamagedPage implements AutoCloseable {

    private static final int HEADER = 16;

    private final Path file;
    private final long start;
    private final byte[] before;

    private DamagedPage(Path file, long start, int length) throws IOException {
        this.file = file;
        this.start = start;
        this.before = new byte[length];
        try (RandomAccessFile store = new RandomAccessFile(file.toFile(), "rw")) {
            store.seek(start);
            store.readFully(before);
        }
        byte[] garbage = new byte[length];
        Arrays.fill(garbage, (byte) 0x5a);
        write(garbage);
    }

    /** The first page of a table or index, also of a store in use, after a checkpoint. */
    public static DamagedPage root(Path file, String table) throws IOException, SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
            int size = number(statement, "PRAGMA page_size");
            int page = number(statement, "SELECT rootpage FROM sqlite_master WHERE name = '" + table + "'");
            return new DamagedPage(file, (page - 1L) * size, size);
        }
    }

    /** The header of the SQLite file. */
    public static DamagedPage header(Path file) throws IOException {
        return new DamagedPage(file, 0, HEADER);
    }

    private static int number(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getInt(1);
        }
    }

    private void write(byte[] bytes) throws IOException {
        try (RandomAccessFile store = new RandomAccessFile(file.toFile(), "rw")) {
            store.seek(start);
            store.write(bytes);
        }
    }

    /** Restores the original bytes. */
    @Override
    public void close() throws IOException {
        write(before);
    }
}
