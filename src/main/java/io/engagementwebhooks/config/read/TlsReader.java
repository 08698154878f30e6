package io.engagementwebhooks.config.read;

import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.webhook.auth.Pem;
import io.engagementwebhooks.webhook.auth.PemException;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.auth.Tls;
import io.engagementwebhooks.webhook.auth.Tls.ClientCertificate;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads a {@code tls} mapping: a client certificate with its key, in PEM or in a PKCS12 store, and authorities of the
 * customer's own. An expired certificate is only a warning, since it may be renewed before use.
 */
public final class TlsReader {

    static final String CERTIFICATE = "certificate";
    static final String KEY = "key";
    static final String PKCS12 = "pkcs12";
    static final String PASSWORD = "password";
    static final String CA = "ca";

    private static final Duration SOON = Duration.ofDays(14);

    private static final Map<String, String> SIGNATURES =
            Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "EdDSA", "EdDSA", "RSASSA-PSS", "RSASSA-PSS");

    private TlsReader() {}

    /** The mapping under a key of another one, or the default. */
    static Tls read(Mapping owner, String key) {
        return owner.mapping(key).map(TlsReader::read).orElse(Tls.DEFAULT);
    }

    /** @param what the URL is, for the text of the fault */
    static void refuseOverPlainHttp(Mapping owner, URI url, String what) {
        if (owner.has("tls") && "http".equalsIgnoreCase(url.getScheme())) {
            throw owner.refused(
                    "tls",
                    "plain-http",
                    "'tls' does not go with " + what + " of plain http",
                    "use https, or remove 'tls'");
        }
    }

    private static Tls read(Mapping tls) {
        Texts texts = new Texts(
                secret(tls, CERTIFICATE),
                secret(tls, KEY),
                secret(tls, PKCS12),
                secret(tls, PASSWORD),
                secret(tls, CA));
        try {
            Tls read = tls.reading().compiled().tls(texts);
            warnOfExpiry(tls, tls.has(PKCS12) ? PKCS12 : CERTIFICATE, "client certificate", read.chain());
            warnOfExpiry(tls, CA, "CA", read.authorities());
            return read;
        } catch (TlsRefused refused) {
            throw tls.refused(refused.key(), "certificate", refused.getMessage(), refused.wayOut());
        }
    }

    private static Optional<Secret> secret(Mapping tls, String key) {
        return tls.find(key).map(Secret::of);
    }

    /** The texts of a mapping, parsed once even if repeated in the file. */
    public record Texts(
            Optional<Secret> certificate,
            Optional<Secret> key,
            Optional<Secret> pkcs12,
            Optional<Secret> password,
            Optional<Secret> ca) {

        public Tls parse() throws TlsRefused {
            Optional<ClientCertificate> client = client();
            List<X509Certificate> authorities = ca.isPresent() ? pem(CA, ca.get(), Pem::certificates) : List.of();
            return Tls.of(client, authorities);
        }

        /** A hash that identifies the texts without keeping them. */
        public String hash() {
            MessageDigest hash = Sha256.inParts();
            for (Optional<Secret> each : List.of(certificate, key, pkcs12, password, ca)) {
                byte[] text = each.map(Secret::reveal).orElse("").getBytes(StandardCharsets.UTF_8);
                hash.update((each.isPresent() + ":" + text.length + ":").getBytes(StandardCharsets.US_ASCII));
                hash.update(text);
            }
            return HexFormat.of().formatHex(hash.digest());
        }

        private Optional<ClientCertificate> client() throws TlsRefused {
            if (pkcs12.isPresent()) {
                ClientCertificate stored =
                        new Pkcs12Text(PKCS12, pkcs12.get(), password.orElse(Secret.of(""))).certificate();
                return Optional.of(checked(PKCS12, stored));
            }
            if (certificate.isEmpty() || key.isEmpty()) {
                return Optional.empty();
            }
            List<X509Certificate> chain = pem(CERTIFICATE, certificate.get(), Pem::certificates);
            return Optional.of(checked(KEY, new ClientCertificate(chain, pem(KEY, key.get(), Pem::privateKey))));
        }
    }

    private static <T> T pem(String key, Secret text, Function<String, T> parser) throws TlsRefused {
        try {
            return parser.apply(text.reveal());
        } catch (PemException e) {
            throw new TlsRefused(key, e.getMessage(), e.wayOut());
        }
    }

    private static ClientCertificate checked(String key, ClientCertificate client) throws TlsRefused {
        List<X509Certificate> chain = client.chain();
        if (!belongs(client.key(), chain.get(0))) {
            boolean later = chain.stream().anyMatch(each -> belongs(client.key(), each));
            throw later
                    ? new TlsRefused(CERTIFICATE, "is not in order", "put the certificate of the key first")
                    : new TlsRefused(
                            key,
                            "does not belong to the certificate",
                            "give the key that the certificate was issued for");
        }
        for (int i = 1; i < chain.size(); i++) {
            if (!chain.get(i).getSubjectX500Principal().equals(chain.get(i - 1).getIssuerX500Principal())) {
                throw new TlsRefused(
                        key.equals(KEY) ? CERTIFICATE : key,
                        "holds a certificate, no. " + (i + 1) + ", that did not issue the one before it",
                        "put the certificate first, then the one that issued it, and so on");
            }
        }
        return client;
    }

    private static boolean belongs(PrivateKey key, X509Certificate certificate) {
        byte[] something = {1, 2, 3};
        try {
            Signature signature =
                    Signature.getInstance(SIGNATURES.getOrDefault(key.getAlgorithm(), key.getAlgorithm()));
            if (key.getAlgorithm().equals("RSASSA-PSS")) {
                signature.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
            }
            signature.initSign(key);
            signature.update(something);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(something);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static void warnOfExpiry(Mapping tls, String key, String what, List<X509Certificate> certificates) {
        Instant now = tls.reading().clock().instant();
        for (X509Certificate each : certificates) {
            String named = "the " + what + " " + each.getSubjectX500Principal().getName();
            Instant end = each.getNotAfter().toInstant();
            if (end.isBefore(now)) {
                tls.warn(key, named + " has expired, at " + end, "renew it: servers will refuse it");
            } else if (end.isBefore(now.plus(SOON))) {
                tls.warn(key, named + " expires soon, at " + end, "renew it before");
            } else if (each.getNotBefore().toInstant().isAfter(now)) {
                tls.warn(
                        key,
                        named + " is valid only from " + each.getNotBefore().toInstant(),
                        "look at the clock");
            }
        }
    }
}
