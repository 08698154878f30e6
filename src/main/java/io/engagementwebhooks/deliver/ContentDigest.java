package io.engagementwebhooks.deliver;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The {@code Content-Digest} of a body, RFC 9530. Stateless. */
final class ContentDigest {

    static final String HEADER = "Content-Digest";

    private ContentDigest() {}

    /** The header's value: the SHA-256 of the bytes sent. */
    static String of(byte[] body) {
        try {
            return "sha-256="
                    + StructuredField.bytes(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
