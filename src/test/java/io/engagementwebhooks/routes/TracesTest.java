package io.engagementwebhooks.routes;

import static io.engagementwebhooks.routes.WholeProduct.callEnded;
import static io.engagementwebhooks.routes.WholeProduct.webhook;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A sender's trace goes through the stored row to the receiver: in its own product, where tracing is on; spans, and a
 * restart, are others' tests.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TracesTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SENT = "00-" + TRACE + "-00f067aa0ba902b7-01";

    /** What the threads that export are called. */
    static final String EXPORTING = "BatchSpanProcessor";

    private final AtomicInteger status = new AtomicInteger(200);
    private final Receiver receiver = new Receiver(got -> new Reply(status.get()));
    private RunningProduct host;

    /** Threads that export for others: those there are before this product starts. */
    private Set<Thread> before;

    private WholeProduct whole;
    private RunningProduct product;

    @BeforeAll
    void startTracing(@TempDir Path folder) {
        before = exporting();
        host = RunningProduct.start(folder, WholeProduct.NO_ACCOUNTS, "webhooks.tracing=true");
    }

    @BeforeEach
    void clear() {
        status.set(200);
        receiver.requests().clear();
    }

    @AfterEach
    void closeAccount() {
        whole.close();
    }

    @AfterAll
    void close() {
        host.close();
        receiver.close();
    }

    private static Set<Thread> exporting() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(EXPORTING))
                .collect(Collectors.toSet());
    }

    /** @param of the product to have an account in, or null: that of this process, which does not trace */
    private void start(RunningProduct of) {
        whole = new WholeProduct(of);
        product = whole.start(webhook("one", receiver.url(), "authentication: {type: none}")
                .replace("retry: [100ms, 100ms, 100ms]", "retry: [1d]"));
    }

    private void startWithThirdParties(RunningProduct of) {
        whole = new WholeProduct(of);
        product = whole.start(WholeProduct.toSalesforce("to-org") + WholeProduct.toContentsquare("to-project"));
    }

    private void send(String id, String trace) {
        HttpRequest.Builder request = product.request("/v1/events", WholeProduct.KEY)
                .header("Content-Type", "application/cloudevents+json")
                .POST(HttpRequest.BodyPublishers.ofString(callEnded(id)));
        if (trace != null) {
            request.header("traceparent", trace);
        }
        assertEquals(202, product.send(request.build()).statusCode());
    }

    private TraceParent received(int request) {
        return TraceParent.of(receiver.requests().get(request).header("traceparent"))
                .orElseThrow();
    }

    @Test
    void each_attempt_is_its_own_step() {
        start(host);
        status.set(503);
        send("e1", SENT);
        WholeProduct.await(() -> whole.delivery("e1", "one").attempts() == 1);
        status.set(200);
        String retry = "/v1/deliveries/msg_" + whole.delivery("e1", "one").id() + "/retry";
        assertEquals(
                202,
                product.post(retry, WholeProduct.KEY, "application/json", "{}").statusCode());
        whole.await("e1", DeliveryState.DELIVERED);

        TraceParent first = received(0);
        TraceParent last = received(1);
        assertEquals(TRACE, first.trace());
        assertEquals(TRACE, last.trace());
        assertEquals("01", last.flags(), "as the sender has decided");
        assertNotEquals(first.parent(), last.parent());
        assertNotEquals("00f067aa0ba902b7", first.parent());
    }

    @Test
    void the_events_own_attribute_tells_where_no_header_does() {
        start(host);
        whole.accept(callEnded("e1", event -> event.put("traceparent", SENT)));
        whole.await("e1", DeliveryState.DELIVERED);
        assertEquals(TRACE, received(0).trace());
    }

    @Test
    void an_event_of_no_trace_begins_none() {
        start(host);
        send("e1", "nonsense");
        whole.await("e1", DeliveryState.DELIVERED);
        assertNull(receiver.requests().get(0).header("traceparent"));
    }

    @Test
    void third_parties_are_reported_a_step_too() {
        startWithThirdParties(host);
        send("e1", SENT);
        whole.await("e1", DeliveryState.DELIVERED);
        assertTrue(whole.salesforce.callHeaders().stream()
                .anyMatch(headers -> headers.getOrDefault("traceparent", "").startsWith("00-" + TRACE)));
        assertTrue(whole.contentsquare
                .batchHeaders()
                .get(0)
                .getFirst("traceparent")
                .startsWith("00-" + TRACE));
    }

    @Test
    void third_parties_are_reported_nothing_where_it_is_off() {
        startWithThirdParties(null);
        send("e1", SENT);
        whole.await("e1", DeliveryState.DELIVERED);
        assertTrue(whole.salesforce.callHeaders().stream().noneMatch(headers -> headers.containsKey("traceparent")));
        assertNull(whole.contentsquare.batchHeaders().get(0).getFirst("traceparent"));
    }

    @Test
    void nothing_is_exported_where_no_collector_is_named() {
        start(host);
        send("e1", SENT);
        whole.await("e1", DeliveryState.DELIVERED);
        Set<Thread> made = exporting();
        made.removeAll(before);
        assertEquals(Set.of(), made);
    }

    @Test
    void it_is_off() {
        start(null);
        send("e1", SENT);
        whole.await("e1", DeliveryState.DELIVERED);
        assertNull(receiver.requests().get(0).header("traceparent"));
    }
}
