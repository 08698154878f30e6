package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Sorting and grouping of items by keys, for {@code sort}, {@code unique}, {@code min} and others. */
final class JqSorting {

    private JqSorting() {}

    record Keyed(JsonNode item, JsonNode key) {}

    static JsonNode sorted(JqBudget budget, List<Keyed> items) {
        ArrayNode sorted = JsonNodeFactory.instance.arrayNode();
        inOrder(budget, items).forEach(keyed -> sorted.add(keyed.item));
        return sorted;
    }

    static JsonNode grouped(JqBudget budget, List<Keyed> items) {
        JqOrder order = new JqOrder(budget);
        ArrayNode groups = JsonNodeFactory.instance.arrayNode();
        JsonNode key = null;
        ArrayNode group = null;
        for (Keyed keyed : inOrder(budget, items)) {
            if (group == null || order.compare(key, keyed.key) != 0) {
                group = groups.addArray();
                key = keyed.key;
            }
            group.add(keyed.item);
        }
        return groups;
    }

    static JsonNode least(JqBudget budget, List<Keyed> items) {
        JqOrder order = new JqOrder(budget);
        Keyed least = null;
        for (Keyed keyed : items) {
            least = least == null || order.compare(keyed.key, least.key) < 0 ? keyed : least;
        }
        return least == null ? NullNode.getInstance() : least.item;
    }

    static JsonNode most(JqBudget budget, List<Keyed> items) {
        JqOrder order = new JqOrder(budget);
        Keyed most = null;
        for (Keyed keyed : items) {
            most = most == null || order.compare(keyed.key, most.key) >= 0 ? keyed : most;
        }
        return most == null ? NullNode.getInstance() : most.item;
    }

    private static List<Keyed> inOrder(JqBudget budget, List<Keyed> items) {
        List<Keyed> sorted = new ArrayList<>(items);
        sorted.sort(Comparator.comparing(Keyed::key, new JqOrder(budget)));
        return sorted;
    }
}
