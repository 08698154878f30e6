package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
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
 * @param options what can be chosen, value to label; empty where nothing is to be chosen
 * @param advanced whether it is out of the way at first
 * @param only choices of the kind's chooser that it goes with; empty: all
 */
record SettingField(
        String key,
        String label,
        Kind kind,
        String hint,
        String placeholder,
        boolean required,
        Map<String, String> options,
        boolean advanced,
        Set<String> only) {

    private static final int LONG_LABEL = 28;

    /** How a value is typed. */
    enum Kind {
        TEXT,
        /** A text that may be said to be none, which is not the same as saying nothing. */
        TEXT_OR_NONE,
        /** A whole number. */
        NUMBER,
        /** Several lines. */
        LONG,
        /** Never shown again; left empty, what is kept stays. */
        SECRET,
        /** A secret that may be said to be none any more. */
        SECRET_OR_NONE,
        /** A secret of several lines, such as PEM. */
        LONG_SECRET,
        CHOICE,
        /** Whether something is so; it is not where nothing is said. */
        FLAG,
        /** Several, with commas between them. */
        LIST,
        /** Name and value in lines. */
        PAIRS,
        /** Fields of a schema, one in a line. */
        SCHEMA
    }

    static SettingField text(String key, String label, String placeholder) {
        return of(key, label, Kind.TEXT, placeholder);
    }

    static SettingField of(String key, String label, Kind kind, String placeholder) {
        return new SettingField(key, label, kind, null, placeholder, false, Map.of(), false, Set.of());
    }

    /** @param valuesAndLabels in turn; the first holds where nothing is said */
    static SettingField choice(String key, String label, String... valuesAndLabels) {
        return of(key, label, Kind.CHOICE, valuesAndLabels);
    }

    /** @param yes what it means */
    static SettingField flag(String key, String label, String yes) {
        return of(key, label, Kind.FLAG, "", "No", "true", yes);
    }

    private static SettingField of(String key, String label, Kind kind, String... valuesAndLabels) {
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 0; i < valuesAndLabels.length; i += 2) {
            options.put(valuesAndLabels[i], valuesAndLabels[i + 1]);
        }
        return new SettingField(key, label, kind, null, null, false, options, false, Set.of());
    }

    SettingField needed() {
        return new SettingField(key, label, kind, hint, placeholder, true, options, advanced, only);
    }

    SettingField hinted(String text) {
        return new SettingField(key, label, kind, text, placeholder, required, options, advanced, only);
    }

    SettingField apart() {
        return new SettingField(key, label, kind, hint, placeholder, required, options, true, only);
    }

    SettingField onlyWith(String... choices) {
        return new SettingField(key, label, kind, hint, placeholder, required, options, advanced, Set.of(choices));
    }

    /** The choices that it goes with, with spaces between them; null: all. */
    String onlyWords() {
        return only.isEmpty() ? null : String.join(" ", only);
    }

    /** What it means that there is none. */
    String none() {
        return kind == Kind.SECRET_OR_NONE ? "None any more" : "None: the endpoint is the token URL";
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

    /** Whether it can be said that there is none, where nothing else says so. @param isSet whether there is one */
    boolean mayBeNone(boolean isSet) {
        return kind == Kind.TEXT_OR_NONE || kind == Kind.SECRET_OR_NONE && isSet;
    }

    /** What is told beside it, or null. @param isSet whether there is one already */
    String told(boolean isSet) {
        if (!isSecret() || !isSet) {
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
                ? kind == Kind.TEXT_OR_NONE ? placeholder : null
                : options.keySet().iterator().next();
    }

    boolean isSecret() {
        return kind == Kind.SECRET || kind == Kind.SECRET_OR_NONE || kind == Kind.LONG_SECRET;
    }

    /** Kinds that take several lines. */
    int rows() {
        return List.of(Kind.LONG, Kind.LONG_SECRET, Kind.PAIRS, Kind.SCHEMA).contains(kind) ? 4 : 0;
    }
}
