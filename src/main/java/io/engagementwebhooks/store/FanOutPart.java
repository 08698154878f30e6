package io.engagementwebhooks.store;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.webhook.WebhookId;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/**
 * Some deliveries of an event for many webhooks, as they are kept until they are inserted: a JSON array with an array for each
 * delivery, which holds its id, the webhook's name, when it was accepted, how much later it is due (both in milliseconds), and
 * why it is skipped, the field it waits for and its FIFO key, null where it has none.
 *
 * @param partition where the owner of the webhooks finds it
 * @param number distinguishes the parts of an event and partition
 * @param deliveries how many
 * @param waiting how many of them are to be sent
 * @param inOrder whether some of them have a FIFO key
 * @param members the deliveries as JSON
 */
public record FanOutPart(int partition, int number, int deliveries, int waiting, boolean inOrder, String members) {

    /** Most deliveries of a part. */
    static final int LARGEST = 250;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int NAME = 1;

    /**
     * Divides deliveries of one event into parts.
     *
     * @param partitions the partition of a webhook
     */
    public static List<FanOutPart> of(List<NewDelivery> deliveries, ToIntFunction<WebhookId> partitions) {
        TreeMap<Integer, List<NewDelivery>> byPartition = new TreeMap<>();
        deliveries.forEach(delivery -> byPartition
                .computeIfAbsent(partitions.applyAsInt(delivery.webhook()), partition -> new ArrayList<>())
                .add(delivery));
        List<FanOutPart> parts = new ArrayList<>();
        byPartition.forEach((partition, all) -> {
            for (int from = 0; from < all.size(); from += LARGEST) {
                List<NewDelivery> some = all.subList(from, Math.min(all.size(), from + LARGEST));
                parts.add(of(partition, from / LARGEST, some));
            }
        });
        return parts;
    }

    private static FanOutPart of(int partition, int number, List<NewDelivery> deliveries) {
        int waiting = (int) deliveries.stream()
                .filter(delivery -> delivery.skipped() == null)
                .count();
        boolean inOrder = deliveries.stream().anyMatch(NewDelivery::isInOrder);
        return new FanOutPart(partition, number, deliveries.size(), waiting, inOrder, json(deliveries));
    }

    private static String json(List<NewDelivery> deliveries) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartArray();
            for (NewDelivery delivery : deliveries) {
                json.writeStartArray();
                json.writeString(delivery.id());
                json.writeString(delivery.webhook().name());
                json.writeNumber(delivery.acceptedAt().toEpochMilli());
                json.writeNumber(
                        delivery.dueAt().toEpochMilli() - delivery.acceptedAt().toEpochMilli());
                json.writeString(delivery.skipped());
                json.writeString(delivery.waitField());
                json.writeString(delivery.fifoKey());
                json.writeEndArray();
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** The deliveries of a part of an account, from {@link #members}. */
    public static List<NewDelivery> deliveries(String account, String members) {
        List<NewDelivery> deliveries = new ArrayList<>();
        for (JsonNode each : parsed(members)) {
            long acceptedAt = each.get(2).asLong();
            deliveries.add(new NewDelivery(
                    each.get(0).asText(),
                    new WebhookId(account, each.get(NAME).asText()),
                    each.get(4).textValue(),
                    Instant.ofEpochMilli(acceptedAt),
                    Instant.ofEpochMilli(acceptedAt + each.get(3).asLong()),
                    each.get(5).textValue(),
                    each.get(6).textValue()));
        }
        return deliveries;
    }

    /** The same members after a webhook has another name; empty: it is none of them. */
    static Optional<String> renamed(String members, String from, String to) {
        JsonNode all = parsed(members);
        boolean isChanged = false;
        for (JsonNode each : all) {
            if (each.get(NAME).asText().equals(from)) {
                ((ArrayNode) each).set(NAME, TextNode.valueOf(to));
                isChanged = true;
            }
        }
        return isChanged ? Optional.of(all.toString()) : Optional.empty();
    }

    private static JsonNode parsed(String members) {
        try {
            return JSON.readTree(members);
        } catch (IOException e) {
            throw new UncheckedIOException("a stored fan-out is not JSON", e);
        }
    }
}
