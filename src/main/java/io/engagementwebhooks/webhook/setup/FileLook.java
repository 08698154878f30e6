package io.engagementwebhooks.webhook.setup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;

/**
 * What was seen at one look at the set-up file, through whatever links lead there, and at the files that its placeholders
 * name. Two looks with the same fingerprint saw the same.
 *
 * @param content SHA-256 of the file; empty: it is gone; {@code ?}: it cannot be read
 * @param beside hashes of the files that placeholders name
 * @param attributes of the file, to spare reading a large one again
 */
record FileLook(String content, String beside, String attributes) {

    /** Below this, a file is read at each look: time stamps can lie. */
    private static final long SMALL = 1024 * 1024;

    private static final String GONE = "";
    private static final String UNREADABLE = "?";

    static FileLook at(Path file, Collection<String> others, Placeholders placeholders, FileLook before) {
        String beside = besides(others, placeholders);
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            String attributes = found.lastModifiedTime() + " " + found.size() + " " + found.fileKey();
            boolean spared = before != null && found.size() > SMALL && attributes.equals(before.attributes);
            String content = spared ? before.content : hash(Files.readAllBytes(file));
            return new FileLook(content, beside, attributes);
        } catch (NoSuchFileException e) {
            return new FileLook(GONE, "", "");
        } catch (IOException e) {
            return new FileLook(UNREADABLE, "", "");
        }
    }

    boolean isGone() {
        return content.equals(GONE);
    }

    boolean isOf(byte[] bytes) {
        return content.equals(hash(bytes));
    }

    boolean sawTheSameAs(FileLook other) {
        return other != null && content.equals(other.content) && beside.equals(other.beside);
    }

    private static String besides(Collection<String> others, Placeholders placeholders) {
        StringBuilder seen = new StringBuilder();
        for (String other : others) {
            String value = placeholders.value(other).orElse("\u0000");
            seen.append(hash(value.getBytes(StandardCharsets.UTF_8))).append(' ');
        }
        return seen.toString();
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
