package io.engagementwebhooks.console.webhooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.console.webhooks.ConditionLines.Comparison;
import io.engagementwebhooks.console.webhooks.ConditionLines.Line;
import io.engagementwebhooks.webhook.EventCatalog;
import io.engagementwebhooks.webhook.EventType;
import io.engagementwebhooks.webhook.schema.DataSchema;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventFieldsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Fields that every event has. */
    private static final int ATTRIBUTES = 4;

    private static final String ORDER =
            """
            {"$defs": {"money": {"type": "number", "title": "Money", "description": "in euros"}},
             "properties": {
               "total": {"$ref": "#/$defs/money", "title": "Total"},
               "fee": {"$ref": "#/$defs/money"},
               "status": {"type": "string", "enum": ["open", "1", null]},
               "placed": {"type": "string", "format": "date-time"},
               "gift": {"type": ["null", "boolean"]},
               "tags": {"type": "array", "items": {"type": "string"}},
               "lines": {"type": "array", "items": {"type": "object"}},
               "buyer": {"properties": {"country": {"type": "string", "title": "Country"}}},
               "type": {"type": "string"},
               "two words": {"type": "string"}}}""";

    private final EventFields fields = fields(ORDER, "order.placed");

    private static EventFields fields(String schema, String... asked) {
        return new EventFields(EventCatalog.with(List.of(type(schema))), List.of(asked));
    }

    private static EventType type(String schema) {
        try {
            JsonNode json = JSON.readTree(schema);
            return new EventType(
                    "acme",
                    "order.placed",
                    "Order placed",
                    "",
                    json,
                    JSON.createObjectNode(),
                    DataSchema.compile(json),
                    EventType.Check.OFF,
                    schema.length());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> labels(EventFields fields) {
        return fields.offered().stream().map(EventField::label).toList();
    }

    @Test
    void a_webhook_of_own_types_alone_is_offered_their_fields_and_no_field_of_calls() {
        assertEquals(
                List.of(
                        "Total",
                        "Money",
                        "status",
                        "placed",
                        "gift",
                        "tags",
                        "Country",
                        "type",
                        "Event type",
                        "Event id",
                        "Event time",
                        "Event subject"),
                labels(fields));
        assertEquals("in euros", fields.of(".data.total").hint());
        assertEquals(List.of("open", "1"), fields.of(".data.status").values());
    }

    @Test
    void a_webhook_of_other_types_is_offered_the_fields_of_calls() {
        for (EventFields known : List.of(
                fields(ORDER), fields(ORDER, "call.ended"), fields(ORDER, "order.sent"), fields(ORDER, "delivery.*"))) {
            assertEquals("Duration (seconds)", labels(known).get(0));
            assertFalse(labels(known).contains("Total"));
        }
        for (EventFields both : List.of(fields(ORDER, "*"), fields(ORDER, "order.*", "call.ended"))) {
            assertTrue(
                    labels(both).containsAll(List.of("Duration (seconds)", "Total")),
                    labels(both).toString());
        }
    }

    @Test
    void no_more_than_a_hundred_fields_of_own_types_are_offered() {
        String many = IntStream.range(0, 150)
                .mapToObj(i -> "\"f" + i + "\": {\"type\": \"string\"}")
                .collect(Collectors.joining(",", "{\"properties\": {", "}}"));
        assertEquals(104, fields(many, "order.placed").offered().size());
    }

    @Test
    void a_schema_that_holds_itself_is_followed_to_a_bounded_depth() {
        EventFields tree = fields(
                "{\"properties\": {\"a\": {\"$ref\": \"#\"}, \"up\": {\"$ref\": \"#/properties/up2\"},"
                        + " \"up2\": {\"properties\": {\"up\": {\"$ref\": \"#/properties/up2\"}}}}}",
                "order.placed");
        assertTrue(tree.offered().size() < 50, labels(tree).toString());
    }

    /** Followed to the end, it would be read for hours. */
    @Test
    @Timeout(60)
    void a_schema_that_refers_to_ever_more_properties_is_read_in_part() {
        StringBuilder schema = new StringBuilder("{\"$defs\": {");
        for (int level = 1; level < 6; level++) {
            schema.append("\"d" + level + "\": " + manyTo("d" + (level + 1)) + ", ");
        }
        schema.append("\"d6\": {\"properties\": {\"-\": {}}}}, " + manyTo("d1").substring(1));
        EventFields fields = fields(schema.toString(), "order.placed");
        assertEquals(ATTRIBUTES, fields.offered().size());
    }

    private static String manyTo(String definition) {
        return "{\"properties\": {"
                + IntStream.range(0, 60)
                        .mapToObj(i -> "\"p" + i + "\": {\"$ref\": \"#/$defs/" + definition + "\"}")
                        .collect(Collectors.joining(", "))
                + "}}";
    }

    @Test
    void long_texts_of_a_schema_are_cut_and_long_values_left_out() {
        String text = "x".repeat(1_000);
        EventFields fields = fields(
                "{\"properties\": {\"a\": {\"type\": \"string\", \"title\": \"" + text + "\", \"description\": \""
                        + text + "\", \"enum\": [\"" + text + "\", \"b\"]}}}",
                "order.placed");
        EventField field = fields.of(".data.a");
        assertEquals("x".repeat(99) + "…", field.label());
        assertEquals("x".repeat(299) + "…", field.hint());
        assertEquals(List.of("b"), field.values());
    }

    @Test
    void values_without_a_type_are_texts_and_several_types_are_any() {
        EventFields fields = fields(
                "{\"properties\": {\"tier\": {\"enum\": [\"1\", \"2\"]}, \"size\": {\"type\": [\"integer\", \"string\"]}}}",
                "order.placed");
        assertEquals(EventField.Kind.TEXT, fields.of(".data.tier").kind());
        assertEquals(EventField.Kind.ANY, fields.of(".data.size").kind());
    }

    /** RFC 6901 section 6, and JSON Schema 2020-12 section 8.2.2. */
    @ParameterizedTest
    @ValueSource(strings = {"#/$defs/a%20b%25~1", "#price", "#/%24defs/plus+"})
    void a_reference_is_followed_in_each_of_its_forms(String reference) {
        EventFields fields = fields(
                "{\"$defs\": {\"a b%/\": {\"type\": \"number\"}, \"plus+\": {\"type\": \"number\"},"
                        + " \"c\": {\"$anchor\": \"price\", \"type\": \"number\"}},"
                        + " \"properties\": {\"amount\": {\"$ref\": \"" + reference + "\"}}}",
                "order.placed");
        assertEquals(EventField.Kind.NUMBER, fields.of(".data.amount").kind());
    }

    @Test
    void a_field_keeps_its_kind_where_its_type_is_no_longer_subscribed_to() {
        EventFields other = fields("{\"properties\": {\"zip\": {\"type\": \"string\"}}}", "call.ended");
        assertEquals(EventField.Kind.TEXT, other.of(".data.zip").kind());
    }

    @Test
    void a_field_that_is_not_offered_is_labeled_with_its_path() {
        EventField duration = fields.of(".data.duration");
        assertEquals(".data.duration", duration.label());
        assertEquals(EventField.Kind.NUMBER, duration.kind());
        assertEquals(
                List.of("Only when .data.duration is more than 5"),
                ConditionLines.of(".data.duration > 5", fields).orElseThrow().words());
    }

    @Test
    void fields_of_the_same_title_are_labeled_with_their_paths_too() {
        EventFields totals = fields(
                "{\"properties\": {\"net\": {\"type\": \"number\", \"title\": \"Total\"},"
                        + " \"gross\": {\"type\": \"number\", \"title\": \"Total\"}}}",
                "order.placed");
        assertEquals(
                List.of("Total (.data.net)", "Total (.data.gross)"),
                labels(totals).subList(0, 2));
        assertEquals(
                List.of("Only when Total (.data.net) is more than 5", "and Total (.data.gross) is at least 6"),
                ConditionLines.of(".data.net > 5 and .data.gross >= 6", totals)
                        .orElseThrow()
                        .words());
    }

    @ParameterizedTest
    @CsvSource({
        ".data.total,    {total},           NUMBER",
        ".data.status,   {status},          TEXT",
        ".data.placed,   {placed},          TIME",
        ".data.gift,     {gift},            FLAG",
        ".data.tags,     {tags},            LIST",
        ".data.buyer.country, {data.buyer.country}, TEXT",
        ".data.type,     {data.type},       TEXT",
        ".data.duration, {duration},        NUMBER",
        ".data.unknown,  {data.unknown},    ANY"
    })
    void a_field_has_a_macro_and_a_kind(String path, String macro, EventField.Kind kind) {
        assertEquals(macro, fields.of(path).written(false));
        assertEquals(kind, fields.of(path).kind());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                ".data.status, IS, 1, `.data.status == \"1\"`,",
                ".data.total, AT_LEAST, 99.5, .data.total >= 99.5,",
                ".data.total, AT_LEAST, much, , line.number",
                ".data.placed, MORE, 2027-01-31, `.data.placed > \"2027-01-31\"`,",
                ".data.placed, MORE, tomorrow, , line.time",
                ".data.tags, CONTAINS, vip, `(.data.tags != null and (.data.tags | tostring | contains(\"vip\")))`,",
                ".data.tags, IS, vip, , line.list",
                ".data.tags, PRESENT, ``, `(.data.tags != null and .data.tags != \"\")`,"
            })
    void a_rule_is_written_and_read_by_the_kind_of_its_field(
            String path, Comparison comparison, String value, String program, String fault) {
        Line line = new Line(fields.of(path), comparison, value);
        assertEquals(fault, line.fault());
        if (fault == null) {
            ConditionLines rules = new ConditionLines(true, List.of(line));
            assertEquals(program, rules.program());
            assertEquals(Optional.of(rules), ConditionLines.of(program, fields));
        }
    }

    @Test
    void a_rule_to_fill_in_begins_with_what_fits_the_field() {
        assertEquals(Comparison.AT_LEAST, Line.fresh(fields.of(".data.total")).comparison());
        assertEquals(Comparison.CONTAINS, Line.fresh(fields.of(".data.tags")).comparison());
        assertEquals(Comparison.IS, Line.fresh(fields.of(".data.status")).comparison());
    }
}
