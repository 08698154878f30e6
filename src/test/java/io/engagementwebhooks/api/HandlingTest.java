package io.engagementwebhooks.api;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Actions on deliveries: on one, on all of a webhook, on many (semantics 7 and 24). */
@Timeout(300)
class HandlingTest {

    private static final String READ = TwoAccounts.readKey("acme");
    private volatile int status = 204;

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(status));

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(TwoAccounts.delivering(receiver.url()));

    private final ApiClient acme = new ApiClient(product, TwoAccounts.adminKey("acme"));

    private int waiting() {
        return product.read("/v1/webhooks/calls", READ).get("waiting").asInt();
    }

    @Test
    void discarded_deliveries_of_a_paused_webhook_stay_visible() {
        acme.did("calls", "pause");
        acme.events("e", 0, 1200);
        await().until(() -> waiting() == 1200);
        JsonNode discarded = acme.posted(200, "/v1/webhooks/calls/discard", "");
        assertEquals(1200, discarded.get("deliveries").asInt());
        assertFalse(discarded.get("more").asBoolean());
        assertEquals(0, waiting());
        JsonNode one = product.awaitDeliveries(READ, "e7", 1, "discarded").get(0);
        assertEquals("discarded by key 'staff'", one.get("reason").asText());
        assertTrue(one.get("next").isNull());
        acme.did("calls", "resume");
        acme.events("after", 0, 1);
        acme.idOf("after0", "delivered");
        assertEquals(1, receiver.requests().size());
        acme.posted(202, "/v1/deliveries/" + one.get("id").asText() + "/replay", "");
        acme.idOf("e7", "delivered");
    }

    @Test
    void deliveries_waiting_for_a_retry_are_released() {
        status = 500;
        acme.events("e", 0, 3);
        for (int i = 0; i < 3; i++) {
            acme.idOf("e" + i, "waiting");
        }
        Awaitility.await().until(() -> receiver.requests().size() == 3);
        status = 204;
        Awaitility.await()
                .until(() -> acme.posted(200, "/v1/webhooks/calls/release", "")
                                        .get("deliveries")
                                        .asInt()
                                >= 0
                        && product.read("/v1/deliveries?outcome=delivered", READ)
                                        .get("items")
                                        .size()
                                == 3);
        acme.did("calls", "pause");
        assertEquals(409, acme.post("/v1/webhooks/calls/release", "").statusCode());
    }

    @Test
    void a_pending_delivery_can_be_canceled_or_retried_and_an_ended_one_cannot() {
        status = 500;
        acme.events("e", 0, 2);
        String first = acme.idOf("e0", "waiting");
        String second = acme.idOf("e1", "waiting");
        Awaitility.await().until(() -> Stream.of(first, second)
                .map(acme::delivery)
                .allMatch(one -> one.get("attemptCount").asInt() == 1
                        && one.get("state").asText().equals("waiting")));
        assertEquals(
                "discarded",
                acme.posted(200, "/v1/deliveries/" + first + "/cancel", "")
                        .get("state")
                        .asText());
        status = 204;
        acme.posted(202, "/v1/deliveries/" + second + "/retry", "");
        acme.idOf("e1", "delivered");
        assertEquals(2, acme.delivery(second).get("attemptCount").asInt());
        for (String what : new String[] {"cancel", "retry"}) {
            assertEquals(
                    409, acme.post("/v1/deliveries/" + second + "/" + what, "").statusCode());
        }
    }

    @Test
    void many_deliveries_are_counted_and_then_replayed_at_a_rate() {
        acme.events("e", 0, 30);
        Awaitility.await().until(() -> receiver.requests().size() == 30);
        Awaitility.await().until(() -> waiting() == 0);
        JsonNode count =
                acme.posted(200, "/v1/replays", "{`webhook`: `calls`, `outcome`: `delivered`, `dryRun`: true}");
        assertEquals(30, count.get("matched").asInt(), count::toString);
        assertTrue(count.get("exact").asBoolean(), count::toString);
        assertEquals(30, count.at("/webhooks/0/deliveries").asInt(), count::toString);
        JsonNode none = acme.posted(200, "/v1/replays", "{`eventType`: `call.missed`, `dryRun`: true}");
        assertEquals(0, none.get("matched").asInt());
        JsonNode job = acme.posted(202, "/v1/replays", "{`eventType`: `call.ended`, `perSecond`: 1000}");
        Awaitility.await().until(() -> ended(job));
        JsonNode done = product.read("/v1/replays/" + job.get("id").asText(), READ);
        assertEquals("done", done.get("state").asText());
        assertEquals(30, done.get("replayed").asInt());
        Awaitility.await().until(() -> receiver.requests().size() == 60);
        assertEquals(done, product.read("/v1/replays", READ).get("items").get(0));
        assertEquals(422, acme.post("/v1/replays", "{}").statusCode());
        assertEquals(
                422,
                acme.post("/v1/replays", "{`outcome`: `best`, `perSecond`: 0}").statusCode());
    }

    /** By time of acceptance; the end of the range is exclusive. */
    @Test
    void a_replay_of_a_time_range_sends_no_others() {
        acme.events("before", 0, 3);
        Instant from = afterTheLast();
        acme.events("within", 0, 4);
        Instant to = afterTheLast();
        acme.events("after", 0, 2);
        Awaitility.await().until(() -> waiting() == 0 && receiver.requests().size() == 9);
        String time = "{`from`: `" + from + "`, `to`: `" + to + "`";
        assertEquals(
                4,
                acme.posted(200, "/v1/replays", time + ", `dryRun`: true}")
                        .get("matched")
                        .asInt());
        JsonNode job = acme.posted(202, "/v1/replays", time + ", `perSecond`: 1000}");
        Awaitility.await().until(() -> ended(job) && waiting() == 0);
        Map<String, Integer> times = new HashMap<>();
        receiver.requests()
                .forEach(got ->
                        times.merge(got.body().replaceAll("(?s).*\"id\":\"([a-z]+)[0-9]+\".*", "$1"), 1, Integer::sum));
        assertEquals(Map.of("before", 3, "within", 8, "after", 2), times);
    }

    /** After all accepted events, and not after the next ones. */
    private static Instant afterTheLast() {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Awaitility.await().until(() -> Instant.now().isAfter(now.plusMillis(2)));
        return now.plusMillis(1);
    }

    private boolean ended(JsonNode job) {
        return !product.read("/v1/replays/" + job.get("id").asText(), READ)
                .get("state")
                .asText()
                .equals("running");
    }

    @Test
    void a_canceled_replay_sends_no_more() {
        acme.events("e", 0, 200);
        Awaitility.await().until(() -> waiting() == 0 && receiver.requests().size() == 200);
        JsonNode job = acme.posted(202, "/v1/replays", "{`webhook`: `calls`, `perSecond`: 5}");
        String path = "/v1/replays/" + job.get("id").asText();
        assertEquals(
                "canceled", acme.posted(200, path + "/cancel", "").get("state").asText());
        assertEquals(
                "canceled", acme.posted(200, path + "/cancel", "").get("state").asText());
        int replayed = product.read(path, READ).get("replayed").asInt();
        assertTrue(replayed < 200, "replayed: " + replayed);
        assertEquals(404, product.get(path, TwoAccounts.readKey("other")).statusCode());
        Awaitility.await().until(() -> receiver.requests().size() == 200 + replayed);
    }

    @Test
    void a_replay_of_an_impossible_time_is_refused() {
        for (String time : new String[] {"+999999999-01-01T00:00:00Z", "-0001-01-01T00:00:00Z"}) {
            HttpResponse<String> answer = acme.post("/v1/replays", "{`from`: `" + time + "`}");
            assertEquals(422, answer.statusCode(), answer.body());
            assertTrue(answer.body().contains("/from"), answer.body());
        }
    }
}
