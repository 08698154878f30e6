package io.engagementwebhooks.webhook.setup;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Guesses what a mistyped word was to be, by Levenshtein distance. */
final class Nearest {

    private Nearest() {}

    /** The known word nearest to this one, if it is near enough to be a slip. */
    static Optional<String> to(String word, Collection<String> known) {
        int slips = word.length() <= 3 ? 1 : word.length() <= 5 ? 2 : 3;
        return known.stream()
                .filter(candidate -> Math.abs(candidate.length() - word.length()) <= slips)
                .filter(candidate -> distance(word, candidate) <= slips)
                .min(Comparator.comparingInt(candidate -> distance(word, candidate)));
    }

    private static int distance(String a, String b) {
        String from = a.toLowerCase(Locale.ROOT);
        String to = b.toLowerCase(Locale.ROOT);
        int[] before = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            before[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int[] now = new int[to.length() + 1];
            now[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int changed = before[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                now[j] = Math.min(changed, Math.min(before[j], now[j - 1]) + 1);
            }
            before = now;
        }
        return before[to.length()];
    }
}
