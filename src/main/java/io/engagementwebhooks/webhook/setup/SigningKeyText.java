package io.engagementwebhooks.webhook.setup;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/** Whether a text is a signing key as Standard Webhooks writes them; answers what is wrong, never with the text. */
final class SigningKeyText {

    private static final String SHARED = "whsec_";
    private static final String PRIVATE = "whsk_";
    private static final String PUBLIC = "whpk_";

    /** What stands before the 32 bytes of an Ed25519 public key in its X.509 form (RFC 8410). */
    private static final byte[] X509_PREFIX = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

    private SigningKeyText() {}

    /** What is wrong with a shared secret of scheme v1; empty: nothing. */
    static Optional<String> wrongWithSecret(String text) {
        if (text.startsWith(PRIVATE) || text.contains("PRIVATE KEY")) {
            return Optional.of("holds a private key, which belongs under 'privateKey'");
        }
        if (!text.startsWith(SHARED)) {
            return Optional.of("does not start with " + SHARED);
        }
        Optional<byte[]> bytes = base64(text.substring(SHARED.length()));
        if (bytes.isEmpty()) {
            return Optional.of("is not Base64 after " + SHARED);
        }
        int length = bytes.get().length;
        return length >= 24 && length <= 64
                ? Optional.empty()
                : Optional.of("holds " + length + " bytes where Standard Webhooks asks for 24 to 64");
    }

    /** What is wrong with a private key of scheme v1a; empty: nothing. */
    static Optional<String> wrongWithPrivateKey(String text) {
        if (text.startsWith(SHARED)) {
            return Optional.of("holds a shared secret, which belongs under 'secret'");
        }
        if (text.startsWith(PUBLIC)) {
            return Optional.of("holds a public key, which cannot sign");
        }
        if (text.startsWith(PRIVATE)) {
            return wrongWithPair(text.substring(PRIVATE.length()));
        }
        return text.strip().startsWith("-----BEGIN PRIVATE KEY-----")
                ? wrongWithPem(text)
                : Optional.of("is neither " + PRIVATE + "<base64> nor a PEM text that begins with BEGIN PRIVATE KEY");
    }

    private static Optional<String> wrongWithPair(String base64) {
        Optional<byte[]> bytes = base64(base64).filter(pair -> pair.length == 64);
        if (bytes.isEmpty()) {
            return Optional.of("is not the Base64 of 64 bytes, seed and public key, after " + PRIVATE);
        }
        byte[] seed = Arrays.copyOfRange(bytes.get(), 0, 32);
        byte[] publicKey = Arrays.copyOfRange(bytes.get(), 32, 64);
        return belongTogether(seed, publicKey)
                ? Optional.empty()
                : Optional.of("holds a public key that does not belong to its seed");
    }

    private static boolean belongTogether(byte[] seed, byte[] publicKey) {
        try {
            KeyFactory keys = KeyFactory.getInstance("Ed25519");
            byte[] x509 = Arrays.copyOf(X509_PREFIX, X509_PREFIX.length + publicKey.length);
            System.arraycopy(publicKey, 0, x509, X509_PREFIX.length, publicKey.length);
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(keys.generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed)));
            signature.update(publicKey);
            byte[] signed = signature.sign();
            signature.initVerify(keys.generatePublic(new X509EncodedKeySpec(x509)));
            signature.update(publicKey);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static Optional<String> wrongWithPem(String text) {
        try {
            String base64 = text.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
            KeyFactory.getInstance("Ed25519")
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
            return Optional.empty();
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.of("is no Ed25519 private key in PKCS#8 PEM");
        }
    }

    private static Optional<byte[]> base64(String text) {
        try {
            return Optional.of(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
