package io.engagementwebhooks.store.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes events to the other instances by NOTIFY: frequent ones in a separate transaction after the commit that they
 * describe, so that no commit waits for another. Such a message may be lost; the receivers also poll. Thread-safe.
 */
public final class ClusterPublisher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterPublisher.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration DELAY = Duration.ofMillis(5);
    private static final Duration RETRY = Duration.ofMillis(500);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);
    private static final String NOTIFY = "SELECT pg_notify('" + ClusterSession.CHANNEL + "', m) FROM unnest(?) m";

    private final String instance;
    private final DataSource pool;
    private final Dialect dialect;
    private final Background background = new Background("store-notify");
    private Set<String> unpublished = new LinkedHashSet<>();

    /** A notification has at most 8 000 bytes. */
    private static final int DELIVERIES = 200;

    /** A received event. @param webhook null: it is about all @param deliveries that were canceled */
    record Message(String instance, ClusterEvent event, WebhookId webhook, List<String> deliveries) {

        /** @throws IllegalArgumentException if another version or program published it */
        static Message parse(String text) {
            try {
                String[] parts = JSON.readValue(text, String[].class);
                return new Message(
                        parts[0],
                        ClusterEvent.valueOf(parts[1]),
                        parts.length < 5 ? null : new WebhookId(parts[2], parts[3], parts[4]),
                        Arrays.stream(parts).skip(5).toList());
            } catch (JsonProcessingException | ArrayIndexOutOfBoundsException e) {
                throw new IllegalArgumentException(e);
            }
        }
    }

    public ClusterPublisher(String instance, DataSource pool, Dialect dialect) {
        this.instance = instance;
        this.pool = pool;
        this.dialect = dialect;
    }

    /** Publishes an event about webhooks, or about all; returns at once. */
    public void publish(ClusterEvent event, Collection<WebhookId> webhooks) {
        publish(messages(event, webhooks), DELAY);
    }

    /** Publishes canceled deliveries with the commit of a transaction. */
    void publishCanceled(Statements statements, WebhookId webhook, Collection<String> deliveries) throws SQLException {
        List<String> all = List.copyOf(deliveries);
        List<String> messages = new ArrayList<>();
        for (int i = 0; i < all.size(); i += DELIVERIES) {
            List<String> parts = new ArrayList<>(about(ClusterEvent.CANCELED, webhook));
            parts.addAll(all.subList(i, Math.min(i + DELIVERIES, all.size())));
            messages.add(text(parts));
        }
        publish(statements, messages);
    }

    private static void publish(Statements statements, Collection<String> messages) throws SQLException {
        statements.query(NOTIFY, row -> true, Values.texts(messages));
    }

    private List<String> messages(ClusterEvent event, Collection<WebhookId> webhooks) {
        return webhooks.isEmpty()
                ? List.of(text(List.of(instance, event.name())))
                : webhooks.stream().map(webhook -> text(about(event, webhook))).toList();
    }

    private void publish(Collection<String> messages, Duration delay) {
        boolean first;
        synchronized (this) {
            first = unpublished.isEmpty();
            unpublished.addAll(messages);
        }
        if (first) {
            // after close nothing is sent; the other instances find the change by polling
            background.after(delay, this::publishAll);
        }
    }

    private List<String> about(ClusterEvent event, WebhookId webhook) {
        return List.of(instance, event.name(), webhook.account(), webhook.id(), webhook.name());
    }

    private static String text(List<String> parts) {
        try {
            return JSON.writeValueAsString(parts);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts are always written", e);
        }
    }

    private synchronized Set<String> takeAll() {
        Set<String> all = unpublished;
        unpublished = new LinkedHashSet<>();
        return all;
    }

    private void publishAll() {
        Set<String> messages = takeAll();
        if (messages.isEmpty()) {
            return;
        }
        try (Connection connection = pool.getConnection()) {
            publish(new Statements(connection, dialect), messages);
        } catch (SQLException | RuntimeException e) {
            LOG.debug("events were not published; retrying", e);
            publish(messages, RETRY);
        }
    }

    /** Publishes what is queued. */
    @Override
    public void close() {
        background.after(Duration.ZERO, this::publishAll);
        background.stop();
        background.awaitEnd(CLOSE_TIMEOUT);
    }
}
