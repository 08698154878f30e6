package io.engagementwebhooks.webhook.config;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and private keys in PEM. Text around the blocks is allowed, and blocks of other kinds are passed over, so
 * that one file may hold both.
 *
 * @param key the set-up key whose value it is
 * @param text its value
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7468">RFC 7468</a>
 */
record PemText(String key, String text) {

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final Set<String> CERTIFICATE = Set.of("CERTIFICATE", "X509 CERTIFICATE", "X.509 CERTIFICATE");
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

    private record Block(String label, String content) {}

    /** All certificates, in their order. */
    List<X509Certificate> certificates() throws TlsRefused {
        List<X509Certificate> found = new ArrayList<>();
        for (Block block : blocks()) {
            if (CERTIFICATE.contains(block.label)) {
                found.add(certificate(block, found.size() + 1));
            }
        }
        if (found.isEmpty()) {
            throw new TlsRefused(
                    key, "holds no certificate", "it is PEM: -----BEGIN CERTIFICATE-----, with its line breaks");
        }
        return found;
    }

    private X509Certificate certificate(Block block, int number) throws TlsRefused {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(bytes(block)));
        } catch (CertificateException e) {
            throw new TlsRefused(
                    key, "holds a certificate, no. " + number + ", that cannot be read", "take it as it was issued");
        }
    }

    /** The one private key. */
    PrivateKey privateKey() throws TlsRefused {
        List<Block> keys = blocks().stream()
                .filter(block -> block.label.endsWith("PRIVATE KEY"))
                .toList();
        if (keys.size() != 1) {
            throw new TlsRefused(
                    key,
                    keys.isEmpty() ? "holds no private key" : "holds " + keys.size() + " private keys",
                    "it is one key in PKCS#8 PEM: -----BEGIN PRIVATE KEY-----, with its line breaks");
        }
        Block block = keys.get(0);
        if (block.label.startsWith("ENCRYPTED") || block.content.contains("ENCRYPTED")) {
            throw new TlsRefused(
                    key,
                    "is encrypted",
                    "decrypt it by: openssl pkcs8 -in key.pem, or give a PKCS12 file as pkcs12 with its password");
        }
        if (!block.label.equals("PRIVATE KEY")) {
            throw new TlsRefused(
                    key,
                    "is a " + block.label + ", not PKCS#8",
                    "convert it by: openssl pkcs8 -topk8 -nocrypt -in key.pem");
        }
        return privateKey(bytes(block));
    }

    private PrivateKey privateKey(byte[] pkcs8) throws TlsRefused {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (GeneralSecurityException e) {
                // of another algorithm
            }
        }
        throw new TlsRefused(key, "holds a private key that cannot be read", "RSA, EC and Ed25519 keys are known");
    }

    private List<Block> blocks() {
        Matcher matcher = BLOCK.matcher(text);
        List<Block> blocks = new ArrayList<>();
        while (matcher.find()) {
            blocks.add(new Block(matcher.group(1), matcher.group(2)));
        }
        return blocks;
    }

    private byte[] bytes(Block block) throws TlsRefused {
        try {
            return Base64.getMimeDecoder().decode(block.content.strip());
        } catch (IllegalArgumentException e) {
            throw new TlsRefused(key, "holds a block that is not Base64", "take the file as it was issued");
        }
    }

    @Override
    public String toString() {
        return "PEM of '" + key + "'";
    }
}
