package io.engagementwebhooks.store.transfer;

import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.jdbc.AttemptDays;
import io.engagementwebhooks.store.jdbc.Hashes;
import io.engagementwebhooks.store.jdbc.PostgresDialect;
import io.engagementwebhooks.store.transfer.TransferTable.Column;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes rows of SQLite in the binary format of PostgreSQL's COPY. Each column is its length and its bytes, null the
 * length -1. The checksums are of this format. Not thread-safe.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html">COPY, Binary Format</a>
 */
final class CopyFormat {

    /** The signature, without flags and extension. */
    private static final byte[] HEADER = {
        'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
    };

    private static final byte[] TRAILER = {(byte) 0xff, (byte) 0xff};

    private final TransferTable table;
    private final List<Column> stored;
    private final Map<String, Integer> positions = new HashMap<>();

    CopyFormat(TransferTable table) {
        this.table = table;
        this.stored = table.storedColumns();
        for (int i = 0; i < stored.size(); i++) {
            positions.put(stored.get(i).name(), i + 1);
        }
    }

    static void header(ByteBuf to) {
        to.writeBytes(HEADER);
    }

    static void trailer(ByteBuf to) {
        to.writeBytes(TRAILER);
    }

    /** The start of the row in a message of COPY TO: the first message has the header. */
    static int rowStart(byte[] message) {
        return message.length >= HEADER.length && Arrays.equals(message, 0, HEADER.length, HEADER, 0, HEADER.length)
                ? HEADER.length
                : 0;
    }

    /** Whether a message of COPY TO has no row after a position. */
    static boolean isEnd(byte[] message, int start) {
        return start == message.length || message[start] == TRAILER[0];
    }

    /**
     * Writes the current row.
     *
     * @param row begins with {@link TransferTable#storedColumns()}
     */
    void row(ResultSet row, ByteBuf to) throws SQLException {
        to.writeShort(table.columns().size());
        for (Column column : table.columns()) {
            switch (column.origin()) {
                case STORED -> stored(row, column, to);
                case EVENT_IDENTITY -> bytes(Hashes.identity(text(row, "source"), text(row, "id")), to);
                case ATTEMPT_DAY ->
                    to.writeInt(Integer.BYTES).writeInt(AttemptDays.day(row.getLong(positions.get("started_at"))));
            }
        }
    }

    private String text(ResultSet row, String column) throws SQLException {
        return row.getString(positions.get(column));
    }

    private void stored(ResultSet row, Column column, ByteBuf to) throws SQLException {
        int position = positions.get(column.name());
        switch (column.type()) {
            case TEXT -> bytes(withoutNul(row.getBytes(position)), to);
            case BYTEA -> bytes(row.getBytes(position), to);
            default -> {
                long number = row.getLong(position);
                if (row.wasNull()) {
                    to.writeInt(-1);
                } else {
                    number(column, number, to);
                }
            }
        }
    }

    private static void bytes(byte[] value, ByteBuf to) {
        if (value == null) {
            to.writeInt(-1);
        } else {
            to.writeInt(value.length).writeBytes(value);
        }
    }

    /** Decodes only texts with a NUL: decoding all takes a third of a copy's time. */
    private static byte[] withoutNul(byte[] utf8) {
        for (int i = 0; utf8 != null && i < utf8.length; i++) {
            if (utf8[i] == 0) {
                return PostgresDialect.text(new String(utf8, StandardCharsets.UTF_8))
                        .getBytes(StandardCharsets.UTF_8);
            }
        }
        return utf8;
    }

    private void number(Column column, long number, ByteBuf to) {
        switch (column.type()) {
            case BOOLEAN -> to.writeInt(1).writeByte(number == 0 ? 0 : 1);
            case SMALLINT ->
                to.writeInt(Short.BYTES).writeShort((int) within(column, number, Short.MIN_VALUE, Short.MAX_VALUE));
            case INT ->
                to.writeInt(Integer.BYTES).writeInt((int) within(column, number, Integer.MIN_VALUE, Integer.MAX_VALUE));
            default -> to.writeInt(Long.BYTES).writeLong(number);
        }
    }

    private long within(Column column, long number, long least, long most) {
        if (number < least || number > most) {
            throw new StoreException(
                    "table " + table.name() + " has " + column.name() + " = " + number
                            + ", which PostgreSQL's column cannot hold: it takes from " + least + " to " + most,
                    null);
        }
        return number;
    }
}
