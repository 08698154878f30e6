package io.engagementwebhooks.webhook;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/** Reads RSA private keys. Faults say what is wrong and never hold a part of the key. */
public final class RsaKey {

    /** Shorter keys are not taken by Salesforce, nor by RS256 (RFC 7518 section 3.3). */
    public static final int LEAST_BITS = 2048;

    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";

    private RsaKey() {}

    /**
     * @param pem PKCS#8 in PEM; its line ends may be lost
     * @throws IllegalArgumentException in words for the customer, if it is none
     */
    public static RSAPrivateKey of(Secret pem) {
        String text = pem.reveal().strip();
        if (text.contains("BEGIN RSA PRIVATE KEY") || text.contains("BEGIN ENCRYPTED PRIVATE KEY")) {
            throw new IllegalArgumentException(
                    "is not in plain PKCS#8: convert it by openssl pkcs8 -topk8 -nocrypt -in key.pem");
        }
        if (text.contains("BEGIN CERTIFICATE") || text.contains("PUBLIC KEY")) {
            throw new IllegalArgumentException("is the public part, which Salesforce has: the private key is needed");
        }
        if (!text.startsWith(BEGIN) || !text.endsWith(END)) {
            throw new IllegalArgumentException("is no PEM text that begins with " + BEGIN);
        }
        RSAPrivateKey key = decoded(text.substring(BEGIN.length(), text.length() - END.length()));
        if (key.getModulus().bitLength() < LEAST_BITS) {
            throw new IllegalArgumentException("has fewer than " + LEAST_BITS + " bits");
        }
        return key;
    }

    private static RSAPrivateKey decoded(String base64) {
        try {
            byte[] der = Base64.getDecoder().decode(base64.replaceAll("\\s", ""));
            return (RSAPrivateKey) KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // without the cause, which may quote the key
            throw new IllegalArgumentException("is no RSA private key in PKCS#8");
        }
    }
}
