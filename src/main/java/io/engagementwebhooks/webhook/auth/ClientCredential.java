package io.engagementwebhooks.webhook.auth;

import io.engagementwebhooks.webhook.signing.SignatureAlgorithm;
import java.util.Objects;
import java.util.Optional;

/** The credential of an OAuth client at the token endpoint. Immutable, with value equality. */
public sealed interface ClientCredential {

    /** The name used in configuration files and in the API. */
    String method();

    /** Its secret text; empty if it has none or it is not available. */
    Optional<Secret> secret();

    /** A hash that identifies it; empty if it has no secret. */
    default Optional<String> fingerprint() {
        return secret().map(Secret::fingerprint);
    }

    /** {@code client_secret_basic}: id and secret in the Authorization header. */
    record InHeader(Secret clientSecret, Encoding encoding) implements ClientCredential {
        public InHeader {
            Objects.requireNonNull(clientSecret);
            Objects.requireNonNull(encoding);
        }

        @Override
        public String method() {
            return "header";
        }

        @Override
        public Optional<Secret> secret() {
            return Optional.of(clientSecret);
        }
    }

    /** {@code client_secret_post}: id and secret in the form. */
    record InForm(Secret clientSecret) implements ClientCredential {
        public InForm {
            Objects.requireNonNull(clientSecret);
        }

        @Override
        public String method() {
            return "body";
        }

        @Override
        public Optional<Secret> secret() {
            return Optional.of(clientSecret);
        }
    }

    /**
     * {@code private_key_jwt}: an assertion signed for each request (RFC 7523).
     *
     * @param key signs it
     * @param algorithm one that fits the key
     * @param keyId selects the public key at a server with several
     * @param audience the audience claim; empty: the token URL
     */
    record SignedAssertion(
            AssertionKey key, SignatureAlgorithm algorithm, Optional<String> keyId, Optional<String> audience)
            implements ClientCredential {
        public SignedAssertion {
            Objects.requireNonNull(keyId);
            Objects.requireNonNull(audience);
            if (!key.algorithms().contains(algorithm)) {
                throw new IllegalArgumentException(algorithm.text() + " does not fit " + key);
            }
        }

        @Override
        public String method() {
            return "private_key_jwt";
        }

        @Override
        public Optional<Secret> secret() {
            return Optional.of(key.pem());
        }
    }

    /**
     * {@code tls_client_auth} or {@code self_signed_tls_client_auth}: the certificate that is shown at the handshake
     * (RFC 8705 section 2). The request has only the client id; the server knows which of the two applies.
     */
    record Certificate(Tls tls, boolean selfSigned) implements ClientCredential {
        public Certificate {
            if (tls.chain().isEmpty()) {
                throw new IllegalArgumentException("there is no certificate");
            }
        }

        @Override
        public String method() {
            return selfSigned ? "self_signed_tls_client_auth" : "tls_client_auth";
        }

        @Override
        public Optional<Secret> secret() {
            return Optional.empty();
        }

        @Override
        public Optional<String> fingerprint() {
            return Optional.of(tls.identity());
        }
    }

    /** No credential: a public client, which sends only its id. */
    record None() implements ClientCredential {
        @Override
        public String method() {
            return "none";
        }

        @Override
        public Optional<Secret> secret() {
            return Optional.empty();
        }
    }

    /** The encoding of id and secret in the header before Base64. */
    enum Encoding {
        /** Form-encoded first, as RFC 6749 section 2.3.1 requires. */
        RFC6749,
        /** Unencoded, for servers that require it. */
        RAW
    }
}
