package io.engagementwebhooks.testkit;

import io.engagementwebhooks.webhook.signing.SignatureAlgorithm;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;

/** Keys made for tests, and how PEM writes them. */
public final class TestKeys {

    private static final KeyPair[] RSA_2048 = new KeyPair[2];
    private static int given;

    private TestKeys() {}

    /** A pair that fits an algorithm. */
    public static KeyPair of(SignatureAlgorithm algorithm) {
        return switch (algorithm) {
            case RS256, RS384, RS512, PS256, PS384, PS512 -> rsa(2048);
            case ES256 -> ec("secp256r1");
            case ES384 -> ec("secp384r1");
            case ES512 -> ec("secp521r1");
            case EDDSA -> generate("Ed25519", generator -> {});
        };
    }

    /** Those of 2048 bits, which take long to make, are two in turn. */
    public static synchronized KeyPair rsa(int bits) {
        if (bits != 2048) {
            return newRsa(bits);
        }
        int turn = given++ % RSA_2048.length;
        if (RSA_2048[turn] == null) {
            RSA_2048[turn] = newRsa(bits);
        }
        return RSA_2048[turn];
    }

    private static KeyPair newRsa(int bits) {
        return generate("RSA", generator -> generator.initialize(bits));
    }

    public static KeyPair ec(String curve) {
        return generate("EC", generator -> generator.initialize(new ECGenParameterSpec(curve)));
    }

    /** PKCS#8 PEM. */
    public static String pem(PrivateKey key) {
        return "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
    }

    private interface Setting {
        void on(KeyPairGenerator generator) throws GeneralSecurityException;
    }

    private static KeyPair generate(String kind, Setting setting) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
            setting.on(generator);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
