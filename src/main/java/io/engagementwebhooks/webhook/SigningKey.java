package io.engagementwebhooks.webhook;

import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.signing.Ed25519Key;
import io.engagementwebhooks.webhook.signing.HmacKey;
import io.engagementwebhooks.webhook.signing.Validity;
import java.util.Objects;
import java.util.Optional;

/**
 * A key that signs what we send. Its text is read once, from the configuration; no method returns it. Immutable and thread-safe.
 */
public final class SigningKey implements Resource {

    private final String id;
    private final Validity validity;
    private final HmacKey shared;
    private final Ed25519Key pair;

    /** The signature schemes of Standard Webhooks. */
    public enum Scheme {
        /** HMAC-SHA256 with a shared secret. */
        V1("v1", "hmac-sha256"),
        /** Ed25519. */
        V1A("v1a", "ed25519");

        private final String text;
        private final String algorithm;

        Scheme(String text, String algorithm) {
            this.text = text;
            this.algorithm = algorithm;
        }

        /** As Standard Webhooks writes it. */
        public String text() {
            return text;
        }

        /** The algorithm as RFC 9421 registers it. */
        public String algorithm() {
            return algorithm;
        }
    }

    /**
     * A key without limits of validity.
     *
     * @see #SigningKey(String, Scheme, Secret, Validity)
     */
    public SigningKey(String id, Scheme scheme, Secret material) {
        this(id, scheme, material, Validity.ALWAYS);
    }

    /**
     * @param id unique within the account
     * @param scheme how it signs
     * @param material {@code whsec_<base64>} for v1; {@code whsk_<base64>} or PKCS#8 PEM for v1a
     * @param validity when it signs
     * @throws IllegalArgumentException if the material is invalid; the message names the key, without the material
     */
    public SigningKey(String id, Scheme scheme, Secret material, Validity validity) {
        this.id = Objects.requireNonNull(id);
        this.validity = Objects.requireNonNull(validity);
        try {
            this.shared = scheme == Scheme.V1 ? HmacKey.read(material.reveal()) : null;
            this.pair = scheme == Scheme.V1A ? Ed25519Key.read(material.reveal()) : null;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("signing key '" + id + "' " + e.getMessage());
        }
    }

    @Override
    public ResourceKind kind() {
        return ResourceKind.SIGNING_KEY;
    }

    @Override
    public String name() {
        return id;
    }

    public String id() {
        return id;
    }

    /** The key id that receivers see, unique over all accounts. */
    public String publicId(String account) {
        return account + "/" + id;
    }

    public Scheme scheme() {
        return shared != null ? Scheme.V1 : Scheme.V1A;
    }

    public Validity validity() {
        return validity;
    }

    /** The signature of these bytes, one part after the other, by the key's scheme. */
    public byte[] sign(byte[]... parts) {
        return shared != null ? shared.sign(parts) : pair.sign(parts);
    }

    /**
     * The HMAC of these bytes, one part after the other, by a shared secret.
     *
     * @param algorithm a name of {@link javax.crypto.Mac}
     * @param asText whether the secret is the Base64 as it was written, instead of the bytes that it holds
     */
    public byte[] hmac(String algorithm, boolean asText, byte[]... parts) {
        return shared.sign(algorithm, asText, parts);
    }

    /** The public key, 32 bytes; empty for a shared secret. */
    public Optional<byte[]> publicKey() {
        return Optional.ofNullable(pair).map(Ed25519Key::publicKey);
    }

    @Override
    public boolean equals(Object other) {
        return other == this
                || other instanceof SigningKey that
                        && id.equals(that.id)
                        && validity.equals(that.validity)
                        && Objects.equals(shared, that.shared)
                        && Objects.equals(pair, that.pair);
    }

    @Override
    public int hashCode() {
        return Objects.hash(id, validity, shared, pair);
    }

    @Override
    public String toString() {
        return "signing key '" + id + "'";
    }
}
