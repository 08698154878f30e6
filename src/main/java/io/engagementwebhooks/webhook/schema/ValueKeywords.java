package io.engagementwebhooks.webhook.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.webhook.schema.Expressions.Expression;
import io.engagementwebhooks.webhook.schema.SchemaNode.Keyword;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/** The keywords that say something about a value itself, and hold no further schemas. */
final class ValueKeywords {

    private static final Set<String> TYPES =
            Set.of("null", "boolean", "object", "array", "number", "integer", "string");

    private static final Map<String, NumberRule> NUMBER_RULES = Map.of(
            "minimum", new NumberRule("must be at least ", (number, bound) -> number.compareTo(bound) >= 0),
            "exclusiveMinimum", new NumberRule("must be above ", (number, bound) -> number.compareTo(bound) > 0),
            "maximum", new NumberRule("must be at most ", (number, bound) -> number.compareTo(bound) <= 0),
            "exclusiveMaximum", new NumberRule("must be below ", (number, bound) -> number.compareTo(bound) < 0),
            "multipleOf",
                    new NumberRule(
                            "must be a multiple of ",
                            (number, bound) -> number.remainder(bound).signum() == 0));

    private record NumberRule(String words, BiPredicate<BigDecimal, BigDecimal> fits) {}

    private ValueKeywords() {}

    static Keyword type(SchemaPart value) throws SchemaRefusedException {
        Set<String> types = new HashSet<>(value.json().isArray() ? value.texts() : List.of(value.text()));
        if (types.isEmpty() || !TYPES.containsAll(types)) {
            throw value.refused("is no type of JSON", "known: array, boolean, integer, null, number, object, string");
        }
        String rule =
                "must be of type " + String.join(" or ", types.stream().sorted().toList());
        return (data, at, check) -> isOf(types, data, check) || check.fault(at, "type", rule);
    }

    private static boolean isOf(Set<String> types, JsonNode data, SchemaCheck check) {
        return switch (data.getNodeType()) {
            case OBJECT -> types.contains("object");
            case ARRAY -> types.contains("array");
            case STRING -> types.contains("string");
            case BOOLEAN -> types.contains("boolean");
            case NUMBER -> types.contains("number") || types.contains("integer") && JsonValues.isWhole(data, check);
            default -> types.contains("null");
        };
    }

    static Keyword oneOf(String name, SchemaPart value) throws SchemaRefusedException {
        boolean isOne = name.equals("const");
        Set<String> known = new HashSet<>();
        SchemaCheck once = new SchemaCheck(0);
        try {
            for (SchemaPart each : isOne ? List.of(value) : value.items()) {
                known.add(JsonValues.key(each.json(), once));
            }
        } catch (SchemaCheck.Exceeded e) {
            throw value.refused(e.getMessage(), "write a shorter one");
        }
        String rule = isOne ? "must be the one value that is allowed" : "must be one of the values allowed";
        return (data, at, check) -> known.contains(JsonValues.key(data, check)) || check.fault(at, name, rule);
    }

    static Keyword number(String name, SchemaPart value) throws SchemaRefusedException {
        if (!value.json().isNumber()) {
            throw value.refused("is no number", "write a number");
        }
        BigDecimal bound;
        try {
            bound = JsonValues.number(value.json(), new SchemaCheck(0));
        } catch (SchemaCheck.Exceeded e) {
            throw value.refused(e.getMessage(), "write a shorter one");
        }
        if (name.equals("multipleOf") && bound.signum() <= 0) {
            throw value.refused("is not above 0", "write such a number");
        }
        NumberRule rule = NUMBER_RULES.get(name);
        String words = rule.words + value.json().asText();
        return (data, at, check) -> !data.isNumber()
                || rule.fits.test(JsonValues.number(data, check), bound)
                || check.fault(at, name, words);
    }

    static Keyword length(String name, int bound) {
        boolean least = name.startsWith("min");
        String rule = "must have " + (least ? "at least " : "at most ") + bound + " characters";
        return (data, at, check) -> {
            if (!data.isTextual()) {
                return true;
            }
            String text = data.textValue();
            check.step(text.length() / 64);
            int length = text.codePointCount(0, text.length());
            return (least ? length >= bound : length <= bound) || check.fault(at, name, rule);
        };
    }

    /** @param what items or members */
    static Keyword size(String name, int bound, Predicate<JsonNode> kind, String what) {
        boolean least = name.startsWith("min");
        String rule = "must have " + (least ? "at least " : "at most ") + bound + " " + what;
        return (data, at, check) -> !kind.test(data)
                || (least ? data.size() >= bound : data.size() <= bound)
                || check.fault(at, name, rule);
    }

    static Keyword pattern(Expression expression) {
        return (data, at, check) -> !data.isTextual()
                || expression.finds(data.textValue(), check)
                || check.fault(at, "pattern", "must match the pattern");
    }

    /** @param bound the value of the keyword */
    static Keyword ofText(String name, BiPredicate<String, String> fits, String bound) {
        return (data, at, check) ->
                !data.isTextual() || fits.test(bound, data.textValue()) || check.fault(at, name, "must fit " + bound);
    }

    static Keyword uniqueItems() {
        return (data, at, check) -> {
            Set<String> seen = new HashSet<>();
            if (data.isArray()) {
                for (JsonNode item : data) {
                    check.use(96);
                    if (!seen.add(JsonValues.key(item, check))) {
                        return check.fault(at, "uniqueItems", "must hold no item twice");
                    }
                }
            }
            return true;
        };
    }

    static Keyword required(List<String> names) {
        return (data, at, check) -> !data.isObject() || hasAll(data, names, at, check, "required");
    }

    /** @param name a member that needs others */
    static Keyword dependentRequired(String name, List<String> needed) {
        return (data, at, check) -> !data.has(name) || hasAll(data, needed, at, check, "dependentRequired");
    }

    private static boolean hasAll(JsonNode data, List<String> names, Place at, SchemaCheck check, String keyword) {
        check.step(names.size() / 4);
        boolean fits = true;
        for (String name : names) {
            if (!data.has(name)) {
                fits = check.fault(at.member(name), keyword, "must be there");
            }
        }
        return fits;
    }
}
