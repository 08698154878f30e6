package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A field of a form on the Settings page, which stands for one member of a definition.
 *
 * @param key the member's name, and the field's; a dot leads into a member
 * @param label for people
 * @param kind how it is typed
 * @param hint more about it, or null
 * @param placeholder an example, or what holds where it is empty, or null
 * @param required whether nothing goes without it
 * @param isSecret whether it is never shown again; left empty, what is kept stays
 * @param rows of a field of several lines, or 0
 * @param none what it means that there is none, which is not the same as saying nothing; null: that cannot be said
 * @param options what can be chosen, value to label; empty where nothing is to be chosen
 * @param advanced whether it is out of the way at first
 * @param only choices of the form's chooser that it goes with; empty: all
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

    /** How a value is typed. */
    enum Kind {
        TEXT,
        /** A whole number. */
        NUMBER,
        /** Whether something is so; it is not where nothing is said. */
        FLAG,
        /** Several, with commas between them. */
        LIST,
        /** Name and value in lines. */
        PAIRS,
        /** Fields of a schema, one in a line. */
        SCHEMA
    }

    /** The choices that it goes with, with spaces between them; null: all. */
    String onlyWords() {
        return only.isEmpty() ? null : String.join(" ", only);
    }

    /** The field that says that there is none. */
    String noneKey() {
        return key + ".none";
    }

    /** Where it stands in a definition. */
    String pointer() {
        return "/" + key.replace('.', '/');
    }

    /** Whether a definition says anything of it: an empty text or object looks as if it were left out. */
    boolean isSetIn(JsonNode definition) {
        JsonNode value = definition.at(pointer());
        return value.isContainerNode()
                ? !value.isEmpty()
                : value.isValueNode() && !value.asText().isEmpty();
    }

    /** What can be chosen, what is chosen now among it: the API knows more than the page may. */
    Map<String, String> optionsWith(String chosen) {
        if (chosen.isEmpty() || options.containsKey(chosen)) {
            return options;
        }
        Map<String, String> more = new LinkedHashMap<>(options);
        more.put(chosen, chosen);
        return more;
    }

    /** A text that may be said to be none. */
    boolean isTextOrNone() {
        return none != null && !isSecret;
    }

    /** Whether it can be said that there is none, where nothing else says so. @param isSet whether there is one */
    boolean mayBeNone(boolean isSet) {
        return none != null && (isSet || !isSecret);
    }

    /** What is told beside it, or null. @param isSet whether there is one already */
    String told(boolean isSet) {
        if (!isSecret || !isSet) {
            return hint;
        }
        return "Leave it empty to keep the one that is set." + (hint == null ? "" : " " + hint);
    }

    /** Whether what can be chosen has long names. */
    boolean isBroad() {
        return options.values().stream().anyMatch(label -> label.length() > LONG_LABEL);
    }

    /** What holds where nothing is said, or null: nothing can be chosen. */
    String usual() {
        return options.isEmpty()
                ? isTextOrNone() ? placeholder : null
                : options.keySet().iterator().next();
    }
}
