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

/**
 * Stores portal sessions, and the ids of revoked sessions of the console. Expired rows are removed, those of revoked ids
 * a day later. Thread-safe; writes return after their commit.
 */
public class SessionStore {

    /**
     * A portal session.
     *
     * @param sealed its definition, encrypted
     * @param signedInAt when its link was used, or null
     * @param usedAt its last use, or its creation
     * @param endsAt its latest end
     */
    public record PortalSession(String id, String sealed, Instant signedInAt, Instant usedAt, Instant endsAt) {}

    /** Revoked ids that are kept of a holder; those that expire first are forgotten. */
    public static final int MOST_REVOKED = 1_000;

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

    public SessionStore(Writer writer, Reader reader, Keys keys, Clock clock) {
        this.writer = writer;
        this.reader = reader;
        this.keys = keys;
        this.clock = clock;
    }

    /** Stores a session. @param most sessions of the account that stay, the most recently used ones */
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

    public Optional<PortalSession> portalSession(String id) {
        return reader.first(SELECT + "id = ?", SessionStore::session, id);
    }

    public List<PortalSession> portalSessions(String account) {
        return reader.query(SELECT + "account = ?", SessionStore::session, keys.find(account));
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

    /** Uses the link of a session. @return false: it was used before, or the session was removed */
    public boolean redeem(String id, Instant now) {
        return write(statements -> statements.update(REDEEM, now, now, id));
    }

    /** Records the use of a session. */
    public void use(String id, Instant now) {
        write(statements -> statements.update("UPDATE portal_session SET used_at = ? WHERE id = ?", now, id));
    }

    /** Removes a session and revokes its id. */
    public void remove(String account, String id) {
        writer.write(account, 1, statements -> {
                    Instant now = clock.instant();
                    statements.update(REVOKE_PORTALS.formatted("id = ?"), account, now, id);
                    limitRevoked(statements, account, now);
                    return statements.update("DELETE FROM portal_session WHERE id = ?", id);
                })
                .join();
    }

    /**
     * Revokes the id of another session, or of a sign-in that is complete.
     *
     * @param account that writes it, fairly beside others
     * @param holder hash of the key that signed in
     * @param until when it expires anyway
     * @return false: it was revoked before
     */
    public boolean revoke(String account, String holder, String id, Instant until) {
        return writer.write(account, 1, statements -> {
                    Instant now = clock.instant();
                    boolean isNew = statements.update(REVOKE, id, holder, now, until) > 0;
                    limitRevoked(statements, holder, now);
                    return isNew;
                })
                .join();
    }

    /** Ids revoked since a time, and when they expire. */
    public Map<String, Instant> revokedSince(Instant time) {
        return reader
                .query(
                        "SELECT id, ends_at FROM revoked_session WHERE revoked_at >= ?",
                        row -> Map.entry(row.getString(1), Instant.ofEpochMilli(row.getLong(2))),
                        time)
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    public boolean isRevoked(String id) {
        return reader.first("SELECT 1 FROM revoked_session WHERE id = ?", row -> true, id)
                .isPresent();
    }
}
