package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.server.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The texts of the console's forms: {@code console/messages.properties}, by key. A fault that the API names by its code gets
 * the text of the form, which speaks in the form's labels. Thread-safe.
 */
final class Messages {

    private static final String FILE = "/io/engagementwebhooks/console/messages.properties";
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(\\w+)}");
    /** What stands before the rule in the API's text: the thing, and the key. */
    private static final Pattern SUBJECT =
            Pattern.compile("^.*?: (?:'[^']*'(?: is '[^']*', which)?:? )?", Pattern.DOTALL);

    private static final Properties TEXTS = read();

    private Messages() {}

    private static Properties read() {
        Properties texts = new Properties();
        try (InputStream in = Messages.class.getResourceAsStream(FILE)) {
            texts.load(new InputStreamReader(in, StandardCharsets.UTF_8));
            return texts;
        } catch (IOException e) {
            throw new UncheckedIOException("the jar is not complete: " + FILE + " cannot be read", e);
        }
    }

    static Set<String> keys() {
        return new TreeSet<>(TEXTS.stringPropertyNames());
    }

    /**
     * A text.
     *
     * @param values of its placeholders, names and values in turn
     * @throws IllegalStateException if the catalogue lacks it
     */
    static String text(String key, Object... values) {
        String text = TEXTS.getProperty(key);
        if (text == null) {
            throw new IllegalStateException("the message catalogue lacks '" + key + "'");
        }
        for (int i = 0; i < values.length; i += 2) {
            text = text.replace("{" + values[i] + "}", String.valueOf(values[i + 1]));
        }
        return text;
    }

    /** The label of a field of the Engagement Builder. */
    static String label(String field) {
        return text("label." + field);
    }

    /**
     * What a form says of a fault.
     *
     * @param field of the form; null: it belongs to none
     * @param label of the field, where there is one
     */
    static String of(Problem.Field fault, String field, String label) {
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
