package io.engagementwebhooks.console.pages;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A field of a form on the Settings page, which stands for one member of a definition.
 *
 * @param key the member's name, and the field's
 * @param label for people
 * @param kind how it is typed
 * @param hint more about it, or null
 * @param placeholder an example, or what holds where it is empty, or null
 * @param required whether nothing goes without it
 * @param options what can be chosen, value to label; empty where nothing is to be chosen
 * @param advanced whether it is out of the way at first
 */
record SettingField(
        String key,
        String label,
        Kind kind,
        String hint,
        String placeholder,
        boolean required,
        Map<String, String> options,
        boolean advanced) {

    /** How a value is typed. */
    enum Kind {
        TEXT,
        /** Never shown again; left empty, what is kept stays. */
        SECRET,
        /** A secret of several lines, such as PEM. */
        LONG_SECRET,
        CHOICE,
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
        return new SettingField(key, label, kind, null, placeholder, false, Map.of(), false);
    }

    /** @param valuesAndLabels in turn */
    static SettingField choice(String key, String label, String... valuesAndLabels) {
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 0; i < valuesAndLabels.length; i += 2) {
            options.put(valuesAndLabels[i], valuesAndLabels[i + 1]);
        }
        return new SettingField(key, label, Kind.CHOICE, null, null, false, options, false);
    }

    SettingField needed() {
        return new SettingField(key, label, kind, hint, placeholder, true, options, advanced);
    }

    SettingField hinted(String text) {
        return new SettingField(key, label, kind, text, placeholder, required, options, advanced);
    }

    SettingField apart() {
        return new SettingField(key, label, kind, hint, placeholder, required, options, true);
    }

    boolean isSecret() {
        return kind == Kind.SECRET || kind == Kind.LONG_SECRET;
    }

    /** Kinds that take several lines. */
    int rows() {
        return List.of(Kind.LONG_SECRET, Kind.PAIRS, Kind.SCHEMA).contains(kind) ? 4 : 0;
    }
}
