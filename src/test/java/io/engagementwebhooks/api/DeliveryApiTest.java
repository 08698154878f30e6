package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.api.delivery.AttemptView;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Raw;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleLimits;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * Reads and replays deliveries (semantics 16, 17, 24, 26) on the running product. {@link DefinitionsRestartTest} has one of a
 * deleted webhook.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeliveryApiTest {

    private static final String READ = TwoAccounts.readKey("acme");
    private static final String ADMIN = TwoAccounts.adminKey("acme");
    private Receiver receiver;
    private RunningProduct product;
    private volatile CountDownLatch gate = new CountDownLatch(0);

    @BeforeAll
    void start() {
        receiver = new Receiver(this::answer);
        product = RunningProduct.shared(TwoAccounts.delivering(receiver.url()));
    }

    @AfterAll
    void stop() {
        gate.countDown();
        product.close();
        receiver.close();
    }

    /** The event's id selects the receiver's behavior. */
    private Receiver.Reply answer(Receiver.Got got) {
        String id = got.header("webhook-id") == null ? "" : got.body();
        if (id.contains("refused")) {
            return new Receiver.Reply(503, Map.of("X-Why", "no"), "grüße");
        }
        if (id.contains("blocks")) {
            Patience.await(gate);
        }
        return new Receiver.Reply(200, Map.of(), "fine");
    }

    private JsonNode delivered(String event) {
        product.postEvent(ADMIN, TwoAccounts.event(event));
        return product.awaitDeliveries(READ, event, 1, "delivered").get(0);
    }

    private JsonNode one(String id) {
        return product.read("/v1/deliveries/" + id, READ);
    }

    private HttpResponse<String> replay(String id, String body) {
        return product.post("/v1/deliveries/" + id + "/replay", ADMIN, "application/json", body);
    }

    @Test
    void a_text_finds_what_a_person_reads() {
        String id = delivered("found-by-text").get("id").asText();
        for (String text : List.of("found-by-text", "FOUND-BY-TEX", id, id.substring(8))) {
            JsonNode page = product.read("/v1/deliveries?text=" + text, READ);
            assertEquals(1, page.get("items").size(), text);
            assertEquals(id, page.get("items").get(0).get("id").asText(), text);
            assertTrue(page.get("next").isNull());
            assertTrue(page.get("searchedBackTo").isNull(), "all were looked at");
        }
        assertEquals(
                0,
                product.read("/v1/deliveries?text=" + id, TwoAccounts.readKey("other"))
                        .get("items")
                        .size());
        assertEquals(
                400, product.get("/v1/deliveries?text=" + "x".repeat(201), READ).statusCode());
    }

    @Test
    void a_payload_is_searched_by_a_field_and_its_value() {
        String data = "\"data\":{\"order\": {\"number\": \"SE4711\"}, ";
        product.postEvent(ADMIN, TwoAccounts.event("ordered").replace("\"data\":{", data));
        String id = product.awaitDeliveries(READ, "ordered", 1, "delivered")
                .get(0)
                .get("id")
                .asText();
        assertEquals(Set.of(id), ids("?payload=data.order.number%3DSE4711"));
        assertEquals(Set.of(id), ids("?payload=data.order.number%20%3D%20SE4711&status=delivered&webhook=calls"));
        assertEquals(Set.of(), ids("?payload=data.order.number%3DSE4711&status=failed"));
        assertEquals(Set.of(), ids("?payload=data.order.number%3DSE47"));
        assertEquals(Set.of(), ids("?text=SE4711"), "a text searches no payload");
        assertEquals(Set.of(), ids("?payload=data.order.number%3DSE4711&to=2026-01-01T00:00:00Z"));
        String csv = product.get("/v1/deliveries.csv?payload=data.order.number%3DSE4711", READ)
                .body();
        assertTrue(csv.contains(id), csv);
        assertEquals(
                0,
                product.read("/v1/deliveries?payload=data.order.number%3DSE4711", TwoAccounts.readKey("other"))
                        .get("items")
                        .size());
    }

    @Test
    void an_edited_event_goes_to_the_one_webhook_and_names_what_it_came_of() {
        JsonNode origin = delivered("edited-once");
        String path = "/v1/deliveries/" + origin.get("id").asText() + "/resend";
        HttpResponse<String> answer =
                product.post(path, ADMIN, "application/json", "{\"data\": {\"duration\": 12345678901234567890}}");
        assertEquals(202, answer.statusCode(), answer.body());
        JsonNode made = RunningProduct.json(answer);
        assertEquals(origin.get("id"), made.get("origin"));
        assertTrue(made.get("replayOf").isNull());
        assertEquals(origin.get("webhookId"), made.get("webhookId"));
        assertNotEquals(origin.get("event"), made.get("event"));
        assertEquals(
                1,
                product.awaitDeliveries(READ, made.get("event").asText(), 1, "delivered")
                        .size());
        JsonNode event = product.read("/v1/events/" + made.get("eventKey").asText(), READ);
        assertEquals("edited-once", event.at("/document/editedfrom").asText());
        assertEquals("12345678901234567890", event.at("/document/data/duration").asText());
        assertEquals("call.ended", event.get("type").asText());

        assertEquals(
                403,
                product.post(path, READ, "application/json", "{\"data\": {}}").statusCode());
        assertEquals(400, product.post(path, ADMIN, "application/json", "{}").statusCode());
        assertEquals(
                413,
                product.post(path, ADMIN, "application/json", "{\"data\": \"" + "x".repeat(262_000) + "\"}")
                        .statusCode());
        String resent = product.read("/v1/audit?limit=200", ADMIN).get("items").toString();
        assertTrue(resent.contains("\"resent\""), resent);
    }

    @Test
    void a_test_is_recorded_with_its_attempt_counts_nowhere_and_is_not_replayed() {
        JsonNode webhook = product.read("/v1/webhooks", ADMIN).at("/items/0");
        String name = webhook.get("name").asText();
        JsonNode before = product.read("/v1/webhooks/" + name, READ).get("lastDeliveries");
        String path = "/v1/webhooks/" + name + "/test";
        String refused = "{\"event\": {\"id\": \"tested-1\", \"source\": \"/pbx\", \"type\": \"call.ended\","
                + " \"data\": {\"x\": \"refused\"}}}";
        JsonNode answer = RunningProduct.json(product.post(path, ADMIN, "application/json", refused));
        String id = answer.get("delivery").asText();
        JsonNode test = one(id);
        assertTrue(test.get("test").asBoolean());
        assertEquals("tested-1", test.get("event").asText());
        assertEquals("failed", test.get("status").asText(), "it is not tried again: " + test);
        assertEquals(503, test.get("httpStatus").asInt());
        assertEquals(503, test.at("/attempts/0/status").asInt());
        assertEquals(before, product.read("/v1/webhooks/" + name, READ).get("lastDeliveries"));

        assertEquals(1, listed("test=true&event=tested-1").size());
        assertEquals(0, listed("test=false&event=tested-1").size());
        assertEquals(1, listed("event=tested-1").size());
        assertEquals(400, product.get("/v1/deliveries?test=maybe", READ).statusCode());
        assertTrue(replay(id, "").body().contains("is-test"));

        product.postEvent(ADMIN, TwoAccounts.event("tested-1"));
        Awaitility.await()
                .until(() ->
                        listed("test=false&event=tested-1&outcome=delivered").size() == 1);
        RunningProduct.json(product.post(path, ADMIN, "application/json", refused));
        assertEquals(2, listed("test=true&event=tested-1").size(), "the same again, whatever its id");
    }

    private JsonNode listed(String query) {
        return product.read("/v1/deliveries?" + query, READ).get("items");
    }

    @Test
    void matching_deliveries_are_exported_as_csv() {
        String id = delivered("in-a-table").get("id").asText();
        HttpResponse<String> table = product.get("/v1/deliveries.csv?event=in-a-table", READ);
        assertEquals(200, table.statusCode());
        assertEquals("text/csv", table.headers().firstValue("Content-Type").orElse(""));
        String[] lines = table.body().split("\r\n");
        assertEquals(2, lines.length, table.body());
        assertTrue(lines[0].startsWith("id,acceptedAt,status,"), lines[0]);
        assertTrue(lines[1].startsWith(id + ",") && lines[1].contains(",delivered,in-a-table,call.ended,"), lines[1]);
        assertEquals(401, product.get("/v1/deliveries.csv", null).statusCode());
        assertEquals(
                1,
                product.get("/v1/deliveries.csv?event=in-a-table", TwoAccounts.readKey("other"))
                        .body()
                        .split("\r\n")
                        .length);
    }

    @Test
    void an_event_says_which_webhooks_would_get_it_and_why_not() {
        product.postEvent(ADMIN, "{\"id\": \"no-webhook\", \"source\": \"/pbx\", \"type\": \"no.such.type\"}");
        JsonNode event = product.read("/v1/events?event=no-webhook", READ).at("/items/0");
        assertEquals(0, event.get("deliveries").asInt());
        JsonNode details = product.read("/v1/events/" + event.get("id").asText() + "?matches=true", READ);
        assertFalse(details.get("matches").isEmpty());
        details.get("matches")
                .forEach(match -> assertEquals(false, match.get("matched").asBoolean(), match.toString()));
        assertTrue(details.at("/matches/0/reason").asText().endsWith("not to no.such.type"), details.toString());
        assertTrue(product.read("/v1/events/" + event.get("id").asText(), READ)
                .get("matches")
                .isNull());
    }

    @Test
    void a_delivered_delivery_shows_its_whole_history() {
        Instant before = Instant.now().minusMillis(1);
        JsonNode listed = delivered("story");
        JsonNode delivery = one(listed.get("id").asText());

        assertEquals("story", delivery.get("event").asText());
        assertEquals("call.ended", delivery.get("eventType").asText());
        assertEquals("calls", delivery.get("webhook").asText());
        assertEquals("delivered", delivery.get("state").asText());
        assertEquals("delivered", delivery.get("outcome").asText());
        assertTrue(delivery.get("reason").isNull());
        assertEquals(1, delivery.get("attemptCount").asInt());
        assertTrue(delivery.get("next").isNull());
        assertTrue(delivery.get("replayOf").isNull());
        Instant accepted = Instant.parse(delivery.get("acceptedAt").asText());
        Instant ended = Instant.parse(delivery.get("endedAt").asText());
        assertFalse(accepted.isBefore(before.minusMillis(1)));
        assertFalse(ended.isBefore(accepted));
        JsonNode attempt = delivery.get("attempts").get(0);
        assertEquals(1, attempt.get("number").asInt());
        assertEquals(200, attempt.get("status").asInt());
        assertEquals("delivered", attempt.get("outcome").asText());
        assertEquals("fine", attempt.get("body").asText());
        assertFalse(attempt.has("bodyBase64"));
        assertTrue(attempt.get("headers").has("content-length"));
    }

    @Test
    void its_id_is_the_webhook_id_that_the_receiver_saw_and_is_found_with_and_without_its_prefix() {
        String id = delivered("prefix").get("id").asText();
        assertTrue(receiver.requests().stream().anyMatch(got -> id.equals(got.header("webhook-id"))));
        assertEquals(one(id), one(id.substring("msg_".length())));
    }

    @Test
    void a_failed_attempt_shows_the_response_and_the_time_of_the_retry() {
        product.postEvent(ADMIN, TwoAccounts.event("refused"));
        JsonNode delivery = Awaitility.await()
                .until(
                        () -> product.read("/v1/deliveries?event=refused", READ)
                                .get("items")
                                .get(0),
                        item -> item.get("attemptCount").asInt() == 1
                                && item.get("state").asText().equals("waiting"));
        assertEquals("try-later", delivery.get("outcome").asText());
        assertTrue(delivery.get("reason").asText().contains("503"), delivery.toString());
        assertTrue(Instant.parse(delivery.get("next").asText())
                .isAfter(Instant.now().plus(Duration.ofDays(6))));
        assertTrue(delivery.get("endedAt").isNull());
        JsonNode attempts = product.read("/v1/deliveries/" + delivery.get("id").asText() + "/attempts", READ)
                .get("items");
        assertEquals("grüße", attempts.get(0).get("body").asText());
        assertEquals("no", attempts.get(0).get("headers").get("x-why").asText());
        assertEquals(one(delivery.get("id").asText()).get("attempts"), attempts);
    }

    @Test
    void one_that_is_in_flight_is_sending_and_cannot_be_replayed_under_its_id() {
        gate = new CountDownLatch(1);
        product.postEvent(ADMIN, TwoAccounts.event("blocks"));
        JsonNode sending = product.awaitDeliveries(READ, "blocks", 1, "sending").get(0);
        assertTrue(sending.get("next").isNull());
        assertTrue(sending.get("outcome").isNull());
        ApiClient.assertProblem(409, "being-sent", replay(sending.get("id").asText(), ""));
        gate.countDown();
        product.awaitDeliveries(READ, "blocks", 1, "delivered");
    }

    @Test
    void replay_sends_it_again_under_the_same_id() {
        String id = delivered("again").get("id").asText();
        // 409 until its outcome is committed
        HttpResponse<String> answer = Awaitility.await().until(() -> replay(id, ""), said -> said.statusCode() != 409);
        assertEquals(202, answer.statusCode(), answer.body());
        assertEquals(id, RunningProduct.json(answer).get("id").asText());
        Awaitility.await().until(() -> one(id).get("attemptCount").asInt() == 2);
        List<Receiver.Got> got = receiver.requests().stream()
                .filter(request -> id.equals(request.header("webhook-id")))
                .toList();
        assertEquals(2, got.size());
        assertEquals(got.get(0).body(), got.get(1).body());
        assertEquals(
                List.of(1, 2),
                IntStream.range(0, 2)
                        .mapToObj(i ->
                                one(id).get("attempts").get(i).get("number").asInt())
                        .toList());
    }

    @Test
    void replay_with_a_new_id_makes_a_new_delivery_that_names_the_first() {
        String id = delivered("twice").get("id").asText();
        HttpResponse<String> answer = replay(id, "{\"newId\": true}");
        assertEquals(202, answer.statusCode(), answer.body());
        JsonNode made = RunningProduct.json(answer);
        assertNotEquals(id, made.get("id").asText());
        assertEquals(id, made.get("replayOf").asText());
        product.awaitDeliveries(READ, "twice", 2, "delivered");
        assertEquals(1, one(id).get("attemptCount").asInt());
        assertEquals(1, one(made.get("id").asText()).get("attemptCount").asInt());
    }

    @TestFactory
    List<DynamicTest> a_replay_with_a_bad_body_does_nothing() {
        String id = delivered("bad-replay").get("id").asText();
        return List.of(
                        "[]",
                        "null",
                        "true",
                        "{",
                        "{}{}",
                        "{\"newId\": 1}",
                        "{\"newId\": null}",
                        "{\"newId\": \"true\"}",
                        "{\"newID\": true}",
                        "{\"newId\": true, \"newId\": true}",
                        "newId=true",
                        "[".repeat(5000))
                .stream()
                .map(body -> DynamicTest.dynamicTest(Parameters.shortened(body), () -> {
                    ApiClient.assertProblem(400, "bad-body", replay(id, body));
                    assertEquals(1, one(id).get("attemptCount").asInt());
                }))
                .toList();
    }

    @Test
    void a_form_in_place_of_a_body_is_refused_too() {
        String id = delivered("form").get("id").asText();
        for (String type : List.of("application/x-www-form-urlencoded", "multipart/form-data; boundary=b")) {
            String body = type.startsWith("multipart")
                    ? "--b\r\nContent-Disposition: form-data; name=\"newId\"\r\n\r\ntrue\r\n--b--\r\n"
                    : "newId=true";
            ApiClient.assertProblem(
                    415, "unsupported-media-type", product.post("/v1/deliveries/" + id + "/replay", ADMIN, type, body));
        }
        assertEquals(1, one(id).get("attemptCount").asInt());
    }

    @Test
    void without_its_payload_it_cannot_be_replayed() {
        String id = delivered("expired").get("id").asText();
        Instant later = Instant.now().plusSeconds(60);
        Store store = product.part("store", Store.class);
        Awaitility.await().until(() -> {
            store.retain(SampleLimits.of(later, later, Instant.EPOCH, Instant.EPOCH, Instant.EPOCH, 10_000))
                    .toCompletableFuture()
                    .join();
            return replay(id, "").statusCode() == 410;
        });
        ApiClient.assertProblem(410, "payload-expired", replay(id, ""));
        ApiClient.assertProblem(410, "payload-expired", replay(id, "{\"newId\":true}"));
        assertEquals("delivered", one(id).get("state").asText());
    }

    @Test
    void a_binary_response_is_base64_and_a_truncated_character_does_not_make_it_binary() {
        byte[] bytes = {(byte) 0xFF, 0, 1};
        assertEquals(
                Base64.getEncoder().encodeToString(bytes),
                AttemptView.of(attempt(bytes), null).bodyBase64());
        byte[] cut = ("x" + "é".repeat(8192)).getBytes(StandardCharsets.UTF_8);
        byte[] kept = java.util.Arrays.copyOf(cut, 16 * 1024);
        assertEquals("x" + "é".repeat(8191), AttemptView.of(attempt(kept), null).body());
        byte[] broken = {'a', (byte) 0xC3};
        assertNull(AttemptView.of(attempt(broken), null).body());
    }

    private static io.engagementwebhooks.store.query.AttemptRow attempt(byte[] body) {
        return SampleAttempt.of(1, Instant.EPOCH, 1, "delivered", "", null, 200, null, body);
    }

    @Test
    void lists_are_filtered_by_webhook_event_outcome_and_time() {
        JsonNode delivery = delivered("narrow");
        String accepted = delivery.get("acceptedAt").asText();
        String after = Instant.parse(accepted).plusMillis(1).toString();
        String id = delivery.get("id").asText();
        assertTrue(ids("?webhook=calls&event=narrow&outcome=delivered").contains(id));
        assertEquals(Set.of(), ids("?webhook=tasks&event=narrow"));
        assertEquals(Set.of(), ids("?webhook=unknown&event=narrow"));
        assertEquals(Set.of(), ids("?event=narrow&outcome=try-later"));
        assertEquals(Set.of(id), ids("?event=narrow&from=" + accepted + "&to=" + after));
        assertEquals(Set.of(), ids("?event=narrow&from=" + after));
        assertEquals(Set.of(), ids("?event=narrow&to=" + accepted));
        assertEquals(Set.of(id), ids("?event=narrow&from=2026-01-01T02:00:00%2B02:00"));
        assertEquals(Set.of(), ids("?event=%27%20OR%201=1%20--"));
    }

    @Test
    void lists_are_filtered_by_event_type_and_state() {
        String first = refused("refused-odd-1");
        String second = refused("refused-odd-2");
        assertEquals(Set.of(first, second), ids("?eventType=call.odd"));
        assertEquals(Set.of(first, second), ids("?eventType=call.odd&state=waiting&webhook=calls"));
        assertEquals(Set.of(first), ids("?eventType=call.odd&text=odd-1"));
        assertEquals(Set.of(first), ids("?eventType=call.odd&text=refused-odd-1"), "a whole id too");
        assertEquals(Set.of(), ids("?eventType=call.ended&text=refused-odd-1"));
        assertEquals(Set.of(), ids("?eventType=call.o"), "a type is whole");
        JsonNode page = product.read("/v1/deliveries?eventType=call.odd&limit=1", READ);
        assertEquals(second, page.at("/items/0/id").asText());
        page = product.read(
                "/v1/deliveries?eventType=call.odd&limit=1&cursor="
                        + page.get("next").asText(),
                READ);
        assertEquals(first, page.at("/items/0/id").asText());
        assertTrue(page.get("next").isNull());

        assertEquals(
                200,
                product.post("/v1/deliveries/" + first + "/cancel", ADMIN, "application/json", "")
                        .statusCode());
        assertEquals(Set.of(first), ids("?eventType=call.odd&state=discarded"));
        assertEquals(Set.of(second), ids("?eventType=call.odd&state=waiting"));
        assertEquals(Set.of(), ids("?eventType=call.odd&state=paused"));
    }

    @Test
    void each_delivery_has_a_status_and_is_found_by_it() {
        JsonNode delivered = delivered("status-delivered");
        String retrying = refused("refused-status");
        String canceled = refused("refused-status-2");
        product.post("/v1/deliveries/" + canceled + "/cancel", ADMIN, "application/json", "");
        String id = delivered.get("id").asText();
        assertEquals("delivered", one(id).get("status").asText());
        assertEquals("retrying", one(retrying).get("status").asText());
        assertEquals("canceled", one(canceled).get("status").asText());
        assertEquals(Set.of(id), ids("?event=status-delivered&status=delivered"));
        assertEquals(Set.of(), ids("?event=status-delivered&status=failed"));
        assertEquals(Set.of(retrying), ids("?event=refused-status&status=retrying"));
        assertEquals(Set.of(retrying), ids("?event=refused-status&status=failing"));
        assertEquals(Set.of(), ids("?event=status-delivered&status=failing"));
        assertEquals(
                "{\"deliveries\":1,\"more\":false}",
                product.read("/v1/deliveries?event=refused-status&status=queued&counts=true", READ)
                        .at("/counts/failing")
                        .toString());
        assertEquals(Set.of(), ids("?event=refused-status&status=queued"));
        assertEquals(Set.of(canceled), ids("?event=refused-status-2&status=canceled"));
        product.post("/v1/webhooks/calls/pause", ADMIN, "application/json", "");
        assertEquals(Set.of(retrying), ids("?event=refused-status&status=paused"));
        assertEquals("paused", one(retrying).get("status").asText());
        product.post("/v1/webhooks/calls/resume", ADMIN, "application/json", "");
    }

    /** The id of a delivery of an event with its own type, after its receiver refused it. */
    private String refused(String event) {
        product.postEvent(ADMIN, TwoAccounts.event(event).replace("call.ended", "call.odd"));
        return Awaitility.await()
                .until(
                        () -> product.read("/v1/deliveries?event=" + event + "&outcome=try-later", READ)
                                .at("/items/0"),
                        refused -> refused.path("state").asText().equals("waiting"))
                .path("id")
                .asText();
    }

    private Set<String> ids(String query) {
        JsonNode page = product.read("/v1/deliveries" + query, READ);
        Set<String> ids = new HashSet<>();
        page.get("items").forEach(item -> ids.add(item.get("id").asText()));
        return ids;
    }

    @TestFactory
    List<DynamicTest> a_parameter_that_is_not_understood_is_named() {
        return Map.ofEntries(
                        Map.entry("limit=0", "limit"),
                        Map.entry("limit=201", "limit"),
                        Map.entry("limit=-1", "limit"),
                        Map.entry("limit=1e2", "limit"),
                        Map.entry("limit=", "limit"),
                        Map.entry("limit", "limit"),
                        Map.entry("limit=10&limit=20", "limit"),
                        Map.entry("limit=99999999999999999999", "limit"),
                        Map.entry("payload=SE4711", "payload"),
                        Map.entry("payload=order%3D1", "payload"),
                        Map.entry("counts=yes", "counts"),
                        Map.entry("outcome=waiting", "outcome"),
                        Map.entry("outcome=", "outcome"),
                        Map.entry("state=delivered", "state"),
                        Map.entry("status=sending", "status"),
                        Map.entry("status=failed&outcome=gave-up", "status"),
                        Map.entry("eventType=", "eventType"),
                        Map.entry("from=yesterday", "from"),
                        Map.entry("from=2026-11-24", "from"),
                        Map.entry("from=2026-11-24T09:31:07", "from"),
                        Map.entry("to=-999999999-01-01T00:00:00Z", "to"),
                        Map.entry("to=%2B999999999-12-31T23:59:59Z", "to"),
                        Map.entry("from=2026-11-25T00:00:00Z&to=2026-11-24T00:00:00Z", "from"),
                        Map.entry("cursor=", "cursor"),
                        Map.entry("cursor=x", "cursor"),
                        Map.entry("cursor=%00%ff", "cursor"),
                        Map.entry("cursor=bXNnXzAx", "cursor"),
                        Map.entry("webhook=", "webhook"),
                        Map.entry("event=", "event"),
                        Map.entry("account=other", "account"),
                        Map.entry("sort=asc", "sort"),
                        Map.entry("CamelHttpUri=http://x", "CamelHttpUri"))
                .entrySet()
                .stream()
                .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> {
                    HttpResponse<String> answer = product.get("/v1/deliveries?" + each.getKey(), READ);
                    ApiClient.assertProblem(400, "bad-parameter", answer);
                    String detail = RunningProduct.json(answer).get("detail").asText();
                    assertTrue(detail.contains("'" + each.getValue() + "'"), detail);
                }))
                .toList();
    }

    @Test
    void a_query_that_is_not_percent_encoded_gets_400_and_is_not_repeated() {
        Raw.Answer answer = Raw.exchange(
                product.port(),
                "GET /v1/deliveries?event=planted%zz HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + product.key(READ)
                        + "\r\n\r\n");
        assertEquals(400, answer.status());
        assertFalse(answer.text().contains("planted"), answer.text());
    }

    @Test
    void pages_are_walked_without_gaps_or_doubles_while_new_ones_arrive() {
        try (RunningProduct running = RunningProduct.shared(TwoAccounts.delivering(receiver.url()))) {
            ApiClient acme = new ApiClient(running, ADMIN);
            acme.did("calls", "pause");
            for (int batch = 0; batch < 5; batch++) {
                acme.events("e", batch * 50, 50);
            }
            List<String> walked = new ArrayList<>();
            String next = "";
            for (int page = 0; next != null; page++) {
                JsonNode answer = running.read("/v1/deliveries?limit=60" + next, READ);
                answer.get("items").forEach(item -> walked.add(item.get("event").asText()));
                next = answer.get("next").isNull()
                        ? null
                        : "&cursor=" + answer.get("next").asText();
                acme.events("e", 1000 + page * 10, 10);
            }
            List<String> newestFirst =
                    IntStream.range(0, 250).mapToObj(i -> "e" + (249 - i)).toList();
            assertEquals(newestFirst, walked);
        }
    }

    @Test
    void a_last_page_that_is_full_has_no_next() {
        delivered("full-1");
        JsonNode page = product.read("/v1/deliveries?event=full-1&limit=1", READ);
        assertEquals(1, page.get("items").size());
        assertTrue(page.get("next").isNull());
    }

    @Test
    void a_cursor_is_valid_for_its_own_list_only() {
        delivered("c1");
        delivered("c2");
        String cursor = product.read("/v1/deliveries?limit=1", READ).get("next").asText();
        assertEquals(
                200,
                product.get("/v1/deliveries?limit=2&cursor=" + cursor, READ).statusCode());
        char last = cursor.charAt(cursor.length() - 1);
        for (String tampered : List.of(
                cursor.substring(1),
                cursor.substring(0, cursor.length() - 1),
                cursor + "A",
                cursor.substring(0, cursor.length() - 2) + (last == 'A' ? "BB" : "AA"),
                (cursor.charAt(0) == 'A' ? "B" : "A") + cursor.substring(1),
                cursor + "=")) {
            String query = "?limit=1&cursor=" + URLEncoder.encode(tampered, StandardCharsets.UTF_8);
            ApiClient.assertProblem(400, "bad-parameter", product.get("/v1/deliveries" + query, READ));
        }
        String query = "?limit=1&cursor=" + cursor;
        ApiClient.assertProblem(
                400, "bad-parameter", product.get("/v1/deliveries" + query, TwoAccounts.readKey("other")));
        ApiClient.assertProblem(400, "bad-parameter", product.get("/v1/deliveries" + query + "&webhook=calls", READ));
        ApiClient.assertProblem(400, "bad-parameter", product.get("/v1/webhooks" + query, READ));
    }

    @Test
    void request_headers_are_not_in_the_response() {
        HttpRequest request = product.request("/v1/deliveries?limit=1", READ)
                .header("X-Mine", "mine")
                .header("CamelHttpResponseCode", "299")
                .header("Set-Cookie", "a=b")
                .build();
        HttpResponse<String> answer = product.send(request);
        assertEquals(200, answer.statusCode());
        assertEquals(
                Set.of("content-type", "content-length"),
                answer.headers().map().keySet().stream()
                        .map(name -> name.toLowerCase(java.util.Locale.ROOT))
                        .collect(Collectors.toSet()));
    }
}
