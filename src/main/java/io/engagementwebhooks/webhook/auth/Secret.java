package io.engagementwebhooks.webhook.auth;

import io.engagementwebhooks.event.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Objects;

/**
 * A text that cannot be printed by accident: {@link #toString()} hides it, it is not serializable, and Jackson finds no
 * property in it. {@link #reveal()} returns the text. Immutable; equality takes constant time.
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

    /** The text itself. Do not store it. */
    public String reveal() {
        return value;
    }

    /** SHA-256 of the text, as hex, to compare secrets. Do not show it: a short text can be guessed from it. */
    public String fingerprint() {
        if (fingerprint == null) {
            fingerprint = Sha256.hex(value);
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
