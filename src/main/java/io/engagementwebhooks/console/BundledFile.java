package io.engagementwebhooks.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Reads files of the jar. */
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
            throw new UncheckedIOException("the jar is not complete: " + path + " cannot be read", e);
        }
    }

    public static String text(String path) {
        return new String(bytes(path), StandardCharsets.UTF_8);
    }
}
