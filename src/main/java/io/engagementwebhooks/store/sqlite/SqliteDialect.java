package io.engagementwebhooks.store.sqlite;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.HotWrites;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Values;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteException;

/** The dialect of SQLite: arrays are JSON, and nothing is locked, since there is one writer. Thread-safe. */
public final class SqliteDialect implements Dialect {

    private static final Logger LOG = LoggerFactory.getLogger(SqliteDialect.class);

    /** SQLITE_ERROR, TOOBIG, CONSTRAINT, MISMATCH and RANGE. */
    private static final Set<Integer> OF_STATEMENT = Set.of(1, 18, 19, 20, 25);

    private static final JsonMapper JSON = new JsonMapper();

    private final SqliteWrites hot = new SqliteWrites();
    private final Path file;
    private volatile SQLException damage;

    public SqliteDialect(Path file) {
        this.file = file;
    }

    @Override
    public int bind(PreparedStatement statement, int index, Object value) throws SQLException {
        if (value == null) {
            statement.setNull(index, Types.NULL);
        } else if (value instanceof Instant instant) {
            statement.setLong(index, instant.toEpochMilli());
        } else if (value instanceof Values.Many many) {
            statement.setString(index, json(List.<Object[]>of(many.values().toArray()), false));
        } else if (value instanceof Values.Table table) {
            statement.setString(index, json(table.rows(), true));
        } else if (value instanceof byte[] bytes) {
            statement.setBytes(index, bytes);
        } else {
            statement.setObject(index, value);
        }
        return index + 1;
    }

    private static String json(List<Object[]> rows, boolean nested) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            if (nested) {
                json.writeStartArray();
            }
            for (Object[] row : rows) {
                json.writeStartArray();
                for (Object value : row) {
                    write(json, value);
                }
                json.writeEndArray();
            }
            if (nested) {
                json.writeEndArray();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, Object value) throws IOException {
        if (value instanceof byte[] bytes) {
            json.writeString(HexFormat.of().formatHex(bytes));
        } else if (value instanceof Instant instant) {
            json.writeNumber(instant.toEpochMilli());
        } else {
            json.writeObject(value);
        }
    }

    @Override
    public String in(String column) {
        return column + " IN (SELECT value FROM json_each(?))";
    }

    @Override
    public String rows(String alias, String... columns) {
        StringBuilder sql = new StringBuilder("(SELECT ");
        for (int i = 0; i < columns.length; i++) {
            String[] column = columns[i].split(" ");
            String value = "value ->> " + i;
            sql.append(i == 0 ? "" : ", ")
                    .append(column[1].equals("bytea") ? "unhex(" + value + ")" : value)
                    .append(" AS ")
                    .append(column[0]);
        }
        return sql + " FROM json_each(?)) " + alias;
    }

    @Override
    public String greatest() {
        return "max";
    }

    @Override
    public String now() {
        return "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
    }

    @Override
    public String noIndex(String column) {
        return "+" + column;
    }

    @Override
    public String ofWebhook(String columns, String where, String order, String limit) {
        return DeliverySegments.ofWebhook(columns, where, order, limit);
    }

    /** The WHERE clause and the limit are there twice. */
    @Override
    public Object[] ofWebhookValues(Object... values) {
        return Stream.of(values, values).flatMap(Stream::of).toArray();
    }

    @Override
    public String ofWebhookSince(String columns, String where, String limit) {
        return DeliverySegments.ofWebhookSince(columns, where, limit);
    }

    @Override
    public Object[] ofWebhookSinceValues(String firstId, int limit) {
        return new Object[] {firstId, firstId, limit, firstId, limit};
    }

    @Override
    public String like() {
        return "LIKE";
    }

    @Override
    public String attemptOf(String alias, String delivery) {
        return alias + ".key BETWEEN " + delivery + " << 20 AND (" + delivery + " << 20) + "
                + SqliteWrites.MOST_ATTEMPTS;
    }

    @Override
    public String attempt(String alias, String delivery, String number) {
        return alias + ".key = (" + delivery + " << 20) + " + number;
    }

    @Override
    public String attemptsSince(String alias) {
        return "";
    }

    @Override
    public List<Object> attemptsSinceValues(Instant from) {
        return List.of();
    }

    @Override
    public String locking(String clause) {
        return "";
    }

    @Override
    public String ofEventId() {
        return "id = ?";
    }

    @Override
    public Object[] eventIdValues(String id) {
        return new Object[] {id};
    }

    @Override
    public void lock(Statements statements, Collection<Long> names) {}

    @Override
    public HotWrites hot() {
        return hot;
    }

    @Override
    public boolean isOfStore(SQLException fault) {
        Throwable cause = fault.getCause() instanceof SQLException inner ? inner : fault;
        return !(cause instanceof SQLiteException sqlite) || !OF_STATEMENT.contains(sqlite.getResultCode().code & 0xff);
    }

    /** Remembers damage for {@link #requireSound}. */
    @Override
    public StoreException fault(SQLException cause) {
        if (!SqliteFaults.isDamage(cause)) {
            return Dialect.super.fault(cause);
        }
        StoreException damaged = SqliteFaults.damaged(file, cause.getMessage());
        if (damage == null) {
            LOG.error("store.damaged file={}: {}", file, damaged.getMessage());
        }
        damage = cause;
        return damaged;
    }

    /** Refuses to write a damaged file. @throws SQLException the damage that was found since the start */
    void requireSound() throws SQLException {
        if (damage != null) {
            throw damage;
        }
    }
}
