package io.engagementwebhooks.webhook;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;

/**
 * A key of an account's API. Only its SHA-256 is kept.
 *
 * @param name who uses it
 * @param role what it may do
 * @param sha256 of the key's UTF-8 bytes
 */
public record ApiKey(String name, Role role, byte[] sha256) {

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
        ADMIN;

        public boolean maySend() {
            return this != READ;
        }

        public boolean mayRead() {
            return this != INGEST;
        }

        public boolean mayChange() {
            return this == ADMIN;
        }
    }

    public static ApiKey of(String name, Role role, Secret key) {
        return new ApiKey(name, role, hash(key.reveal()));
    }

    /** Whether this is the key with the given hash; takes the same time wherever they differ. */
    public boolean is(byte[] hash) {
        return MessageDigest.isEqual(sha256, hash);
    }

    public static byte[] hash(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
