package io.engagementwebhooks.store.transfer;

import io.engagementwebhooks.store.StoreException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongConsumer;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Compares all rows of a table in both databases, read at the same time. */
final class TableCheck {

    private static final int REPORT_EVERY = 10_000;

    private final TransferTable table;
    private final Connection source;
    private final Connection target;
    private final LongConsumer progress;

    /** @param progress receives the number of rows read from the source */
    TableCheck(TransferTable table, Connection source, Connection target, LongConsumer progress) {
        this.table = table;
        this.source = source;
        this.target = target;
        this.progress = progress;
    }

    /** @throws StoreException if they differ */
    void run() throws SQLException {
        CompletableFuture<Checksum> targetSum = CompletableFuture.supplyAsync(this::ofTarget);
        Checksum sourceSum = ofSource();
        Checksum copied;
        try {
            copied = targetSum.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof StoreException fault && fault.getCause() instanceof SQLException sql) {
                throw sql;
            }
            throw e;
        }
        if (!sourceSum.isSame(copied)) {
            throw new StoreException(
                    "table " + table.name() + " differs: " + sourceSum + " in SQLite, " + copied
                            + " in PostgreSQL; drop the database, create it again, and run --copy-to again",
                    null);
        }
    }

    private Checksum ofSource() throws SQLException {
        Checksum sum = new Checksum();
        CopyFormat format = new CopyFormat(table);
        try (Statement statement = source.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT " + TransferTable.names(table.storedColumns()) + " FROM " + table.quoted())) {
            while (rows.next()) {
                ByteBuf bytes = Unpooled.buffer(256);
                format.row(rows, bytes);
                sum.add(bytes.array(), 0, bytes.readableBytes());
                if (sum.rows() % REPORT_EVERY == 0) {
                    progress.accept(sum.rows());
                }
            }
        }
        progress.accept(sum.rows());
        return sum;
    }

    private Checksum ofTarget() {
        try {
            Checksum sum = new Checksum();
            CopyOut copy = target.unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyOut("COPY (SELECT " + TransferTable.names(table.columns()) + " FROM " + table.quoted()
                            + ") TO STDOUT (FORMAT binary)");
            // the server sends each row as one message
            for (byte[] message = copy.readFromCopy(); message != null; message = copy.readFromCopy()) {
                int start = CopyFormat.rowStart(message);
                if (!CopyFormat.isEnd(message, start)) {
                    sum.add(message, start, message.length);
                }
            }
            return sum;
        } catch (SQLException e) {
            throw new StoreException("table " + table.name() + " cannot be read", e);
        }
    }
}
