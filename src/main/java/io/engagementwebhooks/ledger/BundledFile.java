package io.engagementwebhooks.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

/** Reads files on the class path, which are in the jar. A path starts at its root, with a slash. */
public final class BundledFile {

    private BundledFile() {}

    /** @throws IllegalStateException if the jar lacks it */
    public static byte[] bytes(String path) {
        try (InputStream in = BundledFile.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("the jar is not complete: it lacks " + path);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw incomplete(path, e);
        }
    }

    /** A text in UTF-8. */
    public static String text(String path) {
        return new String(bytes(path), StandardCharsets.UTF_8);
    }

    /** Properties in UTF-8. */
    public static Properties properties(String path) {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(text(path)));
        } catch (IOException e) {
            throw incomplete(path, e);
        }
        return properties;
    }

    public static JsonNode json(String path) {
        try {
            return new ObjectMapper().readTree(bytes(path));
        } catch (IOException e) {
            throw incomplete(path, e);
        }
    }

    private static UncheckedIOException incomplete(String path, IOException e) {
        return new UncheckedIOException("the jar is not complete: " + path + " cannot be read", e);
    }
}
