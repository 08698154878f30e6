package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Backfills of a new webhook on the running product (semantics 45). */
class BackfillApiTest {

    /** Old events wait for it at a receiver that responds slowly. */
    private final CountDownLatch slow = new CountDownLatch(1);

    @AutoClose
    private final Receiver receiver = new Receiver(this::respond);

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(TwoAccounts.ONLY_ACME);

    private final ApiClient acme = new ApiClient(product, TwoAccounts.adminKey("acme"));

    private final Instant begin = Instant.now().minusSeconds(1);

    @AfterEach
    void release() {
        slow.countDown();
    }

    private Receiver.Reply respond(Receiver.Got got) {
        if (got.target().getPath().equals("/slow") && got.body().contains("old")) {
            try {
                slow.await(Patience.LONG.toSeconds(), TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return new Receiver.Reply(204);
    }

    private void event(String id, String type, String data) {
        HttpResponse<String> accepted = product.postEvent(
                acme.key(),
                "{`id`:`%s`,`source`:`/pbx`,`type`:`%s`,`subject`:`contact/%d`,`data`:%s}"
                        .formatted(id, type, Math.floorMod(id.hashCode(), 3), data)
                        .replace('`', '"'));
        assertEquals(202, accepted.statusCode(), accepted.body());
    }

    private void events(String prefix, int first, int count) {
        IntStream.range(first, first + count).forEach(i -> event(prefix + i, "call.ended", "{}"));
    }

    /** @param rest more members of the definition */
    private void webhook(String name, String rest) {
        acme.created(
                "webhooks",
                "{`name`: `%s`, %s, `delivery`: {`url`: `http://127.0.0.1:%d/%s`, `body`: `{id}`, `authentication`: {`type`: `none`}%s}}"
                        .formatted(
                                name,
                                rest.isEmpty() || rest.startsWith("`fifo`") ? "`events`: [`call.ended`]" : rest,
                                receiver.port(),
                                name,
                                rest.startsWith("`fifo`") ? ", " + rest : ""));
    }

    private JsonNode counted(String webhook, String span) {
        return acme.posted(200, "/v1/webhooks/" + webhook + "/backfill", "{" + span + ", `dryRun`: true}");
    }

    private JsonNode started(String webhook, String span) {
        return acme.posted(202, "/v1/webhooks/" + webhook + "/backfill", "{" + span + "}");
    }

    private String since() {
        return "`from`: `" + begin + "`, `perSecond`: 1000";
    }

    private JsonNode ended(JsonNode started) {
        String path = "/v1/replays/" + started.get("id").asText();
        return Awaitility.await()
                .atMost(Patience.LONG)
                .until(() -> acme.read(path), job -> !job.get("state").asText().equals("running"));
    }

    private List<String> got(String webhook) {
        return receiver.requests().stream()
                .filter(got -> got.target().getPath().equals("/" + webhook))
                .map(got -> got.body().replace("\"", ""))
                .toList();
    }

    private void awaitGot(String webhook, int count) {
        Awaitility.await().atMost(Patience.LONG).until(() -> got(webhook).size() >= count);
    }

    @Test
    void a_new_webhook_gets_once_the_events_that_its_types_and_its_condition_match_now() {
        event("other", "order.sold", "{`total`: 9}".replace('`', '"'));
        event("short", "call.ended", "{\"duration\": 1}");
        event("long", "call.ended", "{\"duration\": 60}");
        event("broken", "call.ended", "{\"duration\": {}}");
        event("missed", "call.missed", "{\"duration\": 30}");
        webhook("calls", "`events`: [`call.*`], `condition`: `.data.duration + 1 > 10`");
        JsonNode count = counted("calls", since());
        assertEquals(2, count.get("events").asInt(), count::toString);
        assertEquals(0, count.get("expired").asInt(), count::toString);
        assertTrue(count.get("exact").asBoolean() && !count.has("id"), count::toString);
        assertEquals(List.of(), got("calls"));

        JsonNode started = started("calls", since());
        assertTrue(started.get("id").asText().startsWith("rp_"), started::toString);
        assertEquals(2, started.get("events").asInt(), started::toString);
        JsonNode done = ended(started);
        assertEquals("done", done.get("state").asText());
        assertEquals("backfill", done.get("kind").asText());
        assertEquals("calls", done.get("webhook").asText());
        assertEquals(2, done.get("replayed").asInt(), done::toString);
        assertEquals(1, done.get("leftOut").asInt(), "the condition of an event failed");
        awaitGot("calls", 2);
        assertEquals(List.of("long", "missed"), got("calls").stream().sorted().toList());

        assertEquals(0, counted("calls", since()).get("events").asInt());
        assertEquals(0, ended(started("calls", since())).get("replayed").asInt());
        assertEquals(2, got("calls").size());
        JsonNode entry = acme.read("/v1/audit").at("/items/1");
        assertEquals("started", entry.get("action").asText(), entry::toString);
        assertEquals("backfill", entry.get("kind").asText());
        assertEquals(started.get("id"), entry.get("name"));
        assertEquals("calls", entry.get("detail").asText());
    }

    @Test
    void the_time_span_is_kept_and_its_end_is_exclusive() {
        events("before", 0, 2);
        Instant from = acceptedAt("before1").plusMillis(1);
        Awaitility.await().until(() -> Instant.now().isAfter(from.plusMillis(1)));
        events("within", 0, 3);
        Instant to = acceptedAt("within2").plusMillis(1);
        Awaitility.await().until(() -> Instant.now().isAfter(to.plusMillis(1)));
        events("after", 0, 2);
        webhook("calls", "");
        String span = "`from`: `" + from + "`, `to`: `" + to + "`";
        assertEquals(3, counted("calls", span).get("events").asInt());
        JsonNode done = ended(started("calls", span));
        assertEquals(3, done.get("replayed").asInt(), done::toString);
        awaitGot("calls", 3);
        assertEquals(
                List.of("within0", "within1", "within2"),
                got("calls").stream().sorted().toList());
    }

    private Instant acceptedAt(String event) {
        return Instant.parse(
                acme.read("/v1/events?event=" + event).at("/items/0/acceptedAt").asText());
    }

    @Test
    void deliveries_of_a_fifo_key_are_sent_in_the_order_of_the_events() {
        events("e", 0, 40);
        webhook("ordered", "`fifo`: {`key`: `type`}");
        ended(started("ordered", since()));
        awaitGot("ordered", 40);
        assertEquals(IntStream.range(0, 40).mapToObj(i -> "e" + i).toList(), got("ordered"));
    }

    @Test
    void new_events_are_sent_while_a_slow_receiver_has_old_ones() {
        events("old", 0, 30);
        webhook("slow", "");
        events("first", 0, 1); // until its response, a new webhook sends one request at a time
        acme.idOf("first0", "delivered");
        JsonNode started = started("slow", since());
        awaitGot("slow", 9);
        events("new", 0, 4);
        awaitGot("slow", 13);
        List<String> got = got("slow");
        assertEquals(8, got.stream().filter(id -> id.startsWith("old")).count(), got::toString);
        assertEquals(4, got.stream().filter(id -> id.startsWith("new")).count(), got::toString);
        slow.countDown();
        assertEquals(30, ended(started).get("replayed").asInt());
        awaitGot("slow", 35);
        assertEquals(35, got("slow").stream().distinct().count());
    }

    @Test
    void a_canceled_backfill_ends_and_another_one_delivers_the_rest_once() {
        events("e", 0, 40);
        webhook("calls", "");
        JsonNode started = started("calls", "`from`: `" + begin + "`, `perSecond`: 5");
        awaitGot("calls", 2);
        String path = "/v1/replays/" + started.get("id").asText();
        JsonNode canceled = acme.posted(200, path + "/cancel", "");
        assertEquals("canceled", canceled.get("state").asText());
        int rest = counted("calls", since()).get("events").asInt();
        assertTrue(rest > 0 && rest < 40, "left: " + rest);
        ended(started("calls", since()));
        awaitGot("calls", 40);
        assertEquals(40, got("calls").stream().distinct().count());
        assertEquals(40, got("calls").size());
        assertEquals(
                "backfill",
                acme.read("/v1/audit").get("items").findParents("action").stream()
                        .filter(entry -> entry.get("action").asText().equals("canceled"))
                        .findFirst()
                        .orElseThrow()
                        .get("kind")
                        .asText());
    }

    @Test
    void an_event_accepted_while_a_backfill_begins_is_delivered_once() {
        events("e", 0, 3);
        webhook("calls", "");
        JsonNode started = started("calls", since());
        events("new", 0, 3);
        ended(started);
        awaitGot("calls", 6);
        assertEquals(6, got("calls").stream().distinct().count());
        assertEquals(6, got("calls").size());
    }

    @Test
    void a_definition_is_counted_before_it_is_saved() {
        events("e", 0, 3);
        event("missed", "call.missed", "{}");
        String draft = ", `dryRun`: true, `definition`: {`name`: `draft`, `events`: [`call.missed`],"
                + " `delivery`: {`url`: `" + receiver.url() + "`, `authentication`: {`type`: `none`}}}";
        assertEquals(
                1,
                acme.posted(200, "/v1/webhooks/draft/backfill", "{" + since() + draft + "}")
                        .get("events")
                        .asInt());
        webhook("calls", "");
        assertEquals(
                1,
                acme.posted(200, "/v1/webhooks/calls/backfill", "{" + since() + draft + "}")
                        .get("events")
                        .asInt());
        ApiClient.assertProblem(
                422,
                "invalid",
                acme.post("/v1/webhooks/calls/backfill", "{" + since() + draft.replace(", `dryRun`: true", "") + "}"));
    }

    @Test
    void a_request_without_a_begin_in_the_past_or_with_an_impossible_end_is_refused() {
        webhook("calls", "");
        String path = "/v1/webhooks/calls/backfill";
        for (String body : List.of(
                "{}",
                "{`from`: `2126-01-01T00:00:00Z`}",
                "{`from`: `yesterday`}",
                "{`from`: `" + begin + "`, `to`: `" + begin + "`}",
                "{`from`: `" + begin + "`, `dryRun`: 1}")) {
            ApiClient.assertProblem(422, "invalid", acme.post(path, body));
        }
        assertFalse(acme.post(path, "{}").body().contains("/to"));
        ApiClient.assertProblem(404, "not-found", acme.post("/v1/webhooks/none/backfill", "{`from`: `" + begin + "`}"));
    }
}
