package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

/** Searches in texts and arrays; each comparison counts against the budget. */
final class Search {

    private final JqBudget budget;
    private final Order order;

    Search(JqBudget budget) {
        this.budget = budget;
        this.order = new Order(budget);
    }

    /** The positions of a value, a sequence of values or a text; null in null. Positions in texts count code points. */
    JsonNode indices(JsonNode in, JsonNode wanted) {
        if (in.isNull()) {
            return in;
        }
        ArrayNode found = JsonNodeFactory.instance.arrayNode();
        if (in.isTextual() && wanted.isTextual()) {
            indicesInText(in.textValue(), wanted.textValue(), found);
        } else if (in.isArray()) {
            JsonNode run = wanted.isArray()
                    ? wanted
                    : JsonNodeFactory.instance.arrayNode().add(wanted);
            for (int at = 0; !run.isEmpty() && at + run.size() <= in.size(); at++) {
                if (runsAt(in, run, at)) {
                    budget.reserveItems(1);
                    found.add(at);
                }
            }
        } else {
            throw new JqError("%s cannot be searched for %s", in, wanted);
        }
        return found;
    }

    private void indicesInText(String text, String wanted, ArrayNode found) {
        if (wanted.isEmpty()) {
            return;
        }
        budget.search(wanted.length(), text.length());
        int characters = 0;
        int counted = 0;
        for (int at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
            characters += text.codePointCount(counted, at);
            counted = at;
            budget.reserveItems(1);
            found.add(characters);
        }
    }

    /** The parts of a text between separators; without a separator, its characters. */
    ArrayNode split(String text, String separator) {
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
        if (!separator.isEmpty() && text.endsWith(separator)) {
            parts.add("");
        }
        return parts;
    }

    private boolean runsAt(JsonNode in, JsonNode run, int at) {
        for (int i = 0; i < run.size(); i++) {
            if (order.compare(in.get(at + i), run.get(i)) != 0) {
                return false;
            }
        }
        return true;
    }
}
