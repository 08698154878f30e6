package io.engagementwebhooks.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The live table: redrawn in place on a terminal, else a line for each delivery that has ended. */
final class Table {

    private static final String ROW = "%-14s %-30s %-15s %-11s %7s %9s %7s%n";
    private static final Map<String, String> AUTHENTICATIONS = Map.of(
            "all-calls-to-partner", "header",
            "ended-calls-to-shaky-partner", "header",
            "calls-to-crm", "oauth2",
            "calls-as-tasks", "salesforce",
            "calls-to-insights", "contentsquare");
    private static final Set<String> ENDS = Set.of("delivered", "gave-up", "skipped", "discarded");

    private final boolean terminal;
    private final Map<String, JsonNode> deliveries = new LinkedHashMap<>();
    private int drawn;

    Table(boolean terminal) {
        this.terminal = terminal;
        System.out.printf(ROW, "event", "webhook", "authentication", "outcome", "status", "attempts", "ms");
    }

    /** @param current the deliveries with their attempts, the oldest first */
    void show(List<JsonNode> current) {
        if (terminal) {
            if (drawn > 0) {
                System.out.printf("\u001b[%dA", drawn);
            }
            current.forEach(delivery -> {
                System.out.print("\u001b[2K");
                print(delivery);
            });
            drawn = current.size();
        } else {
            for (JsonNode delivery : current) {
                if (isEnd(delivery)
                        && !deliveries.containsKey(delivery.get("id").textValue())) {
                    print(delivery);
                }
            }
        }
        current.stream()
                .filter(Table::isEnd)
                .forEach(d -> deliveries.put(d.get("id").textValue(), d));
    }

    static boolean isEnd(JsonNode delivery) {
        return ENDS.contains(delivery.get("state").textValue());
    }

    static boolean isDelivered(JsonNode delivery) {
        return delivery.get("state").textValue().equals("delivered");
    }

    private static void print(JsonNode delivery) {
        JsonNode attempts = delivery.path("attempts");
        JsonNode last = attempts.isEmpty() ? attempts : attempts.get(attempts.size() - 1);
        String webhook = delivery.get("webhook").textValue();
        String outcome = delivery.path("outcome").asText("");
        System.out.printf(
                ROW,
                delivery.path("eventType").asText(delivery.path("event").asText()),
                webhook,
                AUTHENTICATIONS.getOrDefault(webhook, "?"),
                outcome.isEmpty() || outcome.equals("null")
                        ? delivery.get("state").textValue()
                        : outcome,
                last.path("status").asText("-"),
                delivery.get("attemptCount").intValue(),
                last.path("ms").asText("-"));
    }
}
