package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.server.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What is wrong with a form: beside its fields, and what belongs to none. Immutable.
 *
 * @param fields what is wrong with a field, by its name
 * @param general what belongs to no field that is shown
 * @param over a way on over somebody else's change, or null
 */
record Faults(Map<String, String> fields, List<String> general, EditConflict over) {

    static final Faults NONE = new Faults(Map.of(), List.of(), null);

    /** One that belongs to no field. */
    static Faults of(String general) {
        return new Faults(Map.of(), List.of(general), null);
    }

    /** Those of a problem that the API answered, of a form whose fields are called as the API's members. */
    static Faults of(Problem problem, UnaryOperator<String> field) {
        return of(problem, field, UnaryOperator.identity());
    }

    /**
     * Those of a problem that the API answered.
     *
     * @param field the form's field that a JSON pointer means, or null: none
     * @param label of a field
     */
    static Faults of(Problem problem, UnaryOperator<String> field, UnaryOperator<String> label) {
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

    /** The same with a way on. @param way null: there is none */
    Faults or(EditConflict way) {
        return new Faults(fields, general, way);
    }

    boolean isEmpty() {
        return fields.isEmpty() && general.isEmpty();
    }

    /** How many fields are to be fixed. */
    String title() {
        return switch (fields.size()) {
            case 0 -> Messages.text("faults.none");
            case 1 -> Messages.text("faults.one");
            default -> Messages.text("faults.many", "count", fields.size());
        };
    }

    /** What is wrong with a field, or null. */
    String at(String field) {
        return fields.get(field);
    }

    /** Collects. Not thread-safe. */
    static final class Gathering {

        private final Map<String, String> fields = new LinkedHashMap<>();
        private final List<String> general = new ArrayList<>();

        /** @param field null: it belongs to none */
        void add(String field, String text) {
            if (field == null) {
                general.add(text);
            } else {
                fields.merge(field, text, (one, other) -> one.contains(other) ? one : one + " " + other);
            }
        }

        Faults done() {
            return new Faults(new LinkedHashMap<>(fields), List.copyOf(general), null);
        }
    }
}
