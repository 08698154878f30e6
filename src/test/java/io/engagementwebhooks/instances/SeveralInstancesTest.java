package io.engagementwebhooks.instances;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Two and three instances in one process on one PostgreSQL (semantics 19). Their leases outlast all waiting here: whatever
 * moves has been told, and a machine that has no time for one of them does not make another repeat its deliveries.
 */
@Timeout(300)
class SeveralInstancesTest {

    private static final String KEY = "several-admin-key-0123456789";
    private static final int WEBHOOKS = 12;

    @TempDir
    Path folder;

    private final SharedDatabase database = new SharedDatabase();
    private final Deque<RunningProduct> running = new LinkedList<>();

    @AfterEach
    void stopAll() {
        running.forEach(RunningProduct::close);
        database.close();
    }

    private RunningProduct instance(String name, URI receiver) {
        RunningProduct product = RunningProduct.start(
                folder.resolve(name),
                setUp(receiver),
                database.settings("webhooks.store.lease=5m", "camel.main.shutdownTimeout=60"));
        running.push(product);
        return product;
    }

    private void stop(RunningProduct product) {
        running.remove(product);
        product.close();
    }

    private static String setUp(URI receiver) {
        return """
                accounts:
                  - id: acme
                    apiKeys:
                      - {name: all, role: admin, key: %s}
                    webhooks:
                """
                        .formatted(KEY)
                + IntStream.range(0, WEBHOOKS)
                        .mapToObj(i ->
                                """
                      - name: w%d
                        events: [call.ended]
                        retry: [300ms, 300ms, 300ms]
                        delivery:
                          url: %s
                          authentication: {type: none}
                """
                                        .formatted(i, receiver))
                        .collect(Collectors.joining());
    }

    private static String event(String id) {
        return "{\"specversion\":\"1.0\",\"id\":\"" + id
                + "\",\"source\":\"/calls\",\"type\":\"call.ended\",\"data\":{\"cdr_id\":\"" + id + "\"}}";
    }

    private static void send(RunningProduct to, String id) {
        assertEquals(
                202,
                to.post("/v1/events", KEY, "application/cloudevents+json", event(id))
                        .statusCode());
    }

    @Test
    void partitions_are_spread_evenly_and_move_when_an_instance_comes_or_goes() {
        URI nowhere = URI.create("http://127.0.0.1:9/");
        instance("a", nowhere);
        database.awaitShares(256);
        RunningProduct second = instance("b", nowhere);
        database.awaitShares(128, 128);
        instance("c", nowhere);
        database.awaitShares(85, 85, 86);
        stop(second);
        database.awaitShares(128, 128);
        assertEquals(List.of(2), database.query("SELECT count(*) FROM instance"));
    }

    @Test
    void a_webhook_is_tried_out_by_whichever_instance_is_asked() {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200))) {
            List<RunningProduct> both = List.of(instance("a", receiver.url()), instance("b", receiver.url()));
            database.awaitShares(128, 128);
            for (int i = 0; i < WEBHOOKS; i++) {
                RunningProduct asked = both.get(i % 2);
                HttpResponse<String> answer =
                        asked.post("/v1/webhooks/w" + i / 2 + "/test", KEY, "application/json", "{}");
                assertEquals(
                        "delivered", RunningProduct.json(answer).path("outcome").asText(), answer.body());
            }
        }
    }

    @Test
    void what_any_instance_accepts_is_sent_once_by_the_owner_of_its_webhook() {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200))) {
            RunningProduct a = instance("a", receiver.url());
            RunningProduct b = instance("b", receiver.url());
            database.awaitShares(128, 128);
            for (int i = 0; i < 20; i++) {
                send(i % 2 == 0 ? a : b, "e" + i);
            }
            await().until(() -> receiver.requests().size() >= 20 * WEBHOOKS);
            for (int i = 0; i < 20; i++) {
                (i % 2 == 0 ? b : a).awaitDeliveries(KEY, "e" + i, WEBHOOKS, "delivered");
            }
            Set<String> ids = receiver.requests().stream()
                    .map(got -> got.header("webhook-id"))
                    .collect(Collectors.toSet());
            assertEquals(20 * WEBHOOKS, ids.size());
            assertEquals(20 * WEBHOOKS, receiver.requests().size(), "none twice");
            assertEquals(List.of(0), database.query("SELECT sum(n) FROM waiting"));
        }
    }

    /** And does not have to find it by looking now and then. */
    @Test
    void the_owner_is_told_of_what_another_instance_accepts() throws Exception {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200));
                Connection listener = Postgres.connect(database.url());
                Statement statement = listener.createStatement()) {
            RunningProduct a = instance("a", receiver.url());
            instance("b", receiver.url());
            database.awaitShares(128, 128);
            statement.execute("LISTEN engagement_webhooks");
            send(a, "e1");
            a.awaitDeliveries(KEY, "e1", WEBHOOKS, "delivered");
            List<String> heard = new ArrayList<>();
            await().until(() -> {
                PGNotification[] some = listener.unwrap(PGConnection.class).getNotifications(100);
                Stream.of(some).map(PGNotification::getParameter).forEach(heard::add);
                return heard.stream().anyMatch(text -> text.contains("\"news\":\"DUE\""));
            });
        }
    }

    @Test
    void a_pause_and_a_resume_at_one_instance_hold_at_all() {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200))) {
            RunningProduct a = instance("a", receiver.url());
            RunningProduct b = instance("b", receiver.url());
            database.awaitShares(128, 128);
            for (int i = 0; i < WEBHOOKS; i++) {
                assertEquals(
                        200,
                        a.post("/v1/webhooks/w" + i + "/pause", KEY, "application/json", "")
                                .statusCode());
            }
            await().until(() -> states(b).equals(Map.of("paused", (long) WEBHOOKS)));
            send(b, "e1");
            a.awaitDeliveries(KEY, "e1", WEBHOOKS, "paused");
            assertEquals(0, receiver.requests().size());
            for (int i = 0; i < WEBHOOKS; i++) {
                assertEquals(
                        200,
                        b.post("/v1/webhooks/w" + i + "/resume", KEY, "application/json", "")
                                .statusCode());
            }
            await().until(() -> states(a).equals(Map.of("active", (long) WEBHOOKS)));
            a.awaitDeliveries(KEY, "e1", WEBHOOKS, "delivered");
            assertEquals(WEBHOOKS, receiver.requests().size());
        }
    }

    private static Map<String, Long> states(RunningProduct product) {
        Map<String, Long> states = new TreeMap<>();
        product.read("/v1/webhooks", KEY)
                .get("items")
                .forEach(item -> states.merge(item.get("state").asText(), 1L, Long::sum));
        return states;
    }

    @Test
    void a_replay_at_any_instance_is_sent_by_the_owner() {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200))) {
            RunningProduct a = instance("a", receiver.url());
            RunningProduct b = instance("b", receiver.url());
            database.awaitShares(128, 128);
            send(a, "e1");
            a.awaitDeliveries(KEY, "e1", WEBHOOKS, "delivered")
                    .forEach(item -> assertEquals(
                            202,
                            b.post(
                                            "/v1/deliveries/" + item.get("id").asText() + "/replay",
                                            KEY,
                                            "application/json",
                                            "{}")
                                    .statusCode()));
            await().until(() -> receiver.requests().size() == 2 * WEBHOOKS);
            a.awaitDeliveries(KEY, "e1", WEBHOOKS, "delivered");
        }
    }

    /** What is in flight while partitions move is neither lost nor sent twice. */
    @Test
    void instances_come_and_go_under_load_and_nothing_is_lost_or_sent_twice() {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200))) {
            RunningProduct a = instance("a", receiver.url());
            int sent = 0;
            for (int round = 0; round < 3; round++) {
                RunningProduct other = instance("b" + round, receiver.url());
                for (int i = 0; i < 30; i++) {
                    send(i % 2 == 0 ? a : other, "e" + sent++);
                }
                stop(other);
            }
            int all = sent * WEBHOOKS;
            await().until(() -> receiver.requests().size() >= all);
            await().until(() -> database.query("SELECT count(*) FROM delivery WHERE state = 'waiting'")
                    .equals(List.of(0)));
            assertEquals(all, receiver.requests().size(), "none twice");
        }
    }
}
