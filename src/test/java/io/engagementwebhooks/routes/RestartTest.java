package io.engagementwebhooks.routes;

import static io.engagementwebhooks.routes.SalesforceProductTest.KEY;
import static io.engagementwebhooks.routes.SalesforceProductTest.at;
import static io.engagementwebhooks.routes.SalesforceProductTest.call;
import static io.engagementwebhooks.routes.SalesforceProductTest.config;
import static io.engagementwebhooks.routes.SalesforceProductTest.connection;
import static io.engagementwebhooks.routes.SalesforceProductTest.event;
import static io.engagementwebhooks.routes.SalesforceProductTest.note;
import static io.engagementwebhooks.routes.SalesforceProductTest.secret;
import static io.engagementwebhooks.routes.SalesforceProductTest.singleAndComposite;
import static io.engagementwebhooks.routes.SalesforceProductTest.webhook;
import static io.engagementwebhooks.routes.SalesforceProductTest.written;
import static io.engagementwebhooks.routes.WholeProduct.callEnded;
import static io.engagementwebhooks.routes.WholeProduct.toContentsquare;
import static io.engagementwebhooks.testkit.Collector.attribute;
import static io.engagementwebhooks.testkit.Collector.id;
import static io.engagementwebhooks.testkit.Collector.parent;
import static io.engagementwebhooks.testkit.Collector.trace;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.Collector;
import io.engagementwebhooks.testkit.ContentsquareStandIn.Key;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a product knew before a restart counts after it. A separate product, stopped and started again once: each test
 * has an account in it, begins in {@code before…}, and looks at what follows after the restart.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestartTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SENDER = "00f067aa0ba902b7";
    private static final String SESSIONS = "sessions";

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Collector collector = opened(new Collector());
    private Path folder;
    private RunningProduct product;

    private <T extends AutoCloseable> T opened(T part) {
        opened.push(part);
        return part;
    }

    @BeforeAll
    void restart(@TempDir Path folder) throws Exception {
        this.folder = folder;
        product = opened(RunningProduct.start(
                folder,
                WholeProduct.NO_ACCOUNTS,
                "webhooks.tracing.endpoint=" + collector.url(),
                "camel.main.shutdownTimeout=30"));
        beforeNumbersAreGiven();
        beforeAnOlderEnrichment();
        beforeATokenIsRotatedAgain();
        beforeAnOlderRecord();
        beforeAnOlderRecordIsLinked();
        beforeSinglesAndComposites();
        beforeATraceGoesOn();
        beforeAStopWithAttemptsInFlight();

        CamelContext camel = product.camel();
        CompletableFuture<Void> stopping = CompletableFuture.runAsync(product::stop);
        WholeProduct.await(camel::isStopping);
        answer.countDown();
        stopping.get(Patience.LONG.toSeconds(), TimeUnit.SECONDS);
        assertFalse(camel.isStarted());
        product.start();
    }

    @AfterAll
    void close() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    // --- deliveries

    private final CountDownLatch answer = new CountDownLatch(1);
    private final Receiver slow = opened(new Receiver(got -> afterAnswer(200)));
    private final AtomicInteger asked = new AtomicInteger();
    private final Receiver failing = opened(new Receiver(got -> afterAnswer(asked.incrementAndGet() == 1 ? 503 : 200)));
    private WholeProduct inFlight;

    private Reply afterAnswer(int status) {
        Patience.await(answer);
        return new Reply(status);
    }

    private void beforeAStopWithAttemptsInFlight() {
        inFlight = opened(new WholeProduct(product));
        inFlight.start(WholeProduct.webhook("slow", slow.url(), "authentication: {type: none}")
                + WholeProduct.webhook("failing", failing.url(), "authentication: {type: none}")
                        .replace("100ms, 100ms", "3s, 3s"));
        inFlight.accept(callEnded("e1"));
        WholeProduct.await(
                () -> slow.requests().size() == 1 && failing.requests().size() == 1);
    }

    @Test
    void what_is_in_flight_at_a_stop_ends_its_try_and_is_recorded() {
        assertEquals(DeliveryState.DELIVERED, inFlight.delivery("e1", "slow").state());
        assertEquals(1, inFlight.attempts("e1", "slow").size());
        assertEquals(1, slow.requests().size());
    }

    @Test
    void a_waiting_delivery_when_the_product_stops_is_delivered_after_the_next_start() {
        inFlight.await("e1", "failing", DeliveryState.DELIVERED);
        assertEquals(
                List.of("try-later", "delivered"),
                inFlight.attempts("e1", "failing").stream()
                        .map(AttemptRow::outcome)
                        .toList());
        assertEquals(
                List.of(callEnded("e1"), callEnded("e1")),
                failing.requests().stream().map(Receiver.Got::body).toList());
    }

    // --- traces

    private final AtomicInteger status = new AtomicInteger(500);
    private final Receiver traced = opened(new Receiver(got -> new Reply(status.get())));
    private WholeProduct tracing;
    private RunningProduct account;

    private void beforeATraceGoesOn() {
        tracing = opened(new WholeProduct(product));
        account = tracing.start(WholeProduct.webhook("one", traced.url(), "authentication: {type: none}")
                .replace("100ms, 100ms, 100ms", "1d"));
        HttpRequest.Builder request = account.request("/v1/events", WholeProduct.KEY)
                .header("Content-Type", "application/cloudevents+json")
                .header("traceparent", "00-" + TRACE + "-" + SENDER + "-01")
                .POST(HttpRequest.BodyPublishers.ofString(callEnded("e1")));
        assertEquals(202, account.send(request.build()).statusCode());
        WholeProduct.await(() -> tracing.delivery("e1", "one").attempts() == 1);
    }

    private Predicate<Span> ofAttempt(int number) {
        return span -> attribute(span, "webhooks.account").equals(account.account("acme"))
                && attribute(span, "webhooks.attempt").equals(Integer.toString(number));
    }

    @Test
    void a_trace_goes_from_the_sender_through_the_stored_row_to_the_receiver() {
        status.set(200);
        String message = "msg_" + tracing.delivery("e1", "one").id();
        assertEquals(
                202,
                account.post("/v1/deliveries/" + message + "/retry", WholeProduct.KEY, "application/json", "{}")
                        .statusCode());
        tracing.await("e1", DeliveryState.DELIVERED);

        Span request = collector.await(span ->
                span.getKind() == Span.SpanKind.SPAN_KIND_SERVER && trace(span).equals(TRACE));
        assertEquals(SENDER, parent(request));
        assertEquals("POST /v1/events", request.getName());
        assertEquals("202", attribute(request, "http.response.status_code"));
        assertEquals(account.account("acme"), attribute(request, "webhooks.account"));
        Span first = collector.await(ofAttempt(1));
        Span second = collector.await(ofAttempt(2));
        for (Span attempt : List.of(first, second)) {
            assertEquals(TRACE, trace(attempt));
            assertEquals(id(request), parent(attempt), "the row tells where the event stood");
            assertEquals(Span.SpanKind.SPAN_KIND_CLIENT, attempt.getKind());
            assertEquals("POST", attempt.getName());
            assertEquals("127.0.0.1", attribute(attempt, "server.address"));
            assertEquals(Integer.toString(traced.url().getPort()), attribute(attempt, "server.port"));
            assertEquals("e1", attribute(attempt, "cloudevents.event_id"));
            assertEquals(message, attribute(attempt, "webhooks.message_id"));
            assertTrue(attempt.getStartTimeUnixNano() <= attempt.getEndTimeUnixNano());
        }
        assertEquals("500", attribute(first, "http.response.status_code"));
        assertEquals("500", attribute(first, "error.type"));
        assertEquals("try-later", attribute(first, "webhooks.outcome"));
        assertEquals(
                io.opentelemetry.proto.trace.v1.Status.StatusCode.STATUS_CODE_ERROR,
                first.getStatus().getCode());
        assertEquals("200", attribute(second, "http.response.status_code"));
        assertEquals("1", attribute(second, "http.request.resend_count"));
        assertEquals("delivered", attribute(second, "webhooks.outcome"));
        assertEquals(new TraceParent(TRACE, id(first), "01"), received(0), "the receiver's parent is the span");
        assertEquals(new TraceParent(TRACE, id(second), "01"), received(1));
    }

    private TraceParent received(int request) {
        return TraceParent.of(traced.requests().get(request).header("traceparent"))
                .orElseThrow();
    }

    // --- Contentsquare

    private WholeProduct numbers;
    private WholeProduct enrichments;
    private RunningProduct enriching;

    private static void deliver(WholeProduct whole, String id, String subject, String time, int seconds) {
        whole.accept(callEnded(id, event -> {
            event.put("subject", subject).put("time", "2026-11-24T" + time + ":00Z");
            ((ObjectNode) event.get("data")).put("duration", seconds);
        }));
    }

    private static int duration(WholeProduct whole, int number) {
        return whole.contentsquare
                .accepted()
                .get(new Key(1337, "ae267-6g87D-88Nn6od", 4, number))
                .get("call_duration")
                .asInt();
    }

    private void beforeNumbersAreGiven() {
        numbers = opened(new WholeProduct(product));
        numbers.start(toContentsquare(SESSIONS));
        deliver(numbers, "e1", "call/1", "09:00", 1);
        numbers.await("e1", DeliveryState.DELIVERED);
        deliver(numbers, "e2", "call/2", "09:01", 2);
        numbers.await("e2", DeliveryState.DELIVERED);
    }

    @Test
    void numbers_of_calls_in_a_session_stay() {
        deliver(numbers, "e3", "call/2", "09:02", 3);
        numbers.await("e3", DeliveryState.DELIVERED);

        assertEquals(List.of(1000, 3000), List.of(duration(numbers, 1), duration(numbers, 2)));
    }

    private void beforeAnOlderEnrichment() {
        enrichments = opened(new WholeProduct(product));
        enriching = enrichments.start(toContentsquare(SESSIONS));
        deliver(enrichments, "newer", "call/1", "10:00", 2);
        enrichments.await("newer", DeliveryState.DELIVERED);
    }

    @Test
    void an_older_event_after_a_newer_one_was_delivered_is_superseded_and_a_replay_of_the_newest_is_not() {
        deliver(enrichments, "older", "call/1", "09:00", 1);
        enrichments.await("older", DeliveryState.SKIPPED);

        DeliveryRow older = enrichments.delivery("older", SESSIONS);
        assertEquals("superseded by event newer", older.reason());
        assertEquals(0, older.attempts());
        assertEquals(2000, duration(enrichments, 1));
        String replay =
                "/v1/deliveries/" + enrichments.delivery("newer", SESSIONS).id() + "/replay";
        assertEquals(
                2,
                enriching
                                .post(replay, WholeProduct.KEY, "application/json", "{}")
                                .statusCode()
                        / 100);
        WholeProduct.await(() -> enrichments.delivery("newer", SESSIONS).attempts() == 2);
        assertEquals(
                DeliveryState.DELIVERED, enrichments.delivery("newer", SESSIONS).state());
    }

    // --- Salesforce

    private final SalesforceStandIn rotating = opened(SalesforceStandIn.start());
    private final SalesforceStandIn older = opened(SalesforceStandIn.start());
    private final SalesforceStandIn linked = opened(SalesforceStandIn.start());
    private final SalesforceStandIn mixed = opened(SalesforceStandIn.start());
    private RunningProduct toRotating;
    private RunningProduct toOlder;
    private RunningProduct toLinked;
    private RunningProduct toMixed;

    private RunningProduct to(String config) {
        return opened(product.with(config));
    }

    private void beforeATokenIsRotatedAgain() {
        rotating.acceptRefreshToken("refresh-token-of-the-file", true);
        toRotating = to(config(
                List.of(connection(
                        "good",
                        rotating,
                        "login: refresh-token, refreshToken: refresh-token-of-the-file, "
                                + secret(SalesforceStandIn.CLIENT_SECRET))),
                List.of(webhook("good", ""))));
        toRotating.postEvent(KEY, event("first"));
        toRotating.awaitDeliveries(KEY, "first", 1, "delivered");
    }

    @Test
    void a_rotated_refresh_token_outlives_the_process_and_is_stored_encrypted() throws IOException {
        toRotating.postEvent(KEY, event("second"));
        toRotating.awaitDeliveries(KEY, "second", 1, "delivered");

        assertEquals(2, rotating.logins());
        try (Stream<Path> files = Files.list(folder.resolve("data"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String kept = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                assertFalse(kept.contains("rotated-1") || kept.contains("rotated-2"), file::toString);
            }
        }
    }

    private void beforeAnOlderRecord() {
        toOlder = to(config(
                List.of(connection("good", older, secret(SalesforceStandIn.CLIENT_SECRET))),
                List.of(webhook(
                        "good",
                        "          salesforce: {externalId: Call_Id__c, externalIdValue: \"{cdr_id}\","
                                + " fields: {Subject: \"{id}\"}}\n"))));
        toOlder.postEvent(KEY, at("newer", "2026-11-24T09:30:00Z"));
        toOlder.awaitDeliveries(KEY, "newer", 1, "delivered");
    }

    @Test
    void an_older_event_does_not_write_over_a_newer_one() {
        toOlder.postEvent(KEY, at("older", "2026-11-24T09:20:00Z"));

        assertSupersededBy("newer", toOlder, "older");
        assertEquals(List.of("newer"), written(older, "Task", "Subject"));
    }

    private static void assertSupersededBy(String newer, RunningProduct product, String event) {
        assertEquals(
                "superseded by event " + newer,
                product.awaitDeliveries(KEY, event, 1, "skipped")
                        .get(0)
                        .get("reason")
                        .asText());
    }

    private void beforeSinglesAndComposites() {
        toMixed = to(singleAndComposite(mixed));
        // call 7 has a newer event by a composite, call 8 by a single write
        toMixed.postEvent(KEY, call("b2", "composite", 7, "c7", "09:30:00"));
        toMixed.awaitDeliveries(KEY, "b2", 1, "delivered");
        toMixed.postEvent(KEY, call("a1", "single", 7, "c7", "09:20:00"));
        assertSupersededBy("b2", toMixed, "a1");
        toMixed.postEvent(KEY, call("a0", "composite", 8, "c8", "09:30:00"));
        toMixed.awaitDeliveries(KEY, "a0", 1, "delivered");
        toMixed.postEvent(KEY, call("a8", "single", 8, "c8", "09:40:00"));
        toMixed.awaitDeliveries(KEY, "a8", 1, "delivered");
    }

    @Test
    void composites_and_single_writes_of_one_record_keep_the_order_of_events() {
        toMixed.postEvent(KEY, call("a2", "single", 7, "c7", "09:25:00"));
        assertSupersededBy("b2", toMixed, "a2");
        toMixed.postEvent(KEY, call("a3", "single", 7, "c7", "09:40:00"));
        toMixed.awaitDeliveries(KEY, "a3", 1, "delivered");
        assertEquals(List.of("a3", "a8"), written(mixed, "Task", "Subject"));

        // the task has a newer event by a single write, the lead has an older one: the lead alone is written
        toMixed.postEvent(KEY, call("b8", "composite", 8, "c8", "09:35:00"));
        toMixed.awaitDeliveries(KEY, "b8", 1, "delivered");
        assertEquals("record 'task' left as it is: superseded by a newer event", note(toMixed, "b8"));
        assertEquals(List.of("a3", "a8"), written(mixed, "Task", "Subject"));
        assertEquals(List.of("b2", "b8"), written(mixed, "Lead", "LastName"));

        // everything has a newer event
        toMixed.postEvent(KEY, call("b1", "composite", 8, "c8", "09:10:00"));
        toMixed.awaitDeliveries(KEY, "b1", 1, "skipped");
        assertEquals(List.of("b2", "b8"), written(mixed, "Lead", "LastName"));
    }

    private void beforeAnOlderRecordIsLinked() {
        toLinked = to(singleAndComposite(linked));
        toLinked.postEvent(KEY, call("newer", "composite", 8, "c1", "09:30:00"));
        toLinked.awaitDeliveries(KEY, "newer", 1, "delivered");
    }

    @Test
    void a_record_with_a_newer_event_is_linked_to_and_left_as_it_is() {
        toLinked.postEvent(KEY, call("older", "composite", 9, "c1", "09:20:00"));
        toLinked.awaitDeliveries(KEY, "older", 1, "delivered");

        assertEquals("record 'lead' left as it is: superseded by a newer event", note(toLinked, "older"));
        assertEquals(List.of("newer"), written(linked, "Lead", "LastName"));
        assertEquals(List.of("newer", "older"), written(linked, "Task", "Subject"));
        String lead = linked.records().stream()
                .filter(record -> record.object().equals("Lead"))
                .findFirst()
                .orElseThrow()
                .id();
        assertEquals(List.of(lead, lead), written(linked, "Task", "WhoId"));
    }
}
