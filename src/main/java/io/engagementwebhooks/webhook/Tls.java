package io.engagementwebhooks.webhook;

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
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * Who we are to a server, and whom we trust to be it: a client certificate with its key (mutual TLS), and authorities of
 * the customer's own. The key cannot be asked for: it leaves only as a signature of a handshake.
 *
 * <p>Immutable and thread-safe; equal ones have the same {@link #identity()}. The context is made once, when it is first
 * needed, and lives as long as this does.
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
     * @param chain the certificate first, then those that issued it, each issued by the next
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
     * @param certificate what we show when a server asks
     * @param authorities the only ones trusted; none: those that the platform trusts
     */
    public static Tls of(Optional<ClientCertificate> certificate, List<X509Certificate> authorities) {
        return certificate.isEmpty() && authorities.isEmpty()
                ? DEFAULT
                : new Tls(certificate.orElse(null), authorities);
    }

    /** The certificate of another one, with the authorities of this one. */
    public Tls withCertificateOf(Tls other) {
        return authorities.equals(other.authorities) ? other : of(Optional.ofNullable(other.certificate), authorities);
    }

    /** The client certificate and those that issued it; empty: none is shown. */
    public List<X509Certificate> chain() {
        return certificate == null ? List.of() : certificate.chain();
    }

    /** The only authorities trusted; empty: those that the platform trusts. */
    public List<X509Certificate> authorities() {
        return authorities;
    }

    /**
     * Tells connections apart: one opened with another identity must not be used. A hash, from which nothing can be
     * learned.
     */
    public String identity() {
        return identity;
    }

    /** What connections with this certificate and these authorities are made by. */
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

    /** null: the platform's. */
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

    /**
     * Whether a server asked for a client certificate, in a handshake that this thread ran, since this was called last.
     */
    public static boolean wasCertificateRequested() {
        boolean asked = ClientCertKeyManager.ASKED.get() != null;
        ClientCertKeyManager.ASKED.remove();
        return asked;
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
