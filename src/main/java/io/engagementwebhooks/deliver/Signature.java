package io.engagementwebhooks.deliver;

import io.engagementwebhooks.webhook.SigningKey;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * One signature as Standard Webhooks writes it: {@code v1,<base64>} (HMAC-SHA256) or {@code v1a,<base64>} (Ed25519).
 *
 * @see <a href="https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md">Standard
 *     Webhooks</a>
 */
final class Signature {

    private static final int SEED_BYTES = 32;
    private static final int SEED_AND_PUBLIC_KEY_BYTES = 64;
    private static final String PEM_END = "-----";

    private Signature() {}

    /** @throws IllegalArgumentException naming the key, if it cannot be read */
    static String of(SigningKey key, byte[] content) {
        try {
            return switch (key.scheme()) {
                case V1 -> "v1," + base64(hmac(key.material().reveal(), content));
                case V1A -> "v1a," + base64(ed25519(key.material().reveal(), content));
            };
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // without the cause, which may quote the key
            throw new IllegalArgumentException("signing key '" + key.id() + "' cannot be read: " + expected(key));
        }
    }

    private static String expected(SigningKey key) {
        return switch (key.scheme()) {
            case V1 -> "it is whsec_ and Base64";
            case V1A -> "it is whsk_ and the Base64 of 64 bytes, seed and public key, or an Ed25519 key in PKCS#8 PEM";
        };
    }

    private static byte[] hmac(String material, byte[] content) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(decoded(material, "whsec_"), "HmacSHA256"));
        return mac.doFinal(content);
    }

    private static byte[] ed25519(String material, byte[] content) throws GeneralSecurityException {
        java.security.Signature signature = java.security.Signature.getInstance("Ed25519");
        signature.initSign(privateKey(material.strip()));
        signature.update(content);
        return signature.sign();
    }

    private static PrivateKey privateKey(String material) throws GeneralSecurityException {
        KeyFactory keys = KeyFactory.getInstance("Ed25519");
        if (material.startsWith(PEM_END)) {
            String body = material.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
            return keys.generatePrivate(
                    new PKCS8EncodedKeySpec(Base64.getDecoder().decode(body)));
        }
        byte[] both = decoded(material, "whsk_");
        if (both.length != SEED_AND_PUBLIC_KEY_BYTES) {
            throw new IllegalArgumentException("length");
        }
        return keys.generatePrivate(
                new EdECPrivateKeySpec(NamedParameterSpec.ED25519, Arrays.copyOf(both, SEED_BYTES)));
    }

    private static byte[] decoded(String material, String prefix) {
        String text = material.startsWith(prefix) ? material.substring(prefix.length()) : material;
        return Base64.getDecoder().decode(text.strip());
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
