package io.engagementwebhooks.webhook.auth;

import io.engagementwebhooks.webhook.signing.SignatureAlgorithm;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.util.List;

/**
 * A private key in PKCS#8 PEM that signs assertions: RSA from 2048 bits, a NIST curve of 256, 384 or 521 bits, or
 * Ed25519. Never printed. Immutable and thread-safe; equal if the texts are.
 */
public final class AssertionKey {

    private static final int SHORTEST_RSA = 2048;
    private static final String KINDS = "RSA from 2048 bits, P-256, P-384, P-521 or Ed25519 in PKCS#8 PEM, as"
            + " 'openssl pkcs8 -topk8 -nocrypt' writes it";

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

    private AssertionKey(Secret pem, PrivateKey key, List<SignatureAlgorithm> algorithms) {
        this.pem = pem;
        this.key = key;
        this.algorithms = algorithms;
    }

    /** @throws PemException if it cannot sign; its message continues "the key …", without the text */
    public static AssertionKey of(Secret pem) {
        PrivateKey key = Pem.privateKey(pem.reveal());
        return new AssertionKey(pem, key, algorithmsOf(key));
    }

    private static List<SignatureAlgorithm> algorithmsOf(PrivateKey key) {
        if (key instanceof RSAPrivateKey rsa && key.getAlgorithm().equals("RSA")) {
            int bits = rsa.getModulus().bitLength();
            if (bits < SHORTEST_RSA) {
                throw new PemException("is an RSA key of " + bits + " bits", KINDS);
            }
            return OF_RSA;
        }
        if (key instanceof ECPrivateKey ec) {
            return switch (ec.getParams().getCurve().getField().getFieldSize()) {
                case 256 -> List.of(SignatureAlgorithm.ES256);
                case 384 -> List.of(SignatureAlgorithm.ES384);
                case 521 -> List.of(SignatureAlgorithm.ES512);
                default -> throw new PemException("is on a curve that no algorithm here uses", KINDS);
            };
        }
        if (key instanceof EdECPrivateKey ed && ed.getParams().getName().equals("Ed25519")) {
            return List.of(SignatureAlgorithm.EDDSA);
        }
        throw new PemException("is neither RSA nor EC nor Ed25519", KINDS);
    }

    /** The PEM text. */
    public Secret pem() {
        return pem;
    }

    public PrivateKey key() {
        return key;
    }

    /** Its algorithms; the first is the default. */
    public List<SignatureAlgorithm> algorithms() {
        return algorithms;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AssertionKey that && pem.equals(that.pem);
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
