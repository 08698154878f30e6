package io.engagementwebhooks.config.schema;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.text.similarity.JaroWinklerDistance;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Suggests the nearest known word for a mistyped one, by Levenshtein distance, then by Jaro-Winkler distance. */
public final class Nearest {

    private Nearest() {}

    /** The known word nearest to this one, if close enough to be a typing error. */
    public static Optional<String> to(String word, Collection<String> known) {
        int slips = word.length() <= 3 ? 1 : word.length() <= 5 ? 2 : 3;
        return known.stream()
                .filter(candidate -> Math.abs(candidate.length() - word.length()) <= slips)
                .filter(candidate -> distance(word, candidate) <= slips)
                .min(Comparator.<String>comparingInt(candidate -> distance(word, candidate))
                        // two letters in the wrong order count twice
                        .thenComparingDouble(candidate -> new JaroWinklerDistance().apply(word, candidate)));
    }

    /** {@code ; did you mean '…'?}, or empty. */
    public static String question(String word, Collection<String> known) {
        return to(word, known).map(near -> "; did you mean '" + near + "'?").orElse("");
    }

    private static int distance(String a, String b) {
        return LevenshteinDistance.getDefaultInstance().apply(a.toLowerCase(Locale.ROOT), b.toLowerCase(Locale.ROOT));
    }
}
