package io.engagementwebhooks.deliver.egress;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority for tests, and servers' certificates by it. */
final class Certificates {

    private static final char[] NO_PASSWORD = {};

    private final KeyPair authorityKeys = keys();
    private final X500Name authorityName = new X500Name("CN=Test authority");
    private final X509Certificate authority;

    Certificates() {
        Instant now = Instant.now();
        authority = certificate(authorityName, authorityKeys, now.minus(9, ChronoUnit.DAYS), now, true, null);
    }

    /** Trusts servers of this authority. */
    SSLContext client() throws Exception {
        KeyStore store = emptyStore();
        store.setCertificateEntry("authority", authority);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /** A server for a host name, with a certificate that is valid until so many days from now. */
    SSLContext server(String host, int days) throws Exception {
        KeyPair own = keys();
        Instant start = Instant.now().minus(8, ChronoUnit.DAYS);
        X509Certificate certificate = certificate(
                new X500Name("CN=Receiver"), own, start, Instant.now().plus(days - 30L, ChronoUnit.DAYS), false, host);
        KeyStore store = emptyStore();
        store.setKeyEntry("server", own.getPrivate(), NO_PASSWORD, new Certificate[] {certificate});
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, NO_PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    /** @param end 30 days before its end */
    private X509Certificate certificate(
            X500Name subject, KeyPair keys, Instant start, Instant end, boolean isAuthority, String host) {
        try {
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    authorityName,
                    BigInteger.valueOf(System.nanoTime()),
                    Date.from(start),
                    Date.from(end.plus(30, ChronoUnit.DAYS)),
                    subject,
                    keys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
            if (host != null) {
                GeneralName name = new GeneralName(GeneralName.dNSName, host);
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(name));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(
                            new JcaContentSignerBuilder("SHA256withECDSA").build(authorityKeys.getPrivate())));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyStore emptyStore() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
