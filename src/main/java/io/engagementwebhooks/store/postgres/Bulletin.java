package io.engagementwebhooks.store.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What instances on one database tell each other, by LISTEN and NOTIFY. It is told after the commit of what it is about, in
 * a transaction of its own, so that no commit waits for another; what gets lost with a process or a connection is found by
 * looking, which the listener is asked to do whenever it may have missed something. Thread-safe.
 */
final class Bulletin implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Bulletin.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final String CHANNEL = "engagement_webhooks";
    private static final int LONGEST = 7_000;
    private static final int LISTEN_MS = 500;
    private static final long TOGETHER_MS = 5;
    private static final long RETRY_MS = 1_000;
    /** A connection that is only listened to would never be found to be dead. */
    private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final int PROBE_SECONDS = 5;

    /** What webhooks are told of for. */
    enum News {
        /** Something of it is due. */
        DUE,
        /** Something of it is due against its receiver's wish. */
        NOW,
        /** Its state has changed. */
        STATE,
        /** It has another name. */
        NAME,
        /** The instances, or what they own, have changed; of no webhook. */
        INSTANCES
    }

    /** Called by the listening thread. */
    interface Listener {
        void told(News news, WebhookId webhook);

        /** It listens from now on, and may have missed what was told before. */
        void resumed();
    }

    private final String instance;
    private final DataSource pool;
    private final GroupWriter.Connecting connecting;
    private final ScheduledExecutorService telling = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "store-tell");
        thread.setDaemon(true);
        return thread;
    });
    private final Map<News, Set<WebhookId>> untold = new EnumMap<>(News.class);
    private Thread listening;
    private volatile boolean closed;

    Bulletin(String instance, DataSource pool, GroupWriter.Connecting connecting) {
        this.instance = instance;
        this.pool = pool;
        this.connecting = connecting;
    }

    /** Tells the others; returns at once. */
    void tell(News news, Collection<WebhookId> webhooks) {
        boolean first;
        synchronized (untold) {
            first = untold.isEmpty();
            untold.computeIfAbsent(news, key -> new HashSet<>()).addAll(webhooks);
        }
        if (first) {
            try {
                telling.schedule(this::tellAll, TOGETHER_MS, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("closed: the others find it by looking");
            }
        }
    }

    private void tellAll() {
        Map<News, Set<WebhookId>> all;
        synchronized (untold) {
            all = new EnumMap<>(News.class);
            all.putAll(untold);
            untold.clear();
        }
        try (Connection connection = pool.getConnection()) {
            for (Map.Entry<News, Set<WebhookId>> entry : all.entrySet()) {
                for (String message : messages(entry.getKey(), entry.getValue())) {
                    try (PreparedStatement statement =
                                    Columns.prepared(connection, "SELECT pg_notify(?, ?)", CHANNEL, message);
                            ResultSet rows = statement.executeQuery()) {
                        rows.next();
                    }
                }
            }
        } catch (SQLException | RuntimeException e) {
            LOG.debug("the others cannot be told, and find it by looking", e);
        }
    }

    private List<String> messages(News news, Set<WebhookId> webhooks) {
        List<String> messages = new ArrayList<>();
        ArrayNode some = JSON.createArrayNode();
        int length = 0;
        for (WebhookId webhook : webhooks) {
            ArrayNode id = JSON.createArrayNode().add(webhook.account()).add(webhook.name());
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

    private String message(News news, ArrayNode webhooks) {
        ObjectNode message = JSON.createObjectNode().put("from", instance).put("news", news.name());
        message.set("webhooks", webhooks);
        return message.toString();
    }

    /** Listens from now on; returns when it does, or when the database cannot be reached and it tries again. */
    void listen(Listener listener) {
        listening = new Thread(() -> run(listener), "store-listen");
        listening.setDaemon(true);
        listening.start();
    }

    private void run(Listener listener) {
        while (!closed) {
            try (Connection connection = connecting.connect()) {
                connection.setAutoCommit(true);
                try (Statement statement = connection.createStatement()) {
                    statement.execute("LISTEN " + CHANNEL);
                }
                listener.resumed();
                PGConnection notified = connection.unwrap(PGConnection.class);
                long probed = System.nanoTime();
                while (!closed) {
                    hear(notified, listener);
                    if (System.nanoTime() - probed >= PROBE_NANOS) {
                        probe(connection);
                        probed = System.nanoTime();
                    }
                }
            } catch (SQLException | RuntimeException e) {
                LOG.debug("what other instances tell cannot be heard now", e);
                if (!pause()) {
                    return;
                }
            }
        }
    }

    private static void probe(Connection connection) throws SQLException {
        if (!connection.isValid(PROBE_SECONDS)) {
            throw new SQLException("the connection that listens is dead", "08006");
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
                LOG.debug("a message of another version, or of somebody else, is not understood", e);
            }
        }
    }

    private void hear(String text, Listener listener) throws JsonProcessingException {
        JsonNode message = JSON.readTree(text);
        if (message.path("from").asText().equals(instance)) {
            return;
        }
        News news = News.valueOf(message.path("news").asText());
        if (news == News.INSTANCES) {
            listener.told(news, null);
        }
        for (JsonNode webhook : message.path("webhooks")) {
            listener.told(
                    news,
                    new WebhookId(webhook.path(0).asText(), webhook.path(1).asText()));
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
        // what is untold still is told before the pool goes
        telling.shutdown();
        try {
            telling.awaitTermination(1, TimeUnit.SECONDS);
            if (listening != null) {
                listening.interrupt();
                listening.join(2 * LISTEN_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
