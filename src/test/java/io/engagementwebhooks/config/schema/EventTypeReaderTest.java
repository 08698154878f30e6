package io.engagementwebhooks.config.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.config.ConfigParser;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.EventCatalog;
import io.engagementwebhooks.webhook.EventType;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Event types of the configuration file. */
class EventTypeReaderTest {

    private static final String ORDER =
            """
                  - type: order.placed
                    title: Order placed
                    schema:
                      type: object
                      properties:
                        total: {type: number, minimum: 0.5, title: Total}
                        paid: {type: boolean, const: true}
                        code: {type: string, enum: ["1", "true"]}
                        buyer: {type: object, properties: {vip: {type: [boolean, "null"]}}}
                      required: [total]
                    sample: {total: 19.9, paid: true, code: "1", buyer: {vip: null}}
                    check: refuse
            """;

    private static Config read(String types) throws ConfigFaults {
        String file = "accounts:\n  - id: acme\n    eventTypes:\n" + types + "  - id: other\n";
        return new ConfigParser(url -> Optional.empty(), Duration.ofDays(7), Clock.systemUTC())
                .read(file.getBytes(StandardCharsets.UTF_8), Placeholders.NONE)
                .config();
    }

    private static String faults(String types) {
        return assertThrows(ConfigFaults.class, () -> read(types)).faults().stream()
                .map(Fault::toString)
                .collect(Collectors.joining("\n"));
    }

    private static void assertFault(String types, String... parts) {
        String faults = faults(types);
        for (String part : parts) {
            assertTrue(faults.contains(part), faults);
        }
    }

    private static String type(String name, String schema, String sample) {
        return "      - {type: " + name + ", schema: " + schema + ", sample: " + sample + "}\n";
    }

    @Test
    void numbers_true_and_false_are_what_yaml_says_they_are() throws Exception {
        Config config = read(ORDER);
        EventType type = config.eventTypes("acme").get(0);
        assertEquals(
                0.5,
                type.schema().at("/properties/total/minimum").decimalValue().doubleValue());
        assertTrue(type.schema().at("/properties/paid/const").isBoolean());
        assertTrue(type.schema().at("/properties/code/enum/0").isTextual());
        assertTrue(type.sample().at("/buyer/vip").isNull());
        assertEquals(EventType.Check.REFUSE, type.check());
        assertEquals(type, config.checked("acme", "order.placed"));
    }

    @Test
    void the_catalog_of_its_account_has_it_with_its_fields_and_no_other_catalog_has() throws Exception {
        Config config = read(ORDER);
        EventCatalog.Type type = config.catalog("acme").type("order.placed").orElseThrow();
        assertEquals(
                List.of("total", "paid", "code", "buyer.vip"),
                type.fields().stream().map(EventCatalog.Field::name).toList());
        assertEquals("Total", type.fields().get(0).label());
        assertEquals("boolean", type.fields().get(3).type());
        assertEquals(19.9, type.sample().at("/data/total").asDouble());
        assertEquals(Optional.empty(), config.catalog("other").type("order.placed"));
        assertNull(config.checked("other", "order.placed"));
        assertEquals(EventCatalog.BUILT_IN, config.catalog("other"));
    }

    @Test
    void a_type_without_a_check_is_not_looked_up_at_ingest() throws Exception {
        Config config = read(type("a.b", "{}", "{}"));
        assertEquals(EventType.Check.OFF, config.eventTypes("acme").get(0).check());
        assertNull(config.checked("acme", "a.b"));
    }

    @Test
    void names_that_are_taken_reserved_or_built_in_are_refused() {
        assertFault(type("call.ended", "{}", "{}"), "line 4", "'call.ended' is built in");
        assertFault(type("webhook.mine", "{}", "{}"), "'webhook.mine', which cannot be used as an event type");
        assertFault(type("et_1", "{}", "{}"), "cannot be used as an event type");
        assertFault(type("\"a b\"", "{}", "{}"), "cannot be used as an event type");
        assertFault(type("a.b", "{}", "{}") + type("a.b", "{}", "{}"), "'a.b' is taken in line 4");
    }

    @Test
    void a_schema_or_sample_with_a_fault_is_refused_with_the_place() {
        assertFault(
                type("a.b", "{properties: {x: {pattern: '(?=a)'}}}", "{}"),
                "line 4",
                "event type 'a.b'",
                "'schema' at /properties/x/pattern is no regular expression",
                "as RE2 has it");
        assertFault(type("a.b", "{$ref: 'http://127.0.0.1/x'}", "{}"), "at /$ref refers to another document");
        assertFault(
                type("a.b", "{required: [x]}", "{}"),
                "'sample' does not fit the schema: data/x must be there (required)");
        assertFault("      - {type: a.b}\n", "lacks 'schema'", "lacks 'sample'");
        assertFault(type("a.b", "text", "[]"), "'schema' is a single value", "'sample' is a list");
        assertFault("      - {type: a.b, schema: {}, sample: {}, check: maybe}\n", "known: off, refuse, warn");
    }

    @Test
    void types_are_bounded_in_number_and_size() {
        String many = IntStream.rangeClosed(0, EventType.MOST)
                .mapToObj(i -> type("a.b" + i, "{}", "{}"))
                .collect(Collectors.joining());
        assertFault(many, "event type 'a.b200': is one event type too many", "at most 200");
        String large = IntStream.range(0, 20)
                .mapToObj(i -> type("a.b" + i, "{description: " + "d".repeat(60_000) + "}", "{}"))
                .collect(Collectors.joining());
        assertFault(large, "are larger than 1 MiB together", "shorten them by ");
        assertFault(
                type("a.b", "{}", "{x: " + "ä".repeat(40_000) + "}"),
                "'sample' is larger than 64 KiB",
                "shorten it by 14472 bytes");
    }

    @Test
    void text_in_a_schema_is_no_placeholder() throws Exception {
        Config config = read(type("a.b", "{description: '{{env:HOME}}'}", "{}"));
        assertEquals(
                "{{env:HOME}}",
                config.eventTypes("acme").get(0).schema().path("description").asText());
    }
}
