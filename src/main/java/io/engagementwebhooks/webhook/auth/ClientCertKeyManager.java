package io.engagementwebhooks.webhook.auth;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * A key manager with one client certificate or none, which records whether a server requested one. The platform's own
 * omits the certificate if the server's list of authorities does not name the issuer, which would hide a missing
 * intermediate certificate, and it would offer certificates of the process to every server. Thread-safe.
 */
final class ClientCertKeyManager extends X509ExtendedKeyManager {

    /** Engines whose server requested a certificate: a failed handshake has no session that could tell. */
    static final Set<SSLEngine> ASKED = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private static final String ALIAS = "client";

    private final Tls.ClientCertificate certificate;

    /** @param certificate null: none */
    ClientCertKeyManager(Tls.ClientCertificate certificate) {
        this.certificate = certificate;
    }

    @Override
    public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
        return alias(keyTypes);
    }

    @Override
    public String chooseEngineClientAlias(String[] keyTypes, Principal[] issuers, SSLEngine engine) {
        ASKED.add(engine);
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
