package io.engagementwebhooks.console;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * An event type in the API.
 *
 * @param sentBy {@code account}, or {@code product} if the product sends it
 * @param schema of its data
 * @param sample an event of this type
 * @param webhookCount number of subscribed webhooks
 * @param webhooks the first of them
 */
public record EventTypeView(
        String type,
        String title,
        String description,
        String sentBy,
        List<Field> fields,
        JsonNode schema,
        JsonNode sample,
        int webhookCount,
        List<Asking> webhooks) {

    /** A field of its data. @param name a dotted path from {@code data} */
    public record Field(String name, String type, String description) {}

    /** A subscribed webhook. */
    public record Asking(String id, String name) {}

    /** All event types. @param next always null */
    public record Listed(List<EventTypeView> items, String next) {}

    /** A stored sample event. @param deliveries number of its deliveries */
    public record Sent(String id, int deliveries) {}

    public EventTypeView {
        fields = List.copyOf(fields);
        webhooks = List.copyOf(webhooks);
    }
}
