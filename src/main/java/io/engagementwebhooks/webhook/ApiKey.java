package io.engagementwebhooks.webhook;

import io.engagementwebhooks.event.Sha256;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Objects;

/**
 * A key of an account's API. Only its SHA-256 is kept.
 *
 * @param name who uses it
 * @param role what it may do
 * @param sha256 of the key's UTF-8 bytes
 * @param until when it ends to be good, or null: it does not
 */
public record ApiKey(String name, Role role, byte[] sha256, Instant until) {

    /** What the audit log has in front of the names of those who signed in by a provider. */
    public static final String OF_PROVIDER = "sso:";

    /** What the audit log has in front of the ids of portal sessions. */
    public static final String OF_PORTAL = "portal:";

    /** What the audit log calls who changes things over JMX. */
    public static final String OVER_JMX = "JMX";

    public ApiKey {
        Objects.requireNonNull(name);
        Objects.requireNonNull(role);
        Objects.requireNonNull(sha256);
    }

    /** What a key may do. */
    public enum Role {
        /** Sends events only. */
        INGEST,
        /** Reads only. */
        READ,
        /** Does all. */
        ADMIN,
        /** Of no account: sees accounts and everybody's figures, no payload and no definition. */
        OPERATOR;

        public boolean maySend() {
            return this == INGEST || this == ADMIN;
        }

        public boolean mayRead() {
            return this == READ || this == ADMIN;
        }

        public boolean mayChange() {
            return this == ADMIN;
        }

        public boolean mayOperate() {
            return this == OPERATOR;
        }
    }

    /** A key without an end. */
    public static ApiKey of(String name, Role role, Secret key) {
        return of(name, role, key, null);
    }

    public static ApiKey of(String name, Role role, Secret key, Instant until) {
        return new ApiKey(name, role, hash(key.reveal()), until);
    }

    /** Whether its time is over. */
    public boolean hasEnded(Instant now) {
        return until != null && !now.isBefore(until);
    }

    /** Whether this is the key with the given hash; takes the same time wherever they differ. */
    public boolean is(byte[] hash) {
        return MessageDigest.isEqual(sha256, hash);
    }

    public static byte[] hash(String key) {
        return Sha256.of(key);
    }
}
