package io.engagementwebhooks.store.jdbc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.engagementwebhooks.store.NewDelivery;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The deliveries of an incomplete event as JSON. An array per delivery holds the webhook's id and name, the times of
 * acceptance and when it is due, why it is skipped, the field it waits for and its FIFO key; the last three may be null. Its
 * id is not stored: see {@link FanOut}.
 */
final class StoredDeliveries {

    private static final ObjectMapper JSON = new ObjectMapper();

    private StoredDeliveries() {}

    static String json(List<NewDelivery> deliveries) {
        ArrayNode all = JSON.createArrayNode();
        for (NewDelivery delivery : deliveries) {
            all.addArray()
                    .add(delivery.webhook().id())
                    .add(delivery.webhook().name())
                    .add(delivery.acceptedAt().toEpochMilli())
                    .add(delivery.dueAt().toEpochMilli())
                    .add(delivery.skipReason())
                    .add(delivery.waitField())
                    .add(delivery.fifoKey());
        }
        return all.toString();
    }

    static List<NewDelivery> parse(String account, String json) {
        List<NewDelivery> deliveries = new ArrayList<>();
        for (JsonNode each : parsed(json)) {
            deliveries.add(new NewDelivery(
                    "",
                    new WebhookId(account, each.get(0).asText(), each.get(1).asText()),
                    each.get(4).textValue(),
                    Instant.ofEpochMilli(each.get(2).asLong()),
                    Instant.ofEpochMilli(each.get(3).asLong()),
                    each.get(5).textValue(),
                    each.get(6).textValue()));
        }
        return deliveries;
    }

    private static JsonNode parsed(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the deliveries of an incomplete event are not JSON", e);
        }
    }
}
