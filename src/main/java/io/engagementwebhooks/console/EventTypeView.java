package io.engagementwebhooks.console;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * An event type as the API shows it.
 *
 * @param sentBy {@code account}, or {@code product} where the product itself sends it
 * @param schema of its data
 * @param sample an event of it
 * @param webhookCount how many webhooks ask for it
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

    /** A webhook that asks for it. */
    public record Asking(String id, String name) {}

    /** All of them. @param next always null */
    public record Listed(List<EventTypeView> items, String next) {}

    /** What became of a sample event. @param deliveries for how many webhooks it was taken */
    public record Sent(String id, int deliveries) {}

    public EventTypeView {
        fields = List.copyOf(fields);
        webhooks = List.copyOf(webhooks);
    }
}
