package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.store.AuditEntry;
import io.engagementwebhooks.store.AuditTrail;
import io.engagementwebhooks.store.DefinitionId;
import io.engagementwebhooks.store.DefinitionRow;
import io.engagementwebhooks.store.DefinitionStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/**
 * Definitions made by the API, and who made them. A change takes the next revision, under a lock until its commit: who has
 * seen one has seen all before it. Thread-safe.
 */
final class Definitions implements DefinitionStore, AuditTrail {

    private static final String ROWS =
            "SELECT a.id, d.kind, d.name, d.version, d.sealed, d.changed_at, d.revision FROM definition d"
                    + " JOIN account a ON a.key = d.account";
    private static final String NEXT_REVISION = "UPDATE revision SET last = last + 1 RETURNING last";
    private static final String CREATE =
            "INSERT INTO definition (version, sealed, changed_at, revision, account, kind, name)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, kind, name) DO UPDATE SET"
                    + " version = excluded.version, sealed = excluded.sealed, changed_at = excluded.changed_at,"
                    + " revision = excluded.revision WHERE definition.sealed IS NULL";
    private static final String UPDATE = "UPDATE definition SET version = ?, sealed = ?, changed_at = ?, revision = ?"
            + " WHERE account = ? AND kind = ? AND name = ? AND version = ? AND sealed IS NOT NULL";
    private static final String REMOVE = "UPDATE definition SET sealed = NULL, changed_at = ?, revision = ?"
            + " WHERE account = ? AND kind = ? AND name = ? AND version = ? AND sealed IS NOT NULL";
    private static final String NOTE =
            "INSERT INTO audit (account, at, actor, action, kind, name, detail) VALUES (?, ?, ?, ?, ?, ?, ?)";
    private static final String ENTRIES = "SELECT t.key, a.id, t.at, t.actor, t.action, t.kind, t.name, t.detail"
            + " FROM account a JOIN audit t ON t.account = a.key WHERE a.id = ? AND t.key < ? ORDER BY t.key DESC LIMIT ?";

    private final Outcomes.Writer writer;
    private final Reads reads;
    private final Names names;
    private final Bulletin bulletin;
    private final Clock clock;

    Definitions(Outcomes.Writer writer, Reads reads, Names names, Bulletin bulletin, Clock clock) {
        this.clock = clock;
        this.writer = writer;
        this.reads = reads;
        this.names = names;
        this.bulletin = bulletin;
    }

    @Override
    public List<DefinitionRow> all() {
        return reads.query(
                ROWS + " WHERE d.sealed IS NOT NULL ORDER BY a.id, d.kind, d.name", List.of(), Definitions::definition);
    }

    private static DefinitionId id(ResultSet row) throws SQLException {
        return new DefinitionId(row.getString(1), row.getString(2), row.getString(3));
    }

    private static DefinitionRow definition(ResultSet row) throws SQLException {
        return new DefinitionRow(id(row), row.getString(4), row.getBytes(5), Instant.ofEpochMilli(row.getLong(6)));
    }

    @Override
    public Since since(long revision) {
        Map<DefinitionId, Optional<DefinitionRow>> changes = new LinkedHashMap<>();
        long[] last = {revision};
        reads.query(ROWS + " WHERE d.revision > ? ORDER BY d.revision", List.of(revision), row -> {
            last[0] = row.getLong(7);
            return changes.put(id(row), row.getBytes(5) == null ? Optional.empty() : Optional.of(definition(row)));
        });
        return new Since(last[0], changes);
    }

    @Override
    public CompletionStage<Boolean> change(List<Change> changes, List<AuditEntry> audit) {
        return writer.write(
                        Change.account(changes),
                        changes.size() + audit.size(),
                        connection -> changeOrNot(connection, changes, audit))
                .thenApply(changed -> {
                    if (changed) {
                        bulletin.tell(Bulletin.News.DEFINITIONS, List.of());
                    }
                    return changed;
                });
    }

    /** What is not wanted is taken back; the rest of the transaction goes on. */
    private boolean changeOrNot(Connection connection, List<Change> changes, List<AuditEntry> audit)
            throws SQLException {
        Savepoint before = connection.setSavepoint();
        long revision = nextRevision(connection);
        for (Change change : changes) {
            if (!carryOut(connection, change, revision)) {
                connection.rollback(before);
                return false;
            }
        }
        for (AuditEntry entry : audit) {
            write(connection, entry);
        }
        connection.releaseSavepoint(before);
        return true;
    }

    private static long nextRevision(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(NEXT_REVISION);
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private boolean carryOut(Connection connection, Change change, long revision) throws SQLException {
        DefinitionId id = change.id();
        int account = names.account(id.account());
        if (change.row().isEmpty()) {
            Object[] values = {clock.millis(), revision, account, id.kind(), id.name(), change.expected()};
            return Columns.update(connection, REMOVE, values) == 1;
        }
        DefinitionRow row = change.row().get();
        Object[] values = {row.version(), row.sealed(), row.changedAt(), revision, account, id.kind(), id.name()};
        if (change.expected() == null) {
            return Columns.update(connection, CREATE, values) == 1;
        }
        Object[] more = Arrays.copyOf(values, values.length + 1);
        more[values.length] = change.expected();
        return Columns.update(connection, UPDATE, more) == 1;
    }

    /** In a transaction of somebody else. */
    void write(Connection connection, AuditEntry entry) throws SQLException {
        Columns.update(
                connection,
                NOTE,
                names.account(entry.account()),
                entry.at(),
                entry.actor(),
                entry.action(),
                entry.kind(),
                entry.name(),
                entry.detail());
    }

    @Override
    public CompletionStage<Void> reseal(UnaryOperator<byte[]> again, Map<String, Optional<byte[]>> settings) {
        return writer.write(connection -> {
            long revision = nextRevision(connection);
            for (DefinitionRow row : all()) {
                Columns.update(
                        connection,
                        "UPDATE definition SET sealed = ?, revision = ? WHERE account = ? AND kind = ? AND name = ?",
                        again.apply(row.sealed()),
                        revision,
                        names.account(row.id().account()),
                        row.id().kind(),
                        row.id().name());
            }
            forgetTokens(connection);
            Changes.settings(connection, settings);
            return null;
        });
    }

    /** They are sealed too, and are fetched again. */
    private static void forgetTokens(Connection connection) throws SQLException {
        Columns.update(connection, "DELETE FROM claim");
    }

    @Override
    public CompletionStage<Void> forget(Map<String, Optional<byte[]>> settings) {
        return writer.write(connection -> {
            Columns.update(connection, "DELETE FROM definition");
            forgetTokens(connection);
            Changes.settings(connection, settings);
            return null;
        });
    }

    @Override
    public CompletionStage<Void> note(AuditEntry entry) {
        return writer.write(entry.account(), 1, connection -> {
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

    /** With the traces of definitions that were removed before. */
    @Override
    public CompletionStage<Integer> forget(Instant before, int rows) {
        return writer.write(connection -> {
            Columns.update(
                    connection,
                    "DELETE FROM definition WHERE (account, kind, name) IN (SELECT account, kind, name FROM definition"
                            + " WHERE sealed IS NULL AND changed_at < ? LIMIT ? FOR UPDATE SKIP LOCKED)",
                    before,
                    rows);
            return Columns.update(
                    connection,
                    "DELETE FROM audit WHERE key IN (SELECT key FROM audit WHERE at < ? LIMIT ?"
                            + " FOR UPDATE SKIP LOCKED)",
                    before,
                    rows);
        });
    }
}
