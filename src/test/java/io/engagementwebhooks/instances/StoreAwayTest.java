package io.engagementwebhooks.instances;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.Signals;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Promises 1 and 8: a PostgreSQL that is restarted, or stands still, under load. */
@Timeout(300)
class StoreAwayTest {

    private static final String KEY = "away-admin-key-0123456789";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private final int port = FreePort.any();
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final AtomicReference<HttpResponse<String>> refused = new AtomicReference<>();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicBoolean stop = new AtomicBoolean();
    private EmbeddedPostgres server;

    @BeforeEach
    void startServer() throws IOException {
        server = EmbeddedPostgres.builder()
                .setPort(port)
                .setPGStartupWait(PATIENCE)
                .setDataDirectory(folder.resolve("pg"))
                .setCleanDataDirectory(false)
                .start();
    }

    @AfterEach
    void stopServer() throws IOException {
        server.close();
    }

    private RunningProduct product(URI receiver) {
        return RunningProduct.start(
                folder.resolve("a"),
                """
                accounts:
                  - id: acme
                    apiKeys:
                      - {name: all, role: admin, key: %s}
                    webhooks:
                      - name: calls
                        events: [call.ended]
                        delivery:
                          url: %s
                          authentication: {type: none}
                """
                        .formatted(KEY, receiver),
                "webhooks.store.url=jdbc:postgresql://localhost:" + port + "/postgres",
                "webhooks.store.user=postgres",
                "webhooks.store.key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                "webhooks.store.lease=3s");
    }

    private Thread senderTo(RunningProduct product) {
        Thread sender = new Thread(() -> {
            while (!stop.get()) {
                String id = "e" + next.incrementAndGet();
                HttpResponse<String> answer = product.post(
                        "/v1/events",
                        KEY,
                        "application/cloudevents+json",
                        "{\"specversion\":\"1.0\",\"id\":\"" + id
                                + "\",\"source\":\"/calls\",\"type\":\"call.ended\",\"data\":{}}");
                if (answer.statusCode() == 202) {
                    acknowledged.add(id);
                } else {
                    refused.set(answer);
                }
            }
        });
        sender.start();
        return sender;
    }

    private interface Outage {
        void under(Receiver receiver) throws Exception;
    }

    private void withLoad(Outage outage) throws Exception {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200));
                RunningProduct product = product(receiver.url())) {
            Thread sender = senderTo(product);
            await().atMost(PATIENCE).until(() -> receiver.requests().size() > 50);
            outage.under(receiver);
            int before = acknowledged.size();
            await().atMost(PATIENCE).until(() -> acknowledged.size() > before + 50);
            stop.set(true);
            sender.join();
            assertEquals(503, refused.get().statusCode(), refused.get().body());
            assertTrue(refused.get().headers().firstValue("Retry-After").isPresent());
            await().atMost(PATIENCE).until(() -> missing(receiver).isEmpty());
            assertEachHadOneAttempt(product);
        }
    }

    private Set<String> missing(Receiver receiver) {
        Set<String> missing = new HashSet<>(acknowledged);
        receiver.requests().forEach(got -> missing.remove(eventId(got)));
        return missing;
    }

    private static String eventId(Receiver.Got got) {
        try {
            return JSON.readTree(got.body()).path("id").asText();
        } catch (IOException e) {
            throw new AssertionError(got.body(), e);
        }
    }

    private void assertEachHadOneAttempt(RunningProduct product) {
        String cursor = "";
        int seen = 0;
        do {
            JsonNode page = product.read("/v1/deliveries?limit=200" + cursor, KEY);
            for (JsonNode item : page.path("items")) {
                if (acknowledged.contains(item.path("event").asText())) {
                    seen++;
                    JsonNode one = await().atMost(PATIENCE)
                            .until(
                                    () -> product.read(
                                            "/v1/deliveries/" + item.path("id").asText(), KEY),
                                    read -> read.path("state").asText().equals("delivered"));
                    assertEquals(1, one.path("attemptCount").asInt(), one.toString());
                    assertEquals(1, one.path("attempts").size(), one.toString());
                }
            }
            cursor = page.path("next").isTextual()
                    ? "&cursor=" + page.path("next").asText()
                    : "";
        } while (!cursor.isEmpty());
        assertEquals(acknowledged.size(), seen);
    }

    @Test
    void promises_1_and_8_a_database_that_is_restarted_under_load_loses_nothing_and_uses_up_no_attempt()
            throws Exception {
        withLoad(receiver -> {
            server.close();
            await().atMost(PATIENCE).until(() -> refused.get() != null);
            startServer();
        });
    }

    @Test
    void promises_1_and_8_a_database_that_stands_still_under_load_loses_nothing_and_uses_up_no_attempt()
            throws Exception {
        withLoad(receiver -> {
            List<Long> processes = serverProcesses();
            for (long pid : processes) {
                Signals.send(pid, "STOP");
            }
            try {
                await().atMost(PATIENCE).until(() -> refused.get() != null);
            } finally {
                for (long pid : processes) {
                    Signals.send(pid, "CONT");
                }
            }
        });
    }

    private List<Long> serverProcesses() throws IOException {
        long first = Long.parseLong(
                Files.readAllLines(folder.resolve("pg/postmaster.pid")).get(0).strip());
        ProcessHandle postmaster = ProcessHandle.of(first).orElseThrow();
        return Stream.concat(Stream.of(postmaster), postmaster.descendants())
                .map(ProcessHandle::pid)
                .toList();
    }

    @Test
    void a_start_says_what_is_wrong_with_the_database() {
        IllegalStateException failed = assertThrows(
                IllegalStateException.class,
                () -> RunningProduct.start(
                        folder.resolve("a"),
                        "accounts: []",
                        "webhooks.store.url=jdbc:postgresql://localhost:" + port + "/nowhere",
                        "webhooks.store.user=postgres",
                        "webhooks.store.key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="));
        String told = failed.getMessage() + causes(failed);
        assertTrue(told.contains("the store jdbc:postgresql://localhost:" + port + "/nowhere cannot be used"), told);
        assertTrue(told.contains("webhooks.store.url"), told);
    }

    private static String causes(Throwable failed) {
        StringBuilder told = new StringBuilder();
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            told.append(cause.getMessage()).append('\n');
        }
        return told.toString();
    }
}
