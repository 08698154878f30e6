package io.engagementwebhooks.webhook;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A private key in PKCS#8 PEM that signs assertions: RSA from 2048 bits, a NIST curve of 256, 384 or 521 bits, or
 * Ed25519. Never printed. Immutable and thread-safe; equal where the text is.
 */
public final class PemPrivateKey {

    private static final int SHORTEST_RSA = 2048;
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----([^-]*)-----END \\1PRIVATE KEY-----");

    private static final List<SignatureAlgorithm> OF_RSA = List.of(
            SignatureAlgorithm.RS256,
            SignatureAlgorithm.RS384,
            SignatureAlgorithm.RS512,
            SignatureAlgorithm.PS256,
            SignatureAlgorithm.PS384,
            SignatureAlgorithm.PS512);

    private final Secret pem;
    private final PrivateKey key;
    private final List<SignatureAlgorithm> algorithms;

    private PemPrivateKey(Secret pem, PrivateKey key, List<SignatureAlgorithm> algorithms) {
        this.pem = pem;
        this.key = key;
        this.algorithms = algorithms;
    }

    /**
     * Reads a key. A text from a variable may have {@code \n} where lines end.
     *
     * @throws IllegalArgumentException if it is none that can sign; the message continues "the key …", without the text
     */
    public static PemPrivateKey of(Secret pem) {
        Matcher block = BLOCK.matcher(pem.reveal().replace("\\n", "\n"));
        if (!block.find()) {
            throw new IllegalArgumentException("is no PEM text with BEGIN and END PRIVATE KEY");
        }
        if (block.group(1).startsWith("ENCRYPTED")) {
            throw new IllegalArgumentException("is encrypted with a password");
        }
        if (!block.group(1).isEmpty()) {
            throw new IllegalArgumentException("is a " + block.group(1).strip() + " key in its old format");
        }
        PrivateKey key = decoded(block.group(2).replaceAll("\\s", ""));
        return new PemPrivateKey(pem, key, fitting(key));
    }

    private static PrivateKey decoded(String base64) {
        PKCS8EncodedKeySpec spec;
        try {
            spec = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("is not Base64 between BEGIN and END");
        }
        for (String kind : List.of("RSA", "EC", "Ed25519")) {
            try {
                return KeyFactory.getInstance(kind).generatePrivate(spec);
            } catch (GeneralSecurityException e) {
                // another kind, whose turn comes; the exception may quote the key
            }
        }
        throw new IllegalArgumentException("is neither RSA nor EC nor Ed25519, or damaged");
    }

    private static List<SignatureAlgorithm> fitting(PrivateKey key) {
        if (key instanceof RSAPrivateKey rsa) {
            if (rsa.getModulus().bitLength() < SHORTEST_RSA) {
                throw new IllegalArgumentException(
                        "is an RSA key of " + rsa.getModulus().bitLength() + " bits");
            }
            return OF_RSA;
        }
        if (key instanceof ECPrivateKey ec) {
            return switch (ec.getParams().getCurve().getField().getFieldSize()) {
                case 256 -> List.of(SignatureAlgorithm.ES256);
                case 384 -> List.of(SignatureAlgorithm.ES384);
                case 521 -> List.of(SignatureAlgorithm.ES512);
                default -> throw new IllegalArgumentException("is on a curve that no algorithm here uses");
            };
        }
        return List.of(SignatureAlgorithm.EDDSA);
    }

    /** The text. */
    public Secret pem() {
        return pem;
    }

    /** The key itself, for signing. */
    public PrivateKey key() {
        return key;
    }

    /** What it can sign by; the first is the usual one. */
    public List<SignatureAlgorithm> algorithms() {
        return algorithms;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PemPrivateKey that && pem.equals(that.pem);
    }

    @Override
    public int hashCode() {
        return pem.hashCode();
    }

    @Override
    public String toString() {
        return "(private key, " + key.getAlgorithm() + ")";
    }
}
