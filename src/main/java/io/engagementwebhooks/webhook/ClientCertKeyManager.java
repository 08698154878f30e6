package io.engagementwebhooks.webhook;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * Shows one client certificate, or none, to each server that asks, and notes that it asked. The platform's
 * own key manager shows none if the server's list of authorities does not name the issuer, so that a missing intermediate
 * certificate would look as if no certificate had been set up; and it would show one of the process's to everybody.
 * Thread-safe.
 */
final class ClientCertKeyManager extends X509ExtendedKeyManager {

    /** Set by the thread that runs a handshake, which asks right after; when a handshake fails there is no session to ask. */
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
