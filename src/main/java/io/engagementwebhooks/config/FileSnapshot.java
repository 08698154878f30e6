package io.engagementwebhooks.config;

import io.engagementwebhooks.config.schema.Placeholders;
import io.engagementwebhooks.config.schema.YamlText;
import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.ledger.FileDescriptors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;

/**
 * Fingerprint of the configuration file and of the files that its placeholders name, at one poll.
 *
 * @param content SHA-256 of the file; empty: missing; {@code ?}: unreadable
 * @param beside hashes of the files that placeholders name
 * @param attributes of the file, to avoid rereading a large one
 */
public record FileSnapshot(String content, String beside, String attributes) {

    /** Smaller files are read at each poll, since time stamps are unreliable. */
    private static final long SMALL = 1024 * 1024;

    private static final String GONE = "";
    private static final String UNREADABLE = "?";

    public static FileSnapshot at(
            Path file, Collection<String> others, Placeholders placeholders, FileSnapshot before) {
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

    /** For a file above the size limit only attributes are compared. */
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
