package io.engagementwebhooks.config.schema;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.config.schema.Validation.Spot;
import io.engagementwebhooks.webhook.schema.DataSchema.Misfit;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The fault of a key that a mapping lacks, or that does not go with its other keys. */
final class KeyFault {

    private final Validation validation;
    private final Spot mapping;
    private final Misfit misfit;

    /** The schema that asks for the key, or refuses it. */
    private final JsonPointer asking;

    KeyFault(Validation validation, Spot definition, Misfit misfit) {
        this.validation = validation;
        this.misfit = misfit;
        this.mapping = definition.at(misfit.path().subList(0, misfit.path().size() - 1));
        JsonPointer schema = JsonPointer.compile(misfit.schema());
        this.asking =
                misfit.keyword().equals("required") ? schema : schema.head().head();
    }

    /** @param spot that of the key */
    void report(Spot spot) {
        JsonNode rule = Schema.at(asking.toString());
        if (rule.has("x-fault")) {
            if (validation.isFirst(mapping.pointer() + asking)) {
                validation.fault(
                        spot,
                        "rule",
                        rule.path("x-fault").asText(),
                        rule.path("x-hint").asText());
            }
        } else if (misfit.keyword().equals("required")) {
            validation.fault(
                    spot, "required", "lacks '" + spot.key() + "'", spot.rule().hint());
        } else {
            refuse(spot);
        }
    }

    private void refuse(Spot spot) {
        JsonPointer choice = asking.head();
        Reason reason = asking.last().matchesProperty("then")
                ? Reason.of(Schema.at(choice.toString()).path("if"))
                : new Reason(null, null, false);
        String key = "'" + spot.key() + "'";
        if (reason.key == null) {
            fault(spot, key + " does not belong here", "remove it");
        } else if (!reason.isValue) {
            fault(spot, "'" + reason.key + "' does not go with " + key, "remove one of them");
        } else if (reason.inner != null) {
            String value = mapping.inner(reason.key).value().path(reason.inner).asText();
            fault(spot, reason.key + " '" + value + "' does not go with " + key, "remove it");
        } else {
            Set<String> taken = keysDecidedBy(reason, choice.head());
            taken.removeAll(refusedBy(Schema.at(asking.toString())));
            fault(
                    spot,
                    named(reason.key) + " does not take " + key,
                    taken.isEmpty() ? "remove it" : "it takes " + String.join(", ", taken));
        }
    }

    private void fault(Spot spot, String rule, String wayOut) {
        validation.fault(spot, "foreign", rule, wayOut);
    }

    /** A value by the key that holds it, such as {@code login 'password'}. */
    private String named(String key) {
        String usual = mapping.rule().of(key).defaultValue();
        String value = mapping.value().path(key).asText(usual);
        return (key.equals("type") ? mapping.key() : key) + " '" + value + "'";
    }

    /** All keys that any value of the tested key refuses. @param choices the place of the choices */
    private static Set<String> keysDecidedBy(Reason reason, JsonPointer choices) {
        Set<String> keys = new TreeSet<>();
        for (JsonNode choice : Schema.at(choices.toString())) {
            if (choice.has("if") && reason.equals(Reason.of(choice.path("if")))) {
                keys.addAll(refusedBy(choice.path("then")));
            }
        }
        return keys;
    }

    private static Set<String> refusedBy(JsonNode schema) {
        Set<String> keys = new TreeSet<>();
        schema.path("properties").properties().forEach(each -> {
            if (each.getValue().isBoolean()) {
                keys.add(each.getKey());
            }
        });
        return keys;
    }

    /**
     * The key that a condition tests.
     *
     * @param key the key, or null: several
     * @param inner the key below it, or null
     * @param isValue whether its value is tested, not its presence
     */
    private record Reason(String key, String inner, boolean isValue) {

        static Reason of(JsonNode condition) {
            if (condition.has("allOf")) {
                return of(condition.path("allOf").path(0));
            }
            for (var property : condition.path("properties").properties()) {
                JsonNode inner = property.getValue().path("properties");
                return new Reason(
                        property.getKey(),
                        inner.isEmpty() ? null : inner.fieldNames().next(),
                        true);
            }
            List<String> required = Rule.texts(condition.path("required"));
            return new Reason(required.isEmpty() ? null : required.get(0), null, false);
        }
    }
}
