package io.engagementwebhooks.webhook.jq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.webhook.SampleEvents;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Semantics 7. The clock stands still, so a program ends by the limit of steps, not of time. */
class JqLimitsTest {

    private static final String STEPS = "the jq program takes more than 500000 steps";
    private static final String OUTPUT = "the jq program makes more than 1 MiB";
    private static final String DEPTH = "the jq program calls itself too deeply";
    private static final String TIME = "the jq program takes longer than 50 ms";
    private static final String INDEX = "the jq program assigns to an array index above 100000";
    private static final String NESTING = "the jq program nests more than 400 levels";

    private static final String LARGE_TEXT = "reduce range(19) as $i (\"x\"; . + .) as $x | ";
    private static final String LARGE_TREE = "reduce range(15) as $i (1; [., .]) as $x | ";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[repeat(1)]",
                "[1] | sort_by(range(1e9))",
                "last(null | path(repeat(.a) | select(false)))",
                "last(limit(100000000; repeat(1)))",
                "until(false; .)",
                "last(while(true; .))",
                "last(recurse(.))",
                "last(recurse(try error catch .))",
                "last(range(1; 3e8))",
                "last(range(0; 1; 1e-300))",
                "first(range(1e18) | select(. < 0))",
                "reduce range(1e9) as $i (0; . + 1)",
                "[limit(-1; range(1e9))] | length",
                "any(range(1e9); false)",
                "[range(12) | [range(10)]] | last(combinations)",
                "(.,.,.,.)|(.,.,.,.)|(.,.,.,.)|(.,.,.,.)|(.,.,.,.)|(.,.,.,.)|(.,.,.,.)|(.,.,.,.)|(.,.,.,.)|(.,.,.,.)|empty",
                "reduce range(10) as $i (1; [., .]) | [.. | .. | .. | .. | .. | .. | .. | ..] | length",
                "(\"a\" * 500000) | indices(\"a\" * 250000)",
                "(\"a\" * 500000) | split(\"a\" * 250000)",
                "(\"a\" * 500000) / (\"a\" * 250000)",
                "(\"a\" * 500000) | contains(\"a\" * 250000)",
                "[range(3000)] | contains([range(2999; 0; -1)])",
                "[range(3000)] | indices([range(1500)]) | last(range(1e9))",
                "[range(3000)] | .[] |= . + 1 | .[] |= . + 1 | .[] |= . + 1",
                "[range(100000)] | map(try error catch .) | map(try error catch .)",
                "last(range(1e9) | \"aaaa\" | gsub(\"a\"; \"b\"))",
                "[range(5000)] | del(.[range(5000)])",
            })
    void a_program_that_takes_too_many_steps_is_ended(String program) {
        assertFault(STEPS, program);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                LARGE_TEXT + "reduce range(1e6) as $i (0; if $x == $x then . + 1 else . end)",
                LARGE_TEXT + "[range(20000)] | sort_by($x)",
                LARGE_TEXT + "[range(20000)] | group_by($x)",
                LARGE_TEXT + "[range(20000)] | max_by($x)",
                LARGE_TEXT + "[range(20000) | try error([$x]) catch 1]",
                LARGE_TEXT + "last(range(20000) | $x | length)",
                LARGE_TEXT + "last(range(20000) | $x | startswith($x))",
                LARGE_TREE + "last(range(20000) | $x | tojson | length)",
                LARGE_TREE + "last(range(20000) | $x == $x)",
                LARGE_TREE + "last(range(20000) | $x | [paths] | length)",
                LARGE_TREE + "last(range(20000) | $x | flatten | length)",
                LARGE_TREE + "last(range(20000) | $x | unique | length)",
                LARGE_TREE + "last(range(20000) | {a: $x} * {a: $x})",
                LARGE_TREE + "last(range(20000) | \"\\($x)\" | length)",
                LARGE_TREE + "last(range(20000) | $x | walk(.))",
            })
    void a_program_that_traverses_a_large_value_repeatedly_is_ended(String program) {
        String message = assertThrows(BodyFault.class, () -> still(program).first(event()))
                .getMessage();

        assertTrue(message.equals(STEPS) || message.equals(OUTPUT), message);
    }

    @Test
    void an_error_does_not_write_a_large_value() {
        String program = LARGE_TEXT + "[range(20000) | try ($x + 1) catch 1] | length";

        assertEquals(20_000, still(program).first(event()).asInt());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"x\" * 200000000",
                "200000000 * \"x\"",
                "\"\" * 2000000000",
                "\"x\" | . *= 200000000",
                "reduce range(40) as $i (1; [., .]) | tojson",
                "reduce range(40) as $i (1; {a: ., b: .}) == 1",
                "reduce range(40) as $i (\"x\"; . + .)",
                "reduce range(40) as $i (\"x\"; \"\\(.)\\(.)\")",
                "reduce range(40) as $i (\"x\"; [., .] | join(\"\"))",
                "reduce range(40) as $i (\"x\"; [., .] | add)",
                "reduce range(80) as $i (\"x\"; @base64)",
                "reduce range(40) as $i (\"\\\"\"; tojson)",
                "(\"é\" * 110000) | @uri | @uri",
                "reduce range(40) as $i ([1]; . + .)",
                "reduce range(40) as $i ([1]; [., .] | add)",
                "reduce range(40) as $i ({}; {a: ., b: .})",
                "reduce range(40) as $i ({}; .a = . | .b = .)",
                "reduce range(40) as $i ([]; setpath([0]; .) | setpath([1]; .))",
                "[range(300000)]",
                "[range(300000)] | join(\"x\" * 100000)",
                "(\"x\" * 900000) | split(\"\")",
                "(\"x\" * 60000) | gsub(\"\"; \"y\" * 60000)",
                "[range(1000) | \"x\" * 1000000]",
                "{a: (\"x\" * 1000000), b: (\"x\" * 1000000)}",
                "@sh \"\\(\"x\" * 700000)\\(\"x\" * 700000)\"",
            })
    void a_program_that_makes_too_much_is_ended(String program) {
        String message = assertThrows(BodyFault.class, () -> still(program).first(event()))
                .getMessage();

        assertTrue(message.equals(OUTPUT) || message.equals(NESTING), message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[recurse(., .)]",
                "[recurse([.], [.])]",
                "[recurse(try error catch ., .)]",
            })
    void a_program_that_calls_itself_for_ever_is_ended(String program) {
        assertFault(DEPTH, program);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null | .[1000000000] = 1",
                "null | .[1000000000] |= 1",
                "null | .[1000000000] += 1",
                "{a: []} | .a[1000000000].b = 1",
                "null | setpath([1000000000]; 1)",
                "null | setpath([\"a\", 1000000000, \"b\"]; 1)",
                "null | pick(.[1000000000])",
                "{a: null} | map_values(.[1e17] = 1)",
            })
    void a_program_that_assigns_far_beyond_the_end_of_an_array_is_ended(String program) {
        assertFault(INDEX, program);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "reduce range(100000) as $i (1; [.])",
                "[recurse([.])]",
                "last(null | path(repeat(.a)))",
                "reduce range(100000) as $i (1; {a: .})",
                "setpath([range(1000) | \"a\"]; 1)",
                "delpaths([[range(1000) | \"a\"]])",
                "(\"[\" * 900 + \"]\" * 900) | fromjson",
            })
    void a_program_that_nests_too_deeply_is_ended(String program) {
        assertFault(NESTING, program);
    }

    @Test
    void a_long_object_and_a_long_conditional_do_not_nest() {
        String members = IntStream.range(0, 300)
                .mapToObj(i -> "f%d: \"n\\(. + %d)\"".formatted(i, i))
                .collect(Collectors.joining(", ", "1 | {", "}"));
        String branches = IntStream.range(0, 300)
                .mapToObj(i -> "if . == %d then \"n%d\" el".formatted(i, i))
                .collect(Collectors.joining("", "299 | ", "se . end"));
        assertEquals(300, still(members).first(event()).size());
        assertEquals("n299", still(branches).first(event()).asText());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(\"a\" * 60 + \"b\") | test(\"(a+)+$\")",
                "(\"a\" * 60 + \"b\") | test(\"(a|a)+$\")",
                "(\"a\" * 60 + \"b\") | test(\"(a|aa)+$\"; \"i\")",
                "(\"a\" * 60 + \"b\") | [match(\"(a*)*$\"; \"g\")]",
                "(\"a\" * 60 + \"b\") | gsub(\"(a+)+$\"; \"\")",
                "(\"a\" * 60 + \"b\") | [splits(\"(a+)+$\")]",
                "(\"a\" * 60 + \"b\") | capture(\"(?<x>(a+)+)$\")",
                "(\"a\" * 60 + \"b\") | [scan(\"(a+)+$\")]",
                "(\"c\" + \"a\" * 60000) | test(\"a+[bc]\")",
                "(\"c\" + \"a\" * 60000) | test(\"(a|b)+[bc]\")",
            })
    void a_regular_expression_that_backtracks_for_ever_is_ended(String program) {
        assertFault(TIME, program);
    }

    @Test
    void a_regular_expression_is_bounded_in_its_length_and_in_the_text_it_is_applied_to() {
        assertFault("a regular expression is longer than 1000 characters", "\"a\" | test(\"a\" * 1001)");
        assertFault(
                "a regular expression is applied to a text of more than 64 KiB",
                "(\"a\" * 70000) | gsub(\"a\"; \"b\")");
        assertFault("a regular expression has more than 8 flags", "\"a\" | test(\"a\"; \"g\" * 9)");
        assertFault(STEPS, "(\"ab\" * 30000) | [match(\"a\"; \"g\")]");
    }

    @Test
    void a_phrase_is_found_in_a_long_text() {
        assertTrue(still("(\"ab \" * 300000 + \"a phrase of some words\") | contains(\"a phrase of some words\")")
                .test(event()));
    }

    @Test
    void gsub_of_an_empty_match_ends() {
        assertEquals(
                "\"-a-b-\"", still("\"ab\" | gsub(\"\"; \"-\")").first(event()).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "try last(range(1; 3e8)) catch 1",
                "last(range(1; 3e8))? // 1",
                "[.[] | (try last(range(1; 3e8)) catch 1)?]",
                "first(try last(range(1; 3e8)), 1)",
            })
    void a_broken_limit_is_not_caught_by_the_program(String program) {
        assertFault(STEPS, program);
    }

    @Test
    void a_program_is_ended_when_its_time_is_over() {
        AtomicLong now = new AtomicLong();
        JqProgram program = JqProgram.compile("last(range(1; 3e8))", () -> now.getAndAdd(10_000_000));

        BodyFault fault = assertThrows(BodyFault.class, () -> program.first(event()));

        assertEquals(TIME, fault.getMessage());
        assertEquals(60_000_000, now.get(), "the clock was read after each thousand steps");
    }

    @Test
    void a_short_program_is_not_failed_by_a_slow_machine() {
        AtomicLong now = new AtomicLong();
        JqProgram program = JqProgram.compile(".data.duration >= 120", () -> now.getAndAdd(3_600_000_000_000L));

        assertTrue(program.test(event()));
    }

    @Test
    void limits_are_per_evaluation() {
        JqProgram program = still("reduce range(20000) as $i (0; . + 1)");

        for (int i = 0; i < 20; i++) {
            assertEquals(20_000, program.first(event()).asInt());
        }
    }

    @Test
    void an_event_of_numbers_beyond_double_breaks_nothing() {
        JsonNode event = EventJson.parse(
                "{\"a\":1e999999999,\"b\":-1e999999999,\"c\":1e-999999999,\"d\":123456789012345678901234567890}"
                        .getBytes(StandardCharsets.UTF_8));

        assertEquals(
                "[1.7976931348623157E308,-1.7976931348623157E308,0,1.2345678901234568E29]",
                still("[.a, .b, .c, .d]").first(event).toString());
        assertTrue(still(".a > 1 and .b < 0 and .c == 0 and .d > 1e20").test(event));
        assertEquals("1.7976931348623157E308", still(".a | tojson").first(event).textValue());
        assertTrue(still("[.a, .b, .c, .d] | sort | .[0] < 0").test(event));
        assertTrue(still("[.[] | floor | tostring] | length == 4").test(event));
        assertTrue(still("[.[] | . % 7] | length == 4").test(event));
        assertTrue(still("\"[1e999999999]\" | fromjson | .[0] > 1").test(event));
    }

    @Test
    void an_event_of_the_deepest_nesting_passes() {
        String document = "[".repeat(200) + "]".repeat(200);

        JsonNode answer = still(".").first(EventJson.parse(document.getBytes(StandardCharsets.UTF_8)));

        assertEquals(document, answer.toString());
    }

    @Test
    void an_event_above_the_output_limit_can_be_queried_but_not_returned() {
        JsonNode event = EventJson.parse(
                ("{\"note\":\"" + "x".repeat(2 << 20) + "\",\"n\":1}").getBytes(StandardCharsets.UTF_8));

        assertTrue(still(".n == 1").test(event));
        assertEquals(
                OUTPUT,
                assertThrows(BodyFault.class, () -> still(".").first(event)).getMessage());
    }

    private static void assertFault(String message, String program) {
        BodyFault fault = assertThrows(BodyFault.class, () -> still(program).first(event()), program);

        assertEquals(message, fault.getMessage(), program);
    }

    private static JqProgram still(String program) {
        return JqProgram.compile(program, () -> 0);
    }

    private static JsonNode event() {
        return SampleEvents.callEnded();
    }
}
