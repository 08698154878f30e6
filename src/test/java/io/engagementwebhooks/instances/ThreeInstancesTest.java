package io.engagementwebhooks.instances;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.testkit.ForkedProduct;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.TestResources;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Promise 2 with three instances under load: one is frozen past its lease, another killed, and the third goes on. */
@Tag("slow")
@Timeout(300)
class ThreeInstancesTest extends TestResources {

    private static final String KEY = "three-admin-key-0123456789";
    private static final int WEBHOOKS = 12;

    /** So many requests to a webhook are in flight at first. */
    private static final int ROUND = 16;

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private final SharedDatabase database = opened(new SharedDatabase());
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();

    private ForkedProduct instance(String name, URI receiver) {
        return opened(ForkedProduct.start(
                folder.resolve(name),
                "accounts:\n  - id: acme\n    apiKeys: [{name: all, role: admin, key: " + KEY + "}]\n    webhooks:\n"
                        + IntStream.range(0, WEBHOOKS)
                                .mapToObj(i ->
                                        "      - {name: w" + i + ", events: [\"*\"], delivery: {timeout: 30s, url: \""
                                                + receiver.resolve("/w" + i) + "\", authentication: {type: none}}}\n")
                                .collect(Collectors.joining()),
                KEY,
                database.settings("webhooks.store.lease=3s")));
    }

    private Set<String> ids(String state) {
        try (Connection connection = Postgres.connect(database.url());
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT 'msg_' || id FROM delivery WHERE state = '" + state + "'")) {
            Set<String> all = new HashSet<>();
            while (rows.next()) {
                all.add(rows.getString(1));
            }
            return all;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends to one instance until it is stopped, or the instance answers no more. */
    private Thread senderTo(ForkedProduct to, String name, AtomicBoolean stop) {
        Thread sender = new Thread(() -> {
            try {
                for (int i = 0; !stop.get(); i++) {
                    String id = name + i;
                    String event = "{\"specversion\":\"1.0\",\"id\":\"" + id
                            + "\",\"source\":\"/s\",\"type\":\"t\",\"data\":{\"id\":\"" + id + "\"}}";
                    if (to.post(event).statusCode() == 202) {
                        acknowledged.add(id);
                    }
                }
            } catch (IOException e) {
                // killed, or frozen for longer than is waited: not acknowledged
                return;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        sender.setDaemon(true);
        sender.start();
        return sender;
    }

    private static void end(List<Thread> senders, AtomicBoolean stop) throws InterruptedException {
        stop.set(true);
        for (Thread sender : senders) {
            sender.join();
        }
    }

    private static Receiver.Reply answerThrough(CountDownLatch gate) {
        Patience.await(gate);
        return new Receiver.Reply(200);
    }

    private Map<String, Set<String>> messagesByEvent(Receiver receiver) {
        Map<String, Set<String>> messages = new HashMap<>();
        receiver.requests().forEach(got -> messages.computeIfAbsent(id(got), event -> new HashSet<>())
                .add(got.header("webhook-id")));
        return messages;
    }

    private static String id(Receiver.Got got) {
        try {
            return JSON.readTree(got.body()).path("id").asText();
        } catch (IOException e) {
            throw new AssertionError(got.body(), e);
        }
    }

    private Set<String> waiting() {
        return ids("waiting");
    }

    private Set<String> recorded() {
        return ids("delivered");
    }

    @Test
    void promise_2_one_frozen_and_one_killed_of_three_lose_nothing_and_every_repetition_has_its_id() throws Exception {
        AtomicReference<CountDownLatch> gate = new AtomicReference<>(new CountDownLatch(0));
        try (Receiver receiver = new Receiver(got -> answerThrough(gate.get()))) {
            ForkedProduct frozen = instance("a", receiver.url());
            ForkedProduct killed = instance("b", receiver.url());
            ForkedProduct third = instance("c", receiver.url());
            database.awaitShares(85, 85, 86);
            AtomicBoolean firstEnd = new AtomicBoolean();
            List<Thread> first = List.of(
                    senderTo(frozen, "a", firstEnd), senderTo(killed, "b", firstEnd), senderTo(third, "c", firstEnd));
            await().atMost(PATIENCE).until(() -> receiver.requests().size() > 300);
            gate.set(new CountDownLatch(1));
            int accepted = acknowledged.size();
            await().atMost(PATIENCE).until(() -> acknowledged.size() > accepted + 2 * ROUND);
            end(first, firstEnd);
            Standstill.awaitAt(receiver);

            frozen.freeze();
            Set<String> inMemory = waiting();
            assertTrue(inMemory.size() > WEBHOOKS * ROUND, inMemory.size() + " wait");
            gate.get().countDown();
            AtomicBoolean stop = new AtomicBoolean();
            List<Thread> senders = List.of(senderTo(killed, "d", stop), senderTo(third, "e", stop));
            database.awaitShares(128, 128);
            killed.kill();
            database.awaitShares(256);
            await().atMost(PATIENCE).until(() -> recorded().containsAll(inMemory));
            Set<String> recorded = recorded();
            Map<String, Integer> before = Copies.of(receiver).times();
            frozen.wakeUp();
            database.awaitShares(128, 128);
            end(senders, stop);

            await().atMost(PATIENCE).until(() -> waiting().isEmpty());
            Copies copies = Copies.of(receiver);
            copies.assertRepeatedUnderTheSameId(copies.ids().size());
            Map<String, Integer> after = copies.times();
            before.forEach((message, times) -> {
                if (recorded.contains(message)) {
                    assertEquals(times, after.get(message), message + " was sent once more under an old epoch");
                }
            });
            Map<String, Set<String>> messages = messagesByEvent(receiver);
            for (String event : acknowledged) {
                assertEquals(WEBHOOKS, messages.getOrDefault(event, Set.of()).size(), event);
            }
            assertTrue(acknowledged.size() > 20, acknowledged.size() + " were acknowledged");
            assertEquals(
                    database.query("SELECT count(*) FROM delivery"),
                    database.query("SELECT count(*) FROM attempt WHERE status = 200"),
                    "one answer each: what was begun before is not recorded");
            assertEquals(List.of(0), database.query("SELECT coalesce(sum(n), 0)::int FROM pending_count"));
        }
    }
}
