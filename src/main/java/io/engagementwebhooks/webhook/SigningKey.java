package io.engagementwebhooks.webhook;

import java.util.Objects;

/**
 * A key that signs what we send, as Standard Webhooks has it.
 *
 * @param id unique within the account
 * @param scheme how it signs
 * @param material {@code whsec_<base64>} for v1; {@code whsk_<base64>} or PKCS#8 PEM for v1a
 */
public record SigningKey(String id, Scheme scheme, Secret material) {

    public SigningKey {
        Objects.requireNonNull(id);
        Objects.requireNonNull(scheme);
        Objects.requireNonNull(material);
    }

    /** The signature schemes of Standard Webhooks. */
    public enum Scheme {
        /** HMAC-SHA256 with a shared secret. */
        V1,
        /** Ed25519. */
        V1A
    }
}
