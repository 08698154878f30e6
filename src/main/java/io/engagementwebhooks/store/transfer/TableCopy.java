package io.engagementwebhooks.store.transfer;

import io.engagementwebhooks.store.jdbc.AttemptDays;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.postgresql.PGConnection;

/**
 * Copies the rows of one table in key order, and continues an earlier copy. Reads the next batch while one is written;
 * at most two are in memory. A batch and the copy's progress are one transaction.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html">COPY</a>
 */
final class TableCopy {

    /** A batch ends at this many bytes, so it is at most one row larger. */
    static final int BATCH_BYTES = 8 << 20;

    private static final int MAX_ROWS = 50_000;
    private static final int SEND_BYTES = 64 << 10;

    private final TransferTable table;
    private final Connection source;
    private final CopyTarget target;
    private final int batchBytes;
    private final LongConsumer progress;
    private final CopyFormat format;
    private long rows;

    /**
     * Rows in COPY format.
     *
     * @param position key of its last row, or empty: it is the last of the table
     * @param total rows of the table up to its end
     */
    private record Batch(ByteBuf bytes, Set<Integer> days, Optional<String> position, long total) {}

    /** @param progress receives the number of committed rows */
    TableCopy(TransferTable table, Connection source, CopyTarget target, int batchBytes, LongConsumer progress) {
        this.table = table;
        this.source = source;
        this.target = target;
        this.batchBytes = batchBytes;
        this.progress = progress;
        this.format = new CopyFormat(table);
    }

    void run() throws SQLException {
        rows = target.state().rows(table.name());
        if (target.state().isDone(table.name())) {
            return;
        }
        Optional<String> position = target.state().position(table.name());
        ExecutorService writer = Executors.newSingleThreadExecutor();
        try (PreparedStatement statement = source.prepareStatement(query(position.isPresent()))) {
            if (position.isPresent()) {
                Position.set(statement, position.get(), table.key());
            }
            try (ResultSet row = statement.executeQuery()) {
                Future<?> written = null;
                for (Batch batch = read(row);
                        batch != null;
                        batch = batch.position().isPresent() ? read(row) : null) {
                    await(written);
                    Batch next = batch;
                    written = writer.submit(() -> {
                        write(next);
                        return null;
                    });
                }
                await(written);
            }
        } finally {
            end(writer);
        }
    }

    /** Waits for the last batch, so that the connection is not closed during it. */
    private static void end(ExecutorService writer) {
        writer.shutdown();
        try {
            writer.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String query(boolean continues) {
        String key = TransferTable.names(table.key()).replace("\"rowid\"", "rowid");
        String after = continues
                ? " WHERE (" + key + ") > (" + "?, ".repeat(table.key().size() - 1) + "?)"
                : "";
        return "SELECT " + TransferTable.names(table.storedColumns()) + ", " + key + " FROM " + table.quoted() + after
                + " ORDER BY " + key;
    }

    /** @return null: there are no more rows */
    private Batch read(ResultSet row) throws SQLException {
        ByteBuf bytes = Unpooled.buffer(batchBytes + batchBytes / 8);
        CopyFormat.header(bytes);
        Set<Integer> days = new HashSet<>();
        boolean hasDays = table.name().equals(TransferTable.ATTEMPT);
        boolean isMore = true;
        int read = 0;
        for (; bytes.readableBytes() < batchBytes && read < MAX_ROWS && (isMore = row.next()); read++) {
            format.row(row, bytes);
            if (hasDays) {
                days.add(AttemptDays.day(row.getLong("started_at")));
            }
        }
        if (read == 0) {
            return null;
        }
        CopyFormat.trailer(bytes);
        rows += read;
        int key = table.storedColumns().size() + 1;
        return new Batch(
                bytes, days, isMore ? Optional.of(Position.of(row, key, table.key())) : Optional.empty(), rows);
    }

    private void write(Batch batch) throws SQLException, IOException {
        target.ensureDays(batch.days());
        String copy =
                "COPY " + table.quoted() + " (" + TransferTable.names(table.columns()) + ") FROM STDIN (FORMAT binary)";
        target.connection()
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn(copy, new ByteBufInputStream(batch.bytes()), SEND_BYTES);
        target.state().copied(table.name(), batch.position(), batch.total());
        target.connection().commit();
        progress.accept(batch.total());
    }

    private static void await(Future<?> written) throws SQLException {
        if (written == null) {
            return;
        }
        try {
            written.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof SQLException sql) {
                throw sql;
            }
            throw cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted", e);
        }
    }
}
