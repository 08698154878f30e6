package io.engagementwebhooks.instances;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With several instances on one PostgreSQL, one of them fetches a token for all. */
@Timeout(300)
class SharedTokensTest {

    private static final String KEY = "tokens-admin-key-0123456789";
    private static final int WEBHOOKS = 10;

    @TempDir
    Path folder;

    private final SharedDatabase database = new SharedDatabase();
    private final List<RunningProduct> running = new ArrayList<>();
    private final AtomicInteger tokens = new AtomicInteger();

    @AfterEach
    void stopAll() {
        running.forEach(RunningProduct::close);
        database.close();
    }

    private RunningProduct instance(String name, URI idp, URI receiver) {
        RunningProduct product = RunningProduct.start(folder.resolve(name), setUp(idp, receiver), database.settings());
        running.add(product);
        return product;
    }

    private static String setUp(URI idp, URI receiver) {
        return """
                accounts:
                  - id: acme
                    apiKeys:
                      - {name: all, role: admin, key: %s}
                    oauthClients:
                      - {name: idp, clientId: we, clientSecret: our-secret, authenticationEndpoint: "%s", tokenPath: ""}
                    webhooks:
                """
                        .formatted(KEY, idp)
                + IntStream.range(0, WEBHOOKS)
                        .mapToObj(i ->
                                """
                      - name: w%d
                        events: [call.ended]
                        retry: [300ms]
                        delivery:
                          url: %s
                          authentication: {type: oauth2, client: idp}
                """
                                        .formatted(i, receiver))
                        .collect(Collectors.joining());
    }

    /** Each token has another value. */
    private Receiver tokenServer() {
        return new Receiver(got -> new Receiver.Reply(
                200,
                Map.of("Content-Type", "application/json"),
                "{\"access_token\":\"token-" + tokens.incrementAndGet()
                        + "\",\"token_type\":\"Bearer\",\"expires_in\":3600}"));
    }

    private static void send(RunningProduct to, int from, int many) throws Exception {
        ExecutorService senders = Executors.newFixedThreadPool(8);
        try {
            List<Future<Integer>> answers = IntStream.range(from, from + many)
                    .mapToObj(i -> senders.submit(() -> to.post(
                                    "/v1/events",
                                    KEY,
                                    "application/cloudevents+json",
                                    "{\"specversion\":\"1.0\",\"id\":\"e" + i
                                            + "\",\"source\":\"/calls\",\"type\":\"call.ended\",\"data\":{}}")
                            .statusCode()))
                    .toList();
            for (Future<Integer> answer : answers) {
                assertEquals(202, answer.get(60, TimeUnit.SECONDS));
            }
        } finally {
            senders.shutdownNow();
        }
    }

    private List<byte[]> kept() {
        try (Connection connection = Postgres.connect(database.url());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT made FROM claim WHERE made IS NOT NULL")) {
            List<byte[]> all = new ArrayList<>();
            while (rows.next()) {
                all.add(rows.getBytes(1));
            }
            return all;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void fifty_sends_of_each_of_two_instances_make_one_token_request_in_all() throws Exception {
        try (Receiver idp = tokenServer();
                Receiver receiver = new Receiver(got -> new Receiver.Reply(200))) {
            RunningProduct a = instance("a", idp.url(), receiver.url());
            RunningProduct b = instance("b", idp.url(), receiver.url());
            database.awaitShares(128, 128);
            Thread other = new Thread(() -> {
                try {
                    send(b, 50, 50);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            other.start();
            send(a, 0, 50);
            other.join();
            await().until(() -> receiver.requests().size() >= 100 * WEBHOOKS);
            assertEquals(1, tokens.get());
            assertEquals(
                    Set.of("Bearer token-1"),
                    receiver.requests().stream()
                            .map(got -> got.header("Authorization"))
                            .collect(Collectors.toSet()));
            assertSealed();
        }
    }

    private void assertSealed() {
        List<byte[]> kept = kept();
        assertEquals(1, kept.size());
        String text = new String(kept.get(0), StandardCharsets.ISO_8859_1);
        assertFalse(text.contains("token-1"), "sealed");
        assertFalse(text.contains(Base64.getEncoder().encodeToString("token-1".getBytes(StandardCharsets.UTF_8))));
    }

    /** Whoever is refused first renews it for all; nobody fails and nobody asks twice. */
    @Test
    void a_token_that_was_revoked_is_renewed_once_for_both_instances() throws Exception {
        try (Receiver idp = tokenServer();
                Receiver receiver = new Receiver(got -> new Receiver.Reply(
                        "Bearer token-1".equals(got.header("Authorization")) && tokens.get() > 0 && revoked
                                ? 401
                                : 200))) {
            RunningProduct a = instance("a", idp.url(), receiver.url());
            RunningProduct b = instance("b", idp.url(), receiver.url());
            database.awaitShares(128, 128);
            send(a, 0, 1);
            a.awaitDeliveries(KEY, "e0", WEBHOOKS, "delivered");
            assertEquals(1, tokens.get());
            revoked = true;
            send(a, 1, 10);
            send(b, 11, 10);
            for (int i = 1; i <= 20; i++) {
                a.awaitDeliveries(KEY, "e" + i, WEBHOOKS, "delivered")
                        .forEach(
                                item -> assertEquals(1, item.get("attemptCount").asInt(), "no attempt failed"));
            }
            assertEquals(2, tokens.get());
            assertTrue(
                    receiver.requests().stream().anyMatch(got -> "Bearer token-2".equals(got.header("Authorization"))));
        }
    }

    private volatile boolean revoked;
}
