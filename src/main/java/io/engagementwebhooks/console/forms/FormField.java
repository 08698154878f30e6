package io.engagementwebhooks.console.forms;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A field of a form for one member of a definition. Immutable.
 *
 * @param name of the field in the form
 * @param pointer to the member
 * @param label its name on the page
 * @param kind of its value
 * @param hint below it, or null
 * @param placeholder an example or the default, or null
 * @param usual default that the form shows if the member is missing, and that is never stored; null: none
 * @param required whether it must be filled in
 * @param isSecret whether it is never shown; left empty it keeps the stored value
 * @param rows lines of its text area, or 0
 * @param none label of setting it to none, which differs from leaving it out; null: not possible
 * @param options values with labels; empty: it is not a choice
 * @param advanced whether it is folded at first
 * @param only choices that show it; empty: all
 */
public record FormField(
        String name,
        String pointer,
        String label,
        Kind kind,
        String hint,
        String placeholder,
        String usual,
        boolean required,
        boolean isSecret,
        int rows,
        String none,
        Map<String, String> options,
        boolean advanced,
        Set<String> only) {

    private static final int LONG_LABEL = 28;

    /** Pointers to what no single field stands for. */
    private static final Set<String> WHOLE = Set.of("", "/delivery");

    /** A key that is not a word of a sentence too. */
    private static final Pattern KEY = Pattern.compile("\\w+[A-Z.]\\w+");

    /** Type of a value. */
    enum Kind {
        TEXT,
        /** A whole number. */
        NUMBER,
        /** True or left out. */
        FLAG,
        /** Texts separated by commas. */
        LIST,
        /** Whole numbers separated by commas. */
        NUMBERS,
        /** Texts or objects, one per line. */
        LINES,
        /** Lines of name and text. */
        PAIRS,
        /** A text or an object. */
        PROGRAM,
        /** Lines of name and text or object. */
        PROGRAMS,
        /** Fields of a schema, one per line. */
        SCHEMA,
        /** An object as JSON. */
        JSON
    }

    /** Sets the field to the value in a definition. */
    public void fill(Form.Filling form, JsonNode definition) {
        JsonNode value = definition.at(pointer);
        if (!isSecret) {
            form.set(name, value.isMissingNode() ? missing(definition) : FieldText.of(kind, value));
        }
        if (isTextOrNone() && value.isTextual() && value.textValue().isEmpty()) {
            form.set(noneName(), "true");
        }
    }

    private String missing(JsonNode definition) {
        boolean hasOwner = owner().isEmpty() || !definition.at(owner()).isMissingNode();
        return usual == null || !hasOwner ? "" : usual;
    }

    /** Puts the typed value into a definition, or removes the member if there is none. */
    public void put(ObjectNode definition, Form form) {
        String text = isSecret && kind == Kind.TEXT && rows == 0 ? form.raw(name) : form.text(name);
        if (isTextOrNone() && form.has(noneName())) {
            definition.put(member(), "");
        } else if (!text.isEmpty()) {
            ObjectNode owner = owner().isEmpty() ? definition : definition.withObject(owner());
            if (text.equals(usual)) {
                owner.remove(member());
            } else {
                owner.set(member(), FieldText.value(kind, text));
            }
        } else if ((!isSecret || form.has(noneName())) && definition.at(owner()) instanceof ObjectNode owner) {
            owner.remove(member());
        }
    }

    private String owner() {
        return pointer.substring(0, pointer.lastIndexOf('/'));
    }

    private String member() {
        return pointer.substring(pointer.lastIndexOf('/') + 1);
    }

    /** The name of the first field for an error at a JSON pointer; null: none, or it concerns the whole definition. */
    public static String at(String pointer, List<FormField> fields) {
        return WHOLE.contains(pointer)
                ? null
                : fields.stream()
                        .filter(field -> (pointer + "/").startsWith(field.pointer + "/")
                                || (field.pointer + "/").startsWith(pointer + "/"))
                        .map(FormField::name)
                        .findFirst()
                        .orElse(null);
    }

    /** The field of a name. @throws java.util.NoSuchElementException if there is none */
    public static FormField named(String name, List<FormField> fields) {
        return fields.stream()
                .filter(field -> field.name.equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Whether one of these choices shows it. */
    public boolean isOf(Collection<String> choices) {
        return only.isEmpty() || !Collections.disjoint(only, choices);
    }

    /** The choices that show it, separated by spaces; null: all. */
    public String onlyWords() {
        return only.isEmpty() ? null : String.join(" ", only);
    }

    /** The field for none. */
    public String noneName() {
        return name + ".none";
    }

    /** Whether a definition has it; an empty text or object counts as left out. */
    public boolean isSetIn(JsonNode definition) {
        JsonNode value = definition.at(pointer);
        return value.isContainerNode()
                ? !value.isEmpty()
                : value.isValueNode() && !value.asText().isEmpty();
    }

    /** The options with the current value, which the form may not know. */
    public Map<String, String> optionsWith(String chosen) {
        if (chosen.isEmpty() || options.containsKey(chosen)) {
            return options;
        }
        Map<String, String> more = new LinkedHashMap<>(options);
        more.put(chosen, chosen);
        return more;
    }

    /** Whether it is a text that can be set to none. */
    private boolean isTextOrNone() {
        return none != null && !isSecret;
    }

    /** Whether it can be set to none explicitly. @param isSet whether it has a value */
    public boolean mayBeNone(boolean isSet) {
        return none != null && (isSet || !isSecret);
    }

    /** Its hint, or null. @param isSet whether a value is stored */
    public String hint(boolean isSet) {
        if (!isSecret || !isSet) {
            return hint;
        }
        return "Leave empty to keep the stored value." + (hint == null ? "" : " " + hint);
    }

    /** Whether its options have long labels. */
    public boolean isBroad() {
        return options.values().stream().anyMatch(label -> label.length() > LONG_LABEL);
    }

    /** A text of the API with the labels of this field instead of its name and values. */
    String inLabels(String text) {
        String labeled = none == null ? text : text.replace(name + ": \"\"", label + " “" + none + "”");
        for (Map.Entry<String, String> option : options.entrySet()) {
            labeled = labeled.replace(name + ": " + option.getKey(), label + " “" + option.getValue() + "”");
        }
        return KEY.matcher(name).matches() ? labeled.replace(name, label) : labeled;
    }
}
