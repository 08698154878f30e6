package io.engagementwebhooks.instances;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is set up and asked for by the API at one of two instances on one PostgreSQL. */
@Timeout(300)
class SharedWorkTest {

    private static final String KEY = "shared-admin-key-0123456789";
    private static final int WEBHOOKS = 12;
    private final SharedDatabase database = new SharedDatabase();
    private final List<RunningProduct> running = new ArrayList<>();
    private volatile int status = 200;
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private Receiver receiver;
    private RunningProduct a;
    private RunningProduct b;

    @BeforeEach
    void startBoth(@TempDir Path folder) {
        receiver = new Receiver(got -> {
            pass();
            return new Receiver.Reply(status);
        });
        a = instance(folder.resolve("a"));
        b = instance(folder.resolve("b"));
        database.awaitShares(128, 128);
    }

    private void pass() {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private RunningProduct instance(Path folder) {
        RunningProduct product = RunningProduct.start(
                folder,
                "accounts:\n  - id: acme\n    apiKeys:\n      - {name: all, role: admin, key: " + KEY + "}\n",
                database.settings(
                        // outlasts all waiting here, so that nothing is repeated where the machine has no time
                        "webhooks.store.lease=5m", "camel.main.shutdownTimeout=60"));
        running.add(product);
        return product;
    }

    @AfterEach
    void stopAll() {
        gate.countDown();
        running.forEach(RunningProduct::close);
        receiver.close();
        database.close();
    }

    private static JsonNode posted(int status, RunningProduct to, String path, String body) {
        HttpResponse<String> answer = to.post(path, KEY, "application/json", body.replace('`', '"'));
        assertEquals(status, answer.statusCode(), answer.body());
        return RunningProduct.json(answer);
    }

    private static void send(RunningProduct to, String id) {
        String event = "{\"specversion\":\"1.0\",\"id\":\"" + id
                + "\",\"source\":\"/calls\",\"type\":\"call.ended\",\"data\":{\"cdr_id\":\"" + id + "\"}}";
        assertEquals(
                202,
                to.post("/v1/events", KEY, "application/cloudevents+json", event)
                        .statusCode());
    }

    /** Of so many some belong to each instance. */
    private void makeWebhooks() {
        for (int i = 0; i < WEBHOOKS; i++) {
            posted(
                    201,
                    a,
                    "/v1/webhooks",
                    "{`name`: `w" + i + "`, `events`: [`call.ended`], `retry`: [`1h`], `delivery`: {`url`: `"
                            + receiver.url() + "`, `authentication`: {`type`: `none`}}}");
        }
        await().until(() -> webhooks(b) == WEBHOOKS);
    }

    private static int webhooks(RunningProduct product) {
        return product.read("/v1/webhooks", KEY).get("items").size();
    }

    private void forEachWebhook(RunningProduct at, String what, int deliveries) {
        int handled = 0;
        for (int i = 0; i < WEBHOOKS; i++) {
            JsonNode answer = posted(200, at, "/v1/webhooks/w" + i + "/" + what, "");
            handled += answer.path("deliveries").asInt();
        }
        assertEquals(deliveries, handled);
    }

    private Set<String> sent() {
        return receiver.requests().stream()
                .map(got -> got.body().replaceAll(".*\"cdr_id\":\"([^\"]*)\".*", "$1"))
                .collect(Collectors.toSet());
    }

    @Test
    void a_webhook_made_at_one_instance_is_sent_to_by_whichever_owns_it_and_gone_at_both() {
        makeWebhooks();
        send(b, "e1");
        a.awaitDeliveries(KEY, "e1", WEBHOOKS, "delivered");
        assertEquals(WEBHOOKS, receiver.requests().size(), "none twice");
        posted(200, b, "/v1/webhooks/w0/pause", "");
        HttpResponse<String> removed = b.send(b.request("/v1/webhooks/w1", KEY)
                .header("If-Match", version(b, "/v1/webhooks/w1"))
                .DELETE()
                .build());
        assertEquals(204, removed.statusCode(), removed.body());
        await().until(() -> webhooks(a) == WEBHOOKS - 1);
        assertEquals(
                database.query("SELECT count(*) FROM audit"),
                List.of(a.read("/v1/audit?limit=100", KEY).get("items").size()));
        await().until(() -> database.query("SELECT sum(delivered) FROM figure").equals(List.of(WEBHOOKS)));
        assertEquals(List.of(1), database.query("SELECT sum(events) FROM figure"));
        assertEquals(
                List.of(3), database.query("SELECT count(DISTINCT writer) FROM figure"), "one accepted, both sent");
    }

    @Test
    void a_change_at_one_instance_right_after_one_at_the_other_goes_on_from_it() {
        for (int i = 0; i < 10; i++) {
            HttpResponse<String> made = a.post(
                    "/v1/webhooks",
                    KEY,
                    "application/json",
                    "{\"name\":\"short\",\"events\":[\"call.ended\"],\"delivery\":{\"url\":\"" + receiver.url()
                            + "\",\"authentication\":{\"type\":\"none\"}}}");
            assertEquals(201, made.statusCode(), made.body());
            HttpResponse<String> removed = b.send(b.request("/v1/webhooks/short", KEY)
                    .header("If-Match", made.headers().firstValue("ETag").orElseThrow())
                    .DELETE()
                    .build());
            assertEquals(204, removed.statusCode(), removed.body());
        }
    }

    private static String version(RunningProduct product, String path) {
        return product.get(path, KEY).headers().firstValue("ETag").orElseThrow();
    }

    @Test
    void what_is_discarded_at_any_instance_is_not_sent_and_what_is_being_sent_is_not_discarded() {
        makeWebhooks();
        forEachWebhook(a, "pause", 0);
        await().until(() -> database.query("SELECT count(*) FROM webhook WHERE state = 'paused'")
                .equals(List.of(WEBHOOKS)));
        send(b, "e1");
        b.awaitDeliveries(KEY, "e1", WEBHOOKS, "paused");
        forEachWebhook(a, "discard", WEBHOOKS);
        a.awaitDeliveries(KEY, "e1", WEBHOOKS, "discarded");
        forEachWebhook(b, "resume", 0);
        gate = new CountDownLatch(1);
        send(a, "e2");
        await().until(() -> receiver.requests().size() == WEBHOOKS);
        forEachWebhook(a, "discard", 0);
        forEachWebhook(b, "discard", 0);
        gate.countDown();
        a.awaitDeliveries(KEY, "e2", WEBHOOKS, "delivered");
        assertEquals(Set.of("e2"), sent());
        assertEquals(WEBHOOKS, receiver.requests().size());
        assertEquals(List.of(0), database.query("SELECT sum(n) FROM waiting"));
    }

    @Test
    void one_that_waits_is_cancelled_retried_or_released_at_any_instance() {
        makeWebhooks();
        status = 500;
        send(a, "e1");
        send(b, "e2");
        await().until(() -> database.query("SELECT count(*) FROM delivery WHERE attempts = 1")
                .equals(List.of(2 * WEBHOOKS)));
        status = 200;
        for (JsonNode delivery : a.awaitDeliveries(KEY, "e1", WEBHOOKS, "waiting")) {
            JsonNode cancelled =
                    posted(200, a, "/v1/deliveries/" + delivery.get("id").asText() + "/cancel", "");
            assertEquals("discarded", cancelled.get("state").asText());
        }
        String one = a.awaitDeliveries(KEY, "e2", WEBHOOKS, "waiting")
                .get(0)
                .get("id")
                .asText();
        posted(202, a, "/v1/deliveries/" + one + "/retry", "");
        await().until(() -> database.query("SELECT count(*) FROM delivery WHERE state = 'delivered'")
                .equals(List.of(1)));
        forEachWebhook(b, "release", WEBHOOKS - 1);
        b.awaitDeliveries(KEY, "e2", WEBHOOKS, "delivered");
        assertEquals(3 * WEBHOOKS, receiver.requests().size());
    }

    @Test
    void a_replay_of_many_is_carried_out_once_and_goes_on_elsewhere_when_its_instance_stops() {
        makeWebhooks();
        for (int i = 0; i < 5; i++) {
            send(a, "e" + i);
        }
        int all = 5 * WEBHOOKS;
        await().until(() -> database.query("SELECT count(*) FROM delivery WHERE state = 'delivered'")
                .equals(List.of(all)));
        long begin = System.nanoTime();
        JsonNode job = posted(202, a, "/v1/replays", "{`eventType`: `call.ended`, `perSecond`: 10, `newId`: true}");
        assertEquals(all, job.get("matched").asInt());
        String path = "/v1/replays/" + job.get("id").asText();
        await().until(() -> b.read(path, KEY).get("replayed").asInt() >= 20);
        assertTrue(System.nanoTime() - begin > Duration.ofMillis(1_500).toNanos(), "at the pace of one");
        a.close();
        await().until(() -> b.read(path, KEY).get("state").asText().equals("done"));
        assertEquals(all, b.read(path, KEY).get("replayed").asInt());
        await().until(() -> database.query("SELECT count(*) FROM delivery WHERE state = 'delivered'")
                .equals(List.of(2 * all)));
        assertEquals(List.of(all), database.query("SELECT count(DISTINCT replay_of) FROM delivery"));
        Set<String> ids = new HashSet<>();
        receiver.requests().forEach(got -> ids.add(got.header("webhook-id")));
        assertEquals(2 * all, ids.size());
        assertEquals(2 * all, receiver.requests().size(), "none twice");
    }
}
