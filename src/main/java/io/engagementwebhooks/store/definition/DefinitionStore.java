package io.engagementwebhooks.store.definition;

import io.engagementwebhooks.store.FairQueue;
import io.engagementwebhooks.store.cluster.Cluster;
import io.engagementwebhooks.store.cluster.ClusterEvent;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Writer;
import io.engagementwebhooks.webhook.Actor;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/**
 * Stores the definitions of the file and of the API, and the audit log: who changed what, when. A change takes the next
 * revision under a lock until its commit, so a reader of a revision has seen all earlier ones. Thread-safe; writes
 * complete after their commit.
 */
public class DefinitionStore {

    /**
     * The changes after a revision.
     *
     * @param revision the last revision, of these changes or of settings that changed with definitions
     * @param changes in revision order
     */
    public record Since(long revision, List<Changed> changes) {}

    /**
     * A changed resource.
     *
     * @param name its present name
     * @param id its permanent id
     * @param row the stored definition, or empty: it was removed
     */
    public record Changed(ResourceName name, String id, Optional<DefinitionRow> row) {}

    /**
     * One change.
     *
     * @param name the resource
     * @param expected the version it must have now, or null: it must not exist
     * @param row the new definition, with another name where the resource is renamed; empty: it is removed
     */
    public record Change(ResourceName name, String expected, Optional<DefinitionRow> row) {

        /** The account that the write queue charges for these changes: that of the first. */
        public static String account(List<Change> changes) {
            return changes.isEmpty() ? FairQueue.PRODUCT : changes.get(0).name().account();
        }

        public static Change create(DefinitionRow row) {
            return new Change(row.name(), null, Optional.of(row));
        }

        /** Updates a resource, and renames it where the row has another name. */
        public static Change update(ResourceName name, String expected, DefinitionRow row) {
            return new Change(name, expected, Optional.of(row));
        }

        public static Change remove(ResourceName name, String expected) {
            return new Change(name, expected, Optional.empty());
        }
    }

    /**
     * A setting that changes with definitions.
     *
     * @param expected the value that it must have now; empty: none
     */
    public record Setting(String name, Optional<byte[]> expected, byte[] value) {}

    private static final String ROWS =
            "SELECT a.id, r.kind, r.name, r.id, d.version, d.sealed, d.changed_at, d.managed_by FROM definition d"
                    + " JOIN resource r ON r.key = d.resource JOIN account a ON a.key = r.account";
    private static final String REVISION = "SELECT last FROM revision";
    private static final String NEXT_REVISION = "UPDATE revision SET last = last + 1 RETURNING last";
    private static final String FIND =
            "SELECT r.key FROM resource r" + " WHERE r.account = ? AND r.kind = ? AND r.name = ? AND r.holds_name";
    private static final String CREATE = "INSERT INTO definition (resource, version, sealed, changed_at, revision,"
            + " managed_by) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (resource) DO UPDATE SET version = excluded.version,"
            + " sealed = excluded.sealed, changed_at = excluded.changed_at, revision = excluded.revision,"
            + " managed_by = excluded.managed_by"
            + " WHERE definition.sealed IS NULL";
    private static final String UPDATE = "UPDATE definition SET version = ?, sealed = ?, changed_at = ?, revision = ?"
            + " WHERE resource = ? AND version = ? AND sealed IS NOT NULL";
    private static final String REMOVE = "UPDATE definition SET sealed = NULL, changed_at = ?, revision = ?"
            + " WHERE resource = ? AND version = ? AND sealed IS NOT NULL";
    private static final String APPEND =
            "INSERT INTO audit (account, at, actor, actor_kind, actor_id, action, kind, name, detail)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    private static final String ENTRIES =
            "SELECT t.key, t.at, t.actor_kind, t.actor_id, t.actor, t.action, t.kind, t.name, t.detail FROM audit t"
                    + " WHERE t.account = ? AND t.key < ? ORDER BY t.key DESC LIMIT ?";

    private final Writer writer;
    private final Reader reader;
    private final Keys keys;
    private final Cluster cluster;
    private final Clock clock;

    public DefinitionStore(Writer writer, Reader reader, Keys keys, Cluster cluster, Clock clock) {
        this.writer = writer;
        this.reader = reader;
        this.keys = keys;
        this.cluster = cluster;
        this.clock = clock;
    }

    private static DefinitionRow definition(ResultSet row) throws SQLException {
        return new DefinitionRow(
                row.getString(4),
                IdentityStore.name(row),
                ManagedBy.of(row.getString(8)),
                row.getString(5),
                row.getBytes(6),
                Instant.ofEpochMilli(row.getLong(7)));
    }

    /**
     * The changes after a revision, by any process.
     *
     * @param revision the last known revision; 0: none
     */
    public Since since(long revision) {
        // first: what is committed after it is read again
        long last = reader.first(REVISION, row -> row.getLong(1)).orElseThrow();
        return last == revision
                ? new Since(revision, List.of())
                : new Since(
                        last,
                        reader.query(
                                ROWS + " WHERE d.revision > ? ORDER BY d.revision",
                                DefinitionStore::changed,
                                revision));
    }

    private static Changed changed(ResultSet row) throws SQLException {
        Optional<DefinitionRow> now = row.getBytes(6) == null ? Optional.empty() : Optional.of(definition(row));
        return new Changed(IdentityStore.name(row), row.getString(4), now);
    }

    /**
     * Writes changes with their audit entries, all or none.
     *
     * @return false: the version of a resource is not the expected one, and nothing was written
     */
    public CompletionStage<Boolean> change(List<Change> changes, List<AuditEntry> audit) {
        return change(changes, audit, Optional.empty());
    }

    /**
     * Writes changes with their audit entries and a setting, all or none.
     *
     * @return false: the version of a resource or the setting is not the expected one, and nothing was written
     */
    public CompletionStage<Boolean> change(List<Change> changes, List<AuditEntry> audit, Optional<Setting> setting) {
        return writer.write(
                        Change.account(changes),
                        1 + changes.size() + audit.size(),
                        statements -> changeOrNot(statements, changes, audit, setting))
                .thenApply(changed -> {
                    if (changed) {
                        cluster.publish(ClusterEvent.DEFINITIONS, Set.of());
                    }
                    return changed;
                });
    }

    /** Rolls back to a savepoint if a change is refused; the rest of the group is kept. */
    private boolean changeOrNot(
            Statements statements, List<Change> changes, List<AuditEntry> audit, Optional<Setting> setting)
            throws SQLException {
        Savepoint before = statements.connection().setSavepoint();
        long revision = nextRevision(statements);
        boolean changed = setting.isEmpty() || SettingStore.replace(statements, setting.get());
        for (Change change : changes) {
            changed = changed && apply(statements, change, revision);
        }
        if (!changed) {
            statements.connection().rollback(before);
            keys.rolledBack();
            return false;
        }
        for (AuditEntry entry : audit) {
            appendInTransaction(statements, entry);
        }
        statements.connection().releaseSavepoint(before);
        return true;
    }

    private static long nextRevision(Statements statements) throws SQLException {
        return statements.first(NEXT_REVISION, row -> row.getLong(1)).orElseThrow();
    }

    private boolean apply(Statements statements, Change change, long revision) throws SQLException {
        ResourceName name = change.name();
        int account = keys.account(statements, name.account());
        if (change.expected() == null) {
            return create(statements, account, change.row().orElseThrow(), revision);
        }
        Optional<Integer> resource = statements.first(FIND, row -> row.getInt(1), account, name.kind(), name.name());
        if (resource.isEmpty()) {
            return false;
        }
        if (change.row().isEmpty()) {
            return statements.update(REMOVE, clock.millis(), revision, resource.get(), change.expected()) == 1;
        }
        DefinitionRow row = change.row().get();
        boolean renamed = !row.name().equals(name);
        if (renamed && IdentityStore.isDefined(statements, row.name())) {
            return false;
        }
        boolean changed = statements.update(
                        UPDATE,
                        row.version(),
                        row.sealed(),
                        row.changedAt(),
                        revision,
                        resource.get(),
                        change.expected())
                == 1;
        if (changed && renamed) {
            IdentityStore.rename(statements, account, row.id(), row.name());
        }
        return changed;
    }

    private static boolean create(Statements statements, int account, DefinitionRow row, long revision)
            throws SQLException {
        ResourceName name = row.name();
        int resource = Keys.insertResource(statements, account, name.kind(), row.id(), name.name());
        // the name may have moved to another resource since the id was assigned
        return statements
                        .first(FIND, found -> found.getInt(1), account, name.kind(), name.name())
                        .filter(holder -> holder == resource)
                        .isPresent()
                && statements.update(
                                CREATE,
                                resource,
                                row.version(),
                                row.sealed(),
                                row.changedAt(),
                                revision,
                                row.managedBy().text())
                        == 1;
    }

    /** Appends an entry in the caller's transaction. */
    public void appendInTransaction(Statements statements, AuditEntry entry) throws SQLException {
        statements.update(
                APPEND,
                keys.account(statements, entry.account()),
                entry.at(),
                entry.actor().name(),
                entry.actor().kind(),
                entry.actor().id(),
                entry.action(),
                entry.kind(),
                entry.name(),
                entry.detail());
    }

    /**
     * Re-encrypts every definition and writes settings, all or none.
     *
     * @param again turns the old encrypted form into the new one
     * @param settings changes as of {@link SettingStore#settings}
     */
    public CompletionStage<Void> reseal(UnaryOperator<byte[]> again, Map<String, Optional<byte[]>> settings) {
        return writer.write(statements -> {
            long revision = nextRevision(statements);
            for (Sealed row : statements.query(
                    "SELECT resource, sealed FROM definition WHERE sealed IS NOT NULL",
                    row -> new Sealed(row.getInt(1), row.getBytes(2)))) {
                statements.update(
                        "UPDATE definition SET sealed = ?, revision = ? WHERE resource = ?",
                        again.apply(row.sealed()),
                        revision,
                        row.resource());
            }
            removeShortLived(statements);
            SettingStore.write(statements, settings);
            return null;
        });
    }

    private record Sealed(int resource, byte[] sealed) {}

    /** Removes what the former key sealed and what is created again: portal sessions and shared tokens. */
    private void removeShortLived(Statements statements) throws SQLException {
        statements.update("DELETE FROM portal_session");
        cluster.removeSealed(statements);
    }

    /** Removes every definition and writes settings, all or none. */
    public CompletionStage<Void> removeAll(Map<String, Optional<byte[]>> settings) {
        return writer.write(statements -> {
            statements.update("DELETE FROM definition");
            removeShortLived(statements);
            SettingStore.write(statements, settings);
            return null;
        });
    }

    /** Appends an entry in its own transaction. Most entries are written together with the change they describe. */
    public CompletionStage<Void> append(AuditEntry entry) {
        return writer.write(entry.account(), 1, statements -> {
            appendInTransaction(statements, entry);
            return null;
        });
    }

    /**
     * The entries of an account, newest first.
     *
     * @param before only entries with a smaller sequence number
     */
    public List<AuditEntry> entries(String account, long before, int limit) {
        return reader.query(
                ENTRIES,
                row -> new AuditEntry(
                        row.getLong(1),
                        account,
                        Instant.ofEpochMilli(row.getLong(2)),
                        new Actor(row.getString(3), row.getString(4), row.getString(5)),
                        row.getString(6),
                        row.getString(7),
                        row.getString(8),
                        row.getString(9)),
                keys.find(account),
                before,
                limit);
    }

    /**
     * Removes audit entries older than a time, at most {@code rows} of them, and rows of definitions removed before it.
     *
     * @return the number of entries removed
     */
    public CompletionStage<Integer> removeBefore(Instant before, int rows) {
        String locking = reader.dialect().locking("FOR UPDATE SKIP LOCKED");
        return writer.write(statements -> {
            statements.update(
                    "DELETE FROM definition WHERE resource IN (SELECT resource FROM definition WHERE sealed IS NULL"
                            + " AND changed_at < ? LIMIT ?" + locking + ")",
                    before,
                    rows);
            return statements.update(
                    "DELETE FROM audit WHERE key IN (SELECT key FROM audit WHERE at < ? LIMIT ?" + locking + ")",
                    before,
                    rows);
        });
    }
}
