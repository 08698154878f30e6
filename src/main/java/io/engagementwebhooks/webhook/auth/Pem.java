package io.engagementwebhooks.webhook.auth;

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
 * Reads certificates and private keys in PEM. Text around the blocks is allowed, blocks of other kinds are skipped, and line
 * breaks may be missing or written as {@code \n}. Thread-safe; errors are {@link PemException}s.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7468">RFC 7468</a>
 */
public final class Pem {

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9. ]+)-----((?:(?!-----).)*+)-----END \\1-----", Pattern.DOTALL);
    private static final Set<String> CERTIFICATE = Set.of("CERTIFICATE", "X509 CERTIFICATE", "X.509 CERTIFICATE");
    private static final String PKCS8 = "PRIVATE KEY";
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

    private Pem() {}

    private record Block(String label, String content) {

        byte[] bytes() {
            try {
                return Base64.getDecoder().decode(content.replaceAll("\\s", ""));
            } catch (IllegalArgumentException e) {
                throw new PemException("holds a block that is not Base64", "take the file as it was issued");
            }
        }
    }

    /** All certificates, at least one, in their order. */
    public static List<X509Certificate> certificates(String text) {
        List<X509Certificate> found = new ArrayList<>();
        for (Block block : blocks(text)) {
            if (CERTIFICATE.contains(block.label)) {
                found.add(certificate(block, found.size() + 1));
            }
        }
        if (found.isEmpty()) {
            throw new PemException(
                    "holds no certificate", "it is PEM: -----BEGIN CERTIFICATE-----, with its line breaks");
        }
        return found;
    }

    private static X509Certificate certificate(Block block, int number) {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(block.bytes()));
        } catch (CertificateException e) {
            throw new PemException(
                    "holds a certificate, no. " + number + ", that cannot be read", "take it as it was issued");
        }
    }

    /** The only private key: RSA, EC, Ed25519 or Ed448 in PKCS#8, not encrypted. */
    public static PrivateKey privateKey(String text) {
        List<Block> keys = blocks(text).stream()
                .filter(block -> block.label.endsWith(PKCS8))
                .toList();
        if (keys.size() != 1) {
            throw new PemException(
                    keys.isEmpty() ? "holds no private key" : "holds " + keys.size() + " private keys",
                    "it is one key in PKCS#8 PEM: -----BEGIN PRIVATE KEY-----, with its line breaks");
        }
        Block block = keys.get(0);
        if (block.label.startsWith("ENCRYPTED") || block.content.contains("ENCRYPTED")) {
            throw new PemException("is encrypted", "decrypt it by: openssl pkcs8 -in key.pem");
        }
        if (!block.label.equals(PKCS8)) {
            throw new PemException(
                    "is a " + block.label + ", not PKCS#8", "convert it by: openssl pkcs8 -topk8 -nocrypt -in key.pem");
        }
        return privateKey(new PKCS8EncodedKeySpec(block.bytes()));
    }

    private static PrivateKey privateKey(PKCS8EncodedKeySpec pkcs8) {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(pkcs8);
            } catch (GeneralSecurityException e) {
                // a different algorithm; do not chain the exception, which may quote the key
            }
        }
        throw new PemException("holds a private key that cannot be read", "RSA, EC and Ed25519 keys are known");
    }

    private static List<Block> blocks(String text) {
        Matcher matcher = BLOCK.matcher(text.replace("\\n", "\n"));
        List<Block> blocks = new ArrayList<>();
        while (matcher.find()) {
            blocks.add(new Block(matcher.group(1), matcher.group(2)));
        }
        return blocks;
    }
}
