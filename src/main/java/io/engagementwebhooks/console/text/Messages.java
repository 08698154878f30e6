package io.engagementwebhooks.console.text;

import io.engagementwebhooks.ledger.BundledFile;
import io.engagementwebhooks.server.Problem;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The texts of the console's forms in {@code console/messages.properties}, by key. API errors are translated by their
 * code to texts with the form's labels. Thread-safe.
 */
public final class Messages {

    private static final String FILE = "/io/engagementwebhooks/console/messages.properties";
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(\\w+)}");
    /** The subject before the rule in an API error: the resource and the key. */
    private static final Pattern SUBJECT =
            Pattern.compile("^.*?: (?:'[^']*'(?: is '[^']*', which)?:? )?", Pattern.DOTALL);

    private static final Properties TEXTS = BundledFile.properties(FILE);

    private Messages() {}

    static Set<String> keys() {
        return new TreeSet<>(TEXTS.stringPropertyNames());
    }

    /**
     * A text.
     *
     * @param values of its placeholders, names and values in turn
     * @throws IllegalStateException if the catalogue lacks it
     */
    public static String text(String key, Object... values) {
        String text = TEXTS.getProperty(key);
        if (text == null) {
            throw new IllegalStateException("the message catalogue lacks '" + key + "'");
        }
        for (int i = 0; i < values.length; i += 2) {
            text = text.replace("{" + values[i] + "}", String.valueOf(values[i + 1]));
        }
        return text;
    }

    /**
     * The text of an error.
     *
     * @param field of the form; null: none
     * @param label of the field, if there is one
     */
    public static String of(Problem.Field fault, String field, String label) {
        String text =
                field == null ? null : TEXTS.getProperty(fault.code() + "." + field, TEXTS.getProperty(fault.code()));
        return text == null
                ? sentence(fault.detail() + ": " + fault.wayOut())
                : sentence(
                        filled(text, Map.of("label", label, "way", fault.wayOut(), "detail", detail(fault.detail()))));
    }

    private static String filled(String text, Map<String, String> values) {
        return PLACEHOLDER
                .matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(values.getOrDefault(found.group(1), found.group())));
    }

    private static String detail(String detail) {
        return SUBJECT.matcher(detail).replaceFirst("");
    }

    private static String sentence(String text) {
        return text.matches("(?s).*[.?!…]") ? text : text + ".";
    }
}
