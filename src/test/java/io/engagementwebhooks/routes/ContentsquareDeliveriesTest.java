package io.engagementwebhooks.routes;

import static io.engagementwebhooks.routes.WholeProduct.callEnded;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.ContentsquareStandIn;
import io.engagementwebhooks.testkit.ContentsquareStandIn.Key;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls on their way into sessions at Contentsquare: numbers, order, batches (semantics 20), and bodies of one's own. */
@Timeout(300)
class ContentsquareDeliveriesTest {

    private static final String SESSIONS = "sessions";

    @AutoClose
    private final WholeProduct whole = new WholeProduct();

    private RunningProduct product;

    private void start(String webhooks) {
        product = whole.start(webhooks);
    }

    private static String call(String id, String subject, String time, int seconds, Consumer<ObjectNode> more) {
        return callEnded(id, event -> {
            event.put("subject", subject).put("time", time);
            ((ObjectNode) event.get("data")).put("duration", seconds);
            more.accept(event);
        });
    }

    private static String call(String id, String subject, String time, int seconds) {
        return call(id, subject, time, seconds, event -> {});
    }

    private static Key numbered(int number) {
        return new Key(1337, "ae267-6g87D-88Nn6od", 4, number);
    }

    private int duration(int number) {
        return whole.contentsquare
                .accepted()
                .get(numbered(number))
                .get("call_duration")
                .asInt();
    }

    private void deliver(String event, String id, DeliveryState state) {
        whole.accept(event);
        whole.await(id, SESSIONS, state);
    }

    @Test
    void calls_of_a_session_have_numbers_of_their_own_and_a_later_event_of_a_call_overwrites_its_own() {
        start(WholeProduct.toContentsquare(SESSIONS));

        deliver(call("e1", "call/1", "2026-11-24T09:00:00Z", 1), "e1", DeliveryState.DELIVERED);
        deliver(call("e2", "call/2", "2026-11-24T09:01:00Z", 2), "e2", DeliveryState.DELIVERED);
        deliver(call("e3", "call/1", "2026-11-24T09:02:00Z", 3), "e3", DeliveryState.DELIVERED);
        deliver(call("e4", "call/3", "2026-11-24T09:03:00Z", 4), "e4", DeliveryState.DELIVERED);
        deliver(call("e5", "call/4", "2026-11-24T09:04:00Z", 5), "e5", DeliveryState.SKIPPED);

        assertEquals(3, whole.contentsquare.accepted().size());
        assertEquals(List.of(3000, 2000, 4000), List.of(duration(1), duration(2), duration(3)));
        assertEquals(
                "the session has the 3 enrichments already that Contentsquare keeps of one, each of another call",
                whole.delivery("e5", SESSIONS).reason());
        assertEquals(0, whole.delivery("e5", SESSIONS).attempts());
    }

    @Test
    void an_event_without_a_session_is_skipped_and_sends_nothing() {
        start(WholeProduct.toContentsquare(SESSIONS));

        String event = call(
                "e1", "call/1", "2026-11-24T09:00:00Z", 1, changed -> ((ObjectNode) changed.get("data")).remove("web"));
        deliver(event, "e1", DeliveryState.SKIPPED);

        assertEquals(
                "no Contentsquare session in the event",
                whole.delivery("e1", SESSIONS).reason());
        assertEquals(0, whole.contentsquare.tokenRequests().size());
    }

    @Test
    void without_a_subject_the_number_belongs_to_the_call_record() {
        start(WholeProduct.toContentsquare(SESSIONS));

        for (int i = 1; i <= 2; i++) {
            int cdrId = i;
            deliver(
                    call("e" + i, "x", "2026-11-24T09:0" + i + ":00Z", i, event -> {
                        event.remove("subject");
                        ((ObjectNode) event.get("data")).put("cdr_id", cdrId);
                    }),
                    "e" + i,
                    DeliveryState.DELIVERED);
        }

        assertEquals(List.of(1000, 2000), List.of(duration(1), duration(2)));
    }

    private void retryNow(String event) {
        String id = whole.delivery(event, SESSIONS).id();
        HttpResponse<String> answer =
                product.post("/v1/deliveries/" + id + "/retry", WholeProduct.KEY, "application/json", "{}");
        assertTrue(answer.statusCode() / 100 == 2, answer.body());
    }

    @Test
    void an_older_one_that_failed_first_is_superseded_when_its_turn_comes_again() {
        whole.contentsquare.failNext(1, 503);
        start(WholeProduct.toContentsquare(SESSIONS).replace("[100ms, 100ms, 100ms]", "[1h]"));
        whole.accept(call("older", "call/1", "2026-11-24T09:00:00Z", 1));
        WholeProduct.await(() -> whole.delivery("older", SESSIONS).attempts() == 1);

        deliver(call("newer", "call/1", "2026-11-24T10:00:00Z", 2), "newer", DeliveryState.DELIVERED);
        retryNow("older");

        whole.await("older", SESSIONS, DeliveryState.SKIPPED);
        assertEquals(
                "superseded by event newer", whole.delivery("older", SESSIONS).reason());
        assertEquals(2000, duration(1));
    }

    @Test
    void writes_to_one_record_go_one_at_a_time_however_many_wait() {
        start(WholeProduct.toContentsquare(SESSIONS));
        whole.contentsquare.slowNext(1, Duration.ofMillis(300));

        IntStream.rangeClosed(1, 20)
                .forEach(i -> whole.accept(call("e" + i, "call/1", "2026-11-24T09:00:%02dZ".formatted(i), i)));

        WholeProduct.await(() -> whole.delivery("e20", SESSIONS).state() == DeliveryState.DELIVERED
                && IntStream.rangeClosed(1, 20)
                        .allMatch(i -> whole.delivery("e" + i, SESSIONS).state().ended()));
        assertEquals(20_000, duration(1));
        assertEquals(1, whole.contentsquare.accepted().size());
        whole.contentsquare
                .batches()
                .forEach(batch -> assertEquals(1, batch.get("enrichments").size()));
    }

    @Test
    void what_is_due_together_goes_in_one_request_and_each_has_its_own_attempt() {
        tenAtOnce(i -> ofSession("e" + i, i));

        IntStream.range(0, 10).forEach(i -> whole.await("e" + i, SESSIONS, DeliveryState.DELIVERED));
        assertEquals(11, whole.contentsquare.accepted().size());
        List<String> reported = sizes().stream()
                .flatMap(size -> Collections.nCopies(size, together(size)).stream())
                .sorted()
                .toList();
        assertEquals(10, reported.size());
        assertTrue(sizes().size() < 10, () -> "none went together: " + sizes());
        assertEquals(
                reported,
                IntStream.range(0, 10)
                        .mapToObj(i -> onlyAttempt("e" + i))
                        .peek(attempt -> assertEquals(200, attempt.status()))
                        .map(attempt -> attempt.note() == null ? "" : attempt.note())
                        .sorted()
                        .toList());
    }

    /** How many went in each request after the probe. */
    private List<Integer> sizes() {
        return whole.contentsquare.batches().stream()
                .skip(1)
                .map(batch -> batch.get("enrichments").size())
                .toList();
    }

    private static String together(int size) {
        return size == 1 ? "" : "one of " + size + " in one request";
    }

    private AttemptRow onlyAttempt(String event) {
        List<AttemptRow> attempts = whole.attempts(event, SESSIONS);
        assertEquals(1, attempts.size());
        return attempts.get(0);
    }

    @Test
    void of_a_rejected_batch_only_the_bad_record_fails() {
        whole.contentsquare.refuse("poison");

        tenAtOnce(i -> call("e" + i, "call/" + i, "2026-11-24T09:00:00Z", i, event -> session(event)
                .put("sessionNumber", i + 1)
                .put("userId", i == 7 ? "poison" : "u")));

        IntStream.range(0, 10)
                .forEach(i -> whole.await("e" + i, SESSIONS, i == 7 ? DeliveryState.GAVE_UP : DeliveryState.DELIVERED));
        assertEquals(10, whole.contentsquare.accepted().size());
        List<Integer> refused = whole.contentsquare.batches().stream()
                .filter(batch -> batch.toString().contains("poison"))
                .map(batch -> batch.get("enrichments").size())
                .toList();
        for (int i = 1; i < refused.size(); i++) {
            int half = (refused.get(i - 1) + 1) / 2;
            assertTrue(refused.get(i) <= half, () -> "not halved: " + refused);
        }
        assertEquals(1, refused.get(refused.size() - 1), "it failed alone");
        assertEquals(
                "Contentsquare answered 400 (INVALID_ENRICHMENT)",
                whole.delivery("e7", SESSIONS).reason());
        assertEquals(400, whole.attempts("e7", SESSIONS).get(0).status());
        IntStream.range(0, 10).forEach(i -> onlyAttempt("e" + i));
    }

    @Test
    void a_batch_that_was_not_answered_is_tried_again_by_each_of_its_deliveries() {
        tenAtOnce(i -> {
            if (i == 0) {
                whole.contentsquare.resetNext(1);
            }
            return ofSession("e" + i, i);
        });

        IntStream.range(0, 10).forEach(i -> whole.await("e" + i, SESSIONS, DeliveryState.DELIVERED));
        int reset = sizes().get(0);
        assertTrue(reset > 1, () -> "none went together: " + sizes());
        assertEquals(
                10 + reset,
                IntStream.range(0, 10)
                        .map(i -> whole.attempts("e" + i, SESSIONS).size())
                        .sum());
        assertEquals(10 + reset, sizes().stream().mapToInt(size -> size).sum());
        // a project that does not answer gets half as many at a time (semantics 18)
        assertTrue(sizes().stream().skip(1).allMatch(size -> size <= 8), () -> "not half as many: " + sizes());
    }

    @Test
    void an_expired_token_is_renewed_within_the_attempt() {
        start(WholeProduct.toContentsquare(SESSIONS));
        deliver(call("e1", "call/1", "2026-11-24T09:00:00Z", 1), "e1", DeliveryState.DELIVERED);
        whole.contentsquare.revokeTokens();

        deliver(call("e2", "call/1", "2026-11-24T09:01:00Z", 2), "e2", DeliveryState.DELIVERED);

        assertEquals(1, whole.delivery("e2", SESSIONS).attempts());
        assertEquals(2, whole.contentsquare.tokenRequests().size());
    }

    @Test
    void credentials_that_are_refused_again_and_again_do_not_end_the_delivery() {
        whole.contentsquare.failNext(2, 401);
        start(WholeProduct.toContentsquare(SESSIONS));

        deliver(call("e1", "call/1", "2026-11-24T09:00:00Z", 1), "e1", DeliveryState.DELIVERED);

        assertEquals("try-later", whole.attempts("e1", SESSIONS).get(0).outcome());
        assertEquals(401, whole.attempts("e1", SESSIONS).get(0).status());
    }

    @Test
    void another_projects_session_gives_up_and_says_so() {
        whole.contentsquare.onlyProject(1);
        start(WholeProduct.toContentsquare(SESSIONS));

        deliver(call("e1", "call/1", "2026-11-24T09:00:00Z", 1), "e1", DeliveryState.GAVE_UP);

        assertEquals(
                "Contentsquare answered 403 (FORBIDDEN_PROJECT)",
                whole.delivery("e1", SESSIONS).reason());
    }

    // --- bodies of one's own

    @Test
    void a_webhooks_own_body_goes_to_its_path_with_the_connections_token_and_is_signed_and_recorded_like_others() {
        whole.contentsquare.failNext(1, 503);
        start(
                """
                - name: sessions
                  events: ['*']
                  retry: [100ms, 100ms]
                  delivery:
                    bodyJq: '{call: .data.cdr_id}'
                    method: PUT
                    headers: {X-Campaign: "{source_name}"}
                    authentication: {type: contentsquare, connection: insights}
                    contentsquare: {path: "/v1/calls?source=us"}
                """);

        deliver(
                callEnded("e1", event -> ((ObjectNode) event.get("data")).remove("web")),
                "e1",
                DeliveryState.DELIVERED);

        ContentsquareStandIn.Own own = whole.contentsquare.ownRequests().get(0);
        assertEquals("PUT /v1/calls?source=us", own.method() + " " + own.target());
        assertEquals("{\"call\":914022177}", own.body());
        assertEquals("application/json", own.headers().getFirst("Content-Type"));
        assertEquals("Autumn campaign", own.headers().getFirst("X-Campaign"));
        assertEquals("msg_" + whole.delivery("e1", SESSIONS).id(), own.headers().getFirst("webhook-id"));
        List<AttemptRow> attempts = whole.attempts("e1", SESSIONS);
        assertEquals(
                List.of(503, 200), attempts.stream().map(AttemptRow::status).toList());
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 400})
    void keys_of_a_webhooks_own_that_the_answer_shows_are_not_kept(int status) {
        whole.contentsquare.answerNext(
                1, status, "you sent key-of-a-header to ?key=key-of-the-query or key%2Dof-the-query", Map.of());
        start(
                """
                - name: sessions
                  events: ['*']
                  delivery:
                    bodyJq: '{call: .data.cdr_id}'
                    headers: {X-Api-Key: key-of-a-header}
                    authentication: {type: contentsquare, connection: insights}
                    contentsquare: {path: "/v1/calls?key=key-of-the-query"}
                """);

        deliver(callEnded("e1"), "e1", status == 200 ? DeliveryState.DELIVERED : DeliveryState.GAVE_UP);

        assertEquals(
                "you sent *** to ?key=*** or ***",
                new String(whole.attempts("e1", SESSIONS).get(0).body(), StandardCharsets.UTF_8));
    }

    // --- trying a connection out

    private JsonNode tested() {
        HttpResponse<String> answer =
                product.post("/v1/connections/insights/test", WholeProduct.KEY, "application/json", "{}");
        assertEquals(200, answer.statusCode(), answer.body());
        return RunningProduct.json(answer);
    }

    private static List<String> texts(JsonNode report) {
        return report.get("findings").findValuesAsText("text");
    }

    @Test
    void a_connection_that_works_says_so_and_where_enrichments_go() {
        start(WholeProduct.toContentsquare(SESSIONS));

        JsonNode report = tested();

        assertTrue(report.get("ok").asBoolean(), report.toString());
        assertEquals(
                "Contentsquare's token service took the credentials",
                texts(report).get(0));
        assertEquals(
                "enrichments go to 127.0.0.1, which is under 127.0.0.1",
                texts(report).get(1));
        assertTrue(texts(report).get(2).startsWith("when the credentials expire is not known"), report.toString());
        assertEquals(0, whole.contentsquare.batches().size());
    }

    @Test
    void refused_credentials_and_a_strange_endpoint_are_reported_in_plain_words() {
        start(WholeProduct.toContentsquare(SESSIONS));
        whole.contentsquare.answerNextTokenRequests(1, 401, "{\"errorCode\":\"INVALID_CLIENT\"}", java.util.Map.of());
        assertTrue(texts(tested()).get(0).contains("it refused client 'cs-client'; check its id, secret"));

        whole.contentsquare.changeTokenAnswers("endpoint", "https://evil.example.com");
        JsonNode report = tested();
        assertTrue(!report.get("ok").asBoolean());
        assertTrue(
                texts(report).get(0).contains("names host 'evil.example.com', which must be '127.0.0.1'"),
                report.toString());
    }

    private static ObjectNode session(ObjectNode event) {
        return (ObjectNode) event.at("/data/web/contentsquare");
    }

    private static String ofSession(String id, int session) {
        return call(id, "call/" + id, "2026-11-24T09:00:00Z", session, event -> session(event)
                .put("sessionNumber", session + 1));
    }

    /**
     * Ten deliveries that are due together, after a probe, which a webhook sends by itself that a running product is given;
     * each waits for the others for long, so that it needs no luck.
     */
    private void tenAtOnce(IntFunction<String> event) {
        whole.change = file -> file.replace(
                "integrationVersion: 1", "integrationVersion: 1\n        batchSize: 10\n        batchWait: 1s");
        start(WholeProduct.toContentsquare(SESSIONS));
        deliver(ofSession("probe", 99), "probe", DeliveryState.DELIVERED);
        product.post("/v1/webhooks/" + SESSIONS + "/pause", WholeProduct.KEY, "application/json", "{}");
        IntStream.range(0, 10).forEach(i -> whole.accept(event.apply(i)));
        product.post("/v1/webhooks/" + SESSIONS + "/resume", WholeProduct.KEY, "application/json", "{}");
    }

    @Test
    void a_destination_without_a_route_waits_and_says_what_is_missing() {
        start(
                """
                - name: sessions
                  events: ['*']
                  delivery:
                    url: "https://api.example.com/"
                    authentication: {type: custom, destination: hubspot}
                """);
        whole.accept(callEnded("e1"));

        WholeProduct.await(() -> whole.delivery("e1", SESSIONS).reason() != null);

        DeliveryRow waiting = whole.delivery("e1", SESSIONS);
        assertTrue(waiting.reason().startsWith("no route sends to destination 'hubspot'"), waiting.reason());
        assertTrue(waiting.reason().endsWith("from direct:deliver-hubspot"), waiting.reason());
        assertEquals(DeliveryState.WAITING, waiting.state());
        assertEquals(0, waiting.attempts());
        assertNull(waiting.outcome());
    }
}
