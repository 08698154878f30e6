package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.stream.IntStream;

/** Searches in texts, arrays and objects; each comparison counts against the budget. */
final class Search {

    private Search() {}

    /** The positions of a value, a sequence of values or a text; null in null. Positions in texts count code points. */
    static JsonNode indices(JqBudget budget, JsonNode in, JsonNode wanted) {
        ArrayNode found = JsonNodeFactory.instance.arrayNode();
        if (in.isTextual() && wanted.isTextual()) {
            addIndices(budget, in.textValue(), wanted.textValue(), found);
        } else if (in.isArray()) {
            JsonNode run = wanted.isArray()
                    ? wanted
                    : JsonNodeFactory.instance.arrayNode().add(wanted);
            for (int at = 0; !run.isEmpty() && at + run.size() <= in.size(); at++) {
                if (isAt(budget, in, run, at)) {
                    budget.reserveItems(1);
                    found.add(at);
                }
            }
        } else if (!in.isNull()) {
            throw new JqError("%s cannot be searched for %s", in, wanted);
        }
        return in.isNull() ? in : found;
    }

    private static void addIndices(JqBudget budget, String text, String wanted, ArrayNode found) {
        budget.search(wanted.length(), text.length());
        int characters = 0;
        int counted = 0;
        int at = wanted.isEmpty() ? -1 : text.indexOf(wanted);
        for (; at >= 0; at = text.indexOf(wanted, at + 1)) {
            characters += text.codePointCount(counted, at);
            counted = at;
            budget.reserveItems(1);
            found.add(characters);
        }
    }

    private static boolean isAt(JqBudget budget, JsonNode in, JsonNode run, int at) {
        return IntStream.range(0, run.size()).allMatch(i -> Operators.isEqual(budget, in.get(at + i), run.get(i)));
    }

    /** The parts of a text between separators; without a separator, its characters. */
    static ArrayNode split(JqBudget budget, String text, String separator) {
        budget.search(separator.length(), text.length());
        budget.reserve(2L * text.length());
        ArrayNode parts = JsonNodeFactory.instance.arrayNode();
        int from = 0;
        while (from < text.length()) {
            int end = separator.isEmpty() ? text.offsetByCodePoints(from, 1) : text.indexOf(separator, from);
            end = end < 0 ? text.length() : end;
            budget.reserveItems(1);
            parts.add(text.substring(from, end));
            from = end + separator.length();
        }
        return !separator.isEmpty() && text.endsWith(separator) ? parts.add("") : parts;
    }

    /** Whether a value has all members of an object, all items of an array, or a text within. */
    static boolean contains(JqBudget budget, JsonNode in, JsonNode part) {
        budget.work(1);
        if (in.isObject() && part.isObject()) {
            return part.properties().stream()
                    .allMatch(field ->
                            in.has(field.getKey()) && contains(budget, in.get(field.getKey()), field.getValue()));
        }
        if (in.isArray() && part.isArray()) {
            return part.valueStream()
                    .allMatch(wanted -> in.valueStream().anyMatch(item -> contains(budget, item, wanted)));
        }
        if (in.isTextual() && part.isTextual()) {
            budget.search(part.textValue().length(), in.textValue().length());
            return in.textValue().contains(part.textValue());
        }
        return Operators.isEqual(budget, in, part);
    }
}
