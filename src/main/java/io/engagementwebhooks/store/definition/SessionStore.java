package io.engagementwebhooks.store.definition;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Stores portal sessions, and the ids of revoked sessions of the console. Expired rows are removed, those of revoked ids
 * a day later. Thread-safe; writes return after their commit.
 */
public interface SessionStore {

    /**
     * A portal session.
     *
     * @param sealed its definition, encrypted
     * @param signedInAt when its link was used, or null
     * @param usedAt its last use, or its creation
     * @param endsAt its latest end
     */
    record PortalSession(String id, String sealed, Instant signedInAt, Instant usedAt, Instant endsAt) {}

    /** Revoked ids that are kept of a holder; those that expire first are forgotten. */
    int MOST_REVOKED = 1_000;

    /** Stores a session. @param most sessions of the account that stay, the most recently used ones */
    void add(String account, PortalSession session, int most);

    Optional<PortalSession> portalSession(String id);

    List<PortalSession> portalSessions(String account);

    /** Uses the link of a session. @return false: it was used before, or the session was removed */
    boolean redeem(String id, Instant now);

    /** Records the use of a session. */
    void use(String id, Instant now);

    /** Removes a session and revokes its id. */
    void remove(String account, String id);

    /**
     * Revokes the id of another session, or of a sign-in that is complete.
     *
     * @param account that writes it, fairly beside others
     * @param holder hash of the key that signed in
     * @param until when it expires anyway
     * @return false: it was revoked before
     */
    boolean revoke(String account, String holder, String id, Instant until);

    boolean isRevoked(String id);

    /** Ids revoked since a time, and when they expire. */
    Map<String, Instant> revokedSince(Instant time);
}
