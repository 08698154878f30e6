package io.engagementwebhooks.webhook;

import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.webhook.auth.Secret;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Objects;

/**
 * A key of an account's API. Only its SHA-256 is kept.
 *
 * @param name the name, which the audit log shows
 * @param role what it may do
 * @param sha256 of the key's UTF-8 bytes
 * @param until when it expires, or null: never
 * @param actor who calls with it; an account's key has no id here
 */
public record ApiKey(String name, Role role, byte[] sha256, Instant until, Actor actor) implements Resource {

    /** Prefix in the audit log of users signed in by an identity provider. */
    public static final String OF_PROVIDER = "sso:";

    public ApiKey {
        Objects.requireNonNull(name);
        Objects.requireNonNull(role);
        Objects.requireNonNull(sha256);
        Objects.requireNonNull(actor);
    }

    /** A key of an account, which calls in its own name. */
    public ApiKey(String name, Role role, byte[] sha256, Instant until) {
        this(name, role, sha256, until, new Actor(Actor.API_KEY, null, name));
    }

    /** What a key may do. */
    public enum Role {
        /** Sends events. */
        INGEST,
        /** Reads. */
        READ,
        /** Sends, reads and changes. */
        ADMIN,
        /** For operators, without an account: reads accounts and statistics, no payloads and no definitions. */
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

    /** A key that does not expire. */
    public static ApiKey of(String name, Role role, Secret key) {
        return of(name, role, key, null);
    }

    public static ApiKey of(String name, Role role, Secret key, Instant until) {
        return new ApiKey(name, role, hash(key.reveal()), until);
    }

    @Override
    public ResourceKind kind() {
        return ResourceKind.API_KEY;
    }

    public boolean hasEnded(Instant now) {
        return until != null && !now.isBefore(until);
    }

    /** Whether the key has this hash. Compares in constant time. */
    public boolean is(byte[] hash) {
        return MessageDigest.isEqual(sha256, hash);
    }

    public static byte[] hash(String key) {
        return Sha256.of(key);
    }
}
