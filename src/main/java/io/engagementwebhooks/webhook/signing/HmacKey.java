package io.engagementwebhooks.webhook.signing;

import io.engagementwebhooks.webhook.auth.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A shared secret that signs by HMAC-SHA256. It cannot be printed. Immutable and thread-safe. */
public final class HmacKey {

    /** The prefix of a shared secret in Standard Webhooks; its Base64 follows. */
    public static final String SHARED = "whsec_";

    private static final String ALGORITHM = "HmacSHA256";
    private static final int LEAST_BYTES = 24;
    private static final int MOST_BYTES = 64;
    private static final int NEW_BYTES = 32;

    private final SecretKeySpec key;

    /** The Base64 as it was written. */
    private final byte[] written;

    private HmacKey(byte[] bytes, String written) {
        this.key = new SecretKeySpec(bytes, ALGORITHM);
        this.written = written.getBytes(StandardCharsets.US_ASCII);
    }

    /** A new secret of 32 bytes. */
    public static HmacKey generate(SecureRandom random) {
        byte[] bytes = new byte[NEW_BYTES];
        random.nextBytes(bytes);
        return new HmacKey(bytes, Base64.getEncoder().encodeToString(bytes));
    }

    /**
     * Reads {@code whsec_<base64>}.
     *
     * @throws IllegalArgumentException if it is invalid; the message omits the text
     */
    public static HmacKey read(String text) {
        if (!text.startsWith(SHARED)) {
            throw new IllegalArgumentException("does not start with " + SHARED);
        }
        String written = text.substring(SHARED.length());
        byte[] bytes = decoded(written);
        if (bytes.length < LEAST_BYTES || bytes.length > MOST_BYTES) {
            throw new IllegalArgumentException(
                    "holds " + bytes.length + " bytes where Standard Webhooks asks for 24 to 64");
        }
        return new HmacKey(bytes, written);
    }

    private static byte[] decoded(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            // without the cause, which may quote the key
            throw new IllegalArgumentException("is not Base64 after " + SHARED);
        }
    }

    /** The signature of these bytes, one part after the other; 32 bytes. */
    public byte[] sign(byte[]... parts) {
        return sign(ALGORITHM, false, parts);
    }

    /** As above, by another HMAC. @param asText whether the Base64 itself is the secret */
    public byte[] sign(String algorithm, boolean asText, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance(algorithm);
            mac.init(asText ? new SecretKeySpec(written, algorithm) : key);
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no " + algorithm, e);
        }
    }

    /** The secret as {@code whsec_<base64>}. */
    public Secret text() {
        return Secret.of(SHARED + Base64.getEncoder().encodeToString(key.getEncoded()));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HmacKey that && key.equals(that.key);
    }

    @Override
    public int hashCode() {
        return Objects.hash(key);
    }

    @Override
    public String toString() {
        return "(secret)";
    }
}
