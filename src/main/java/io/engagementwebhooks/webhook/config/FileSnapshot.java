package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.ledger.FileDescriptors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;

/**
 * The state of the configuration file at one poll, through whatever links lead there, and at the files that its placeholders
 * name. Two looks with the same fingerprint saw the same.
 *
 * @param content SHA-256 of the file; empty: it is gone; {@code ?}: it cannot be read
 * @param beside hashes of the files that placeholders name
 * @param attributes of the file, to spare reading a large one again
 */
record FileSnapshot(String content, String beside, String attributes) {

    /** Below this, a file is read at each look: time stamps can lie. */
    private static final long SMALL = 1024 * 1024;

    private static final String GONE = "";
    private static final String UNREADABLE = "?";

    static FileSnapshot at(Path file, Collection<String> others, Placeholders placeholders, FileSnapshot before) {
        String beside = besides(others, placeholders);
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            String attributes = found.lastModifiedTime() + " " + found.size() + " " + found.fileKey();
            boolean spared = before != null && found.size() > SMALL && attributes.equals(before.attributes);
            String content = spared ? before.content : content(file, found);
            return new FileSnapshot(content, beside, attributes);
        } catch (NoSuchFileException e) {
            return new FileSnapshot(GONE, "", "");
        } catch (IOException e) {
            FileDescriptors.OF_PROCESS.check("looking at " + file, e);
            return new FileSnapshot(UNREADABLE, "", "");
        }
    }

    /** Of a file that is too large only the attributes are compared. */
    private static String content(Path file, BasicFileAttributes attributes) throws IOException {
        return attributes.size() > YamlText.LARGEST
                ? attributes.lastModifiedTime() + " " + attributes.size()
                : Sha256.hex(Files.readAllBytes(file));
    }

    boolean isGone() {
        return content.equals(GONE);
    }

    boolean isOf(byte[] bytes) {
        return content.equals(Sha256.hex(bytes));
    }

    boolean sawTheSameAs(FileSnapshot other) {
        return other != null && content.equals(other.content) && beside.equals(other.beside);
    }

    private static String besides(Collection<String> others, Placeholders placeholders) {
        StringBuilder seen = new StringBuilder();
        for (String other : others) {
            String value = placeholders.value(other).orElse("\u0000");
            seen.append(Sha256.hex(value)).append(' ');
        }
        return seen.toString();
    }
}
