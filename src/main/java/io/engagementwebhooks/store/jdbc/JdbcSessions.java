package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.SessionStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Stores portal sessions and revoked ids. Thread-safe. */
final class JdbcSessions implements SessionStore {

    private static final String SELECT = "SELECT id, sealed, signed_in_at, used_at, ends_at FROM portal_session WHERE ";

    private static final String ADD =
            "INSERT INTO portal_session (id, account, sealed, used_at, ends_at) VALUES (?, ?, ?, ?, ?)";
    private static final String EVICT = "DELETE FROM portal_session WHERE account = ? AND id NOT IN"
            + " (SELECT id FROM portal_session WHERE account = ? ORDER BY used_at DESC LIMIT ?)";
    private static final String REDEEM =
            "UPDATE portal_session SET signed_in_at = ?, used_at = ? WHERE id = ? AND signed_in_at IS NULL";
    private static final String REVOKE =
            "INSERT INTO revoked_session (id, ends_at) VALUES (?, ?) ON CONFLICT DO NOTHING";

    private final Writer writer;
    private final Reader reader;
    private final Keys keys;
    private final Clock clock;

    JdbcSessions(Writer writer, Reader reader, Keys keys, Clock clock) {
        this.writer = writer;
        this.reader = reader;
        this.keys = keys;
        this.clock = clock;
    }

    @Override
    public void add(String account, PortalSession session, int most) {
        write(statements -> {
            int owner = keys.account(statements, account);
            statements.update("DELETE FROM portal_session WHERE ends_at < ?", clock.instant());
            statements.update(EVICT, owner, owner, most - 1);
            return statements.update(ADD, session.id(), owner, session.sealed(), session.usedAt(), session.endsAt());
        });
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
    public void remove(String id) {
        write(statements -> statements.update("DELETE FROM portal_session WHERE id = ?", id));
    }

    @Override
    public boolean revoke(String id, Instant until) {
        return write(statements -> {
            statements.update("DELETE FROM revoked_session WHERE ends_at < ?", clock.instant());
            return statements.update(REVOKE, id, until);
        });
    }

    @Override
    public boolean isRevoked(String id) {
        return reader.first("SELECT 1 FROM revoked_session WHERE id = ?", row -> true, id)
                .isPresent();
    }
}
