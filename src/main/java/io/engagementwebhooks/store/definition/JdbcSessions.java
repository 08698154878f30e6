package io.engagementwebhooks.store.definition;

import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Writer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Stores portal sessions and revoked ids. Thread-safe. */
public final class JdbcSessions implements SessionStore {

    private static final String SELECT = "SELECT id, sealed, signed_in_at, used_at, ends_at FROM portal_session WHERE ";

    private static final String ADD =
            "INSERT INTO portal_session (id, account, sealed, used_at, ends_at) VALUES (?, ?, ?, ?, ?)";
    private static final String EVICTED = "account = ? AND id NOT IN"
            + " (SELECT id FROM portal_session WHERE account = ? ORDER BY used_at DESC LIMIT ?)";
    private static final String REVOKE_PORTALS = "INSERT INTO revoked_session (id, holder, revoked_at, ends_at)"
            + " SELECT id, ?, ?, ends_at FROM portal_session WHERE %s ON CONFLICT DO NOTHING";
    private static final String REDEEM =
            "UPDATE portal_session SET signed_in_at = ?, used_at = ? WHERE id = ? AND signed_in_at IS NULL";
    private static final String REVOKE =
            "INSERT INTO revoked_session (id, holder, revoked_at, ends_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
    private static final String LIMIT_REVOKED = "DELETE FROM revoked_session WHERE holder = ? AND id NOT IN"
            + " (SELECT id FROM revoked_session WHERE holder = ? ORDER BY ends_at DESC, revoked_at DESC LIMIT ?)";

    /** The clock of another instance may be behind. */
    private static final Duration KEPT = Duration.ofDays(1);

    /** Expired rows that a write removes at most. */
    private static final int MOST_REMOVED = 100;

    private final Writer writer;
    private final Reader reader;
    private final Keys keys;
    private final Clock clock;

    public JdbcSessions(Writer writer, Reader reader, Keys keys, Clock clock) {
        this.writer = writer;
        this.reader = reader;
        this.keys = keys;
        this.clock = clock;
    }

    @Override
    public void add(String account, PortalSession session, int most) {
        writer.write(account, 1, statements -> {
                    int owner = keys.account(statements, account);
                    Instant now = clock.instant();
                    removeExpired(statements, "portal_session", now);
                    statements.update(REVOKE_PORTALS.formatted(EVICTED), account, now, owner, owner, most - 1);
                    limitRevoked(statements, account, now);
                    statements.update("DELETE FROM portal_session WHERE " + EVICTED, owner, owner, most - 1);
                    return statements.update(
                            ADD, session.id(), owner, session.sealed(), session.usedAt(), session.endsAt());
                })
                .join();
    }

    private void removeExpired(Statements statements, String table, Instant end) throws SQLException {
        statements.update(
                "DELETE FROM " + table + " WHERE id IN (SELECT id FROM " + table + " WHERE ends_at < ? LIMIT ?"
                        + reader.dialect().locking("FOR UPDATE SKIP LOCKED") + ")",
                end,
                MOST_REMOVED);
    }

    private void limitRevoked(Statements statements, String holder, Instant now) throws SQLException {
        removeExpired(statements, "revoked_session", now.minus(KEPT));
        statements.update(LIMIT_REVOKED, holder, holder, MOST_REVOKED);
    }

    /** @return whether it changed a row */
    private boolean write(Writer.Work<Integer> work) {
        return writer.write(work).join() > 0;
    }

    @Override
    public Optional<PortalSession> portalSession(String id) {
        return reader.first(SELECT + "id = ?", JdbcSessions::session, id);
    }

    @Override
    public List<PortalSession> portalSessions(String account) {
        return reader.query(SELECT + "account = ?", JdbcSessions::session, keys.find(account));
    }

    private static PortalSession session(ResultSet row) throws SQLException {
        Instant signedInAt = row.getObject(3) == null ? null : Instant.ofEpochMilli(row.getLong(3));
        return new PortalSession(
                row.getString(1),
                row.getString(2),
                signedInAt,
                Instant.ofEpochMilli(row.getLong(4)),
                Instant.ofEpochMilli(row.getLong(5)));
    }

    @Override
    public boolean redeem(String id, Instant now) {
        return write(statements -> statements.update(REDEEM, now, now, id));
    }

    @Override
    public void use(String id, Instant now) {
        write(statements -> statements.update("UPDATE portal_session SET used_at = ? WHERE id = ?", now, id));
    }

    @Override
    public void remove(String account, String id) {
        writer.write(account, 1, statements -> {
                    Instant now = clock.instant();
                    statements.update(REVOKE_PORTALS.formatted("id = ?"), account, now, id);
                    limitRevoked(statements, account, now);
                    return statements.update("DELETE FROM portal_session WHERE id = ?", id);
                })
                .join();
    }

    @Override
    public boolean revoke(String account, String holder, String id, Instant until) {
        return writer.write(account, 1, statements -> {
                    Instant now = clock.instant();
                    boolean isNew = statements.update(REVOKE, id, holder, now, until) > 0;
                    limitRevoked(statements, holder, now);
                    return isNew;
                })
                .join();
    }

    @Override
    public Map<String, Instant> revokedSince(Instant time) {
        return reader
                .query(
                        "SELECT id, ends_at FROM revoked_session WHERE revoked_at >= ?",
                        row -> Map.entry(row.getString(1), Instant.ofEpochMilli(row.getLong(2))),
                        time)
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    @Override
    public boolean isRevoked(String id) {
        return reader.first("SELECT 1 FROM revoked_session WHERE id = ?", row -> true, id)
                .isPresent();
    }
}
