package io.engagementwebhooks.webhook.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Required and forbidden keys of a mapping, with conditions on other keys ({@code if}, {@code then}, {@code else} of
 * the {@link Schema}). Thread-safe.
 */
final class KeyRules {

    private final List<String> required;
    private final Set<String> refused = new TreeSet<>();
    private final List<Choice> choices = new ArrayList<>();
    private final Optional<String> fault;
    private final String hint;

    /** The input of rules: a mapping whose values may be placeholders. */
    interface Keys {

        boolean has(String key);

        /** The text under a key, its placeholder replaced. */
        Optional<String> peek(String key);

        /** The mapping under a key. */
        Optional<Keys> inner(String key);
    }

    private static final Reason NO_REASON = new Reason(null, null, false);

    /** Rules that apply if a test is true, and rules otherwise, or null. */
    private record Choice(Predicate<Keys> test, Reason reason, KeyRules then, KeyRules otherwise) {}

    /**
     * The key that a condition tests, for the text of a fault.
     *
     * @param key the key, or null: several
     * @param inner the key below it, or null
     * @param isValue whether its value is tested, not its presence
     */
    private record Reason(String key, String inner, boolean isValue) {}

    private KeyRules(JsonNode rules) {
        Schema.checked(rules);
        this.required = Schema.texts(rules.path("required"));
        rules.path("properties").properties().forEach(each -> {
            if (each.getValue().isBoolean()) {
                refused.add(each.getKey());
            }
        });
        this.fault = Optional.ofNullable(rules.path("x-fault").textValue());
        this.hint = rules.path("x-hint").textValue();
        addChoice(rules);
        rules.path("allOf").forEach(this::addChoice);
    }

    static KeyRules of(JsonNode definition, Shape shape) {
        // rules of a free mapping are in its parent node
        return new KeyRules(shape.isFree() ? definition.<ObjectNode>deepCopy().retain("required") : definition);
    }

    private void addChoice(JsonNode rules) {
        if (rules.has("if") && !rules.path("then").has("$ref")) {
            choices.add(new Choice(
                    test(rules.path("if")),
                    reason(rules.path("if")),
                    new KeyRules(rules.path("then")),
                    rules.has("else") ? new KeyRules(rules.path("else")) : null));
        }
    }

    private static Predicate<Keys> test(JsonNode rule) {
        Schema.checked(rule);
        Predicate<Keys> all = keys -> true;
        for (String key : Schema.texts(rule.path("required"))) {
            all = all.and(keys -> keys.has(key));
        }
        for (var property : rule.path("properties").properties()) {
            all = all.and(test(property.getKey(), property.getValue()));
        }
        for (JsonNode each : rule.path("allOf")) {
            all = all.and(test(each));
        }
        if (rule.has("anyOf")) {
            Predicate<Keys> any = keys -> false;
            for (JsonNode each : rule.path("anyOf")) {
                any = any.or(test(each));
            }
            all = all.and(any);
        }
        return rule.has("not") ? all.and(test(rule.path("not")).negate()) : all;
    }

    private static Predicate<Keys> test(String key, JsonNode rule) {
        if (rule.has("const") || rule.has("enum")) {
            Set<String> words = words(rule);
            return keys ->
                    !keys.has(key) || keys.peek(key).filter(words::contains).isPresent();
        }
        Predicate<Keys> inner = test(rule);
        return keys -> !keys.has(key) || keys.inner(key).filter(inner).isPresent();
    }

    private static Set<String> words(JsonNode rule) {
        Set<String> words = new TreeSet<>(Schema.texts(rule.path("enum")));
        if (rule.has("const")) {
            words.add(rule.path("const").asText());
        }
        return words;
    }

    private static Reason reason(JsonNode rule) {
        if (rule.has("allOf")) {
            return reason(rule.path("allOf").path(0));
        }
        for (var property : rule.path("properties").properties()) {
            JsonNode inner = property.getValue().path("properties");
            return inner.isEmpty()
                    ? new Reason(property.getKey(), null, true)
                    : new Reason(property.getKey(), inner.fieldNames().next(), true);
        }
        List<String> required = Schema.texts(rule.path("required"));
        return new Reason(required.isEmpty() ? null : required.get(0), null, false);
    }

    /** Reports the mapping's faults. */
    void check(Mapping mapping) {
        check(mapping, NO_REASON, this);
    }

    private void check(Mapping mapping, Reason reason, KeyRules outer) {
        if (isBroken(mapping)) {
            List<String> foreign =
                    mapping.present().stream().filter(refused::contains).toList();
            List<String> lacking =
                    required.stream().filter(key -> !mapping.has(key)).toList();
            if (fault.isPresent()) {
                String first = foreign.isEmpty() ? lacking.get(0) : foreign.get(0);
                mapping.fault(first, "rule", fault.get(), hint);
            } else {
                lacking.forEach(mapping::faultOfLacking);
                foreign.forEach(key -> refuse(mapping, key, reason, outer));
            }
        }
        for (Choice choice : choices) {
            if (choice.test.test(mapping)) {
                choice.then.check(mapping, choice.reason, this);
            } else if (choice.otherwise != null) {
                choice.otherwise.check(mapping, NO_REASON, this);
            }
        }
    }

    /** Whether a required key is missing or a refused one present. Fast path: most mappings are valid. */
    private boolean isBroken(Mapping mapping) {
        for (String key : required) {
            if (!mapping.has(key)) {
                return true;
            }
        }
        for (String key : refused) {
            if (mapping.has(key)) {
                return true;
            }
        }
        return false;
    }

    /** All keys that any value of the tested key refuses. */
    private Set<String> keysDecidedBy(Reason reason) {
        Set<String> keys = new TreeSet<>();
        choices.stream()
                .filter(choice -> choice.reason.equals(reason))
                .forEach(choice -> keys.addAll(choice.then.refused));
        return keys;
    }

    private void refuse(Mapping mapping, String key, Reason reason, KeyRules outer) {
        if (reason.key == null) {
            mapping.fault(key, "foreign", "'" + key + "' does not belong here", "remove it");
        } else if (!reason.isValue) {
            mapping.fault(key, "foreign", "'" + reason.key + "' does not go with '" + key + "'", "remove one of them");
        } else if (reason.inner != null) {
            String value = mapping.inner(reason.key)
                    .flatMap(inner -> inner.peek(reason.inner))
                    .orElse("");
            mapping.fault(key, "foreign", reason.key + " '" + value + "' does not go with '" + key + "'", "remove it");
        } else {
            Set<String> taken = outer.keysDecidedBy(reason);
            taken.removeAll(refused);
            mapping.fault(
                    key,
                    "foreign",
                    mapping.named(reason.key) + " does not take '" + key + "'",
                    taken.isEmpty() ? "remove it" : "it takes " + String.join(", ", taken));
        }
    }
}
