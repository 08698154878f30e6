package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.api.SettingView;
import java.util.List;

/**
 * An event type in the API.
 *
 * @param id its immutable id, or null if it is built in
 * @param sentBy {@code account}, or {@code product} if the product sends it
 * @param schema of its data
 * @param check off, warn or refuse: what happens to events that do not fit
 * @param sample an event of this type
 * @param webhookCount number of subscribed webhooks
 * @param webhooks the first of them
 * @param managedBy {@code product}, {@code file} or {@code api}
 * @param defined how it is defined; null in a list
 */
public record EventTypeView(
        String id,
        String type,
        String title,
        String description,
        String sentBy,
        List<Field> fields,
        JsonNode schema,
        String check,
        JsonNode sample,
        int webhookCount,
        List<UsedBy.User> webhooks,
        String managedBy,
        @JsonUnwrapped DefinedView defined)
        implements SettingView {

    /** A field of its data. @param name a dotted path from {@code data} */
    public record Field(String name, String type, String description) {}

    /** A stored sample event. @param deliveries number of its deliveries */
    public record Sent(String id, int deliveries) {}

    @Override
    public String name() {
        return type;
    }

    @Override
    public UsedBy usedBy() {
        return new UsedBy(webhookCount, webhooks);
    }
}
