package io.engagementwebhooks.testkit;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority for tests, which issues server and client certificates in the formats of customers. */
public final class Certificates {

    private static final char[] NO_PASSWORD = {};
    private static final AtomicLong SERIAL = new AtomicLong(1);

    private final KeyPair keys = keys("EC", 256);
    private final X500Name name;
    private final List<X509Certificate> chain;

    /** A root authority. */
    public Certificates() {
        name = new X500Name("CN=Test authority " + SERIAL.incrementAndGet());
        chain = List.of(certificate(name, keys, Instant.now().plus(30, ChronoUnit.DAYS), true, null, name, keys));
    }

    private Certificates(Certificates issuer) {
        name = new X500Name("CN=Test intermediate " + SERIAL.incrementAndGet());
        X509Certificate own =
                certificate(name, keys, Instant.now().plus(30, ChronoUnit.DAYS), true, null, issuer.name, issuer.keys);
        chain = Stream.concat(Stream.of(own), issuer.chain.stream()).toList();
    }

    /** An intermediate authority below this one. */
    public Certificates intermediate() {
        return new Certificates(this);
    }

    /** The authority's certificate, in PEM. */
    public String pem() {
        return pem(chain.get(0));
    }

    /**
     * A client's certificate and key.
     *
     * @param chain its certificate and the intermediates, without the root
     * @param key its key
     */
    public record Issued(List<X509Certificate> chain, PrivateKey key) {

        public String certificatePem() {
            return chain.stream().map(Certificates::pem).collect(Collectors.joining());
        }

        public String keyPem() {
            return Certificates.pem("PRIVATE KEY", key.getEncoded());
        }

        public byte[] pkcs12(String password) throws Exception {
            KeyStore store = emptyStore();
            store.setKeyEntry("client", key, password.toCharArray(), chain.toArray(Certificate[]::new));
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            store.store(bytes, password.toCharArray());
            return bytes.toByteArray();
        }
    }

    /** A client certificate that expires in some days, or expired some days ago. */
    public Issued client(String subject, int days) {
        return client(subject, days, "EC", 256);
    }

    /** As above, with a key of another kind. */
    public Issued client(String subject, int days, String algorithm, int size) {
        KeyPair own = keys(algorithm, size);
        X509Certificate certificate = certificate(
                new X500Name("CN=" + subject), own, Instant.now().plus(days, ChronoUnit.DAYS), false, null, name, keys);
        Stream<X509Certificate> issuers = chain.subList(0, chain.size() - 1).stream();
        return new Issued(Stream.concat(Stream.of(certificate), issuers).toList(), own.getPrivate());
    }

    /** Trusts servers of this authority. */
    public SSLContext client() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust().getTrustManagers(), null);
        return context;
    }

    /**
     * A server for a host name or address, with a certificate that expires in some days. If it requests client
     * certificates, it accepts those of this authority.
     */
    public SSLContext server(String host, int days) throws Exception {
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(serverStore(host, days), NO_PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), trust().getTrustManagers(), null);
        return context;
    }

    /** Host names, separated by commas. */
    public static String manyNames(int names) {
        return IntStream.range(0, names)
                .mapToObj(i -> "host-" + i + ".example.com")
                .collect(Collectors.joining(","));
    }

    /** The certificate and key of a server, without a password. @param host or several, separated by commas */
    public KeyStore serverStore(String host, int days) throws Exception {
        KeyPair own = keys("EC", 256);
        X509Certificate certificate = certificate(
                new X500Name("CN=Receiver"), own, Instant.now().plus(days, ChronoUnit.DAYS), false, host, name, keys);
        KeyStore store = emptyStore();
        store.setKeyEntry("server", own.getPrivate(), NO_PASSWORD, new Certificate[] {certificate});
        return store;
    }

    /** Settings of a product that ends TLS with a certificate for this host; writes its key store. */
    public List<String> serverSettings(String host, Path folder) throws Exception {
        Path file = folder.resolve("server.p12");
        KeyStore store = serverStore(host, 30);
        char[] password = "changeit".toCharArray();
        store.setKeyEntry("server", store.getKey("server", NO_PASSWORD), password, store.getCertificateChain("server"));
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, password);
        }
        return List.of(
                "camel.ssl.enabled=true",
                "camel.ssl.keyStore=file:" + file,
                "camel.ssl.keystorePassword=changeit",
                "camel.server.useGlobalSslContextParameters=true");
    }

    /** A self-signed certificate and key. */
    public Issued self() {
        return new Issued(chain.subList(0, 1), keys.getPrivate());
    }

    /** A trust manager for this authority and others. */
    public KeyStore trustStore(Certificates... others) throws Exception {
        KeyStore store = emptyStore();
        store.setCertificateEntry("authority", chain.get(0));
        for (int i = 0; i < others.length; i++) {
            store.setCertificateEntry("other-" + i, others[i].chain.get(0));
        }
        return store;
    }

    private TrustManagerFactory trust() throws Exception {
        KeyStore store = trustStore();
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust;
    }

    private static X509Certificate certificate(
            X500Name subject,
            KeyPair own,
            Instant end,
            boolean authority,
            String host,
            X500Name issuer,
            KeyPair issuing) {
        try {
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    issuer,
                    BigInteger.valueOf(SERIAL.incrementAndGet()),
                    Date.from(end.minus(400, ChronoUnit.DAYS)),
                    Date.from(end),
                    subject,
                    own.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (host != null) {
                boolean address = host.matches("[0-9.]+");
                GeneralName[] names = Stream.of(host.split(","))
                        .map(each -> new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, each))
                        .toArray(GeneralName[]::new);
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuing.getPrivate())));
        } catch (OperatorException | GeneralSecurityException | java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair keys(String algorithm, int size) {
        if (algorithm.equals("RSA")) {
            return TestKeys.rsa(size);
        }
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (size > 0) {
                generator.initialize(size);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(X509Certificate certificate) {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String label, byte[] bytes) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + label
                + "-----\n";
    }

    private static KeyStore emptyStore() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
