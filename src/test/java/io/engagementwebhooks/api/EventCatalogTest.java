package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.engagementwebhooks.store.accept.SystemEvent;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.webhook.EventCatalog;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The event catalog: its samples fit its schemas, and are accepted and delivered. */
@Timeout(300)
class EventCatalogTest {

    private static final String ADMIN = TwoAccounts.adminKey("acme");

    @Test
    void each_sample_fits_its_schema_and_has_only_described_fields() {
        for (EventCatalog.Type type : EventCatalog.BUILT_IN.types()) {
            JsonNode data = type.sample().get("data");
            assertFalse(data.isEmpty(), type.type());
            assertEquals(
                    Set.of(),
                    JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                            .getSchema(type.schema())
                            .validate(data),
                    type.type());
            Set<String> described =
                    type.fields().stream().map(EventCatalog.Field::name).collect(Collectors.toSet());
            Set<String> shown = new TreeSet<>();
            addLeaves(shown, data, "", described);
            shown.removeAll(described);
            assertEquals(Set.of(), shown, type.type());
        }
    }

    private static void addLeaves(Set<String> leaves, JsonNode node, String path, Set<String> described) {
        node.properties().forEach(member -> {
            String name = path + member.getKey();
            if (member.getValue().isObject() && !described.contains(name)) {
                addLeaves(leaves, member.getValue(), name + ".", described);
            } else {
                leaves.add(name);
            }
        });
    }

    @Test
    void a_schema_refuses_values_of_another_type() {
        EventCatalog.Type ended = EventCatalog.BUILT_IN.types().get(0);
        ObjectNode data = (ObjectNode) ended.sample().get("data");
        data.put("duration", "long");
        data.remove("cdr_id");
        assertEquals(
                2,
                JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                        .getSchema(ended.schema())
                        .validate(data)
                        .size());
    }

    @Test
    void system_events_are_in_the_catalog() {
        assertEquals(
                Stream.of(SystemEvent.Type.values()).map(SystemEvent.Type::text).collect(Collectors.toSet()),
                EventCatalog.BUILT_IN.types().stream()
                        .filter(EventCatalog.Type::product)
                        .map(EventCatalog.Type::type)
                        .collect(Collectors.toSet()));
    }

    @Test
    void a_test_uses_the_first_subscribed_type_and_an_unknown_type_has_no_data() {
        assertEquals(
                "call.ended",
                EventCatalog.BUILT_IN.sample(List.of("*")).get("type").asText());
        assertEquals(
                "text.received",
                EventCatalog.BUILT_IN.sample(List.of("text.*")).get("type").asText());
        assertEquals(
                "webhook.failing",
                EventCatalog.BUILT_IN.sample(List.of("webhook.*")).get("type").asText());
        ObjectNode unknown = EventCatalog.BUILT_IN.sample(List.of("order.*"));
        assertEquals("order.sample", unknown.get("type").asText());
        assertTrue(unknown.get("data").isEmpty());
    }

    @Test
    void the_api_lists_subscribed_webhooks_and_delivers_every_sample() {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(204));
                RunningProduct product = RunningProduct.shared(
                        """
                        accounts:
                          - id: acme
                            apiKeys: [{name: staff, role: admin, key: %s}]
                            webhooks: [{name: all, events: ["*"], delivery: {url: "%s", authentication: {type: none}}}]
                        """
                                .formatted(ADMIN, receiver.url()))) {
            JsonNode items = product.read("/v1/event-types", ADMIN).get("items");
            assertEquals(EventCatalog.BUILT_IN.types().size(), items.size());
            for (JsonNode item : items) {
                boolean isOwn = item.get("sentBy").asText().equals("product");
                assertEquals(
                        !isOwn,
                        item.get("webhooks").findValuesAsText("name").contains("all"),
                        item.get("type").asText());
                if (!isOwn) {
                    String id = "of-" + item.get("type").asText();
                    String event =
                            ((ObjectNode) item.get("sample")).put("id", id).toString();
                    assertEquals(202, product.postEvent(ADMIN, event).statusCode(), event);
                    product.awaitDeliveries(ADMIN, id, 1, "delivered");
                }
            }
        }
    }

    @Test
    void deliveries_of_a_sample_are_tests_and_no_source_of_a_caller_makes_one() {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(500));
                RunningProduct product = RunningProduct.shared(
                        """
                        accounts:
                          - id: acme
                            apiKeys: [{name: staff, role: admin, key: %s}]
                            webhooks: [{name: crm, events: [call.ended], retry: [], delivery: {url: "%s", authentication: {type: none}}}]
                        """
                                .formatted(ADMIN, receiver.url()))) {
            JsonNode sent = RunningProduct.json(
                    product.post("/v1/event-types/call.ended/sample", ADMIN, "application/json", "{}"));
            assertEquals(1, sent.get("deliveries").asInt());
            JsonNode delivery = product.awaitDeliveries(ADMIN, sent.get("id").asText(), 1, "gave-up")
                    .get(0);
            assertTrue(delivery.get("test").asBoolean(), delivery.toString());
            assertTrue(
                    receiver.requests().get(0).body().contains("\"source\":\"/console/samples\""),
                    "the receiver sees no source of ours");
            JsonNode statistics = product.read("/v1/webhooks/crm/statistics", ADMIN);
            assertEquals(0, statistics.at("/deliveries/total").asInt(-1), statistics.toString());
            assertEquals(
                    "no-traffic",
                    product.read("/v1/webhooks/crm", ADMIN).at("/health/status").asText());

            String event = "{\"id\": \"mine\", \"source\": \"%s\", \"type\": \"call.ended\", \"data\": {}}";
            assertEquals(
                    202,
                    product.postEvent(ADMIN, event.formatted("/console/samples"))
                            .statusCode());
            assertFalse(product.awaitDeliveries(ADMIN, "mine", 1, "gave-up")
                    .get(0)
                    .get("test")
                    .asBoolean());
            HttpResponse<String> refused =
                    product.postEvent(ADMIN, event.formatted("/calls#test-01KBJ3Z1R8JZ7W5N2N6Y8Z4T3M"));
            assertEquals(400, refused.statusCode(), refused.body());
            assertTrue(refused.body().contains("reserved-source"), refused.body());
        }
    }
}
