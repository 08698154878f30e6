package io.engagementwebhooks.webhook.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.webhook.SampleEvents;
import io.engagementwebhooks.webhook.jq.JqProgram;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Semantics 8 and 9. */
class TemplateTest {

    private static final String CALLER = "{\"id\":\"e1\",\"type\":\"call.ended\",\"data\":%s}";

    /** Texts that break a format if they are not escaped. */
    static Stream<String> nastyTexts() {
        List<String> nasty = new ArrayList<>(List.of(
                "",
                "\"",
                "\\",
                "\\\"",
                "\",\"admin\":true,\"x\":\"",
                "\"}",
                "\n",
                "a\r\nb",
                "\t\b\f\0\u001f\u007f\u0080\u009f",
                "\u2028\u2029",
                "\ud800",
                "\udc00",
                "\udc00\ud800",
                "😀",
                "å ä ö",
                "{duration}",
                "{lb}",
                "\\u0041",
                "&x=1&amp;+%41;=",
                "a=b&c=d",
                "</script><!--",
                "null",
                "1e400"));
        Random random = new Random(8);
        String letters = "\"\\{}[],:&=+% \n\r\t\0\u2028\ud83d\ude00å<u0";
        for (int i = 0; i < 300; i++) {
            StringBuilder text = new StringBuilder();
            for (int c = random.nextInt(12); c >= 0; c--) {
                text.append(
                        random.nextInt(4) == 0
                                ? (char) random.nextInt(0x10000)
                                : letters.charAt(random.nextInt(letters.length())));
            }
            nasty.add(text.toString());
        }
        return nasty.stream();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            value = {
                "{\"call\": \"{cdr_id}\", \"seconds\": {duration}} ! {\"call\": \"914022177\", \"seconds\": 192}",
                "{\"a\":{duration}} ! {\"a\":192}",
                "{\"a\":{},\"b\":{ },\"c\":[{}]} ! {\"a\":{},\"b\":{ },\"c\":[{}]}",
                "{\"call\":{\"id\":{data.cdr_id}}} ! {\"call\":{\"id\":914022177}}",
                "{data.agent} ! {\"id\":\"a-17\",\"email\":\"agent17@example.com\"}",
                "{\"agent\": \"{agent}\"} ! {\"agent\": \"{\\\"id\\\":\\\"a-17\\\",\\\"email\\\":\\\"agent17@example.com\\\"}\"}",
                "[{answered}, \"{answered}\", {source_name}] ! [true, \"true\", \"Autumn campaign\"]",
                "[{nope}, \"{nope}\", {data.agent.nope.deeper}] ! [null, \"\", null]",
                "{\"{source_media}\": 1, \"x-{type}\": 2} ! {\"search\": 1, \"x-call.ended\": 2}",
                "[\"{id}\", \"{subject}\", \"{account}\", {time}] ! [\"01JD8Z6M4T9Q2Y7K3V5B1N8C0R\", \"call/914022177\", \"acme\", \"2026-11-24T09:31:07Z\"]",
                "\"{lb}duration} {lb}{duration}} {not a macro} {a-b} {a..b} {.a} {a.}\" ! \"{duration} {192} {not a macro} {a-b} {a..b} {.a} {a.}\"",
                "\"\\\"{duration}\\\" \\\\{duration}\" ! \"\\\"192\\\" \\\\192\"",
                "\"\\u00e5{duration}\" ! \"\\u00e5192\"",
                "{duration} ! 192",
            })
    void json_templates_are_filled(String template, String rendered) {
        assertEquals(rendered, Template.json(template).render(SampleEvents.callEnded()));
    }

    @Test
    void attributes_win_over_fields_of_the_same_name_and_bare_names_are_fields_of_data() {
        JsonNode event = SampleEvents.of(
                "{\"id\":\"e1\",\"source\":\"/s\",\"other\":1,\"data\":{\"id\":\"d1\",\"other\":2,\"list\":[{\"n\":7}],\"a.b\":3}}");

        assertEquals("e1 /s 2", Template.text("{id} {source} {other}").render(event));
        assertEquals("d1 2", Template.text("{data.id} {other}").render(event));
        assertEquals(
                "7,,",
                Template.text("{data.list.0.n},{data.list.1.n},{data.list.x}").render(event));
        assertEquals("", Template.text("{subject}").render(event));
    }

    @Test
    void half_a_surrogate_pair_is_an_escape_in_json_and_the_replacement_character_elsewhere() {
        JsonNode event = SampleEvents.of("{\"data\":{\"name\":\"a\\ud83d\"}}");

        assertEquals("{\"n\":\"a\\ud83d\"}", Template.json("{\"n\":\"{name}\"}").render(event));
        assertEquals("a\ufffd", Template.text("{name}").render(event));
        assertEquals("n=a%EF%BF%BD", Template.form("n={name}").render(event));
        assertEquals("a%EF%BF%BD", Template.header("X-Name", "{name}").render(event));
        assertEquals(
                "a\ufffd",
                new FieldValue.Text(Template.text("{name}")).of(event).textValue());
        assertEquals(
                "a\ufffd",
                new FieldValue.Program(JqProgram.compile(".data.name"))
                        .of(event)
                        .textValue());
    }

    @Test
    void numbers_are_written_as_they_were_sent() {
        JsonNode event = SampleEvents.of(
                "{\"data\":{\"money\":12.50,\"long\":12345678901234567890123,\"huge\":1E400,\"huger\":1e999999999,\"exact\":0.1000000000000000055511151231257827}}");
        String numbers = "[12.50,12345678901234567890123,1E+400,1E+999999999,0.1000000000000000055511151231257827]";

        assertEquals(
                numbers,
                Template.json("[{money},{long},{huge},{huger},{exact}]").render(event));
        assertEquals(
                "12.50 1E+400 1E+999999999",
                Template.text("{money} {huge} {huger}").render(event));
        assertEquals(
                "{\"money\":12.50,\"long\":12345678901234567890123,\"huge\":1E+400,\"huger\":1E+999999999,\"exact\":0.1000000000000000055511151231257827}",
                Template.json("{data}").render(event));
    }

    @ParameterizedTest
    @MethodSource("nastyTexts")
    void no_value_breaks_the_json_or_adds_a_field(String nasty) {
        ObjectNode event = callWith(nasty);
        Template template = Template.json(
                "{\"inside\": \"<{name}>\", \"outside\": {name}, \"tree\": {data.tree}, \"text\": \"{data.tree}\", \"two\": \"{name}{name}\"}");

        JsonNode sent = EventJson.parse(template.render(event).getBytes(StandardCharsets.UTF_8));

        JsonNode expected = JsonNodeFactory.instance
                .objectNode()
                .put("inside", "<" + nasty + ">")
                .put("outside", nasty)
                .<ObjectNode>set("tree", event.at("/data/tree"))
                .put("text", sent.path("text").asText())
                .put("two", nasty + nasty);
        assertEquals(expected, sent);
        assertEquals(event.at("/data/tree"), SampleEvents.of(sent.path("text").asText()));
    }

    @ParameterizedTest
    @MethodSource("nastyTexts")
    void no_value_breaks_the_form_or_adds_a_field(String nasty) {
        String form = Template.form("call={id}&name={name}&end=1").render(callWith(nasty));

        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : form.split("&", -1)) {
            String[] parts = field.split("=", -1);
            assertEquals(2, parts.length, field);
            fields.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        // half a surrogate pair cannot be encoded and becomes the replacement character
        String received = new String(nasty.getBytes(StandardCharsets.UTF_16), StandardCharsets.UTF_16);
        assertEquals(Map.of("call", "e1", "name", received, "end", "1"), fields);
        assertTrue(form.chars().allMatch(c -> c > 0x20 && c < 0x7f), form);
    }

    @ParameterizedTest
    @MethodSource("nastyTexts")
    void no_value_breaks_a_header(String nasty) {
        Template header = Template.header("X-Name", "n={name}");

        if (nasty.chars().anyMatch(Character::isISOControl)) {
            BodyFault fault = assertThrows(BodyFault.class, () -> header.render(callWith(nasty)));
            assertEquals("header X-Name holds a control character", fault.getMessage());
        } else {
            assertTrue(header.render(callWith(nasty)).chars().allMatch(c -> c >= 0x20 && c < 0x7f));
        }
    }

    @Test
    void headers_are_percent_encoded_utf8() {
        JsonNode event = SampleEvents.of("{\"data\":{\"name\":\"Åsa 100%\"}}");

        assertEquals(
                "f%C3%B6r %C3%85sa 100%",
                Template.header("X-Name", "för {name}").render(event));
        assertEquals("[1]", Template.header("X", "{list}").render(SampleEvents.of("{\"data\":{\"list\":[1]}}")));
    }

    @Test
    void a_header_whose_macros_have_no_value_is_empty() {
        assertEquals("", Template.header("X", "{nope}").render(SampleEvents.callEnded()));
        assertEquals("", Template.header("X", "campaign {nope}").render(SampleEvents.callEnded()));
        assertEquals("192/", Template.header("X", "{duration}/{nope}").render(SampleEvents.callEnded()));
        assertEquals("fixed", Template.header("X", "fixed").render(SampleEvents.callEnded()));
    }

    @Test
    void a_control_character_in_the_text_of_a_header_is_refused() {
        IllegalArgumentException fault =
                assertThrows(IllegalArgumentException.class, () -> Template.header("X-Name", "a\r\nb: c"));

        assertEquals("header X-Name holds a control character", fault.getMessage());
    }

    @Test
    void forms_are_filled() {
        JsonNode event = SampleEvents.callEnded();

        assertEquals(
                "call=914022177&name=Autumn+campaign",
                Template.form("call={cdr_id}&name={source_name}").render(event));
        assertEquals("a=&b=", Template.form("a={nope}&b={data.agent.nope}\n").render(event));
        assertEquals(
                "agent=%7B%22id%22%3A%22a-17%22%2C%22email%22%3A%22agent17%40example.com%22%7D",
                Template.form("agent={agent}").render(event));
        assertEquals(
                "k=f%C3%B6r+alla&n=%2B46850550100",
                Template.form("k=för alla\n&n={bnum}").render(event));
    }

    @Test
    void text_keeps_values_as_they_are() {
        JsonNode event =
                SampleEvents.of(CALLER.formatted("{\"name\":\"Å \\\"x\\\"\\n&\",\"list\":[1,\"a\"],\"no\":null}"));

        assertEquals(
                "Å \"x\"\n& [1,\"a\"]  {", Template.text("{name} {list} {no} {").render(event));
    }

    @Test
    void a_text_of_exactly_one_macro_gives_its_node() {
        JsonNode event = SampleEvents.callEnded();

        assertEquals(192, Template.text("{duration}").value(event).intValue());
        assertTrue(Template.text("{answered}").value(event).isBoolean());
        assertTrue(Template.text("{data.agent}").value(event).isObject());
        assertTrue(Template.text("{nope}").value(event).isMissingNode());
        assertTrue(Template.text("{no}")
                .value(SampleEvents.of(CALLER.formatted("{\"no\":null}")))
                .isNull());
        assertEquals("192 s", Template.text("{duration} s").value(event).textValue());
        assertEquals("192", Template.text("{duration}{nope}").value(event).textValue());
        assertEquals("fixed", Template.text("fixed").value(event).textValue());
        assertEquals("{", Template.text("{lb}").value(event).textValue());
        assertEquals("", Template.text("").value(event).textValue());
    }

    @Test
    void the_names_of_the_macros_are_reported_in_order() {
        Template template =
                Template.json("{\"a\": {duration}, \"b\": \"{data.agent.id} {lb}x} {duration}\", \"c\": {}}");

        assertEquals(List.of("duration", "data.agent.id"), List.copyOf(template.macros()));
        assertTrue(Template.text("no macro, {}").macros().isEmpty());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            quoteCharacter = '`',
            value = {
                "{\"a\": {duration} ! line 1, column 17",
                "{\"a\": {duration}{cdr_id}} ! line 1, column 7",
                "{\"a\": 1{duration}} ! line 1, column 8",
                "{\"a\": -{duration}} ! line 1, column 8",
                "{\"a\": \"x\"{duration}} ! line 1, column 10",
                "{{duration}: 1} ! line 1, column 2",
                "{\"a\": {dur ation}} ! line 1, column 8",
                "{duration} {cdr_id} ! line 1, column 12",
                "{\"a\": \"\\{duration}\"} ! line 1, column 9",
                "{\"a\": \"\\u00{duration}\"} ! line 1, column 12",
                "{\"a\": \"{duration}} ! line 1, column 19",
                "{'a': 1} ! line 1, column 2",
                "{\"a\": 1,} ! line 1, column 9",
                "call={cdr_id} ! line 1, column 1",
                "`` ! line 1, column 1",
                "`  ` ! line 1, column 1",
            })
    void a_template_that_is_invalid_json_for_some_value_is_refused_with_line_and_column(String template, String place) {
        IllegalArgumentException fault = assertThrows(IllegalArgumentException.class, () -> Template.json(template));

        assertTrue(fault.getMessage().startsWith("the template is not JSON at " + place + ": "), fault.getMessage());
    }

    @Test
    void the_line_of_a_fault_is_reported() {
        IllegalArgumentException fault = assertThrows(
                IllegalArgumentException.class, () -> Template.json("{\n  \"a\": {duration},\n  \"b\": {cdr_id} x\n}"));

        assertTrue(fault.getMessage().contains("line 3, column 17"), fault.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\": \"line\nbreak\"}", "{\"a\": NaN}", "{\"a\": 01}", "// c\n{}"})
    void only_strict_json_is_accepted(String template) {
        assertThrows(IllegalArgumentException.class, () -> Template.json(template));
    }

    /** Random templates: one that is valid with the four sample values must be valid with every value. */
    @Test
    void a_template_that_is_accepted_is_json_for_every_value() {
        assertJsonForEveryValue(20_000, 50);
    }

    @Test
    @Tag("slow")
    void each_of_many_templates_that_are_accepted_is_json_for_every_value() {
        assertJsonForEveryValue(200_000, 500);
    }

    private static void assertJsonForEveryValue(int templates, int some) {
        Random random = new Random(9);
        String[] tokens = {
            "{", "}", "[", "]", ",", ":", "\"", "{v}", "{v}", "\"k\":", "1", "-", ".", "e", "null", " ", "\\", "u00",
            "x", "{lb}"
        };
        List<String> values = List.of("null", "\"\"", "\"a\\\"b\"", "-1.5e3", "0", "true", "[]", "[1,{\"a\":2}]", "{}");
        int accepted = 0;
        for (int i = 0; i < templates; i++) {
            StringBuilder text = new StringBuilder();
            for (int t = 1 + random.nextInt(8); t > 0; t--) {
                text.append(tokens[random.nextInt(tokens.length)]);
            }
            Template template;
            try {
                template = Template.json(text.toString());
            } catch (IllegalArgumentException refused) {
                continue;
            }
            if (!template.macros().isEmpty()) {
                accepted++;
                for (String value : values) {
                    String rendered = template.render(SampleEvents.of("{\"data\":{\"v\":" + value + "}}"));
                    assertFalse(SampleEvents.of(rendered).isMissingNode(), rendered);
                }
            }
        }
        assertTrue(accepted > some, "templates accepted: " + accepted);
    }

    private static ObjectNode callWith(String name) {
        ObjectNode event = JsonNodeFactory.instance.objectNode().put("id", "e1");
        ObjectNode data = event.putObject("data").put("name", name);
        data.putObject("tree").put(name, name).putArray("list").add(name).addNull();
        return event;
    }

    @ParameterizedTest
    @CsvSource({
        "{ data.x }, {data.x}",
        "{data.x }, {data.x}",
        "{ data.x}, {data.x}",
        "{{data.x}}, {data.x}",
        "{{ duration }}, {duration}",
        "{{duration}}, {duration}",
    })
    void the_macro_syntax_of_other_languages_is_refused_with_ours(String other, String ours) {
        for (Function<String, Template> kind : List.<Function<String, Template>>of(
                Template::text,
                Template::form,
                text -> Template.header("x", text),
                text -> Template.json("[\"" + text + "\"]"))) {
            String fault = assertThrows(IllegalArgumentException.class, () -> kind.apply("a " + other))
                    .getMessage();
            assertTrue(fault.startsWith("'" + other + "' is no macro; write " + ours + ", "), fault);
        }
    }

    @Test
    void other_braces_are_text() throws Exception {
        JsonNode event = EventJson.parse(CALLER.formatted("{\"duration\":5}").getBytes(StandardCharsets.UTF_8));
        assertEquals(
                "{ viewer { login } }", Template.text("{ viewer { login } }").render(event));
        assertEquals(
                "{{ duration }} {{5}}",
                Template.text("{lb}{lb} duration }} {lb}{lb}{duration}}}").render(event));
        assertEquals(
                "{\"a\":{\"b\":5}}", Template.json("{\"a\":{\"b\":{duration}}}").render(event));
    }
}
