package io.engagementwebhooks.instances;

import static io.engagementwebhooks.instances.TwoInstances.WEBHOOKS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.console.Visitor;
import io.engagementwebhooks.testkit.ListenCommand;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Pause;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Two and three instances on one PostgreSQL (semantics 19). This class starts two, since other tests need one only; a third
 * comes and goes.
 */
@Timeout(300)
class SeveralInstancesTest {

    private static final String TOKEN_CLIENT = "{`type`: `oauth2`, `client`: `idp`}";

    @AutoClose
    private static TwoInstances both;

    private static RunningProduct a;
    private static RunningProduct b;

    private final TwoInstances.Account account = both.account();
    private final AtomicInteger tokens = new AtomicInteger();
    private volatile int status = 200;
    private volatile Duration slowness = Duration.ZERO;
    private volatile boolean revoked;
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private final Receiver receiver = new Receiver(this::answer);

    @BeforeAll
    static void startBoth(@TempDir Path folder) {
        both = new TwoInstances(folder);
        a = both.a;
        b = both.b;
    }

    @AfterEach
    void closeReceiver() {
        gate.countDown();
        receiver.close();
    }

    private Receiver.Reply answer(Receiver.Got got) {
        Pause.of(slowness);
        Patience.await(gate);
        return new Receiver.Reply(revoked && "Bearer token-1".equals(got.header("Authorization")) ? 401 : status);
    }

    private int received() {
        return receiver.requests().size();
    }

    private Set<String> messages() {
        return receiver.requests().stream().map(got -> got.header("webhook-id")).collect(Collectors.toSet());
    }

    /** What is in flight while partitions move is neither lost nor sent twice. */
    @Test
    void partitions_are_spread_evenly_and_move_under_load_when_an_instance_comes_or_goes() throws Exception {
        account.makeWebhooks(receiver.url());
        // something is in flight at any time, and the machine has time for the instance that comes
        slowness = Duration.ofMillis(100);
        AtomicInteger sent = new AtomicInteger();
        AtomicBoolean stop = new AtomicBoolean();
        ExecutorService sender = Executors.newSingleThreadExecutor();
        try {
            Future<?> load = sender.submit(() -> {
                while (!stop.get()) {
                    account.send(sent.get() % 2 == 0 ? a : b, "e" + sent.getAndIncrement());
                    Pause.of(Duration.ofMillis(50));
                }
            });
            try (RunningProduct third = both.instance("third")) {
                both.database.awaitShares(85, 85, 86);
                int before = sent.get();
                account.send(third, "third");
                await().until(() -> sent.get() > before + 10);
            }
            both.database.awaitShares(128, 128);
            assertEquals(List.of(2), both.database.query("SELECT count(*) FROM instance"));
            stop.set(true);
            load.get(180, TimeUnit.SECONDS);
        } finally {
            stop.set(true);
            sender.shutdown();
        }
        int all = (sent.get() + 1) * WEBHOOKS;
        account.awaitDeliveries("delivered", all);
        assertEquals(all, received(), "none twice");
        assertEquals(all, messages().size());
    }

    @Test
    void a_webhook_is_tried_out_by_whichever_instance_is_asked() {
        account.makeWebhooks(receiver.url());
        for (int i = 0; i < WEBHOOKS; i++) {
            JsonNode answer = account.post(200, i % 2 == 0 ? a : b, "/v1/webhooks/w" + i / 2 + "/test", "{}");
            assertEquals("delivered", answer.path("outcome").asText(), answer.toString());
        }
    }

    /** Semantics 49. The response is recorded by the instance that accepts it. */
    @Test
    void a_listener_at_one_instance_gets_what_another_accepts_and_reports_to_any() {
        try (ListenCommand command = ListenCommand.start(account.key, a.url(""), receiver.url())) {
            command.await(1, "listening: .*");
            account.send(b, "at-b");
            account.send(a, "at-a");
            command.await(2, ".*  call\\.ended  evt_\\d+  200  \\d+ ms");
        }
        String ticket = a.read("/v1/listen", account.key).at("/items/0/id").asText();
        JsonNode recorded = account.post(200, b, "/v1/listen/" + ticket, "{`status`: 204, `ms`: 5}");
        assertEquals(recorded, account.post(200, a, "/v1/listen/" + ticket, "{`status`: 204, `ms`: 5}"), "once");
        for (String event : List.of("at-a", "at-b")) {
            JsonNode kept = a.read("/v1/deliveries?event=" + event + "&test=true", account.key)
                    .get("items");
            assertEquals(event.equals("at-b") ? 2 : 1, kept.size(), kept.toString());
            kept.forEach(each -> assertEquals("delivered", each.get("state").asText()));
        }
    }

    @Test
    void what_any_instance_accepts_is_sent_once_by_the_owner_of_its_webhook() {
        account.makeWebhooks(receiver.url());
        for (int i = 0; i < 20; i++) {
            account.send(i % 2 == 0 ? a : b, "e" + i);
        }
        for (int i = 0; i < 20; i++) {
            account.awaitDelivered(i % 2 == 0 ? b : a, "e" + i);
        }
        assertEquals(20 * WEBHOOKS, messages().size());
        assertEquals(20 * WEBHOOKS, received(), "none twice");
        both.assertSumOfWaitingIsRight();
    }

    /** And does not have to find it by looking now and then. */
    @Test
    void the_owner_is_notified_of_what_another_instance_accepts() throws Exception {
        account.makeWebhooks(receiver.url());
        try (Connection listener = Postgres.connect(both.database.url());
                Statement statement = listener.createStatement()) {
            statement.execute("LISTEN engagement_webhooks");
            account.send(a, "e1");
            account.awaitDelivered(a, "e1");
            List<String> heard = new ArrayList<>();
            await().until(() -> {
                PGNotification[] some = listener.unwrap(PGConnection.class).getNotifications(100);
                Stream.of(some).map(PGNotification::getParameter).forEach(heard::add);
                return heard.stream()
                        .anyMatch(text -> text.contains("\"DUE\"") && text.contains('"' + account.name + '"'));
            });
        }
    }

    @Test
    void a_pause_and_a_resume_at_one_instance_hold_at_all() {
        account.makeWebhooks(receiver.url());
        account.forEachWebhook(a, "pause", 0);
        await().until(() -> states(b).equals(Map.of("paused", (long) WEBHOOKS)));
        account.send(b, "e1");
        a.awaitDeliveries(account.key, "e1", WEBHOOKS, "paused");
        assertEquals(0, received());
        account.forEachWebhook(b, "resume", 0);
        await().until(() -> states(a).equals(Map.of("active", (long) WEBHOOKS)));
        account.awaitDelivered(a, "e1");
        assertEquals(WEBHOOKS, received());
    }

    private Map<String, Long> states(RunningProduct product) {
        Map<String, Long> states = new TreeMap<>();
        product.read("/v1/webhooks", account.key)
                .get("items")
                .forEach(item -> states.merge(item.get("state").asText(), 1L, Long::sum));
        return states;
    }

    @Test
    void a_replay_at_any_instance_is_sent_by_the_owner() {
        account.makeWebhooks(receiver.url());
        account.send(a, "e1");
        account.awaitDelivered(a, "e1")
                .forEach(item ->
                        account.post(202, b, "/v1/deliveries/" + item.get("id").asText() + "/replay", "{}"));
        await().until(() -> received() == 2 * WEBHOOKS);
        account.awaitDelivered(a, "e1");
    }

    @Test
    void a_webhook_made_at_one_instance_is_sent_to_by_whichever_owns_it_and_gone_at_both() {
        account.makeWebhooks(receiver.url());
        account.send(b, "e1");
        account.awaitDelivered(a, "e1");
        assertEquals(WEBHOOKS, received(), "none twice");
        account.post(200, b, "/v1/webhooks/w0/pause", "");
        remove("w1", b.get("/v1/webhooks/w1", account.key));
        await().until(() -> account.webhooks(a) == WEBHOOKS - 1);
        assertEquals(
                account.query("count(*)", "audit"),
                a.read("/v1/audit?limit=100", account.key).get("items").size());
        await().until(() -> account.query("sum(delivered)", "minute_stats") == WEBHOOKS);
        assertEquals(1, account.query("sum(events)", "minute_stats"));
        assertEquals(3, account.query("count(DISTINCT writer)", "minute_stats"), "one accepted, both sent");
    }

    /** At the other instance than the one that it was made at. */
    private void remove(String webhook, HttpResponse<String> read) {
        HttpResponse<String> removed = b.send(b.request("/v1/webhooks/" + webhook, account.key)
                .header("If-Match", read.headers().firstValue("ETag").orElseThrow())
                .DELETE()
                .build());
        assertEquals(204, removed.statusCode(), removed.body());
    }

    @Test
    void a_change_at_one_instance_right_after_one_at_the_other_goes_on_from_it() {
        for (int i = 0; i < 10; i++) {
            HttpResponse<String> made = a.post(
                    "/v1/webhooks",
                    account.key,
                    "application/json",
                    "{\"name\":\"short\",\"events\":[\"call.ended\"],\"delivery\":{\"url\":\"" + receiver.url()
                            + "\",\"authentication\":{\"type\":\"none\"}}}");
            assertEquals(201, made.statusCode(), made.body());
            remove("short", made);
        }
    }

    @Test
    void a_rename_at_any_instance_holds_at_all_and_what_is_accepted_in_between_follows() {
        account.makeWebhooks(receiver.url());
        account.forEachWebhook(a, "pause", 0);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < WEBHOOKS; i++) {
            RunningProduct here = i % 2 == 0 ? a : b;
            HttpResponse<String> read = here.get("/v1/webhooks/w" + i, account.key);
            ids.add(RunningProduct.json(read).get("id").asText());
            HttpResponse<String> renamed = here.send(here.request("/v1/webhooks/w" + i, account.key)
                    .header("If-Match", read.headers().firstValue("ETag").orElseThrow())
                    .header("Content-Type", "application/json")
                    .method("PATCH", HttpRequest.BodyPublishers.ofString("{\"name\": \"renamed-" + i + "\"}"))
                    .build());
            assertEquals(200, renamed.statusCode(), renamed.body());
            account.send(i % 2 == 0 ? b : a, "e" + i);
        }
        for (int i = 0; i < WEBHOOKS; i++) {
            String name = "renamed-" + i;
            for (RunningProduct each : List.of(a, b)) {
                await().until(() ->
                        each.get("/v1/webhooks/" + name, account.key).statusCode() == 200);
                assertEquals(
                        ids.get(i),
                        each.read("/v1/webhooks/" + name, account.key).get("id").asText());
                assertEquals(404, each.get("/v1/webhooks/w" + i, account.key).statusCode());
            }
            account.post(200, i % 2 == 0 ? b : a, "/v1/webhooks/" + ids.get(i) + "/resume", "");
        }
        for (int i = 0; i < WEBHOOKS; i++) {
            account.awaitDelivered(i % 2 == 0 ? a : b, "e" + i);
        }
        assertEquals(WEBHOOKS * WEBHOOKS, received(), "none twice");
        assertEquals(WEBHOOKS * WEBHOOKS, messages().size());
        both.assertSumOfWaitingIsRight();
    }

    @Test
    void what_is_discarded_at_any_instance_is_not_sent_and_what_is_being_sent_is_discarded_too() {
        account.makeWebhooks(receiver.url());
        account.forEachWebhook(a, "pause", 0);
        Map<String, Long> paused = Map.of("paused", (long) WEBHOOKS);
        await().until(() -> states(a).equals(paused) && states(b).equals(paused));
        account.send(b, "e1");
        b.awaitDeliveries(account.key, "e1", WEBHOOKS, "paused");
        account.forEachWebhook(a, "discard", WEBHOOKS);
        a.awaitDeliveries(account.key, "e1", WEBHOOKS, "discarded");
        account.forEachWebhook(b, "resume", 0);
        gate = new CountDownLatch(1);
        account.send(a, "e2");
        await().until(() -> received() == WEBHOOKS);
        account.forEachWebhook(a, "discard", WEBHOOKS);
        account.forEachWebhook(b, "discard", 0);
        gate.countDown();
        // one that has begun arrives, and its attempt is kept without bodies
        await().until(() -> both.database
                .query("SELECT count(*) FROM attempt t JOIN delivery d ON d.key = t.delivery JOIN account a ON a.key ="
                        + " d.account WHERE a.id = '" + account.name + "' AND d.state = 'discarded' AND t.status = 200"
                        + " AND t.body IS NULL AND t.request_body IS NULL")
                .equals(List.of(WEBHOOKS)));
        assertTrue(receiver.requests().stream().allMatch(got -> got.body().contains("\"cdr_id\":\"e2\"")));
        assertEquals(WEBHOOKS, received());
        both.assertSumOfWaitingIsRight();
    }

    @Test
    void one_that_waits_is_canceled_retried_or_released_at_any_instance() {
        account.makeWebhooks(receiver.url());
        status = 500;
        account.send(a, "e1");
        account.send(b, "e2");
        await().until(() -> account.query("count(*) FILTER (WHERE attempts = 1)", "delivery") == 2 * WEBHOOKS);
        status = 200;
        for (JsonNode delivery : a.awaitDeliveries(account.key, "e1", WEBHOOKS, "waiting")) {
            JsonNode canceled =
                    account.post(200, a, "/v1/deliveries/" + delivery.get("id").asText() + "/cancel", "");
            assertEquals("discarded", canceled.get("state").asText());
        }
        String one = a.awaitDeliveries(account.key, "e2", WEBHOOKS, "waiting")
                .get(0)
                .get("id")
                .asText();
        account.post(202, a, "/v1/deliveries/" + one + "/retry", "");
        account.awaitDeliveries("delivered", 1);
        account.forEachWebhook(b, "release", WEBHOOKS - 1);
        account.awaitDelivered(b, "e2");
        assertEquals(3 * WEBHOOKS, received());
    }

    @Test
    void a_replay_of_many_is_carried_out_once_and_goes_on_elsewhere_when_its_instance_stops() {
        account.makeWebhooks(receiver.url());
        for (int i = 0; i < 5; i++) {
            account.send(a, "e" + i);
        }
        int all = 5 * WEBHOOKS;
        account.awaitDeliveries("delivered", all);
        String path;
        try (RunningProduct third = both.instance("replaying")) {
            both.database.awaitShares(85, 85, 86);
            long begin = System.nanoTime();
            JsonNode job = account.post(
                    202, third, "/v1/replays", "{`eventType`: `call.ended`, `perSecond`: 20, `newId`: true}");
            assertEquals(all, job.get("matched").asInt());
            path = "/v1/replays/" + job.get("id").asText();
            await().until(() -> b.read(path, account.key).get("replayed").asInt() >= 30);
            assertTrue(System.nanoTime() - begin > Duration.ofMillis(1_000).toNanos(), "at the pace of one");
        }
        await().until(() -> b.read(path, account.key).get("state").asText().equals("done"));
        assertEquals(all, b.read(path, account.key).get("replayed").asInt());
        account.awaitDeliveries("delivered", 2 * all);
        assertEquals(all, account.query("count(DISTINCT replay_of)", "delivery"));
        assertEquals(2 * all, messages().size());
        assertEquals(2 * all, received(), "none twice");
        both.database.awaitShares(128, 128);
    }

    /** Semantics 45. */
    @Test
    void a_backfill_that_any_instance_starts_is_carried_out_once_by_the_owner_of_its_webhook() {
        for (int i = 0; i < 5; i++) {
            account.send(i % 2 == 0 ? a : b, "e" + i);
        }
        account.makeWebhooks(receiver.url());
        List<String> runs = IntStream.range(0, 4)
                .mapToObj(i -> account.post(
                        202,
                        i % 2 == 0 ? a : b,
                        "/v1/webhooks/w" + i + "/backfill",
                        "{`from`: `" + Instant.now().minusSeconds(600) + "`}"))
                .map(started -> "/v1/replays/" + started.get("id").asText())
                .toList();
        for (String run : runs) {
            await().until(() -> b.read(run, account.key).get("state").asText().equals("done"));
            assertEquals(5, a.read(run, account.key).get("replayed").asInt());
        }
        account.awaitDeliveries("delivered", 20);
        assertEquals(20, messages().size());
        assertEquals(20, received(), "none twice");
    }

    /** Semantics 47. All answer one instance, and the other asked for some. */
    @Test
    void a_receiver_that_one_instance_asked_for_permission_may_grant_it_at_another() {
        account.makeWebhooks(receiver.url(), "{`type`: `none`}, `validation`: `cloudevents`");
        account.send(a, "e1");
        await().until(() -> waitingForPermission() == WEBHOOKS);
        assertEquals(0, messages().stream().filter(Objects::nonNull).count(), "no event without permission");
        List<String> callbacks = receiver.requests().stream()
                .map(got -> URI.create(got.header("WebHook-Request-Callback")).getPath())
                .toList();
        assertEquals(WEBHOOKS, callbacks.size());
        for (String callback : callbacks) {
            assertEquals(200, b.send(b.request(callback, null).GET().build()).statusCode());
        }
        account.awaitDelivered(a, "e1");
        assertEquals(2 * WEBHOOKS, received(), "each was asked once, and got the event once");
    }

    private long waitingForPermission() {
        return b.read("/v1/deliveries?event=e1", account.key).findValuesAsText("kind").stream()
                .filter("permission"::equals)
                .count();
    }

    /** Each token has another value. */
    private Receiver tokenServer() {
        return new Receiver(got -> new Receiver.Reply(
                200,
                Map.of("Content-Type", "application/json"),
                "{\"access_token\":\"token-" + tokens.incrementAndGet()
                        + "\",\"token_type\":\"Bearer\",\"expires_in\":3600}"));
    }

    private void makeWebhooksWithTokensOf(Receiver idp) {
        account.post(
                201,
                a,
                "/v1/oauth-clients",
                "{`name`: `idp`, `clientId`: `we`, `clientSecret`: `our-secret`, `authenticationEndpoint`: `"
                        + idp.url() + "`, `tokenPath`: ``}");
        account.makeWebhooks(receiver.url(), TOKEN_CLIENT);
    }

    /** Sends events e0, e1, … to both instances at once. */
    private void sendToBoth(int from, int until) throws Exception {
        ExecutorService senders = Executors.newFixedThreadPool(16);
        try {
            List<Future<?>> sent = new ArrayList<>();
            IntStream.range(from, until)
                    .forEach(i -> sent.add(senders.submit(() -> account.send(i % 2 == 0 ? a : b, "e" + i))));
            for (Future<?> each : sent) {
                each.get(Patience.LONG.toSeconds(), TimeUnit.SECONDS);
            }
        } finally {
            senders.shutdownNow();
        }
    }

    private List<byte[]> keptTokens() throws SQLException {
        try (Connection connection = Postgres.connect(both.database.url());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT made FROM claim WHERE made IS NOT NULL")) {
            List<byte[]> all = new ArrayList<>();
            while (rows.next()) {
                all.add(rows.getBytes(1));
            }
            return all;
        }
    }

    @Test
    void fifty_sends_of_each_of_two_instances_make_one_token_request_in_all() throws Exception {
        int before = keptTokens().size();
        try (Receiver idp = tokenServer()) {
            makeWebhooksWithTokensOf(idp);
            sendToBoth(0, 100);
            await().until(() -> received() >= 100 * WEBHOOKS);
        }
        assertEquals(1, tokens.get());
        assertEquals(
                Set.of("Bearer token-1"),
                receiver.requests().stream()
                        .map(got -> got.header("Authorization"))
                        .collect(Collectors.toSet()));
        List<byte[]> kept = keptTokens();
        assertEquals(before + 1, kept.size());
        for (byte[] each : kept) {
            String text = new String(each, StandardCharsets.ISO_8859_1);
            assertFalse(text.contains("token-"), "sealed");
            assertFalse(text.contains(Base64.getEncoder().encodeToString("token-".getBytes(StandardCharsets.UTF_8))));
        }
    }

    /** The first refused instance renews it for all; no one fails and no one asks twice. */
    @Test
    void a_token_that_was_revoked_is_renewed_once_for_both_instances() throws Exception {
        try (Receiver idp = tokenServer()) {
            makeWebhooksWithTokensOf(idp);
            account.send(a, "e0");
            account.awaitDelivered(a, "e0");
            assertEquals(1, tokens.get());
            revoked = true;
            sendToBoth(1, 21);
            for (int i = 1; i <= 20; i++) {
                account.awaitDelivered(a, "e" + i)
                        .forEach(
                                item -> assertEquals(1, item.get("attemptCount").asInt(), "no attempt failed"));
            }
        }
        assertEquals(2, tokens.get());
        assertTrue(receiver.requests().stream().anyMatch(got -> "Bearer token-2".equals(got.header("Authorization"))));
    }

    /** An instance that had no time to read the store for 2 s accepts no session for a moment. */
    private static int status(Callable<HttpResponse<String>> request) {
        return await().until(() -> request.call().statusCode(), status -> status != 503);
    }

    private static int overview(Visitor visitor) {
        return status(() -> visitor.get("/console/overview"));
    }

    private String keyOfStaff() {
        String key = account.post(201, a, "/v1/api-keys", "{`name`: `staff`, `role`: `admin`}")
                .get("key")
                .asText();
        await().until(() -> b.get("/v1/webhooks", key).statusCode() == 200);
        return key;
    }

    /** Semantics 52. */
    @Test
    void a_session_of_one_instance_is_one_of_all_until_it_is_signed_out_or_its_key_is_deleted_anywhere() {
        String key = keyOfStaff();
        Visitor one = Visitor.signedIn(a, key);
        Visitor two = Visitor.signedIn(b, key);
        assertEquals(200, overview(one));
        assertEquals(200, overview(one.at(b)));
        assertEquals(303, status(() -> one.at(b).post("/console/theme", "theme", "dark")), "so is the token of a form");

        assertEquals(303, status(() -> one.at(b).post("/console/sign-out")));
        assertEquals(303, overview(one), "at once");

        assertEquals(200, overview(two.at(a)));
        String version = a.get("/v1/api-keys/staff", account.key)
                .headers()
                .firstValue("ETag")
                .orElseThrow();
        HttpRequest delete = a.request("/v1/api-keys/staff", account.key)
                .header("If-Match", version)
                .DELETE()
                .build();
        assertEquals(204, a.send(delete).statusCode());
        assertEquals(303, overview(two.at(a)));
        await().until(() -> two.get("/console/overview").statusCode() == 303);
    }

    /** As if another instance had stored it and all notifications were lost. */
    @Test
    void a_deleted_key_ends_its_sessions_without_a_notification() {
        Visitor visitor = Visitor.signedIn(b, keyOfStaff());
        assertEquals(200, overview(visitor));
        assertEquals(
                List.of(1),
                both.database.query("WITH next AS (UPDATE revision SET last = last + 1 RETURNING last)"
                        + " UPDATE definition SET sealed = NULL, revision = next.last FROM next, resource r, account c"
                        + " WHERE definition.resource = r.key AND r.name = 'staff' AND r.account = c.key AND c.id = '"
                        + account.name + "' RETURNING 1"));
        for (RunningProduct each : List.of(a, b)) {
            await().until(() -> visitor.at(each).get("/console/overview").statusCode() == 303);
        }
    }

    /** Semantics 52. */
    @Test
    void a_portal_session_is_used_and_revoked_at_any_instance_and_its_link_works_once() throws Exception {
        String portals = "/v1/accounts/" + account.name + "/portal-sessions";
        JsonNode made = account.post(201, a, portals, "{}");
        String url = made.get("url").asText();
        String token = url.substring(url.indexOf('=') + 1);
        Visitor holder = redeemedOnce(token, new Visitor(a), new Visitor(b));
        assertEquals(200, overview(holder.at(a)));
        assertEquals(200, overview(holder.at(b)));
        String path = portals + "/" + made.get("id").asText();
        assertTrue(b.read(path, account.key).get("signedInAt").isTextual());
        assertEquals(204, a.send(a.request(path, account.key).DELETE().build()).statusCode());
        assertNotEquals(200, overview(holder.at(b)));
    }

    /** Visitors use a link at the same time. @return whose session it is */
    private static Visitor redeemedOnce(String token, Visitor... visitors) throws Exception {
        CyclicBarrier together = new CyclicBarrier(visitors.length);
        ExecutorService threads = Executors.newFixedThreadPool(visitors.length);
        try {
            Map<Integer, Visitor> byStatus = new HashMap<>();
            Map<Visitor, Future<Integer>> answers = new HashMap<>();
            for (Visitor visitor : visitors) {
                answers.put(visitor, threads.submit(() -> {
                    together.await();
                    return visitor.post("/console/sign-in/link", "token", token).statusCode();
                }));
            }
            for (Map.Entry<Visitor, Future<Integer>> each : answers.entrySet()) {
                byStatus.put(each.getValue().get(Patience.LONG.toSeconds(), TimeUnit.SECONDS), each.getKey());
            }
            assertEquals(Set.of(303, 403), byStatus.keySet());
            return byStatus.get(303);
        } finally {
            threads.shutdownNow();
        }
    }
}
