package io.engagementwebhooks.webhook.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** JSON Schemas of accounts are evaluated like by other validators, and no schema takes long. */
class DataSchemaTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text.replace('`', '"'));
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }

    private static DataSchema schema(String text) {
        try {
            return DataSchema.compile(json(text));
        } catch (SchemaRefusedException e) {
            throw new AssertionError(text, e);
        }
    }

    private static SchemaRefusedException refused(String schema) {
        return refused(json(schema));
    }

    private static SchemaRefusedException refused(JsonNode schema) {
        return assertThrows(SchemaRefusedException.class, () -> DataSchema.compile(schema));
    }

    private static void assertRefused(String schema, String place, String rule) {
        String message = refused(schema).getMessage();
        assertTrue(message.startsWith("at " + place + " "), message);
        assertTrue(message.contains(rule), message);
    }

    /** Finding it by its pointer costs the pointer's length for each property that refers to it. */
    @Test
    void a_reference_has_the_part_of_the_schema_that_it_refers_to() throws Exception {
        JsonNode json = json(
                "{`$defs`: {`a`: {`$anchor`: `price`}}, `properties`: {`x`: {`$ref`: `#price`}, `y`: {`$ref`: `#/$defs/a`}, `z`: {`$ref`: `#`}}}");
        DataSchema schema = DataSchema.compile(json);
        assertSame(json.at("/$defs/a"), schema.target("#price"));
        assertSame(json.at("/$defs/a"), schema.target("#/$defs/a"));
        assertSame(json, schema.target("#"));
        assertNull(schema.target("#/$defs"));
    }

    /** Another validator gives the same result. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            textBlock =
                    """
                    {`type`: `object`, `properties`: {`total`: {`type`: `number`, `minimum`: 0}}, `required`: [`total`]} | {`total`: 1} ; {`total`: -1} ; {} ; [] ; {`total`: `1`}
                    {`type`: [`string`, `null`]}                       | `a` ; null ; 1
                    {`type`: `integer`}                                | 1 ; 1.0 ; 1.5 ; 1e3 ; `1` ; true
                    {`enum`: [1, `a`, {`b`: [1, 2]}, null]}            | 1 ; 1.0 ; `a` ; {`b`: [1, 2]} ; {`b`: [2, 1]} ; null ; false
                    {`const`: {`a`: 1, `b`: 2}}                        | {`b`: 2, `a`: 1} ; {`a`: 1}
                    {`multipleOf`: 0.01}                               | 19.99 ; 19.999 ; 0 ; `a`
                    {`exclusiveMinimum`: 0, `exclusiveMaximum`: 10}    | 0 ; 0.1 ; 10 ; 9.9
                    {`maximum`: 3.5}                                   | 3.5 ; 3.6 ; 99999999999999999999
                    {`minLength`: 2, `maxLength`: 3}                   | `a` ; `ab` ; `abc` ; `abcd` ; `\\ud83d\\ude00\\ud83d\\ude00` ; 7
                    {`pattern`: `^[A-Z]{2}\\\\d+$`}                    | `AB12` ; `ab12` ; `xAB12` ; 12
                    {`minItems`: 1, `maxItems`: 2}                     | [] ; [1] ; [1, 2, 3] ; {}
                    {`uniqueItems`: true}                              | [1, 2] ; [1, 1] ; [{`a`: 1, `b`: 2}, {`b`: 2, `a`: 1}] ; [[1], [2]] ; [1, true] ; [`1`, 1]
                    {`items`: {`type`: `string`}}                      | [`a`] ; [`a`, 1] ; []
                    {`prefixItems`: [{`type`: `string`}, {`type`: `number`}], `items`: false} | [`a`, 1] ; [`a`] ; [`a`, 1, 2] ; [1]
                    {`contains`: {`const`: 1}, `minContains`: 2, `maxContains`: 3} | [1, 1] ; [1] ; [1, 1, 1, 1] ; {}
                    {`contains`: {`const`: 1}, `minContains`: 0}       | [] ; [2] ; [1]
                    {`minProperties`: 1, `maxProperties`: 2}           | {} ; {`a`: 1} ; {`a`: 1, `b`: 2, `c`: 3}
                    {`properties`: {`a`: {}}, `patternProperties`: {`^x`: {`type`: `number`}}, `additionalProperties`: false} | {`a`: 1} ; {`x1`: 2} ; {`x1`: `2`} ; {`b`: 1}
                    {`additionalProperties`: {`type`: `number`}}       | {`a`: 1} ; {`a`: `b`}
                    {`propertyNames`: {`maxLength`: 2}}                | {`ab`: 1} ; {`abc`: 1}
                    {`dependentRequired`: {`a`: [`b`]}}                | {`a`: 1} ; {`a`: 1, `b`: 2} ; {`c`: 3}
                    {`dependentSchemas`: {`a`: {`required`: [`b`]}}}   | {`a`: 1} ; {`a`: 1, `b`: 2} ; {}
                    {`allOf`: [{`minimum`: 1}, {`maximum`: 2}]}        | 0 ; 1 ; 3
                    {`anyOf`: [{`type`: `string`}, {`minimum`: 5}]}    | `a` ; 4 ; 5
                    {`oneOf`: [{`multipleOf`: 3}, {`multipleOf`: 5}]}  | 3 ; 5 ; 15 ; 7
                    {`not`: {`type`: `string`}}                        | `a` ; 1
                    {`if`: {`properties`: {`kind`: {`const`: `a`}}}, `then`: {`required`: [`x`]}, `else`: {`required`: [`y`]}} | {`kind`: `a`} ; {`kind`: `a`, `x`: 1} ; {`kind`: `b`} ; {`kind`: `b`, `y`: 1}
                    {`$defs`: {`node`: {`properties`: {`next`: {`$ref`: `#/$defs/node`}, `n`: {`type`: `integer`}}}}, `$ref`: `#/$defs/node`} | {`n`: 1, `next`: {`n`: 2}} ; {`n`: 1, `next`: {`n`: `2`}}
                    {`$defs`: {`a b/c`: {`type`: `string`}}, `properties`: {`x`: {`$ref`: `#/$defs/a%20b~1c`}}} | {`x`: `a`} ; {`x`: 1}
                    {`$defs`: {`t`: {`$anchor`: `money`, `minimum`: 0}}, `properties`: {`x`: {`$ref`: `#money`}}} | {`x`: 1} ; {`x`: -1}
                    {`$ref`: `#/properties/a`, `properties`: {`a`: {`type`: `object`}}} | {} ; 1 ; {`a`: 1}
                    {`format`: `email`, `type`: `string`}              | `none` ; 1
                    {`properties`: {`a`: true, `b`: false}}            | {`a`: 1} ; {`b`: 1}
                    true                                               | 1
                    false                                              | 1
                    """)
    void values_fit_as_another_validator_says(String schema, String values) {
        var theirs =
                JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(json(schema));
        for (String value : values.split(" ; ")) {
            assertEquals(
                    theirs.validate(json(value)).isEmpty(),
                    schema(schema).check(json(value)).isEmpty(),
                    schema + " of " + value);
        }
    }

    /** The specification requires this; not every validator does it. */
    @Test
    void numbers_are_equal_by_their_value_wherever_they_stand() {
        assertEquals(List.of(), schema("{`const`: {`a`: [1]}}").check(json("{`a`: [1.0]}")));
        assertEquals(1, schema("{`uniqueItems`: true}").check(json("[1, 1.00]")).size());
        assertEquals(
                1, schema("{`uniqueItems`: true}").check(json("[[0], [-0.0]]")).size());
    }

    @Test
    void a_fault_names_the_place_and_the_rule_and_no_value() {
        DataSchema schema = schema(
                "{`properties`: {`lines`: {`items`: {`properties`: {`price`: {`minimum`: 0}}, `required`: [`sku`]}}}}");
        List<DataFault> faults = schema.check(json("{`lines`: [{`sku`: `a`, `price`: 7}, {`price`: -4711}]}"));
        assertEquals(
                List.of(
                        new DataFault("/lines/1/price", "minimum", "must be at least 0"),
                        new DataFault("/lines/1/sku", "required", "must be there")),
                faults);
        assertFalse(faults.toString().contains("4711"));
    }

    private static void assertFaults(String schema, String data, String... faults) {
        assertEquals(
                List.of(faults),
                schema(schema).check(json(data)).stream()
                        .map(DataFault::toString)
                        .toList());
    }

    /** Such a name can be data: an e-mail address, the number of a customer. */
    @Test
    void a_fault_holds_no_name_of_a_member_that_the_schema_does_not_name() {
        assertFaults(
                "{`properties`: {`lines`: {`properties`: {`sku`: {}}, `additionalProperties`: false}}}",
                "{`lines`: {`sku`: 1, `jane@example.com`: 1, `joe@example.com`: 2}}",
                "data/lines has a member that the schema does not allow (additionalProperties)");
        assertFaults(
                "{`propertyNames`: {`maxLength`: 2}}",
                "{`ab`: 1, `jane@example.com`: 1, `joe@example.com`: 2}",
                "data has a member whose name the schema does not allow (propertyNames)");
        assertFaults(
                "{`additionalProperties`: {`type`: `number`}}",
                "{`one`: 1, `jane@example.com`: `a`, `joe@example.com`: `b`}",
                "data has a member that the schema does not name, which must be of type number (type)");
        assertFaults(
                "{`patternProperties`: {`^c`: {`required`: [`sku`], `properties`: {`price`: {`minimum`: 0}}}}}",
                "{`c4711`: {`price`: -1}}",
                "data has a member that the schema does not name, in which /sku must be there (required)",
                "data has a member that the schema does not name, in which /price must be at least 0 (minimum)");
        assertFaults(
                "{`additionalProperties`: {`additionalProperties`: {`type`: `number`}}}",
                "{`jane@example.com`: {`joe@example.com`: `a`}}",
                "data has a member that the schema does not name, in which a member must be of type number (type)");
        DataFault inner = schema(
                        "{`properties`: {`lines`: {`items`: {`additionalProperties`: {`properties`: {`a`: {`additionalProperties`: false}}}}}}}")
                .check(json("{`lines`: [{`jane@example.com`: {`a`: {`joe@example.com`: 1}}}]}"))
                .get(0);
        assertEquals("/lines/0", inner.pointer());
        assertEquals(
                "has a member that the schema does not name, in which /a has a member that the schema does not allow",
                inner.rule());
    }

    @Test
    void ten_faults_are_named_at_most() {
        ArrayNode many = JSON.createArrayNode();
        IntStream.range(0, 100).forEach(many::add);
        assertEquals(10, schema("{`items`: {`type`: `string`}}").check(many).size());
    }

    @Test
    void what_a_schema_may_not_have_is_refused_with_its_place() {
        assertRefused("{`$ref`: `https://example.com/a.json`}", "/$ref", "another document");
        assertRefused(
                "{`properties`: {`a`: {`$ref`: `file:///etc/passwd`}}}", "/properties/a/$ref", "another document");
        assertRefused("{`items`: {`$ref`: `#/$defs/none`}}", "/items/$ref", "what is not there");
        assertRefused("{`properties`: {`a`: {`$id`: `b`}}}", "/properties/a/$id", "another document");
        assertRefused("{`$schema`: `http://json-schema.org/draft-07/schema#`}", "/$schema", "another dialect");
        assertRefused("{`unevaluatedProperties`: false}", "/unevaluatedProperties", "not taken");
        assertRefused("{`items`: [{}]}", "/items", "former drafts");
        assertRefused("{`type`: `text`}", "/type", "no type of JSON");
        assertRefused("{`minLength`: -1}", "/minLength", "no whole number");
        assertRefused("{`multipleOf`: 0}", "/multipleOf", "not above 0");
        assertRefused("{`properties`: {`a`: 1}}", "/properties/a", "no schema");
        assertRefused("{`pattern`: `(a)\\\\1`}", "/pattern", "no regular expression that is taken");
        assertRefused("{`patternProperties`: {`(?=a)`: {}}}", "/patternProperties/(?=a)", "no regular expression");
        assertTrue(refused("{`allOf`: [{`$ref`: `#`}]}").getMessage().contains("without end"));
    }

    @Test
    void a_schema_is_bounded_in_size_depth_and_references() {
        ObjectNode large = JSON.createObjectNode();
        ArrayNode words = large.putArray("enum");
        IntStream.range(0, 10_000).forEach(i -> words.add("word-" + i));
        assertTrue(refused(large).getMessage().contains("characters"));

        ObjectNode deep = JSON.createObjectNode();
        ObjectNode inner = deep;
        for (int i = 0; i < 40; i++) {
            inner = inner.putObject("not");
        }
        assertTrue(refused(deep).getMessage().contains("nests more than 32"));

        ObjectNode chain = JSON.createObjectNode();
        ObjectNode defs = chain.putObject("$defs");
        for (int i = 0; i < 40; i++) {
            defs.putObject("d" + i).put("$ref", i < 39 ? "#/$defs/d" + (i + 1) : "#/$defs/end");
        }
        defs.putObject("end");
        assertTrue(refused(chain).getMessage().contains("combines more than 24"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    (((a{1000}){1000}){1000})
                    ((a{0,30}){30}){30}
                    ((((a*){50}){50}){50}){50}
                    [](](((a{100}){100}){100})
                    [[:alpha:](](((a{100}){100}){100})
                    \\\\Q(\\\\E(((a{100}){100}){100})
                    \\\\p{Greek}{1000}{1000}
                    (?:(?:a{1000}|b){2}){1000}
                    """)
    void a_regular_expression_whose_program_would_be_large_is_refused_before_it_is_made(String expression) {
        assertRefused("{`pattern`: `" + expression + "`}", "/pattern", "regular expression");
    }

    @Test
    void common_regular_expressions_are_taken() {
        for (String expression : List.of(
                "^[A-Z]{2}\\\\d{2}[A-Z0-9]{4}\\\\d{7}([A-Z0-9]?){0,16}$",
                "^\\\\d{4}-\\\\d{2}-\\\\d{2}T\\\\d{2}:\\\\d{2}(:\\\\d{2})?Z$",
                "^[^@\\\\s]+@[^@\\\\s]+\\\\.[a-z]{2,}$",
                "^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$",
                "[]a]",
                "\\\\p{L}+")) {
            schema("{`pattern`: `" + expression + "`}");
        }
    }

    /** With a backtracking engine this takes years. */
    @Test
    void an_expression_that_backtracks_elsewhere_takes_linear_time() {
        DataSchema schema = schema("{`pattern`: `^(a+)+$`}");
        assertEquals(1, schema.check(json("`" + "a".repeat(50_000) + "b`")).size());
        assertEquals(List.of(), schema.check(json("`" + "a".repeat(50_000) + "`")));
    }

    @Test
    void a_check_ends_after_a_bounded_number_of_steps() {
        ObjectNode doubling = JSON.createObjectNode();
        ObjectNode defs = doubling.putObject("$defs");
        for (int i = 0; i < 10; i++) {
            ArrayNode four = defs.putObject("d" + i).putArray("allOf");
            for (int j = 0; j < 4; j++) {
                four.add(reference("#/$defs/d" + (i + 1)));
            }
        }
        defs.putObject("d10").put("minimum", 0);
        doubling.put("$ref", "#/$defs/d0");
        assertBounded(doubling, json("1"), "steps");

        ArrayNode many = JSON.createArrayNode();
        IntStream.range(0, 600_000).forEach(many::add);
        assertBounded(json("{`uniqueItems`: true}"), many, "MiB");
        assertBounded(json("{`items`: {`type`: `integer`}}"), many, "steps");
        assertBounded(json("{`pattern`: `(x+x+)+y`}"), json("`" + "x".repeat(1_000_000) + "`"), "steps");
        assertBounded(json("{`maximum`: 3}"), JSON.getNodeFactory().numberNode(Double.POSITIVE_INFINITY), "number");
        assertBounded(
                json("{`multipleOf`: 3}"),
                JSON.getNodeFactory().numberNode(new java.math.BigDecimal("1E+1000000000")),
                "number");
    }

    /** RE2 reads {@code !-[} as a range, so the class ends at the first closing bracket. */
    @Test
    void a_class_hides_no_repetition() {
        assertRefused("{`pattern`: `[!-[:](((a{1000}){1000}){1000}):]`}", "/pattern", "regular expression");
        assertRefused("{`pattern`: `" + "\\\\pL".repeat(30) + "`}", "/pattern", "regular expression");
    }

    @Test
    void a_pointer_has_one_spelling() {
        assertRefused("{`$defs`: {`~a`: {}}, `$ref`: `#/$defs/~a`}", "/$ref", "no JSON Pointer");
        assertEquals(
                List.of(),
                schema("{`$defs`: {`~a`: {}}, `$ref`: `#/$defs/~0a`}").check(json("1")));
    }

    @Test
    void numbers_with_many_digits_are_many_steps() {
        ArrayNode numbers = JSON.createArrayNode();
        IntStream.range(0, 20_000).forEach(i -> numbers.add(java.math.BigDecimal.TEN.pow(150)));
        assertBounded(json("{`items`: {`not`: {`const`: 0}}}"), numbers, "steps");
        assertBounded(
                json("{`const`: 0}"), JSON.getNodeFactory().numberNode(java.math.BigDecimal.TEN.pow(400)), "digits");
    }

    @Test
    void branches_within_branches_do_not_overflow_the_stack() {
        ObjectNode schema = JSON.createObjectNode();
        ObjectNode inner = schema;
        for (int i = 0; i < 13; i++) {
            inner = inner.putArray("oneOf").addObject();
        }
        inner.putObject("properties").putObject("a").put("$ref", "#");
        ObjectNode data = JSON.createObjectNode();
        ObjectNode deepest = data;
        for (int i = 0; i < 60; i++) {
            deepest = deepest.putObject("a");
        }
        try {
            List<DataFault> faults = DataSchema.compile(schema).check(data);
            assertTrue(faults.isEmpty() || faults.get(0).keyword().equals("bound"), faults.toString());
        } catch (SchemaRefusedException e) {
            throw new AssertionError(e);
        }
    }

    private static ObjectNode reference(String target) {
        return JSON.createObjectNode().put("$ref", target);
    }

    private static void assertBounded(JsonNode schema, JsonNode data, String rule) {
        List<DataFault> faults;
        try {
            faults = DataSchema.compile(schema).check(data);
        } catch (SchemaRefusedException e) {
            throw new AssertionError(e);
        }
        assertEquals(1, faults.size());
        assertEquals("bound", faults.get(0).keyword());
        assertTrue(faults.get(0).rule().contains(rule), faults.toString());
    }

    /** Otherwise texts with the same hash would be compared pairwise. */
    @Test
    void items_that_collide_in_a_table_are_compared_in_time() {
        ArrayNode colliding = JSON.createArrayNode();
        for (int i = 0; i < 1 << 14; i++) {
            StringBuilder text = new StringBuilder();
            for (int bit = 0; bit < 14; bit++) {
                text.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            colliding.addArray().add(text.toString());
        }
        assertEquals(List.of(), schema("{`uniqueItems`: true}").check(colliding));
    }

    @Test
    void data_that_nests_as_deep_as_events_may_is_checked() {
        JsonNode deep = json("{}");
        for (int i = 0; i < 190; i++) {
            deep = JSON.createObjectNode().set("n", deep);
        }
        assertEquals(
                List.of(),
                schema("{`$defs`: {`n`: {`properties`: {`n`: {`$ref`: `#/$defs/n`}}}}, `$ref`: `#/$defs/n`}")
                        .check(deep));
    }
}
