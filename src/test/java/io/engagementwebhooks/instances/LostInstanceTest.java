package io.engagementwebhooks.instances;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.testkit.ForkedProduct;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.TestResources;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Promise 2, at least once: an instance of several that is killed, or frozen past its lease and woken up again. */
@Timeout(300)
class LostInstanceTest extends TestResources {

    private static final String KEY = "lost-admin-key-0123456789";
    private static final int WEBHOOKS = 12;
    private static final int EVENTS = 40;
    private static final Duration LEASE = Duration.ofSeconds(3);

    /** In the log of an instance that had no time to renew its lease: what it had in flight is sent again too. */
    private static final String LATE = "lease.expired";

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private final SharedDatabase database = opened(new SharedDatabase());

    private String[] settings(String... more) {
        return Stream.concat(
                        Stream.of(database.settings("webhooks.store.lease=" + LEASE.toSeconds() + "s")),
                        Stream.of(more))
                .toArray(String[]::new);
    }

    private ForkedProduct instance(String name, URI receiver) {
        return opened(ForkedProduct.start(folder.resolve(name), config(receiver), KEY, settings()));
    }

    private RunningProduct instanceInThisProcess(String name, URI receiver, String... more) {
        return opened(RunningProduct.start(folder.resolve(name), config(receiver), settings(more)));
    }

    private static String config(URI receiver) {
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
                      - name: w%1$d
                        events: [call.ended]
                        delivery:
                          url: %2$s
                          timeout: 30s
                          authentication: {type: none}
                """
                                        .formatted(i, receiver.resolve("/w" + i)))
                        .collect(Collectors.joining());
    }

    private static String event(String id) {
        return "{\"specversion\":\"1.0\",\"id\":\"" + id
                + "\",\"source\":\"/calls\",\"type\":\"call.ended\",\"data\":{\"cdr_id\":\"" + id + "\"}}";
    }

    private static String eventId(Receiver.Got got) {
        try {
            return JSON.readTree(got.body()).path("id").asText();
        } catch (IOException e) {
            throw new AssertionError(got.body(), e);
        }
    }

    /** Its deliveries go on when its lease has ended. */
    @Tag("slow")
    @Test
    void promise_2_at_least_once_when_one_of_two_instances_is_killed_under_load() throws Exception {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200))) {
            ForkedProduct killed = instance("a", receiver.url());
            ForkedProduct other = instance("b", receiver.url());
            database.awaitShares(128, 128);
            Set<String> acknowledged = ConcurrentHashMap.newKeySet();
            Thread sender = new Thread(() -> IntStream.range(0, 2_000).forEach(i -> {
                send(i % 2 == 0 ? killed : other, "e" + i, acknowledged);
            }));
            sender.start();
            await().until(() -> receiver.requests().size() > 300);
            killed.kill();
            sender.interrupt();
            sender.join();
            database.awaitShares(256);
            Copies whenItWasGone = Copies.of(receiver);
            Set<String> before = Set.copyOf(acknowledged);
            await().until(() -> isAllThere(receiver, before));
            await().until(() -> database.query("SELECT count(*) FROM delivery WHERE state = 'waiting'")
                    .equals(List.of(0)));
            Copies copies = Copies.of(receiver);
            copies.assertRepeatedUnderTheSameId(whenItWasGone.ids().size());
            assertEquals(
                    Set.of(),
                    copies.repeated().stream()
                            .filter(key -> !whenItWasGone.ids().containsKey(key)
                                    && !other.log().contains(LATE))
                            .collect(Collectors.toSet()),
                    "what no one had begun to send then is sent once");
            assertTrue(acknowledged.size() > 20, acknowledged.size() + " were acknowledged");
            assertEquals(List.of(0), database.query("SELECT coalesce(sum(n), 0) FROM pending_count"));
        }
    }

    private static boolean isAllThere(Receiver receiver, Set<String> events) {
        Map<String, Set<String>> ids = new HashMap<>();
        receiver.requests().forEach(got -> ids.computeIfAbsent(eventId(got), id -> new HashSet<>())
                .add(got.header("webhook-id")));
        return events.stream()
                .allMatch(event -> ids.getOrDefault(event, Set.of()).size() == WEBHOOKS);
    }

    private static void send(ForkedProduct to, String id, Set<String> acknowledged) {
        try {
            if (!Thread.currentThread().isInterrupted() && to.post(event(id)).statusCode() == 202) {
                acknowledged.add(id);
            }
        } catch (IOException e) {
            // killed before it answered: not acknowledged
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What it had in flight has been sent again and recorded by the new owner; what it had ready, sent by that one. */
    @Test
    void promise_2_an_instance_frozen_past_its_lease_sends_and_writes_nothing_under_its_old_epoch() throws Exception {
        CountDownLatch answering = new CountDownLatch(1);
        try (Receiver receiver = new Receiver(got -> {
            await(answering);
            return new Receiver.Reply(200);
        })) {
            ForkedProduct frozen = instance("a", receiver.url());
            RunningProduct other = instanceInThisProcess("b", receiver.url());
            database.awaitShares(128, 128);
            for (int i = 0; i < EVENTS; i++) {
                HttpResponse<String> answer =
                        i % 2 == 0 ? frozen.post(event("e" + i)) : other.postEvent(KEY, event("e" + i));
                assertEquals(202, answer.statusCode());
            }
            await().until(() -> receiver.requests().size() >= 60);
            Standstill.awaitAt(receiver);
            frozen.freeze();
            answering.countDown();
            database.awaitShares(256);
            String waiting = "SELECT count(*) FROM delivery WHERE state = 'waiting'";
            await().until(() -> database.query(waiting).equals(List.of(0)));
            int sent = receiver.requests().size();
            assertTrue(sent > EVENTS * WEBHOOKS, "what was in flight at the frozen one was sent again");

            frozen.wakeUp();
            database.awaitShares(128, 128);
            await().until(() -> frozen.log().contains("delivery.fenced"));
            assertEquals(202, frozen.post(event("after")).statusCode());
            await().until(() -> isAllThere(receiver, Set.of("after")));
            await().until(() -> database.query(waiting).equals(List.of(0)));

            assertEquals(sent + WEBHOOKS, receiver.requests().size(), "it sent nothing of before");
            assertEquals(
                    List.of((EVENTS + 1) * WEBHOOKS),
                    database.query("SELECT count(*) FROM attempt WHERE status = 200"),
                    "it wrote nothing of before: one attempt of each delivery");
            Copies.of(receiver).assertRepeatedUnderTheSameId(sent - EVENTS * WEBHOOKS);
        }
    }

    /** The database ends its connections, and accepts new ones after another instance has taken its partitions. */
    @Tag("slow")
    @Test
    void promise_1_an_instance_without_its_database_and_lease_is_not_ready_refuses_events_and_recovers() {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200))) {
            // roles are the server's, which other tests share
            database.execute("DROP ROLE IF EXISTS locked_out");
            database.execute("CREATE ROLE locked_out SUPERUSER LOGIN");
            RunningProduct lockedOut = instanceInThisProcess("a", receiver.url(), "webhooks.store.user=locked_out");
            RunningProduct other = instanceInThisProcess("b", receiver.url());
            database.awaitShares(128, 128);
            assertEquals(200, readiness(lockedOut).statusCode());

            database.execute("ALTER ROLE locked_out NOLOGIN");
            database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'locked_out'");
            database.awaitShares(256);
            HttpResponse<String> unready = readiness(lockedOut);
            assertEquals(503, unready.statusCode());
            assertTrue(unready.body().contains("the lease was not renewed in time"), unready.body());
            HttpResponse<String> refused = lockedOut.postEvent(KEY, event("refused"));
            assertEquals(503, refused.statusCode(), refused.body());
            assertTrue(refused.headers().firstValue("Retry-After").isPresent());
            assertEquals(200, readiness(other).statusCode());
            assertEquals(202, other.postEvent(KEY, event("taken")).statusCode());
            await().until(() -> isAllThere(receiver, Set.of("taken")));
            assertEquals(List.of(1), database.query("SELECT count(*) FROM event"));

            database.execute("ALTER ROLE locked_out LOGIN");
            await().until(() -> readiness(lockedOut).statusCode() == 200);
            HttpResponse<String> again = lockedOut.postEvent(KEY, event("refused"));
            assertEquals(202, again.statusCode(), again.body());
            await().until(() -> isAllThere(receiver, Set.of("refused")));
            database.awaitShares(128, 128);
            assertEquals(2 * WEBHOOKS, receiver.requests().size());
        }
    }

    private static HttpResponse<String> readiness(RunningProduct product) {
        return product.send(HttpRequest.newBuilder(product.managementUrl("/observe/health/ready"))
                .build());
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(180, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static ConditionFactory await() {
        return Awaitility.await();
    }
}
