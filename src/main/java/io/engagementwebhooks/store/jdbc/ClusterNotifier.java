package io.engagementwebhooks.store.jdbc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes events between the instances on one database by LISTEN and NOTIFY. An event is published in a separate
 * transaction after the commit it describes, so that no commit waits for another. Messages can be lost; after {@link
 * Listener#resumed()} the listener polls. Thread-safe.
 */
final class ClusterNotifier implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterNotifier.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final String CHANNEL = "engagement_webhooks";
    private static final int MAX_MESSAGE_BYTES = 7_000;
    private static final int LISTEN_MS = 500;
    /** Delivery ids per request; with reason and webhook name these fit into a message. */
    private static final int DELIVERIES_PER_REQUEST = 100;

    private static final long RESPONSE_TIMEOUT_MS = 5_000;
    private static final Duration PUBLISH_DELAY = Duration.ofMillis(5);
    private static final long RETRY_MS = 1_000;
    /** A connection that only receives does not detect that its peer is gone. */
    private static final Duration PROBE_EVERY = Duration.ofSeconds(5);

    private static final int PROBE_SECONDS = 5;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

    /** Called by the listening thread. */
    interface Listener {
        void published(ClusterEvent event, WebhookId webhook);

        /**
         * Another instance requests that the webhook's owner discards deliveries. Must not block.
         *
         * @return the number discarded; null: this instance is not the owner
         */
        CompletionStage<Integer> discardRequested(WebhookId webhook, List<String> deliveries, String reason);

        /** Listening has begun; earlier messages may have been missed. */
        void resumed();
    }

    private final String instance;
    private final DataSource pool;
    private final Connecting connecting;
    private final long probeNanos;
    private final Background publishing = new Background("store-notify");
    private final Map<ClusterEvent, Set<WebhookId>> unpublished = new EnumMap<>(ClusterEvent.class);
    private final Map<String, CompletableFuture<Integer>> pendingRequests = new ConcurrentHashMap<>();
    private Thread listening;
    private volatile Connection listenConnection;
    private volatile boolean closed;

    ClusterNotifier(String instance, DataSource pool, Connecting connecting) {
        this(instance, pool, connecting, PROBE_EVERY);
    }

    ClusterNotifier(String instance, DataSource pool, Connecting connecting, Duration probeEvery) {
        this.instance = instance;
        this.pool = pool;
        this.connecting = connecting;
        this.probeNanos = probeEvery.toNanos();
    }

    /** Publishes an event; returns at once. */
    void publish(ClusterEvent event, Collection<WebhookId> webhooks) {
        boolean first;
        synchronized (unpublished) {
            first = unpublished.isEmpty();
            unpublished.computeIfAbsent(event, key -> new HashSet<>()).addAll(webhooks);
        }
        if (first) {
            // after close nothing is sent; the other instances find the change by polling
            publishing.after(PUBLISH_DELAY, this::publishAll);
        }
    }

    private void publishAll() {
        Map<ClusterEvent, Set<WebhookId>> all;
        synchronized (unpublished) {
            all = new EnumMap<>(ClusterEvent.class);
            all.putAll(unpublished);
            unpublished.clear();
        }
        List<String> messages = new ArrayList<>();
        all.forEach((event, webhooks) -> messages.addAll(messages(event, webhooks)));
        send(messages);
    }

    private void send(List<String> messages) {
        if (messages.isEmpty()) {
            return;
        }
        try (Connection connection = pool.getConnection()) {
            for (String message : messages) {
                try (PreparedStatement statement = connection.prepareStatement("SELECT pg_notify(?, ?)")) {
                    statement.setString(1, CHANNEL);
                    statement.setString(2, message);
                    statement.execute();
                }
            }
        } catch (SQLException | RuntimeException e) {
            LOG.debug("a message was not published; the other instances find the change by polling", e);
        }
    }

    /**
     * Requests that the owner of a webhook discards deliveries.
     *
     * @return the number discarded; fails with {@link StoreException} without a response
     */
    CompletableFuture<Integer> requestDiscard(WebhookId webhook, List<String> deliveries, String reason) {
        List<CompletableFuture<Integer>> responses = new ArrayList<>();
        List<String> messages = new ArrayList<>();
        for (int from = 0; from < deliveries.size(); from += DELIVERIES_PER_REQUEST) {
            String id = UUID.randomUUID().toString();
            ObjectNode message = JSON.createObjectNode().put("from", instance).put("ask", id);
            message.putArray("webhook").add(webhook.account()).add(webhook.id()).add(webhook.name());
            message.put("reason", reason);
            ArrayNode ids = message.putArray("deliveries");
            deliveries.stream().skip(from).limit(DELIVERIES_PER_REQUEST).forEach(ids::add);
            messages.add(message.toString());
            responses.add(awaitResponse(id));
        }
        try {
            publishing.execute(() -> send(messages));
        } catch (RejectedExecutionException e) {
            responses.forEach(answer -> answer.completeExceptionally(e));
        }
        return CompletableFuture.allOf(responses.toArray(CompletableFuture[]::new))
                .handle((done, failure) -> {
                    if (failure != null) {
                        throw new StoreException(
                                "the instance that sends the deliveries of webhook '" + webhook.name()
                                        + "' does not respond; retry in a few seconds",
                                failure);
                    }
                    return responses.stream().mapToInt(CompletableFuture::join).sum();
                });
    }

    private CompletableFuture<Integer> awaitResponse(String id) {
        CompletableFuture<Integer> response = new CompletableFuture<>();
        pendingRequests.put(id, response);
        response.orTimeout(RESPONSE_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                .whenComplete((count, failure) -> pendingRequests.remove(id));
        return response;
    }

    private void respond(String id, Integer count, Throwable failure) {
        if (failure != null) {
            LOG.warn("discard.postponed: the request of another instance failed: {}", failure.getMessage());
            return;
        }
        ObjectNode message =
                JSON.createObjectNode().put("from", instance).put("answer", id).put("count", count);
        publishing.after(Duration.ZERO, () -> send(List.of(message.toString())));
    }

    private List<String> messages(ClusterEvent event, Set<WebhookId> webhooks) {
        List<String> messages = new ArrayList<>();
        ArrayNode ids = JSON.createArrayNode();
        int length = 0;
        for (WebhookId webhook : webhooks) {
            ArrayNode id = JSON.createArrayNode()
                    .add(webhook.account())
                    .add(webhook.id())
                    .add(webhook.name());
            int bytes = id.toString().getBytes(StandardCharsets.UTF_8).length + 1;
            if (length + bytes > MAX_MESSAGE_BYTES) {
                messages.add(message(event, ids));
                ids = JSON.createArrayNode();
                length = 0;
            }
            ids.add(id);
            length += bytes;
        }
        if (!ids.isEmpty() || webhooks.isEmpty()) {
            messages.add(message(event, ids));
        }
        return messages;
    }

    private String message(ClusterEvent event, ArrayNode webhooks) {
        ObjectNode message = JSON.createObjectNode().put("from", instance).put("news", event.name());
        message.set("webhooks", webhooks);
        return message.toString();
    }

    /** Starts to listen. Returns once listening, or after the first failed connection, which is retried. */
    void listen(Listener listener) {
        CountDownLatch attempted = new CountDownLatch(1);
        listening = new Thread(
                () -> {
                    try {
                        run(listener, attempted);
                    } finally {
                        attempted.countDown();
                    }
                },
                "store-listen");
        listening.setDaemon(true);
        listening.start();
        try {
            attempted.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(Listener listener, CountDownLatch attempted) {
        while (!closed) {
            try (Connection connection = connecting.connect()) {
                listenConnection = connection;
                connection.setAutoCommit(true);
                try (Statement statement = connection.createStatement()) {
                    statement.execute("LISTEN " + CHANNEL);
                }
                listener.resumed();
                attempted.countDown();
                PGConnection notified = connection.unwrap(PGConnection.class);
                long probed = System.nanoTime();
                while (!closed) {
                    receive(notified, listener);
                    if (System.nanoTime() - probed >= probeNanos) {
                        probe(connection);
                        probed = System.nanoTime();
                    }
                }
            } catch (SQLException | RuntimeException e) {
                LOG.debug("cannot receive events of other instances", e);
                attempted.countDown();
                if (!pause()) {
                    return;
                }
            }
        }
    }

    private static void probe(Connection connection) throws SQLException {
        if (!connection.isValid(PROBE_SECONDS)) {
            throw new SQLException("the listening connection is broken", "08006");
        }
    }

    private void receive(PGConnection connection, Listener listener) throws SQLException {
        PGNotification[] all = connection.getNotifications(LISTEN_MS);
        if (all == null) {
            return;
        }
        for (PGNotification each : all) {
            try {
                receive(each.getParameter(), listener);
            } catch (JsonProcessingException | IllegalArgumentException e) {
                LOG.debug("a message of another version or program is ignored", e);
            }
        }
    }

    private void receive(String text, Listener listener) throws JsonProcessingException {
        JsonNode message = JSON.readTree(text);
        if (message.path("from").asText().equals(instance)) {
            return;
        }
        if (message.has("answer")) {
            CompletableFuture<Integer> request =
                    pendingRequests.get(message.path("answer").asText());
            if (request != null) {
                request.complete(message.path("count").asInt());
            }
            return;
        }
        if (message.has("ask")) {
            receiveRequest(message, listener);
            return;
        }
        ClusterEvent event = ClusterEvent.valueOf(message.path("news").asText());
        if (message.path("webhooks").isEmpty()) {
            listener.published(event, null);
        }
        for (JsonNode webhook : message.path("webhooks")) {
            listener.published(event, webhook(webhook));
        }
    }

    private static WebhookId webhook(JsonNode parts) {
        return new WebhookId(
                parts.path(0).asText(), parts.path(1).asText(), parts.path(2).asText());
    }

    private void receiveRequest(JsonNode message, Listener listener) {
        List<String> deliveries = new ArrayList<>();
        message.path("deliveries").forEach(delivery -> deliveries.add(delivery.asText()));
        JsonNode webhook = message.path("webhook");
        CompletionStage<Integer> discarded = listener.discardRequested(
                webhook(webhook), deliveries, message.path("reason").asText());
        if (discarded != null) {
            discarded.whenComplete(
                    (count, failure) -> respond(message.path("ask").asText(), count, failure));
        }
    }

    private boolean pause() {
        try {
            Thread.sleep(RETRY_MS);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Override
    public void close() {
        closed = true;
        // publishes the queued events before the pool closes
        publishing.after(Duration.ZERO, this::publishAll);
        publishing.stop();
        publishing.awaitEnd(CLOSE_TIMEOUT);
        try {
            if (listening != null) {
                listening.interrupt();
                abortListening();
                listening.join(2 * LISTEN_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Aborts the connection, since an interrupt does not end the driver's wait. */
    private void abortListening() {
        Connection connection = listenConnection;
        if (connection == null) {
            return;
        }
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            LOG.debug("the listening connection cannot be aborted", e);
        }
    }
}
