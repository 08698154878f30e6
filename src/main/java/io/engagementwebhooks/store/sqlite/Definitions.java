package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.AuditEntry;
import io.engagementwebhooks.store.AuditTrail;
import io.engagementwebhooks.store.DefinitionId;
import io.engagementwebhooks.store.DefinitionRow;
import io.engagementwebhooks.store.DefinitionStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/** Definitions made by the API, and who made them. Thread-safe. */
final class Definitions implements DefinitionStore, AuditTrail {

    private static final String ALL = "SELECT a.id, d.kind, d.name, d.version, d.sealed, d.changed_at FROM definition d"
            + " JOIN account a ON a.key = d.account ORDER BY a.id, d.kind, d.name";
    private static final String ENTRIES = "SELECT t.key, a.id, t.at, t.actor, t.action, t.kind, t.name, t.detail"
            + " FROM account a JOIN audit t ON t.account = a.key WHERE a.id = ? AND t.key < ? ORDER BY t.key DESC LIMIT ?";
    private static final String INSERT = "INSERT INTO definition (account, kind, name, version, sealed, changed_at)"
            + " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    private static final String UPDATE = "UPDATE definition SET version = ?, sealed = ?, changed_at = ?"
            + " WHERE account = ? AND kind = ? AND name = ? AND version = ?";
    private static final String DELETE =
            "DELETE FROM definition WHERE account = ? AND kind = ? AND name = ? AND version = ?";
    private static final String NOTE =
            "INSERT INTO audit (account, at, actor, action, kind, name, detail)" + " VALUES (?, ?, ?, ?, ?, ?, ?)";

    private final GroupCommit writer;
    private final Reads reads;
    private final Writes writes;

    Definitions(GroupCommit writer, Reads reads, Writes writes) {
        this.writer = writer;
        this.reads = reads;
        this.writes = writes;
    }

    @Override
    public List<DefinitionRow> all() {
        return reads.query(
                ALL,
                List.of(),
                row -> new DefinitionRow(
                        new DefinitionId(row.getString(1), row.getString(2), row.getString(3)),
                        row.getString(4),
                        row.getBytes(5),
                        Instant.ofEpochMilli(row.getLong(6))));
    }

    @Override
    public CompletionStage<Boolean> change(List<Change> changes, List<AuditEntry> audit) {
        return writer.submit(
                Change.account(changes),
                changes.size() + audit.size(),
                connection -> writes.orNot(() -> {
                    for (Change change : changes) {
                        if (!carryOut(connection, change)) {
                            return false;
                        }
                    }
                    for (AuditEntry entry : audit) {
                        write(connection, entry);
                    }
                    return true;
                }));
    }

    private boolean carryOut(Connection connection, Change change) throws SQLException {
        DefinitionId id = change.id();
        int account = writes.names().account(connection, id.account());
        if (change.row().isEmpty()) {
            return changed(connection, DELETE, account, id.kind(), id.name(), change.expected());
        }
        DefinitionRow row = change.row().get();
        long at = row.changedAt().toEpochMilli();
        return change.expected() == null
                ? changed(connection, INSERT, account, id.kind(), id.name(), row.version(), row.sealed(), at)
                : changed(
                        connection,
                        UPDATE,
                        row.version(),
                        row.sealed(),
                        at,
                        account,
                        id.kind(),
                        id.name(),
                        change.expected());
    }

    private static boolean changed(Connection connection, String sql, Object... values) throws SQLException {
        return update(connection, sql, values) == 1;
    }

    static int update(Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            return statement.executeUpdate();
        }
    }

    /** In a transaction of somebody else. */
    void write(Connection connection, AuditEntry entry) throws SQLException {
        update(
                connection,
                NOTE,
                writes.names().account(connection, entry.account()),
                entry.at().toEpochMilli(),
                entry.actor(),
                entry.action(),
                entry.kind(),
                entry.name(),
                entry.detail());
    }

    @Override
    public CompletionStage<Void> reseal(UnaryOperator<byte[]> again, Map<String, Optional<byte[]>> settings) {
        return writer.submit(connection -> {
            for (DefinitionRow row : all()) {
                update(
                        connection,
                        "UPDATE definition SET sealed = ? WHERE account = ? AND kind = ? AND name = ?",
                        again.apply(row.sealed()),
                        writes.names().account(connection, row.id().account()),
                        row.id().kind(),
                        row.id().name());
            }
            return writes.settings(settings);
        });
    }

    @Override
    public CompletionStage<Void> forget(Map<String, Optional<byte[]>> settings) {
        return writer.submit(connection -> {
            update(connection, "DELETE FROM definition");
            return writes.settings(settings);
        });
    }

    @Override
    public CompletionStage<Void> note(AuditEntry entry) {
        return writer.submit(entry.account(), 1, connection -> {
            write(connection, entry);
            return null;
        });
    }

    @Override
    public List<AuditEntry> entries(String account, long before, int limit) {
        return reads.query(
                ENTRIES,
                List.of(account, before, limit),
                row -> new AuditEntry(
                        row.getLong(1),
                        row.getString(2),
                        Instant.ofEpochMilli(row.getLong(3)),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6),
                        row.getString(7),
                        row.getString(8)));
    }

    @Override
    public CompletionStage<Integer> forget(Instant before, int rows) {
        return writer.submit(connection -> update(
                connection,
                "DELETE FROM audit WHERE key IN (SELECT key FROM audit WHERE at < ? LIMIT ?)",
                before.toEpochMilli(),
                rows));
    }
}
