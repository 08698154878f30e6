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
    private static final int LONGEST = 7_000;
    private static final int LISTEN_MS = 500;
    /** Delivery ids per request; with reason and webhook name these fit into a message. */
    private static final int MOST_ASKED = 100;

    private static final long LONGEST_ANSWER_MS = 5_000;
    private static final Duration TOGETHER = Duration.ofMillis(5);
    private static final long RETRY_MS = 1_000;
    /** A connection that only receives does not detect that its peer is gone. */
    private static final Duration PROBE_EVERY = Duration.ofSeconds(5);

    private static final int PROBE_SECONDS = 5;
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(1);

    /** Called by the listening thread. */
    interface Listener {
        void published(ClusterEvent event, WebhookId webhook);

        /**
         * Another instance requests that the webhook's owner discards deliveries. Must not block.
         *
         * @return the number discarded; null: this instance is not the owner
         */
        CompletionStage<Integer> asked(WebhookId webhook, List<String> deliveries, String reason);

        /** Listening has begun; earlier messages may have been missed. */
        void resumed();
    }

    private final String instance;
    private final DataSource pool;
    private final Connecting connecting;
    private final long probeNanos;
    private final Background publishing = new Background("store-notify");
    private final Map<ClusterEvent, Set<WebhookId>> unpublished = new EnumMap<>(ClusterEvent.class);
    private final Map<String, CompletableFuture<Integer>> unanswered = new ConcurrentHashMap<>();
    private Thread listening;
    private volatile Connection heardOn;
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
            publishing.after(TOGETHER, this::publishAll);
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
        all.forEach((news, webhooks) -> messages.addAll(messages(news, webhooks)));
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
    CompletableFuture<Integer> ask(WebhookId webhook, List<String> deliveries, String reason) {
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        List<String> messages = new ArrayList<>();
        for (int from = 0; from < deliveries.size(); from += MOST_ASKED) {
            String id = UUID.randomUUID().toString();
            ObjectNode message = JSON.createObjectNode().put("from", instance).put("ask", id);
            message.putArray("webhook").add(webhook.account()).add(webhook.id()).add(webhook.name());
            message.put("reason", reason);
            ArrayNode some = message.putArray("deliveries");
            deliveries.stream().skip(from).limit(MOST_ASKED).forEach(some::add);
            messages.add(message.toString());
            answers.add(awaited(id));
        }
        try {
            publishing.execute(() -> send(messages));
        } catch (RejectedExecutionException e) {
            answers.forEach(answer -> answer.completeExceptionally(e));
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .handle((done, failure) -> {
                    if (failure != null) {
                        throw new StoreException(
                                "the instance that sends the deliveries of webhook '" + webhook.name()
                                        + "' does not respond; retry in a few seconds",
                                failure);
                    }
                    return answers.stream().mapToInt(CompletableFuture::join).sum();
                });
    }

    private CompletableFuture<Integer> awaited(String id) {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        unanswered.put(id, answer);
        answer.orTimeout(LONGEST_ANSWER_MS, TimeUnit.MILLISECONDS)
                .whenComplete((count, failure) -> unanswered.remove(id));
        return answer;
    }

    private void answer(String id, Integer count, Throwable failure) {
        if (failure != null) {
            LOG.warn("discard.postponed: the request of another instance failed: {}", failure.getMessage());
            return;
        }
        ObjectNode message =
                JSON.createObjectNode().put("from", instance).put("answer", id).put("count", count);
        publishing.after(Duration.ZERO, () -> send(List.of(message.toString())));
    }

    private List<String> messages(ClusterEvent news, Set<WebhookId> webhooks) {
        List<String> messages = new ArrayList<>();
        ArrayNode some = JSON.createArrayNode();
        int length = 0;
        for (WebhookId webhook : webhooks) {
            ArrayNode id = JSON.createArrayNode()
                    .add(webhook.account())
                    .add(webhook.id())
                    .add(webhook.name());
            int bytes = id.toString().getBytes(StandardCharsets.UTF_8).length + 1;
            if (length + bytes > LONGEST) {
                messages.add(message(news, some));
                some = JSON.createArrayNode();
                length = 0;
            }
            some.add(id);
            length += bytes;
        }
        if (!some.isEmpty() || webhooks.isEmpty()) {
            messages.add(message(news, some));
        }
        return messages;
    }

    private String message(ClusterEvent news, ArrayNode webhooks) {
        ObjectNode message = JSON.createObjectNode().put("from", instance).put("news", news.name());
        message.set("webhooks", webhooks);
        return message.toString();
    }

    /** Starts to listen. Returns once listening, or after the first failed connection, which is retried. */
    void listen(Listener listener) {
        CountDownLatch tried = new CountDownLatch(1);
        listening = new Thread(
                () -> {
                    try {
                        run(listener, tried);
                    } finally {
                        tried.countDown();
                    }
                },
                "store-listen");
        listening.setDaemon(true);
        listening.start();
        try {
            tried.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(Listener listener, CountDownLatch tried) {
        while (!closed) {
            try (Connection connection = connecting.connect()) {
                heardOn = connection;
                connection.setAutoCommit(true);
                try (Statement statement = connection.createStatement()) {
                    statement.execute("LISTEN " + CHANNEL);
                }
                listener.resumed();
                tried.countDown();
                PGConnection notified = connection.unwrap(PGConnection.class);
                long probed = System.nanoTime();
                while (!closed) {
                    hear(notified, listener);
                    if (System.nanoTime() - probed >= probeNanos) {
                        probe(connection);
                        probed = System.nanoTime();
                    }
                }
            } catch (SQLException | RuntimeException e) {
                LOG.debug("cannot receive events of other instances", e);
                tried.countDown();
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

    private void hear(PGConnection connection, Listener listener) throws SQLException {
        PGNotification[] all = connection.getNotifications(LISTEN_MS);
        if (all == null) {
            return;
        }
        for (PGNotification each : all) {
            try {
                hear(each.getParameter(), listener);
            } catch (JsonProcessingException | IllegalArgumentException e) {
                LOG.debug("a message of another version or program is ignored", e);
            }
        }
    }

    private void hear(String text, Listener listener) throws JsonProcessingException {
        JsonNode message = JSON.readTree(text);
        if (message.path("from").asText().equals(instance)) {
            return;
        }
        if (message.has("answer")) {
            CompletableFuture<Integer> waits =
                    unanswered.get(message.path("answer").asText());
            if (waits != null) {
                waits.complete(message.path("count").asInt());
            }
            return;
        }
        if (message.has("ask")) {
            hearQuestion(message, listener);
            return;
        }
        ClusterEvent news = ClusterEvent.valueOf(message.path("news").asText());
        if (message.path("webhooks").isEmpty()) {
            listener.published(news, null);
        }
        for (JsonNode webhook : message.path("webhooks")) {
            listener.published(news, webhook(webhook));
        }
    }

    private static WebhookId webhook(JsonNode parts) {
        return new WebhookId(
                parts.path(0).asText(), parts.path(1).asText(), parts.path(2).asText());
    }

    private void hearQuestion(JsonNode message, Listener listener) {
        List<String> deliveries = new ArrayList<>();
        message.path("deliveries").forEach(delivery -> deliveries.add(delivery.asText()));
        JsonNode webhook = message.path("webhook");
        CompletionStage<Integer> discarded = listener.asked(
                webhook(webhook), deliveries, message.path("reason").asText());
        if (discarded != null) {
            discarded.whenComplete(
                    (count, failure) -> answer(message.path("ask").asText(), count, failure));
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
        publishing.awaitEnd(LONGEST_CLOSE);
        try {
            if (listening != null) {
                listening.interrupt();
                stopHearing();
                listening.join(2 * LISTEN_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Aborts the connection, since an interrupt does not end the driver's wait. */
    private void stopHearing() {
        Connection connection = heardOn;
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
