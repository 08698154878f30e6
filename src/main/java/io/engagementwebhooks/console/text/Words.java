package io.engagementwebhooks.console.text;

import io.engagementwebhooks.ledger.BundledFile;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/** What words of the API read as on pages, from {@code console/words.properties}. Thread-safe. */
public final class Words {

    private static final Properties WORDS = BundledFile.properties("/io/engagementwebhooks/console/words.properties");

    private Words() {}

    /**
     * The text for a word.
     *
     * @param kind of word, such as health
     * @param otherwise if the word has no text
     */
    public static String of(String kind, String word, String otherwise) {
        return WORDS.getProperty(kind + "." + word, otherwise);
    }

    /** The words of a kind that have a text, in no order. */
    public static Set<String> ofKind(String kind) {
        String prefix = kind + ".";
        return WORDS.stringPropertyNames().stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .collect(Collectors.toSet());
    }

    /** Labels by key, in this order. */
    public static Map<String, String> labels(String... keysAndLabels) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (int i = 0; i < keysAndLabels.length; i += 2) {
            labels.put(keysAndLabels[i], keysAndLabels[i + 1]);
        }
        return labels;
    }
}
