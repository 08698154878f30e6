package io.engagementwebhooks.console.webhooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.console.Visitor;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.webhook.EventCatalog;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The sample event of the builder. */
@Timeout(180)
class TestEventTest {

    private static final String KEY = "acme-admin-key-000000";
    private static final String EVENT =
            """
            {"specversion": "1.0", "id": "1", "source": "/x", "type": "call.ended",
             "data": {"price": 10.00, "sum": 12345678901234567890.12, "rate": 1.50e-3}}""";

    @Test
    void one_is_called_by_its_type_and_its_id_unless_it_is_a_sample() {
        EventCatalog catalog = EventCatalog.BUILT_IN;
        assertEquals(
                "Call ended",
                TestEvent.label(catalog.sample(List.of("call.ended")).toString(), catalog));
        assertEquals("Call ended 1", TestEvent.label(EVENT, catalog));
        assertEquals("order.placed 7", TestEvent.label("{\"type\": \"order.placed\", \"id\": \"7\"}", catalog));
        assertEquals("Edited sample event", TestEvent.label("{\"type\": ", catalog));
    }

    @Test
    void typed_and_received_events_are_sent_digit_by_digit() {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(204));
                RunningProduct product = RunningProduct.shared(
                        """
                        accounts:
                          - id: acme
                            apiKeys: [{name: admin, role: admin, key: %s}]
                            webhooks: [{name: calls, events: [call.ended], delivery: {url: "%s"}}]
                        """
                                .formatted(KEY, receiver.url()))) {
            assertEquals(
                    202,
                    product.post("/v1/events", KEY, "application/cloudevents+json", EVENT)
                            .statusCode());
            product.awaitDeliveries(KEY, "1", 1, "delivered");
            String sent = receiver.requests().get(0).body();
            assertEquals(EVENT, sent);

            Visitor visitor = Visitor.signedIn(product, KEY);
            HttpResponse<String> page = visitor.get("/console/builder/calls");
            assertEquals(200, page.statusCode());
            assertTrue(page.body().contains("value=\"\" selected>Call ended</option>"), page.body());
            assertEquals(
                    200,
                    visitor.post("/console/builder/calls", "do", "test", "sample", EVENT)
                            .statusCode());
            assertEquals(EVENT, receiver.requests().get(1).body());

            String recent = product.read("/v1/events", KEY).at("/items/0/id").asText();
            String taken = visitor.post("/console/builder/calls", "do", "take-recent", "recent", recent)
                    .body();
            assertTrue(taken.contains(">Call ended 1</option>"), taken);
            assertTrue(taken.contains(": 10.00,"), taken);
            assertTrue(taken.contains(": 12345678901234567890.12,"), taken);
        }
    }
}
