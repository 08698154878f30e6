package io.engagementwebhooks.store.jdbc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.engagementwebhooks.store.FanOuts;
import io.engagementwebhooks.store.NewDelivery;
import io.engagementwebhooks.webhook.WebhookId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/**
 * A part of a fan-out: some deliveries of one event, stored as JSON until they are inserted. An array per delivery
 * holds its id, the webhook's id and name, the time of acceptance, the delay until it is due (both in milliseconds),
 * why it is skipped, the field it waits for and its FIFO key; the last three may be null.
 *
 * @param partition the partition whose owner inserts it
 * @param number distinguishes parts of the same event and partition
 * @param deliveries the number of deliveries
 * @param waiting the number of those to be sent, without skipped ones
 * @param inOrder whether some of them have a FIFO key
 * @param members the deliveries as JSON
 */
record FanOutPart(int partition, int number, int deliveries, int waiting, boolean inOrder, String members) {

    /** Finds whether an account has parts with FIFO deliveries. */
    static final String IN_ORDER = "SELECT account FROM fan_out WHERE account = ? AND in_order LIMIT 1";

    private static final String INSERT = "INSERT INTO fan_out (event, partition, number, account, deliveries, waiting,"
            + " in_order, members) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    private static final String REMOVE =
            "DELETE FROM fan_out WHERE event = ? AND partition = ? AND number = ? RETURNING number";

    /** The most deliveries of a part. */
    private static final int MAX_DELIVERIES = 250;

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Splits the deliveries of one event into parts.
     *
     * @param partitions returns the partition of a delivery
     */
    static List<FanOutPart> of(List<NewDelivery> deliveries, ToIntFunction<NewDelivery> partitions) {
        TreeMap<Integer, List<NewDelivery>> byPartition = new TreeMap<>();
        deliveries.forEach(delivery -> byPartition
                .computeIfAbsent(partitions.applyAsInt(delivery), partition -> new ArrayList<>())
                .add(delivery));
        List<FanOutPart> parts = new ArrayList<>();
        byPartition.forEach((partition, all) -> {
            for (int from = 0; from < all.size(); from += MAX_DELIVERIES) {
                List<NewDelivery> some = all.subList(from, Math.min(all.size(), from + MAX_DELIVERIES));
                parts.add(of(partition, from / MAX_DELIVERIES, some));
            }
        });
        return parts;
    }

    private static FanOutPart of(int partition, int number, List<NewDelivery> deliveries) {
        int waiting = (int) deliveries.stream()
                .filter(delivery -> delivery.skipReason() == null)
                .count();
        boolean inOrder = deliveries.stream().anyMatch(NewDelivery::isFifo);
        return new FanOutPart(partition, number, deliveries.size(), waiting, inOrder, json(deliveries));
    }

    private static String json(List<NewDelivery> deliveries) {
        ArrayNode members = JSON.createArrayNode();
        for (NewDelivery delivery : deliveries) {
            members.addArray()
                    .add(delivery.id())
                    .add(delivery.webhook().id())
                    .add(delivery.webhook().name())
                    .add(delivery.acceptedAt().toEpochMilli())
                    .add(delivery.dueAt().toEpochMilli() - delivery.acceptedAt().toEpochMilli())
                    .add(delivery.skipReason())
                    .add(delivery.waitField())
                    .add(delivery.fifoKey());
        }
        return members.toString();
    }

    /** Parses {@link #members}. */
    static List<NewDelivery> deliveries(String account, String members) {
        List<NewDelivery> deliveries = new ArrayList<>();
        for (JsonNode each : parsed(members)) {
            long acceptedAt = each.get(3).asLong();
            deliveries.add(new NewDelivery(
                    each.get(0).asText(),
                    new WebhookId(account, each.get(1).asText(), each.get(2).asText()),
                    each.get(5).textValue(),
                    Instant.ofEpochMilli(acceptedAt),
                    Instant.ofEpochMilli(acceptedAt + each.get(4).asLong()),
                    each.get(6).textValue(),
                    each.get(7).textValue()));
        }
        return deliveries;
    }

    private static JsonNode parsed(String members) {
        try {
            return JSON.readTree(members);
        } catch (IOException e) {
            throw new UncheckedIOException("a stored fan-out is not JSON", e);
        }
    }

    void insert(Statements statements, long event, int account) throws SQLException {
        statements.update(INSERT, event, partition, number, account, deliveries, waiting, inOrder, members);
    }

    /** Removes a part. @return false: it is already removed */
    static boolean remove(Statements statements, FanOuts.Pending part) throws SQLException {
        return statements.exists(REMOVE, part.key(), part.partition(), part.number());
    }

    /** The size of parts in rows. */
    static int rows(List<FanOuts.Pending> parts) {
        return parts.stream()
                .mapToInt(part -> part.intake().deliveries().size())
                .sum();
    }
}
