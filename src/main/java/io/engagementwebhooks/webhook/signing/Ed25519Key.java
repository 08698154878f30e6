package io.engagementwebhooks.webhook.signing;

import io.engagementwebhooks.webhook.auth.Pem;
import io.engagementwebhooks.webhook.auth.Secret;
import java.security.SecureRandom;
import java.security.interfaces.EdECPrivateKey;
import java.util.Arrays;
import java.util.Base64;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * An Ed25519 key pair (RFC 8032). Bouncy Castle signs, in a sixteenth of the time that the JDK takes (ADR 15). It cannot
 * be printed. Immutable and thread-safe.
 */
public final class Ed25519Key {

    /** The prefix of a private key in Standard Webhooks; the Base64 of seed and public key follows. */
    public static final String PRIVATE = "whsk_";

    /** The prefix of a public key; its Base64 follows. */
    public static final String PUBLIC = "whpk_";

    private static final String PEM = "-----BEGIN PRIVATE KEY-----";
    private static final int BYTES = 32;

    private final byte[] seed;
    private final byte[] publicKey;

    private Ed25519Key(byte[] seed) {
        this.seed = seed;
        // computed, not the given one: signing with a mismatched public key would reveal the seed
        this.publicKey = new byte[BYTES];
        Ed25519.generatePublicKey(seed, 0, publicKey, 0);
    }

    /** A new pair. */
    public static Ed25519Key generate(SecureRandom random) {
        byte[] seed = new byte[BYTES];
        random.nextBytes(seed);
        return new Ed25519Key(seed);
    }

    /**
     * Reads {@code whsk_<base64>} or PKCS#8 PEM.
     *
     * @throws IllegalArgumentException if it is invalid; the message omits the text
     */
    public static Ed25519Key read(String text) {
        if (text.startsWith(PRIVATE)) {
            return ofPair(text.substring(PRIVATE.length()));
        }
        if (text.strip().startsWith(PEM)) {
            return ofPem(text);
        }
        throw new IllegalArgumentException(
                "is neither " + PRIVATE + "<base64> nor a PEM text that begins with BEGIN PRIVATE KEY");
    }

    private static Ed25519Key ofPair(String base64) {
        byte[] both = decoded(base64);
        if (both.length != 2 * BYTES) {
            throw new IllegalArgumentException("is not the Base64 of 64 bytes, seed and public key, after " + PRIVATE);
        }
        Ed25519Key key = new Ed25519Key(Arrays.copyOf(both, BYTES));
        if (!Arrays.equals(key.publicKey, 0, BYTES, both, BYTES, 2 * BYTES)) {
            throw new IllegalArgumentException("holds a public key that does not belong to its seed");
        }
        return key;
    }

    private static byte[] decoded(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private static Ed25519Key ofPem(String text) {
        if (Pem.privateKey(text) instanceof EdECPrivateKey key
                && key.getParams().getName().equals("Ed25519")) {
            return new Ed25519Key(key.getBytes().orElseThrow());
        }
        throw new IllegalArgumentException("is no Ed25519 private key in PKCS#8 PEM");
    }

    /** The signature of these bytes, one part after the other; 64 bytes. */
    public byte[] sign(byte[]... parts) {
        byte[] content = parts.length == 1 ? parts[0] : org.bouncycastle.util.Arrays.concatenate(parts);
        byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
        Ed25519.sign(seed, 0, publicKey, 0, content, 0, content.length, signature, 0);
        return signature;
    }

    /** The public key, 32 bytes. */
    public byte[] publicKey() {
        return publicKey.clone();
    }

    /** The public key as {@code whpk_<base64>}. */
    public String publicText() {
        return publicText(publicKey);
    }

    /** A public key as {@code whpk_<base64>}. */
    public static String publicText(byte[] publicKey) {
        return PUBLIC + Base64.getEncoder().encodeToString(publicKey);
    }

    /** The pair as {@code whsk_<base64>}. */
    public Secret privateText() {
        byte[] both = Arrays.copyOf(seed, 2 * BYTES);
        System.arraycopy(publicKey, 0, both, BYTES, BYTES);
        return Secret.of(PRIVATE + Base64.getEncoder().encodeToString(both));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Ed25519Key that && Arrays.equals(publicKey, that.publicKey);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(publicKey);
    }

    /** Shows only the public key. */
    @Override
    public String toString() {
        return publicText();
    }
}
