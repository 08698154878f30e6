package io.engagementwebhooks.webhook.signing;

/** Algorithms that sign with a private key, by the names of RFC 7518 and RFC 8037. */
public enum SignatureAlgorithm {
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    ES512,
    EDDSA;

    /** The name in a JOSE header. */
    public String text() {
        return this == EDDSA ? "EdDSA" : name();
    }
}
