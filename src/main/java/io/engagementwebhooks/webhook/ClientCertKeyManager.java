package io.engagementwebhooks.webhook;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * A key manager with one client certificate or none, which records whether a server requested one. The platform's own
 * omits the certificate if the server's list of authorities does not name the issuer, which would hide a missing
 * intermediate certificate, and it would offer certificates of the process to every server. Thread-safe.
 */
final class ClientCertKeyManager extends X509ExtendedKeyManager {

    /** Set by the handshake's thread, which reads it right after: a failed handshake has no session. */
    static final ThreadLocal<Boolean> ASKED = new ThreadLocal<>();

    private static final String ALIAS = "client";

    private final Tls.ClientCertificate certificate;

    /** @param certificate null: none */
    ClientCertKeyManager(Tls.ClientCertificate certificate) {
        this.certificate = certificate;
    }

    @Override
    public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
        ASKED.set(true);
        return alias(keyTypes);
    }

    @Override
    public String chooseEngineClientAlias(String[] keyTypes, Principal[] issuers, SSLEngine engine) {
        ASKED.set(true);
        return alias(keyTypes);
    }

    private String alias(String... keyTypes) {
        boolean fits = certificate != null
                && Arrays.stream(keyTypes).anyMatch(certificate.key().getAlgorithm()::equalsIgnoreCase);
        return fits ? ALIAS : null;
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
        return alias(keyType) == null ? null : new String[] {ALIAS};
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return certificate == null ? null : certificate.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return certificate == null ? null : certificate.key();
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
        return null;
    }

    @Override
    public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        return null;
    }
}
