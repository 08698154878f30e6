package io.engagementwebhooks.webhook;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;

/**
 * A text that cannot be printed by accident: {@link #toString()} hides it, it is not serializable, and Jackson finds no
 * property in it. Whoever needs the text asks for it by {@link #reveal()}. Immutable; equality takes constant time.
 */
public final class Secret {

    private final String value;
    private volatile String fingerprint;

    private Secret(String value) {
        this.value = Objects.requireNonNull(value);
    }

    public static Secret of(String value) {
        return new Secret(value);
    }

    /** The text itself. Hand it to what needs it and keep it nowhere. */
    public String reveal() {
        return value;
    }

    /** SHA-256 of the text, as hex: tells secrets apart. A short text can be found by it, so it is not shown either. */
    public String fingerprint() {
        if (fingerprint == null) {
            try {
                MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
                fingerprint = HexFormat.of().formatHex(sha256.digest(value.getBytes(StandardCharsets.UTF_8)));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-256", e);
            }
        }
        return fingerprint;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret that
                && MessageDigest.isEqual(
                        value.getBytes(StandardCharsets.UTF_8), that.value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return "(secret)";
    }
}
