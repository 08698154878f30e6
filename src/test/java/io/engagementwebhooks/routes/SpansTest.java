package io.engagementwebhooks.routes;

import static io.engagementwebhooks.routes.WholeProduct.callEnded;
import static io.engagementwebhooks.routes.WholeProduct.webhook;
import static io.engagementwebhooks.testkit.Collector.attribute;
import static io.engagementwebhooks.testkit.Collector.id;
import static io.engagementwebhooks.testkit.Collector.parent;
import static io.engagementwebhooks.testkit.Collector.trace;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.Collector;
import io.engagementwebhooks.testkit.ContentsquareStandIn;
import io.engagementwebhooks.testkit.LogLines;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import io.opentelemetry.proto.trace.v1.Span;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.ExchangeBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Spans of events and attempts, as a collector gets them from its own product. */
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SpansTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SENDER = "00f067aa0ba902b7";
    private static final String SAMPLED = "00-" + TRACE + "-" + SENDER + "-01";
    private static final String NOT_SAMPLED = "00-" + TRACE + "-" + SENDER + "-00";
    private static final String PASSWORD = "a-password-that-is-not-read";
    private static final String PATH_SECRET = "a-token-in-the-path";

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Reply(200));

    @AutoClose
    private final Collector collector = new Collector();

    @AutoClose
    private RunningProduct host;

    private WholeProduct whole;
    private RunningProduct product;

    @BeforeAll
    void startExporting(@TempDir Path folder) {
        host = exporting(folder);
    }

    private RunningProduct exporting(Path folder, String... more) {
        return RunningProduct.start(
                folder,
                WholeProduct.NO_ACCOUNTS,
                Stream.concat(Stream.of("webhooks.tracing.endpoint=" + collector.url()), Stream.of(more))
                        .toArray(String[]::new));
    }

    @BeforeEach
    void addAccount() {
        receiver.requests().clear();
        start(host, toReceiver());
    }

    private String toReceiver() {
        String url = receiver.url().toString().replace("/hooks?", "/" + PATH_SECRET + "?key=a-key-in-the-query&");
        return "- {name: one, events: ['*'], retry: [1d], delivery: {url: \"" + url
                + "\", authentication: {type: header, user: u, password: " + PASSWORD + "}}}\n";
    }

    private void start(RunningProduct of, String webhooks) {
        closeAccount();
        whole = new WholeProduct(of);
        product = whole.start(webhooks);
    }

    @AfterEach
    void closeAccount() {
        if (whole != null) {
            whole.close();
        }
    }

    private HttpResponse<String> post(String body, String type, String trace) {
        HttpRequest.Builder request = product.request("/v1/events", WholeProduct.KEY)
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (trace != null) {
            request.header("traceparent", trace);
        }
        return product.send(request.build());
    }

    private void send(String id, String trace) {
        assertEquals(
                202, post(callEnded(id), "application/cloudevents+json", trace).statusCode());
    }

    private TraceParent received(int request) {
        return TraceParent.of(receiver.requests().get(request).header("traceparent"))
                .orElseThrow();
    }

    private static boolean isSampled(TraceParent place) {
        return (Integer.parseInt(place.flags(), 16) & 1) == 1;
    }

    /** Of this test: the collector is asked by all of them. */
    private boolean isOurs(Span span) {
        return attribute(span, "webhooks.account").equals(product.account("acme"));
    }

    private static boolean isRequest(Span span) {
        return span.getKind() == Span.SpanKind.SPAN_KIND_SERVER;
    }

    private Predicate<Span> ofRequest() {
        return span -> isOurs(span) && isRequest(span);
    }

    private Predicate<Span> of(String name, String value) {
        return span -> isOurs(span) && attribute(span, name).equals(value);
    }

    private Predicate<Span> ofAttempt() {
        return of("webhooks.attempt", "1");
    }

    private Predicate<Span> ofEvent(String event) {
        return of("cloudevents.event_id", event);
    }

    @Test
    void nothing_secret_is_in_what_a_collector_gets() {
        send("e1", SAMPLED);
        collector.await(ofRequest());
        collector.await(ofAttempt());
        assertTrue(receiver.requests().get(0).target().toString().contains(PATH_SECRET));
        assertTrue(collector.holds("127.0.0.1"), "what is looked for below would be found");
        for (String secret : List.of(PASSWORD, PATH_SECRET, "a-key-in-the-query", WholeProduct.KEY, "Basic ")) {
            assertFalse(collector.holds(secret), secret);
        }
    }

    @Test
    void an_event_without_a_trace_begins_one() {
        assertTrue(
                Thread.getAllStackTraces().keySet().stream()
                        .anyMatch(thread -> thread.getName().startsWith(TracesTest.EXPORTING)),
                "what is not to be there without a collector");
        send("e1", null);
        Span request = collector.await(ofRequest());
        Span attempt = collector.await(ofAttempt());
        assertEquals("", parent(request));
        assertEquals(trace(request), trace(attempt));
        assertEquals(id(request), parent(attempt));
        assertEquals(trace(request), received(0).trace());
        assertEquals(id(attempt), received(0).parent());
        assertTrue(isSampled(received(0)));
    }

    @Test
    void what_a_sender_did_not_sample_is_passed_on_and_not_exported() {
        send("e1", NOT_SAMPLED);
        whole.await("e1", DeliveryState.DELIVERED);
        send("e2", SAMPLED);
        collector.await(ofAttempt());

        assertEquals(TRACE, received(0).trace());
        assertFalse(isSampled(received(0)));
        assertNotEquals(SENDER, received(0).parent());
        assertTrue(collector.spans().stream().noneMatch(ofEvent("e1")));
        collector.await(ofRequest());
    }

    /** Another separate product, with another share. */
    @Test
    void of_traces_that_begin_here_the_share_asked_for_is_exported(@TempDir Path folder) {
        try (RunningProduct none = exporting(folder, "webhooks.tracing.ratio=0")) {
            start(none, toReceiver());
            send("e1", null);
            whole.await("e1", DeliveryState.DELIVERED);
            send("e2", SAMPLED);
            assertEquals(TRACE, trace(collector.await(ofAttempt())), "a sender's own decision stands");
            assertFalse(isSampled(received(0)));
        }
    }

    @Test
    void events_of_a_batch_stay_in_traces_of_their_own() {
        String other = "a0f92f3577b34da6a3ce929d0e0e47a0";
        String batch = "[" + callEnded("e1", event -> event.put("traceparent", SAMPLED)) + ","
                + callEnded("e2", event -> event.put("traceparent", "00-" + other + "-" + SENDER + "-01")) + ","
                + callEnded("e3") + "]";
        assertEquals(
                202, post(batch, "application/cloudevents-batch+json", null).statusCode());
        Span request = collector.await(ofRequest());
        assertEquals("3", attribute(request, "webhooks.events"));
        assertEquals("", parent(request));
        assertEquals(
                List.of(TRACE, other),
                request.getLinksList().stream()
                        .map(link -> java.util.HexFormat.of()
                                .formatHex(link.getTraceId().toByteArray()))
                        .toList());
        assertEquals(TRACE, trace(collector.await(ofEvent("e1"))));
        assertEquals(other, trace(collector.await(ofEvent("e2"))));
        assertEquals(id(request), parent(collector.await(ofEvent("e3"))));
    }

    @Test
    void a_request_that_is_refused_is_a_step_of_its_senders_trace_and_no_error_of_ours() {
        assertEquals(400, post("{", "application/cloudevents+json", SAMPLED).statusCode());
        Span request = collector.await(ofRequest());
        assertEquals(SENDER, parent(request));
        assertEquals("400", attribute(request, "http.response.status_code"));
        assertEquals("", attribute(request, "error.type"));
        HttpRequest stranger = product.request("/v1/events", "not-a-key")
                .header("Content-Type", "application/cloudevents+json")
                .header("traceparent", SAMPLED)
                .POST(HttpRequest.BodyPublishers.ofString(callEnded("e1")))
                .build();
        assertEquals(401, product.send(stranger).statusCode());
        send("e2", SAMPLED);
        collector.await(ofRequest().and(of("http.response.status_code", "202")));
        assertEquals(2, collector.spans().stream().filter(ofRequest()).count());
        assertTrue(
                collector.spans().stream()
                        .filter(SpansTest::isRequest)
                        .noneMatch(span -> attribute(span, "webhooks.account").isEmpty()),
                "no one without a key makes spans");
    }

    @Test
    void an_attempt_without_an_answer_tells_why() {
        String unused = webhook("one", java.net.URI.create("http://127.0.0.1:1/"), "authentication: {type: none}")
                .replace("retry: [100ms, 100ms, 100ms]", "retry: [1d]");
        start(host, unused);
        send("e1", SAMPLED);
        Span attempt = collector.await(ofAttempt());
        assertEquals("", attribute(attempt, "http.response.status_code"));
        assertFalse(attribute(attempt, "error.type").isEmpty());
        assertNotEquals("_OTHER", attribute(attempt, "error.type"));
        assertFalse(attempt.getStatus().getMessage().isEmpty());
    }

    @Test
    void attempts_at_third_parties_are_steps_that_these_are_reported() {
        String webhooks = WholeProduct.toSalesforce("to-org") + WholeProduct.toContentsquare("to-project");
        start(host, webhooks);
        send("e1", SAMPLED);
        whole.await("e1", DeliveryState.DELIVERED);

        Span request = collector.await(ofRequest());
        Span toOrg = collector.await(of("webhooks.webhook", "to-org"));
        Span toProject = collector.await(of("webhooks.webhook", "to-project"));
        for (Span attempt : List.of(toOrg, toProject)) {
            assertEquals(Span.SpanKind.SPAN_KIND_CLIENT, attempt.getKind());
            assertEquals(TRACE, trace(attempt));
            assertEquals(id(request), parent(attempt));
            assertEquals("delivered", attribute(attempt, "webhooks.outcome"));
        }
        assertEquals("PATCH", toOrg.getName());
        assertEquals("127.0.0.1", attribute(toOrg, "server.address"));
        assertEquals("contentsquare", toProject.getName());
        assertTrue(whole.salesforce.callHeaders().stream()
                .anyMatch(headers ->
                        new TraceParent(TRACE, id(toOrg), "01").toString().equals(headers.get("traceparent"))));
        assertEquals(
                new TraceParent(TRACE, id(toProject), "01").toString(),
                whole.contentsquare.batchHeaders().get(0).getFirst("traceparent"));
        for (String secret : List.of(SalesforceStandIn.CLIENT_SECRET, ContentsquareStandIn.CLIENT_SECRET, "Bearer ")) {
            assertFalse(collector.holds(secret), secret);
        }
    }

    @Test
    void what_a_route_of_ones_own_sends_by_a_webhook_is_reported_a_step_each_time() {
        byte[] document = callEnded("e1").getBytes(StandardCharsets.UTF_8);
        Event event = new Event(
                        new EventIdentity(product.account("acme"), "/calls", "e1"),
                        "call.ended",
                        null,
                        null,
                        document,
                        document)
                .withTrace(TraceParent.of(SAMPLED).orElseThrow());
        Exchange exchange =
                ExchangeBuilder.anExchange(product.camel()).withBody(event).build();
        for (int i = 0; i < 2; i++) {
            String sink = "kamelet:authorization-header-sink?webhook=one&account=" + product.account("acme");
            product.camel().createProducerTemplate().send(sink, exchange);
            assertNull(exchange.getException());
        }

        assertEquals(TRACE, received(0).trace());
        assertEquals(TRACE, received(1).trace());
        assertNotEquals(received(0).parent(), received(1).parent());
    }

    @Test
    void a_collector_that_takes_nothing_delays_no_delivery_and_is_reported_once() {
        try (LogLines lines = new LogLines("io.engagementwebhooks.trace")) {
            collector.answer(400);
            for (int i = 0; i < 3; i++) {
                int asked = collector.asked();
                send("e" + i, SAMPLED);
                whole.await("e" + i, DeliveryState.DELIVERED);
                WholeProduct.await(() -> collector.asked() > asked);
            }
            collector.answer(200);
            send("e9", SAMPLED);
            WholeProduct.await(() -> lines.texts().stream().anyMatch(line -> line.startsWith("traces.recovered")));
            assertEquals(
                    1,
                    lines.events().stream()
                            .filter(line -> line.getLevel() == Level.WARN)
                            .count());
        }
    }
}
