package io.engagementwebhooks.webhook.auth;

import io.engagementwebhooks.event.Sha256;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * TLS settings for a server: a client certificate with its key (mutual TLS), and the customer's own trusted
 * authorities. No method returns the key; it only signs handshakes.
 *
 * <p>Immutable and thread-safe; equal ones have the same {@link #identity()}. The context is created on first use.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8446#section-4.4.2">RFC 8446 section 4.4.2</a>
 */
public final class Tls {

    /** No certificate, and the authorities that the platform trusts. */
    public static final Tls DEFAULT = new Tls(null, List.of());

    private final ClientCertificate certificate;
    private final List<X509Certificate> authorities;
    private final String identity;
    private SSLContext context;

    /**
     * A certificate with its key.
     *
     * @param chain the certificate first, followed by its issuers
     * @param key of the first certificate
     */
    public record ClientCertificate(List<X509Certificate> chain, PrivateKey key) {

        /** @throws IllegalArgumentException if the chain is empty */
        public ClientCertificate {
            chain = List.copyOf(chain);
            Objects.requireNonNull(key);
            if (chain.isEmpty()) {
                throw new IllegalArgumentException("a client certificate has at least one certificate");
            }
        }

        @Override
        public String toString() {
            return "certificate of " + chain.get(0).getSubjectX500Principal().getName();
        }
    }

    private Tls(ClientCertificate certificate, List<X509Certificate> authorities) {
        this.certificate = certificate;
        this.authorities = List.copyOf(authorities);
        this.identity = identity(certificate, this.authorities);
    }

    /**
     * @param certificate sent if a server requests one
     * @param authorities the only trusted ones; empty: those of the platform
     */
    public static Tls of(Optional<ClientCertificate> certificate, List<X509Certificate> authorities) {
        return certificate.isEmpty() && authorities.isEmpty()
                ? DEFAULT
                : new Tls(certificate.orElse(null), authorities);
    }

    /** A copy with the certificate of another one. */
    public Tls withCertificateOf(Tls other) {
        return authorities.equals(other.authorities) ? other : of(Optional.ofNullable(other.certificate), authorities);
    }

    /** The client certificate and its issuers; empty: none is sent. */
    public List<X509Certificate> chain() {
        return certificate == null ? List.of() : certificate.chain();
    }

    /** The only trusted authorities; empty: those of the platform. */
    public List<X509Certificate> authorities() {
        return authorities;
    }

    /** A hash that identifies these settings; a connection must not be reused with another identity. */
    public String identity() {
        return identity;
    }

    /** The TLS context. */
    public synchronized SSLContext context() {
        if (context == null) {
            try {
                SSLContext fresh = SSLContext.getInstance("TLS");
                fresh.init(new KeyManager[] {new ClientCertKeyManager(certificate)}, trust(), null);
                context = fresh;
            } catch (GeneralSecurityException | IOException e) {
                throw new IllegalStateException("TLS with a certificate or CA that was read cannot be set up", e);
            }
        }
        return context;
    }

    /** Null: the platform's trust. */
    private TrustManager[] trust() throws GeneralSecurityException, IOException {
        if (authorities.isEmpty()) {
            return null;
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry("authority-" + i, authorities.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    /** Whether a server requested a client certificate in a handshake of this engine. */
    public static boolean isCertificateRequested(SSLEngine engine) {
        return ClientCertKeyManager.ASKED.contains(engine);
    }

    private static String identity(ClientCertificate certificate, List<X509Certificate> authorities) {
        if (certificate == null && authorities.isEmpty()) {
            return "default";
        }
        try {
            MessageDigest hash = Sha256.inParts();
            if (certificate != null) {
                hash.update(certificate.key().getEncoded());
                addTo(hash, certificate.chain());
            }
            hash.update((byte) 0);
            addTo(hash, authorities);
            return HexFormat.of().formatHex(hash.digest());
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("a certificate cannot be encoded", e);
        }
    }

    private static void addTo(MessageDigest hash, List<X509Certificate> certificates) throws GeneralSecurityException {
        for (X509Certificate each : certificates) {
            hash.update(each.getEncoded());
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tls that && identity.equals(that.identity);
    }

    @Override
    public int hashCode() {
        return identity.hashCode();
    }

    @Override
    public String toString() {
        return "TLS with " + (certificate == null ? "no certificate" : certificate)
                + (authorities.isEmpty() ? "" : " and " + authorities.size() + " own authorities");
    }
}
