package io.engagementwebhooks;

import static io.engagementwebhooks.testkit.RunningProduct.json;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.egress.RawReceiver;
import io.engagementwebhooks.record.Recorder;
import io.engagementwebhooks.testkit.ForkedProduct;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.LogLines;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Pause;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Got;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.StrictTokenServer;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The ten promises of the engine, each by its name in docs/delivery.md, against its own product, which
 * is stopped, and whose store cannot be written for a while. What else is promised in detail has separate tests.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PromisesTest {

    private static final String ACME = "an-admin-key-of-acme-000";
    private static final String OTHER = "an-admin-key-of-the-other";
    private static final String SECRET = "planted-secret-8c1f03e2";
    private static final String SIGNING_SECRET =
            "whsec_" + Base64.getEncoder().encodeToString((SECRET + SECRET).getBytes(StandardCharsets.UTF_8));
    private static final int STUCK = 20;
    private static final int MORE_THAN_THREADS = 100;
    private static final int KEPT_OF_AN_ANSWER = 16 * 1024;

    private final Map<String, Function<Got, Reply>> behaviours = new ConcurrentHashMap<>();

    @AutoClose
    private final Receiver receiver = new Receiver(this::answer);

    @AutoClose
    private final RawReceiver dripping = new RawReceiver(PromisesTest::drip);

    @AutoClose
    private final StrictTokenServer tokens = new StrictTokenServer("id", SECRET, StrictTokenServer.Way.BASIC);

    @AutoClose
    private RunningProduct product;

    /** A webhook is named by the type of the events that it asks for, and its receiver's path is its name. */
    private String config() {
        return """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: %1$s}]
                    signingKeys: [{id: k1, secret: "%2$s"}]
                    oauthClients:
                      - {name: crm, clientId: id, clientSecret: %3$s, authenticationEndpoint: "%4$s", tokenPath: ""}
                      - {name: away, clientId: id, clientSecret: %3$s, authenticationEndpoint: "http://127.0.0.1:%5$d/token", tokenPath: ""}
                    webhooks:
                """
                        .formatted(ACME, SIGNING_SECRET, SECRET, tokens.url(), FreePort.any())
                + webhook("stored", "[100ms]")
                + webhook("redirecting", "[100ms, 100ms]")
                + webhook("busy", "[100ms]")
                + webhook("chatty", "[100ms]")
                + webhook("dripping", "[]", "timeout: 2s, authentication: {type: none}")
                        .replace(at("dripping").toString(), "http://127.0.0.1:" + dripping.port())
                + webhook("repeated", "[100ms]")
                + webhook("hanging", "[100ms]", "timeout: 30s, authentication: {type: none}")
                        .replace("[hanging]", "[fair]")
                + webhook("healthy", "[100ms]").replace("[healthy]", "[fair]")
                + webhook("sharing", "[1h, 100ms]")
                + IntStream.range(0, STUCK)
                        .mapToObj(i -> webhook("stuck-" + i, "[1h]").replace("[stuck-" + i + "]", "[stuck]"))
                        .collect(Collectors.joining())
                + webhook("near", "[1h]")
                + webhook("waiting", "[100ms]")
                + webhook("beside", "[100ms]")
                + webhook("gone", "[100ms]")
                + webhook("paused", "[100ms]")
                + webhook("over", "[100ms]")
                + webhook("granted", "[100ms]", "authentication: {type: oauth2, client: crm}")
                + webhook("aged", "[100ms]", "authentication: {type: oauth2, client: away}")
                        .replace("retry:", "maxAge: 2s, retry:")
                + webhook("unrecorded", "[100ms]")
                + webhook("stopped", "[]")
                + webhook("secret", "[100ms]", "authentication: {type: header, user: us, password: " + SECRET + "}")
                + webhook("apart", "[100ms]")
                + """
                  - id: other
                    apiKeys: [{name: staff, role: admin, key: %s}]
                    webhooks:
                """
                        .formatted(OTHER)
                + webhook("apart", "[100ms]").replace("/apart", "/apart-of-other");
    }

    private String webhook(String name, String retry) {
        return webhook(name, retry, "timeout: 30s, authentication: {type: none}");
    }

    private String webhook(String name, String retry, String more) {
        return "      - {name: %1$s, events: [%1$s], retry: %2$s, delivery: {url: \"%3$s\", %4$s}}\n"
                .formatted(name, retry, at(name), more);
    }

    private URI at(String name) {
        return receiver.url().resolve("/" + name);
    }

    private Reply answer(Got got) {
        return behaviours
                .getOrDefault(got.target().getPath(), any -> new Reply(204))
                .apply(got);
    }

    private void behaves(String name, Function<Got, Reply> behaviour) {
        behaviours.put("/" + name, behaviour);
    }

    /** A head that never ends, a header every now and then. */
    private static void drip(RawReceiver.Talk talk) throws Exception {
        talk.request();
        talk.write("HTTP/1.1 200 OK\r\n");
        while (true) {
            talk.write("X-More: 1\r\n");
            Pause.of(Duration.ofMillis(100));
        }
    }

    @BeforeAll
    void start(@TempDir Path home) {
        product = RunningProduct.start(home, config(), "camel.main.shutdownTimeout=1");
    }

    private static String event(String id, String type) {
        return "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"/calls\",\"type\":\"%s\",\"data\":{\"duration\":192}}"
                .formatted(id, type);
    }

    private HttpResponse<String> post(String key, String event) {
        return product.post("/v1/events", key, "application/cloudevents+json", event);
    }

    private void accept(String id, String type) {
        HttpResponse<String> answer = post(ACME, event(id, type));
        assertEquals(202, answer.statusCode(), answer.body());
    }

    /** Waits for the one delivery of an event. @return it with its attempts */
    private JsonNode ended(String event, String state) {
        String id =
                product.awaitDeliveries(ACME, event, 1, state).get(0).get("id").asText();
        return product.read("/v1/deliveries/" + id, ACME);
    }

    private JsonNode now(String event) {
        return product.read("/v1/deliveries?event=" + event, ACME).get("items").get(0);
    }

    private List<Got> requests(String name) {
        return receiver.requests().stream()
                .filter(got -> got.target().getPath().equals("/" + name))
                .toList();
    }

    private JsonNode handle(String webhook, String what) {
        HttpResponse<String> answer =
                product.post("/v1/webhooks/" + webhook + "/" + what, ACME, "application/json", "");
        assertEquals(200, answer.statusCode(), answer.body());
        return json(answer);
    }

    @Test
    void promise_1_accepted_means_stored() throws Exception {
        accept("stored-1", "stored");
        assertEquals(2, rowsOf("stored-1"), "another reader of the file sees it as soon as it is acknowledged");

        HttpResponse<String> again = post(ACME, event("stored-1", "stored"));
        assertEquals(200, again.statusCode(), again.body());
        assertTrue(json(again).get("duplicate").asBoolean(), again.body());

        whileNoneCanBeWrittenOf("delivery", () -> {
            HttpResponse<String> answer = post(ACME, event("stored-2", "stored"));
            assertEquals(503, answer.statusCode(), "what cannot be committed is not acknowledged");
            assertTrue(answer.headers().firstValueAsLong("Retry-After").orElse(0) > 0, answer.headers()::toString);
            assertEquals(0, rowsOf("stored-2"), "nothing half-written");
        });
        accept("stored-2", "stored");

        ended("stored-1", "delivered");
        ended("stored-2", "delivered");
        assertEquals(2, requests("stored").size(), "no second delivery of any");
    }

    private Connection store() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + product.storeFile());
    }

    /** A write to the table fails, as on a full disk. */
    private void whileNoneCanBeWrittenOf(String table, Work work) throws Exception {
        change("CREATE TRIGGER full BEFORE INSERT ON " + table
                + " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END");
        try {
            work.run();
        } finally {
            change("DROP TRIGGER full");
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private void change(String sql) throws SQLException {
        try (Connection writing = store();
                Statement statement = writing.createStatement()) {
            statement.execute(sql);
        }
    }

    /** How many rows an event and its deliveries have. */
    private int rowsOf(String event) throws SQLException {
        return count("SELECT count(DISTINCT event.key) + count(delivery.id)"
                + " FROM event LEFT JOIN delivery ON delivery.event = event.key WHERE event.id = '" + event + "'");
    }

    private int count(String sql) throws SQLException {
        try (Connection reading = store();
                Statement statement = reading.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        }
    }

    @Test
    void promise_2_at_least_once(@TempDir Path home) throws Exception {
        CountDownLatch killed = new CountDownLatch(1);
        behaves("killed", got -> {
            Patience.await(killed);
            return new Reply(204);
        });
        String config =
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: %s}]
                    webhooks:
                """
                                .formatted(ACME)
                        + webhook("killed", "[100ms]", "timeout: 30s, authentication: {type: none}");
        try (ForkedProduct first = ForkedProduct.start(home, config, ACME)) {
            for (int i = 0; i < 5; i++) {
                assertEquals(202, first.post(event("killed-" + i, "killed")).statusCode());
            }
            await().until(() -> requests("killed").size() == 5);
            first.kill();
        }
        killed.countDown();
        try (ForkedProduct second = ForkedProduct.start(home, config, ACME)) {
            await().until(() -> IntStream.range(0, 5).allMatch(i -> isDelivered(second, "killed-" + i)));
            Map<String, Integer> times = new HashMap<>();
            requests("killed").forEach(got -> times.merge(got.header("webhook-id"), 1, Integer::sum));
            assertEquals(5, times.size(), "under the same ids");
            times.forEach((id, many) -> assertTrue(many > 1, id + " had no outcome, and was not sent again"));
        }
    }

    private static boolean isDelivered(ForkedProduct product, String event) {
        try {
            return product.read("/v1/deliveries?event=" + event)
                    .at("/items/0/state")
                    .asText()
                    .equals("delivered");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void promise_3_one_attempt_is_one_request() {
        behaves(
                "redirecting",
                got -> new Reply(302, Map.of("Location", at("elsewhere").toString()), ""));
        behaves("busy", got -> new Reply(503));
        behaves("chatty", got -> new Reply(500, Map.of(), "x".repeat(4 * KEPT_OF_AN_ANSWER)));
        accept("redirecting-1", "redirecting");
        accept("busy-1", "busy");
        accept("chatty-1", "chatty");
        accept("dripping-1", "dripping");

        assertEquals(3, ended("redirecting-1", "gave-up").get("attempts").size());
        assertEquals(3, requests("redirecting").size());
        assertEquals(0, requests("elsewhere").size(), "no redirect is followed");

        assertEquals(2, ended("busy-1", "gave-up").get("attempts").size());
        assertEquals(2, requests("busy").size(), "no client repeats a request by itself");

        JsonNode chatty = ended("chatty-1", "gave-up").at("/attempts/0/body");
        assertEquals(KEPT_OF_AN_ANSWER, chatty.asText().length(), "a bounded part is kept");

        JsonNode late = ended("dripping-1", "gave-up");
        assertEquals(1, late.get("attempts").size());
        assertEquals(1, dripping.requests().size());
        JsonNode attempt = late.get("attempts").get(0);
        assertTrue(attempt.get("reason").asText().contains("within 2 s"), late.toString());
        assertTrue(attempt.get("ms").asLong() > 1_900, () -> "not before its time: " + late);
    }

    @Test
    void promise_4_same_message_same_id() {
        AtomicInteger times = new AtomicInteger();
        behaves("repeated", got -> new Reply(times.getAndIncrement() == 0 ? 500 : 204));
        accept("repeated-1", "repeated");
        String id = ended("repeated-1", "delivered").get("id").asText();
        HttpResponse<String> replayed = product.post("/v1/deliveries/" + id + "/replay", ACME, "application/json", "");
        assertEquals(202, replayed.statusCode(), replayed.body());
        await().until(() -> requests("repeated").size() == 3);
        accept("repeated-2", "repeated");
        ended("repeated-2", "delivered");

        List<String> ids = requests("repeated").stream()
                .map(got -> got.header("webhook-id"))
                .toList();
        assertEquals(List.of(id, id, id), ids.subList(0, 3));
        assertNotEquals(id, ids.get(3));
        assertTrue(id.startsWith("msg_"), id);
    }

    @Test
    void promise_5_fair() {
        whatHangsHoldsBackNoOther();
        manyThatHangHoldBackNoOther();
        firstAttemptsAndRetriesHaveShares();
    }

    private void whatHangsHoldsBackNoOther() {
        CountDownLatch letGo = new CountDownLatch(1);
        AtomicInteger held = new AtomicInteger();
        behaves("hanging", got -> {
            held.incrementAndGet();
            Patience.await(letGo);
            return new Reply(204);
        });
        int events = 60;
        IntStream.range(0, events).forEach(i -> accept("fair-" + i, "fair"));
        await().until(() -> requests("healthy").size() == events);

        assertTrue(held.get() <= 16, held + " are in flight to a receiver that has answered none");
        assertEquals(
                events,
                product.read("/v1/webhooks/hanging", ACME).get("waiting").asInt(),
                "none of its is lost");
        letGo.countDown();
        await().until(() -> requests("hanging").size() >= events);
    }

    /** Twenty that hang have more in flight than there are threads. */
    private void manyThatHangHoldBackNoOther() {
        CountDownLatch letGo = new CountDownLatch(1);
        for (int i = 0; i < STUCK; i++) {
            behaves("stuck-" + i, got -> {
                Patience.await(letGo);
                return new Reply(204);
            });
        }
        try {
            IntStream.range(0, 20).forEach(i -> accept("stuck-" + i, "stuck"));
            await().until(() -> stuck() >= MORE_THAN_THREADS);
            IntStream.range(0, 40).forEach(i -> accept("near-" + i, "near"));
            await().until(() -> requests("near").size() == 40);
        } finally {
            letGo.countDown();
        }
    }

    private int stuck() {
        return IntStream.range(0, STUCK).map(i -> requests("stuck-" + i).size()).sum();
    }

    private void firstAttemptsAndRetriesHaveShares() {
        CountDownLatch letGo = new CountDownLatch(1);
        AtomicBoolean well = new AtomicBoolean();
        behaves("sharing", got -> {
            if (!well.get()) {
                return new Reply(500);
            }
            Patience.await(letGo);
            return new Reply(204);
        });
        int retries = 200;
        IntStream.range(0, retries).forEach(i -> accept("old-" + i, "sharing"));
        await().until(() -> failedOnce() == retries);
        well.set(true);
        handle("sharing", "release");
        await().until(() -> requests("sharing").size() > retries);
        IntStream.range(0, 50).forEach(i -> accept("new-" + i, "sharing"));
        letGo.countDown();
        await().until(() -> requests("sharing").size() >= 2 * retries + 50);

        List<Boolean> isNew = requests("sharing").stream()
                .skip(retries)
                .map(got -> got.body().contains("\"id\":\"new-"))
                .toList();
        assertTrue(isNew.lastIndexOf(true) < retries, () -> "the last new one came after " + isNew.lastIndexOf(true));
    }

    private int failedOnce() throws SQLException {
        return count("SELECT count(*) FROM delivery JOIN event ON event.key = delivery.event"
                + " WHERE event.id LIKE 'old-%' AND delivery.outcome = 'try-later'");
    }

    @Test
    void promise_6_the_receiver_has_a_say() {
        List<Instant> asked = new CopyOnWriteArrayList<>();
        behaves("waiting", got -> {
            asked.add(Instant.now());
            return asked.size() == 1 ? new Reply(429, Map.of("Retry-After", "1"), "") : new Reply(204);
        });
        accept("waiting-1", "waiting");
        ended("waiting-1", "delivered");
        assertFalse(asked.get(1).isBefore(asked.get(0).plusSeconds(1)), asked::toString);

        behaves("waiting", got -> new Reply(429, Map.of("Retry-After", "3600"), ""));
        accept("waiting-2", "waiting");
        await().until(() -> now("waiting-2").get("attemptCount").asInt() == 1
                && now("waiting-2").get("state").asText().equals("waiting"));
        Instant said = Instant.now();
        accept("waiting-3", "waiting");
        accept("beside-1", "beside");
        ended("beside-1", "delivered");
        assertEquals(0, now("waiting-3").get("attemptCount").asInt(), "the webhook is held, and that one alone");
        for (String event : List.of("waiting-2", "waiting-3")) {
            Instant next = Instant.parse(now(event).get("next").asText());
            assertTrue(next.isAfter(said.plus(Duration.ofMinutes(50))), event + " is due at " + next);
        }

        behaves("gone", got -> new Reply(410));
        accept("gone-1", "gone");
        ended("gone-1", "gave-up");
        awaitState("gone", "disabled");
    }

    private void awaitState(String webhook, String state) {
        await().until(() -> product.read("/v1/webhooks/" + webhook, ACME)
                .get("state")
                .asText()
                .equals(state));
    }

    @Test
    void promise_7_paused_is_not_lost() {
        handle("paused", "pause");
        List<String> events = List.of("paused-1", "paused-2", "paused-3");
        events.forEach(id -> accept(id, "paused"));
        events.forEach(id -> product.awaitDeliveries(ACME, id, 1, "paused"));
        assertEquals(List.of(), requests("paused"));
        handle("paused", "resume");
        events.forEach(id -> ended(id, "delivered"));

        handle("paused", "pause");
        accept("paused-4", "paused");
        assertEquals(1, handle("paused", "discard").get("deliveries").asInt());
        ended("paused-4", "discarded");
        assertEquals(3, requests("paused").size());

        behaves("over", got -> new Reply(410));
        accept("over-1", "over");
        awaitState("over", "disabled");
        accept("over-2", "over");
        product.awaitDeliveries(ACME, "over-2", 1, "paused");
        behaves("over", got -> new Reply(204));
        handle("over", "resume");
        ended("over-2", "delivered");
    }

    @Test
    void promise_8_our_fault_is_not_their_attempt() throws Exception {
        tokens.answer(503, "");
        AtomicInteger times = new AtomicInteger();
        behaves("granted", got -> new Reply(times.getAndIncrement() == 0 ? 500 : 204));
        accept("granted-1", "granted");
        accept("aged-1", "aged");
        withAStoreThatCannotBeWritten();
        withoutToken();
        withoutTokenUntilItIsTooOld();
        stoppedWithARequestInFlight();
    }

    private void withAStoreThatCannotBeWritten() throws Exception {
        CountDownLatch letGo = new CountDownLatch(1);
        behaves("unrecorded", got -> {
            Patience.await(letGo);
            return new Reply(204);
        });
        accept("unrecorded-1", "unrecorded");
        await().until(() -> requests("unrecorded").size() == 1);
        String id = now("unrecorded-1").get("id").asText().replace("msg_", "");
        try (LogLines log = new LogLines(Recorder.class)) {
            whileNoneCanBeWrittenOf("attempt", () -> {
                letGo.countDown();
                await("its outcome could be written")
                        .until(() -> String.join("\n", log.texts()).contains("outcome.not-stored delivery="));
            });
        }
        JsonNode delivered = ended("unrecorded-1", "delivered");
        assertEquals(1, delivered.get("attemptCount").asInt(), delivered::toString);
        assertEquals(1, requests("unrecorded").size());
    }

    private void withoutToken() {
        JsonNode delivered = ended("granted-1", "delivered");
        assertEquals(2, tokens.requests(), "no token could be had at first");
        assertEquals(2, requests("granted").size(), "and it had both attempts of its schedule still");
        assertEquals(2, delivered.get("attemptCount").asInt(), delivered.toString());
        assertEquals(
                List.of(1, 2),
                delivered.findValues("number").stream().map(JsonNode::asInt).toList());
    }

    private void withoutTokenUntilItIsTooOld() {
        JsonNode aged = ended("aged-1", "gave-up");
        assertEquals(0, aged.get("attempts").size(), aged::toString);
        assertEquals(0, aged.get("attemptCount").asInt());
        assertTrue(aged.get("reason").asText().contains("oken"), aged::toString);
        assertEquals(0, requests("aged").size());
    }

    private void stoppedWithARequestInFlight() {
        CountDownLatch letGo = new CountDownLatch(1);
        behaves("stopped", got -> {
            Patience.await(letGo);
            return new Reply(204);
        });
        accept("stopped-1", "stopped");
        await().until(() -> requests("stopped").size() == 1);
        product.stop();
        letGo.countDown();
        product.start();
        JsonNode delivered = ended("stopped-1", "delivered");
        assertEquals(1, delivered.get("attemptCount").asInt(), delivered::toString);
        List<String> ids = requests("stopped").stream()
                .map(got -> got.header("webhook-id"))
                .distinct()
                .toList();
        assertEquals(List.of(delivered.get("id").asText()), ids);
    }

    @Test
    void promise_9_secrets_do_not_leak() throws Exception {
        behaves("secret", got -> new Reply(500, Map.of(), "you sent " + got.header("Authorization")));
        accept("secret-1", "secret");
        String id = ended("secret-1", "gave-up").get("id").asText();
        String authorization = Base64.getEncoder().encodeToString(("us:" + SECRET).getBytes(StandardCharsets.UTF_8));
        assertEquals("Basic " + authorization, requests("secret").get(0).header("Authorization"), "it is sent");

        Map<String, String> seen = new LinkedHashMap<>();
        for (String path : List.of(
                "/v1/deliveries/" + id,
                "/v1/deliveries/" + id + "/attempts",
                "/v1/webhooks",
                "/v1/webhooks/secret",
                "/v1/oauth-clients",
                "/v1/signing-keys",
                "/v1/audit")) {
            seen.put(path, product.get(path, ACME).body());
        }
        for (String path : List.of("/observe/health?data=true", "/observe/metrics")) {
            HttpRequest request =
                    HttpRequest.newBuilder(product.managementUrl(path)).build();
            seen.put(path, product.send(request).body());
        }
        seen.put("JMX", managed());
        try (Stream<Path> files = Files.list(product.storeFile().getParent())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                seen.put(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        seen.forEach((where, text) -> {
            assertFalse(text.isEmpty(), where);
            for (String secret : List.of(SECRET, authorization, SIGNING_SECRET, ACME)) {
                assertFalse(text.contains(secret), () -> secret + " stands in " + where);
            }
        });
    }

    /** Every attribute of every bean that is not the platform's. */
    private static String managed() throws JMException {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        StringBuilder text = new StringBuilder();
        for (ObjectName name : server.queryNames(null, null)) {
            if (name.getDomain().contains("camel") || name.getDomain().contains("engagementwebhooks")) {
                for (MBeanAttributeInfo attribute : server.getMBeanInfo(name).getAttributes()) {
                    text.append(name).append(' ').append(attribute(server, name, attribute.getName()));
                }
            }
        }
        return text.toString();
    }

    private static String attribute(MBeanServer server, ObjectName name, String attribute) {
        try {
            return attribute + "=" + server.getAttribute(name, attribute) + "\n";
        } catch (JMException | RuntimeException e) {
            return attribute + ": " + e + "\n";
        }
    }

    @Test
    void promise_10_accounts_do_not_mix() {
        assertEquals(202, post(ACME, event("apart-1", "apart")).statusCode());
        HttpResponse<String> same = post(OTHER, event("apart-1", "apart"));
        assertEquals(202, same.statusCode(), "the same identity of another account is another event: " + same.body());
        String ours = ended("apart-1", "delivered").get("id").asText();
        String theirs = product.awaitDeliveries(OTHER, "apart-1", 1, "delivered")
                .get(0)
                .get("id")
                .asText();
        assertEquals(ours, requests("apart").get(0).header("webhook-id"));
        assertEquals(theirs, requests("apart-of-other").get(0).header("webhook-id"));
        assertEquals(1, requests("apart").size());
        assertEquals(1, requests("apart-of-other").size());

        assertEquals(404, product.get("/v1/deliveries/" + ours, OTHER).statusCode(), "what is another's is not there");
        assertEquals(404, product.get("/v1/webhooks/stored", OTHER).statusCode());
        assertEquals(
                404,
                product.post("/v1/deliveries/" + ours + "/replay", OTHER, "application/json", "")
                        .statusCode());
        assertEquals(1, product.read("/v1/deliveries", OTHER).get("items").size());
        HttpResponse<String> claimed =
                post(OTHER, event("apart-2", "apart").replace("\"type\"", "\"account\":\"acme\",\"type\""));
        assertEquals(403, claimed.statusCode(), "nor does an event say whose it is: " + claimed.body());
        HttpResponse<String> unasked = post(OTHER, event("apart-3", "stored"));
        assertEquals(0, json(unasked).get("deliveries").asInt(), "acme's webhooks ask for acme's events");
    }
}
