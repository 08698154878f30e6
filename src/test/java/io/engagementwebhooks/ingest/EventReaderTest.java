package io.engagementwebhooks.ingest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.server.HttpCall;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Semantics 1 to 4: how events are read, and what bad ones get. */
class EventReaderTest {

    private static final String OK = "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\"%s}";
    private final EventReader reader = new EventReader();

    @Test
    void a_structured_event_is_kept_byte_for_byte() throws IOException {
        byte[] sent = getClass().getResourceAsStream("/events/call-ended.json").readAllBytes();
        Event event = one("application/cloudevents+json; charset=utf-8", sent);
        assertArrayEquals(
                new String(sent, StandardCharsets.UTF_8).trim().getBytes(StandardCharsets.UTF_8),
                new String(event.document(), StandardCharsets.UTF_8).trim().getBytes(StandardCharsets.UTF_8));
        assertEquals("01JD8Z6M4T9Q2Y7K3V5B1N8C0R", event.id());
        assertEquals("call/914022177", event.subject());
        assertEquals(Instant.parse("2026-11-24T09:31:07Z"), event.time());
        assertEquals(192, event.tree().at("/data/duration").intValue());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1e400",
                "123456789012345678901234567890.10",
                "{ \"a\" : [1, {\"b\":\"}\\\"]\"}] }",
                "\"ä\\n\"",
                "null",
                "true",
                "[ ]",
                "-0.0"
            })
    void the_hash_is_over_the_text_of_data_as_it_was_sent(String data) throws Exception {
        for (String around : List.of("%s", " %s ", "\n\t%s\n")) {
            String text = String.format(OK, ",\"data\":" + String.format(around, data) + ",\"x\":1");
            Event event = one("application/cloudevents+json", text.getBytes(StandardCharsets.UTF_8));
            assertArrayEquals(
                    MessageDigest.getInstance("SHA-256").digest(data.getBytes(StandardCharsets.UTF_8)),
                    event.dataSha256());
            assertEquals(text, new String(event.document(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void data_base64_is_compared_decoded_and_no_data_as_empty() throws Exception {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        assertArrayEquals(
                sha.digest("hi".getBytes(StandardCharsets.UTF_8)),
                one("application/cloudevents+json", String.format(OK, ",\"data_base64\":\"aGk=\""))
                        .dataSha256());
        assertArrayEquals(
                sha.digest(new byte[0]),
                one("application/cloudevents+json", String.format(OK, "")).dataSha256());
    }

    @Test
    void a_batch_keeps_each_items_own_text() {
        String first = String.format(OK, ",\"data\":{\"n\":1.50}");
        String second = String.format(OK, " , \"data\" : [ 2 ] ");
        EventReader.Events events =
                read("application/cloudevents-batch+json", Map.of(), " [ " + first + " ,\n" + second + " ] ");
        assertTrue(events.batch());
        assertEquals(first, new String(events.events().get(0).document(), StandardCharsets.UTF_8));
        assertEquals(second, new String(events.events().get(1).document(), StandardCharsets.UTF_8));
    }

    @Test
    void a_fault_in_a_batch_names_its_item() {
        Problem problem = problem(
                "application/cloudevents-batch+json", Map.of(), "[" + String.format(OK, "") + ",{\"id\":\"2\"}]");
        assertEquals(1, problem.index());
        assertTrue(problem.detail().startsWith("item 1: "), problem.detail());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{ | the body is not JSON at line 1, column 2: it ends too early",
                "{\"data\":NaN} | the body is not JSON at line 1, column 12: Non-standard token 'NaN'"
            })
    void what_is_no_json_is_reported_without_the_parsers_inner_words(String body, String detail) {
        assertEquals(detail, problem("application/json", Map.of(), body).detail());
    }

    @Test
    void plain_json_may_leave_the_specversion_out_and_gets_it() {
        Event event = one("application/json", "{ \"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":{\"n\":1.0}}");
        assertEquals(
                "{\"specversion\":\"1.0\", \"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":{\"n\":1.0}}",
                new String(event.document(), StandardCharsets.UTF_8));
    }

    @Test
    void binary_mode_takes_attributes_from_headers_and_keeps_the_data_bytes() throws Exception {
        byte[] data = "{\"n\": 1.00, \"s\":\"ö\"}".getBytes(StandardCharsets.UTF_8);
        Map<String, String> headers = new HashMap<>(Map.of(
                "ce-specversion", "1.0",
                "ce-id", "id-1",
                "ce-source", "/calls",
                "ce-type", "call.ended",
                "ce-subject", "Euro%20%E2%82%AC%20%F0%9F%98%80",
                "ce-time", "2026-11-24T09:31:07Z",
                "ce-tenant", "\"a \\\"b\\\"\""));
        Event event = read("application/json", headers, data).events().get(0);
        assertEquals("Euro € 😀", event.subject());
        assertEquals("a \"b\"", event.tree().get("tenant").textValue());
        String document = new String(event.document(), StandardCharsets.UTF_8);
        assertTrue(document.contains("\"data\":{\"n\": 1.00, \"s\":\"ö\"}"), document);
        assertArrayEquals(MessageDigest.getInstance("SHA-256").digest(data), event.dataSha256());
    }

    @Test
    void binary_data_that_is_not_json_becomes_base64() {
        Map<String, String> headers = Map.of("ce-specversion", "1.0", "ce-id", "1", "ce-source", "s", "ce-type", "t");
        Event event = read("text/plain", headers, "hi").events().get(0);
        assertEquals("aGk=", event.tree().get("data_base64").textValue());
        assertEquals("text/plain", event.tree().get("datacontenttype").textValue());
    }

    @Test
    void binary_data_cannot_add_members_to_the_event() {
        Map<String, String> headers = Map.of("ce-specversion", "1.0", "ce-id", "1", "ce-source", "s", "ce-type", "t");
        assertEquals(
                "not-json",
                problem("application/json", headers, "1,\"account\":\"other\"").code());
        assertEquals("not-json", problem("application/json", headers, "1}").code());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "not-json | {",
                "not-json | nonsense",
                "not-an-object | [1]",
                "not-an-object | 1",
                "not-an-object | null",
                "missing-attribute | {\"specversion\":\"1.0\",\"source\":\"s\",\"type\":\"t\"}",
                "missing-attribute | {\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"s\",\"type\":\"t\"}",
                "missing-attribute | {\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"t\"}",
                "missing-attribute | {\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\"}",
                "missing-attribute | {\"specversion\":\"1.0\",\"id\":null,\"source\":\"s\",\"type\":\"t\"}",
                "bad-attribute | {\"specversion\":\"1.0\",\"id\":1,\"source\":\"s\",\"type\":\"t\"}",
                "bad-attribute | {\"specversion\":\"1.0\",\"id\":\"a\\u0000b\",\"source\":\"s\",\"type\":\"t\"}",
                "bad-attribute | {\"specversion\":\"1.0\",\"id\":\"\\ud800\",\"source\":\"s\",\"type\":\"t\"}",
                "bad-attribute | {\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"time\":\"yesterday\"}",
                "bad-attribute | {\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"time\":\"2026-11-24\"}",
                "bad-specversion | {\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\"}",
                "bad-specversion | {\"id\":\"1\",\"source\":\"s\",\"type\":\"t\"}",
                "duplicate-key | {\"specversion\":\"1.0\",\"id\":\"1\",\"id\":\"2\",\"source\":\"s\",\"type\":\"t\"}",
                "duplicate-key | {\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":{\"a\":1,\"a\":2}}",
                "bad-data | {\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":1,\"data_base64\":\"aGk=\"}",
                "bad-data | {\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data_base64\":\"!\"}",
                "not-json | {\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\"} {}",
                "not-json | {\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":NaN}",
            })
    void a_bad_event_is_named(String code, String body) {
        assertEquals(
                code, problem("application/cloudevents+json", Map.of(), body).code());
    }

    @Test
    void another_accounts_event_is_forbidden() {
        Problem problem =
                problem("application/cloudevents+json", Map.of(), String.format(OK, ",\"account\":\"other\""));
        assertEquals(403, problem.status());
    }

    @Test
    void a_number_that_no_one_could_look_at_is_refused_wherever_it_stands() {
        for (String fine :
                List.of("9".repeat(1000), "1e999999999", "-1.5E+000000000000999999999", "[1e-999999999]", "12.5")) {
            String text = String.format(OK, ",\"data\":" + fine + ",\"extension\":" + fine);
            assertFalse(one("application/cloudevents+json", text).tree().isMissingNode(), fine);
        }
        for (String bad : List.of(
                "9".repeat(1001),
                "0." + "9".repeat(259_000),
                "1e9999999999",
                "-1.5E+1000000000",
                "{\"a\":[1e-9999999999]}")) {
            for (String place : List.of("data", "extension")) {
                String text = String.format(OK, ",\"" + place + "\":" + bad);
                Problem problem = problem("application/cloudevents+json", Map.of(), text);
                assertEquals("bad-number", problem.code(), text);
            }
            Map<String, String> headers =
                    Map.of("ce-specversion", "1.0", "ce-id", "1", "ce-source", "s", "ce-type", "t");
            assertEquals("bad-number", problem("application/json", headers, bad).code());
        }
    }

    @Test
    void nesting_is_bounded_and_two_hundred_levels_are_fine() {
        String fine = String.format(OK, ",\"data\":" + "[".repeat(199) + "]".repeat(199));
        assertFalse(one("application/cloudevents+json", fine).tree().isMissingNode());
        String deep = String.format(OK, ",\"data\":" + "[".repeat(1000) + "]".repeat(1000));
        assertEquals(
                "too-deep",
                problem("application/cloudevents+json", Map.of(), deep).code());
        Map<String, String> headers = Map.of("ce-specversion", "1.0", "ce-id", "1", "ce-source", "s", "ce-type", "t");
        assertEquals(
                "too-deep",
                problem("application/json", headers, "[".repeat(200) + "]".repeat(200))
                        .code());
        assertFalse(read("application/json", headers, "[".repeat(199) + "]".repeat(199))
                .events()
                .get(0)
                .tree()
                .isMissingNode());
    }

    @Test
    void other_encodings_than_utf8_are_refused() {
        byte[] broken = String.format(OK, ",\"data\":\"X\"").getBytes(StandardCharsets.UTF_8);
        broken[broken.length - 3] = (byte) 0xFF;
        assertEquals(
                "not-utf8",
                problem(() -> one("application/cloudevents+json", broken)).code());
        byte[] utf16 = String.format(OK, "").getBytes(StandardCharsets.UTF_16LE);
        assertEquals(
                "not-utf8",
                problem(() -> one("application/cloudevents+json", utf16)).code());
        assertEquals(
                415,
                problem("application/json; charset=iso-8859-1", Map.of(), "{}").status());
    }

    @Test
    void a_byte_order_mark_is_left_out() {
        assertEquals(
                "1",
                one("application/cloudevents+json", "\uFEFF" + String.format(OK, ""))
                        .id());
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"})
    void other_content_types_are_415(String type) {
        assertEquals(415, problem(type, Map.of(), "a=b").status());
    }

    private Event one(String contentType, String body) {
        return one(contentType, body.getBytes(StandardCharsets.UTF_8));
    }

    private Event one(String contentType, byte[] body) {
        return read(contentType, Map.of(), body).events().get(0);
    }

    private EventReader.Events read(String contentType, Map<String, String> headers, String body) {
        return read(contentType, headers, body.getBytes(StandardCharsets.UTF_8));
    }

    private EventReader.Events read(String contentType, Map<String, String> headers, byte[] body) {
        Map<String, List<String>> all = new HashMap<>();
        headers.forEach((name, value) -> all.put(name, List.of(value)));
        all.put("content-type", List.of(contentType));
        return reader.read("acme", new HttpCall("POST", "/v1/events", all, Map.of(), body));
    }

    private Problem problem(String contentType, Map<String, String> headers, String body) {
        return problem(() -> read(contentType, headers, body));
    }

    private static Problem problem(Runnable reading) {
        return assertThrows(ProblemException.class, reading::run).problem();
    }
}
