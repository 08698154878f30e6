package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A field of a Settings form, for one member of a definition.
 *
 * @param key name of the member and the field; a dot leads into an object
 * @param label its name on the form
 * @param kind of its value
 * @param hint below it, or null
 * @param placeholder an example or the default, or null
 * @param required whether it must be filled in
 * @param isSecret whether it is never shown; left empty it keeps the stored value
 * @param rows lines of its text area, or 0
 * @param none label of setting it to none, which differs from leaving it out; null: not possible
 * @param options values with labels; empty: it is not a choice
 * @param advanced whether it is folded at first
 * @param only choices of the form's chooser that show it; empty: all
 */
record SettingField(
        String key,
        String label,
        Kind kind,
        String hint,
        String placeholder,
        boolean required,
        boolean isSecret,
        int rows,
        String none,
        Map<String, String> options,
        boolean advanced,
        Set<String> only) {

    private static final int LONG_LABEL = 28;

    /** A key that is not a word of a sentence too. */
    private static final Pattern KEY = Pattern.compile("\\w+[A-Z.]\\w+");

    /** Type of a value. */
    enum Kind {
        TEXT,
        /** A whole number. */
        NUMBER,
        /** True or left out. */
        FLAG,
        /** Values separated by commas. */
        LIST,
        /** Lines of name and value. */
        PAIRS,
        /** Fields of a schema, one per line. */
        SCHEMA,
        /** An object as JSON. */
        JSON
    }

    /** The choices that show it, separated by spaces; null: all. */
    String onlyWords() {
        return only.isEmpty() ? null : String.join(" ", only);
    }

    /** The field for none. */
    String noneKey() {
        return key + ".none";
    }

    /** Its place in a definition. */
    String pointer() {
        return "/" + key.replace('.', '/');
    }

    /** Whether a definition has it; an empty text or object counts as left out. */
    boolean isSetIn(JsonNode definition) {
        JsonNode value = definition.at(pointer());
        return value.isContainerNode()
                ? !value.isEmpty()
                : value.isValueNode() && !value.asText().isEmpty();
    }

    /** The options with the current value, which the form may not know. */
    Map<String, String> optionsWith(String chosen) {
        if (chosen.isEmpty() || options.containsKey(chosen)) {
            return options;
        }
        Map<String, String> more = new LinkedHashMap<>(options);
        more.put(chosen, chosen);
        return more;
    }

    /** Whether it is a text that can be set to none. */
    boolean isTextOrNone() {
        return none != null && !isSecret;
    }

    /** Whether it can be set to none explicitly. @param isSet whether it has a value */
    boolean mayBeNone(boolean isSet) {
        return none != null && (isSet || !isSecret);
    }

    /** Its hint, or null. @param isSet whether a value is stored */
    String hint(boolean isSet) {
        if (!isSecret || !isSet) {
            return hint;
        }
        return "Leave empty to keep the stored value." + (hint == null ? "" : " " + hint);
    }

    /** Whether its options have long labels. */
    boolean isBroad() {
        return options.values().stream().anyMatch(label -> label.length() > LONG_LABEL);
    }

    /** A text of the API with the labels of this field instead of its key and values. */
    String inLabels(String text) {
        String labeled = none == null ? text : text.replace(key + ": \"\"", label + " “" + none + "”");
        for (Map.Entry<String, String> option : options.entrySet()) {
            labeled = labeled.replace(key + ": " + option.getKey(), label + " “" + option.getValue() + "”");
        }
        return KEY.matcher(key).matches() ? labeled.replace(key, label) : labeled;
    }

    /** Its default, or null: there is no choice. */
    String usual() {
        return options.isEmpty()
                ? isTextOrNone() ? placeholder : null
                : options.keySet().iterator().next();
    }
}
