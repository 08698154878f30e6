package io.engagementwebhooks.routes;

import static io.engagementwebhooks.routes.WholeProduct.callEnded;
import static io.engagementwebhooks.routes.WholeProduct.webhook;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A sender's trace goes through the stored row to the receiver. */
@Timeout(120)
class TracesTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SENT = "00-" + TRACE + "-00f067aa0ba902b7-01";

    @TempDir
    Path folder;

    private final AtomicInteger status = new AtomicInteger(200);
    private final Receiver receiver = new Receiver(got -> new Reply(status.get()));
    private final WholeProduct whole = new WholeProduct();
    private RunningProduct product;

    @AfterEach
    void close() {
        whole.close();
        receiver.close();
    }

    private void start(String... settings) {
        String webhook = webhook("one", receiver.url(), "authentication: {type: none}")
                .replace("retry: [100ms, 100ms, 100ms]", "retry: [1d]");
        product = whole.start(folder, webhook, settings);
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
    void each_attempt_is_a_step_of_its_own_also_after_a_restart() {
        start("webhooks.tracing=true");
        status.set(503);
        send("e1", SENT);
        WholeProduct.await(() -> whole.delivery("e1", "one").attempts() == 1);
        product.stop();
        status.set(200);
        product.start();
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
        start("webhooks.tracing=true");
        whole.accept(callEnded("e1", event -> event.put("traceparent", SENT)));
        whole.await("e1", DeliveryState.DELIVERED);
        assertEquals(TRACE, received(0).trace());
    }

    @Test
    void an_event_of_no_trace_begins_none() {
        start("webhooks.tracing=true");
        send("e1", "nonsense");
        whole.await("e1", DeliveryState.DELIVERED);
        assertNull(receiver.requests().get(0).header("traceparent"));
    }

    @Test
    void third_parties_are_told_a_step_too() {
        String webhooks = WholeProduct.toSalesforce("to-org") + WholeProduct.toContentsquare("to-project");
        product = whole.start(folder, webhooks, "webhooks.tracing=true");
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
    void third_parties_are_told_nothing_where_it_is_off() {
        String webhooks = WholeProduct.toSalesforce("to-org") + WholeProduct.toContentsquare("to-project");
        product = whole.start(folder, webhooks);
        send("e1", SENT);
        whole.await("e1", DeliveryState.DELIVERED);
        assertTrue(whole.salesforce.callHeaders().stream().noneMatch(headers -> headers.containsKey("traceparent")));
        assertNull(whole.contentsquare.batchHeaders().get(0).getFirst("traceparent"));
    }

    @Test
    void it_is_off() {
        start();
        send("e1", SENT);
        whole.await("e1", DeliveryState.DELIVERED);
        assertNull(receiver.requests().get(0).header("traceparent"));
    }
}
