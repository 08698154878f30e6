package io.engagementwebhooks.console.pages;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * A token that proves that a form came from the console's page. It is masked differently on each page: otherwise the
 * size of compressed pages would reveal it.
 */
final class FormToken {

    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private FormToken() {}

    /** The token with a new mask. @param token Base64url */
    static String masked(String token, SecureRandom random) {
        byte[] bytes = Base64.getUrlDecoder().decode(token);
        byte[] written = new byte[2 * bytes.length];
        byte[] mask = new byte[bytes.length];
        random.nextBytes(mask);
        for (int i = 0; i < bytes.length; i++) {
            written[i] = mask[i];
            written[bytes.length + i] = (byte) (mask[i] ^ bytes[i]);
        }
        return ENCODER.encodeToString(written);
    }

    /** Whether a form has the token under any mask. */
    static boolean isOf(String token, String sent) {
        byte[] bytes = Base64.getUrlDecoder().decode(token);
        byte[] written;
        try {
            written = Base64.getUrlDecoder().decode(sent);
        } catch (IllegalArgumentException e) {
            return false;
        }
        if (written.length != 2 * bytes.length) {
            return false;
        }
        byte[] unmasked = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            unmasked[i] = (byte) (written[i] ^ written[bytes.length + i]);
        }
        return MessageDigest.isEqual(bytes, unmasked);
    }
}
