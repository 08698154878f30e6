package io.engagementwebhooks.event;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Computes SHA-256 hashes. Thread-safe. */
public final class Sha256 {

    private Sha256() {}

    public static byte[] of(byte[] bytes) {
        return inParts().digest(bytes);
    }

    /** Hashes a text in UTF-8. */
    public static byte[] of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    public static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(of(bytes));
    }

    /** Hashes a text in UTF-8. */
    public static String hex(String text) {
        return HexFormat.of().formatHex(of(text));
    }

    /** A digest for data in parts. */
    public static MessageDigest inParts() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
