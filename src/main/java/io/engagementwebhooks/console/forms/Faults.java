package io.engagementwebhooks.console.forms;

import io.engagementwebhooks.console.text.Messages;
import io.engagementwebhooks.server.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Errors of a form, by field and in general. Immutable.
 *
 * @param fields errors by field name
 * @param general errors of no visible field
 * @param over offer to overwrite another user's change, or null
 */
public record Faults(Map<String, String> fields, List<String> general, EditConflict over) {

    public static final Faults NONE = new Faults(Map.of(), List.of(), null);

    /** One error of no field. */
    public static Faults of(String general) {
        return new Faults(Map.of(), List.of(general), null);
    }

    /** Errors of an API problem, for a form whose fields are named like the API's members. */
    public static Faults of(Problem problem, UnaryOperator<String> field) {
        return of(problem, field, UnaryOperator.identity());
    }

    /**
     * Errors of an API problem.
     *
     * @param field maps a JSON pointer to the form's field, or null: none
     * @param label of a field
     */
    public static Faults of(Problem problem, UnaryOperator<String> field, UnaryOperator<String> label) {
        Gathering faults = new Gathering();
        problem.fields().forEach(one -> {
            String at = field.apply(one.pointer());
            faults.add(at, Messages.of(one, at, at == null ? "" : label.apply(at)));
        });
        if (problem.fields().isEmpty()) {
            faults.add(null, problem.detail());
        }
        return faults.done();
    }

    /** The same with an offer to overwrite. @param way null: none */
    public Faults or(EditConflict way) {
        return new Faults(fields, general, way);
    }

    public boolean isEmpty() {
        return fields.isEmpty() && general.isEmpty();
    }

    /** "Not saved", with the number of fields to fix. */
    public String title() {
        return switch (fields.size()) {
            case 0 -> Messages.text("faults.none");
            case 1 -> Messages.text("faults.one");
            default -> Messages.text("faults.many", "count", fields.size());
        };
    }

    /** The title if another action than saving was not done, or null. */
    public static String notDone(Form form) {
        return switch (form.text("do")) {
            case "delete" -> "Not deleted.";
            case "rotate" -> "Not rotated.";
            case "test" -> "Not tested.";
            case "count" -> "Not counted.";
            default -> null;
        };
    }

    /** The error of a field, or null. */
    public String at(String field) {
        return fields.get(field);
    }

    /** Collects errors. Not thread-safe. */
    public static final class Gathering {

        private final Map<String, String> fields = new LinkedHashMap<>();
        private final List<String> general = new ArrayList<>();

        /** @param field null: no field */
        public void add(String field, String text) {
            if (field == null) {
                general.add(text);
            } else {
                fields.merge(field, text, (one, other) -> one.contains(other) ? one : one + " " + other);
            }
        }

        public Faults done() {
            return new Faults(new LinkedHashMap<>(fields), List.copyOf(general), null);
        }
    }
}
