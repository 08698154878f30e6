package io.engagementwebhooks.receivers;

import io.engagementwebhooks.testkit.Documented;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The snippets of the receivers' guide, as they stand in it. */
final class Snippets {

    private static final Path GUIDE = Path.of("docs", "receivers.md");

    private Snippets() {}

    /** All of one language, in the order of the guide. */
    static List<String> of(String language) {
        return Documented.page(GUIDE).blocks(language);
    }

    static String guide() {
        try {
            return Files.readString(GUIDE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
