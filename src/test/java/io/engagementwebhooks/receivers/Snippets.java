package io.engagementwebhooks.receivers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The snippets of the receivers' guide, as they stand in it. */
final class Snippets {

    private static final Path GUIDE = Path.of("docs", "receivers.md");

    private Snippets() {}

    /** All of one language, in the order of the guide. */
    static List<String> of(String language) {
        Pattern fence = Pattern.compile("^```" + language + "\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
        return fence.matcher(guide())
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }

    static String guide() {
        try {
            return Files.readString(GUIDE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
