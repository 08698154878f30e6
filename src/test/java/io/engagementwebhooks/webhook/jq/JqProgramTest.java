package io.engagementwebhooks.webhook.jq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.webhook.SampleEvents;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JqProgramTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".data.duration >= 120",
                ".data.web.utm.source == \"google\" and .data.answered",
                "(.data.tags | index(\"hot-lead\")) == null",
                ".data.anum | test(\"^\\\\+46\")",
                ".data.anum | startswith(\"+46\")",
                ".data.web.url | contains(\"/cars/\")",
                ".type == \"call.ended\" or .type == \"call.missed\"",
                ".data.source_media | IN(\"search\", \"social\")",
                "[.data.duration, 300] | min == 192",
                ".data.agent.email? | ascii_upcase | endswith(\"EXAMPLE.COM\")",
                ".data | has(\"recording_id\")",
            })
    void a_condition_that_is_true_matches(String condition) {
        assertTrue(JqProgram.compile(condition).test(SampleEvents.callEnded()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".data.duration >= 193",
                ".data.web.utm.source == \"google\" and (.data.answered|not)",
                ".data.tags | index(\"hot-lead\") != null",
                ".data.duration",
                "\"true\"",
                "1",
                "null",
                "empty",
                "false, true",
            })
    void only_a_first_result_of_true_matches(String condition) {
        assertFalse(JqProgram.compile(condition).test(SampleEvents.callEnded()));
    }

    @Test
    void tags_are_found() {
        JsonNode event = SampleEvents.of("{\"data\":{\"tags\":[\"new\",\"hot-lead\"]}}");

        assertTrue(JqProgram.compile(".data.tags | index(\"hot-lead\") != null").test(event));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            quoteCharacter = '`',
            value = {
                "{call: .data.cdr_id, seconds: .data.duration} ! {\"call\":914022177,\"seconds\":192}",
                ".data.duration * 1000 ! 192000",
                "[1e17, 12345678901234567 + 0 | tostring] ! [\"100000000000000000\",\"12345678901234568\"]",
                "[[1] | has(0, 4294967296)] ! [true,false]",
                "[.data.duration / 60, -1.5, 3e2][0:2] ! [3.2,-1.5]",
                "[.data.duration / 60][0] | floor ! 3",
                ".data.source_name | ascii_downcase | gsub(\"\\\\s+\"; \"-\") ! \"autumn-campaign\"",
                ".data.source_name | split(\" \") ! [\"Autumn\",\"campaign\"]",
                "\"a, b,c\" | [splits(\", *\")] ! [\"a\",\"b\",\"c\"]",
                "\"x1y22\" | [match(\"[0-9]+\"; \"g\") | .string, .offset] ! [\"1\",1,\"22\",3]",
                "\"ab\" | capture(\"(?<first>.)(?<second>.)(?<third>.)?\") ! {\"first\":\"a\",\"second\":\"b\",\"third\":null}",
                "\"ab\" | [sub(\"(?<x>.)\"; .x + (\"1\", \"2\"))] ! [\"a1b\",\"a2b\"]",
                "\"Åsa😀\" | [length, ascii_downcase, .[1:]] ! [4,\"Åsa😀\",\"sa😀\"]",
                "\"Åsa😀\" | [@base64, @uri, (match(\"😀\") | .offset), index(\"😀\")] ! [\"w4VzYfCfmIA=\",\"%C3%85sa%F0%9F%98%80\",3,3]",
                ".data.start | fromdate ! 1795512475",
                ".data.web.utm | to_entries | map(\"\\(.key)=\\(.value)\") | join(\"&\") ! \"source=google&medium=cpc&campaign=autumn\"",
                "@uri \"q=\\(.data.source_name)\" ! \"q=Autumn%20campaign\"",
                ".data.nope.deeper // \"none\" ! \"none\"",
                ". as {data: {cdr_id: $c, $nope}} | [$c, $nope] ! [914022177,null]",
                "[.data.web.contentsquare[] | numbers] | add ! 1341",
                "del(.data, .account) | keys_unsorted ! [\"specversion\",\"id\",\"source\",\"type\",\"subject\",\"time\",\"datacontenttype\"]",
                "[1, 2, 3, 4] | del(.[1, 3]) ! [1,3]",
                "[1, 2, 3, 4] | del(.[1:3]) ! [1,4]",
                "[1, 2, 3, 4] | (.[] | select(. > 2)) |= empty ! [1,2]",
                "[1, 2, 3, 4] | .[1:3] = [9] ! [1,9,4]",
                "{a: [1]} | .a[2] = 3 | .b.c += 1 | .a[0] *= 5 ! {\"a\":[5,null,3],\"b\":{\"c\":1}}",
                ".data.web.utm | with_entries(select(.key == \"source\")) | .source |= ascii_upcase ! {\"source\":\"GOOGLE\"}",
                "[3, 1, 2] | [sort, (unique | length), max, (sort_by(-.) | first)] ! [[1,2,3],3,3,3]",
                "[{k: 1, v: 1}, {k: 2, v: 2}, {k: 1, v: 3}] | group_by(.k) | map(map(.v)) ! [[1,3],[2]]",
                "[1, [2, [3]]] | [flatten, (.. | numbers)] ! [[1,2,3],1,2,3]",
                "{\"a\": {\"b\": 1}} | [paths], getpath([\"a\", \"b\"]) ! [[\"a\"],[\"a\",\"b\"]]",
                "{\"a\": {\"b\": 1}} * {\"a\": {\"c\": 2}} ! {\"a\":{\"b\":1,\"c\":2}}",
                "1 | [limit(2; repeat(. + 1))] ! [1,2]",
                "[1, 2, 3] - [2] ! [1,3]",
                "9223372036854775807 + 1 ! 9.223372036854776E18",
                "[nan, infinite, -infinite] ! [null,1.7976931348623157E308,-1.7976931348623157E308]",
                "[nan, 1] | [sort[1], (.[0] == .[0]), (nan | tojson)] ! [1,false,\"null\"]",
                "\"[1, {\\\"a\\\": 2}]\" | fromjson | tojson ! \"[1,{\\\"a\\\":2}]\"",
            })
    void ordinary_programs_work(String program, String answer) {
        assertEquals(
                answer,
                JqProgram.compile(program).first(SampleEvents.callEnded()).toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            value = {
                "def f: 2; f + f ! 4",
                "def f: 2; [f, f] | add + f ! 6",
                "def f: 2; def g(x): x * f; 3 as $x | g($x) | . + f ! 8",
                "1 | def f: . + 1; f | f ! 3",
                "def f(g; $x): g + $x; f(1; 2) ! 3",
                "[true or error, (false, true) and (true, false), (false or false or 1)] ! [true,false,true,false,true]",
            })
    void functions_may_be_defined(String program, String answer) {
        assertEquals(
                answer, JqProgram.compile(program).first(SampleEvents.of("1")).toString());
    }

    @Test
    void no_answer_is_a_missing_node() {
        assertTrue(JqProgram.compile("empty").first(SampleEvents.callEnded()).isMissingNode());
        assertTrue(
                JqProgram.compile(".data.nope").first(SampleEvents.callEnded()).isNull());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            value = {
                "[first(range(3), 5), 7] ! [0,7]",
                "[first(first(range(3)), 5)] ! [0]",
                "[.[]?] ! []",
                "[first(range(1e9)?)] ! [0]",
                "[limit(3; repeat(1)?)] ! [1,1,1]",
                "[try ((1, 2)? | error(\"a\")) catch .] ! [\"a\"]",
                "[(1, 2)? | try error(\"b\") catch .] ! [\"b\",\"b\"]",
                "[(try (1, 2) catch 9) | if . == 2 then empty else . end] ! [1]",
                "[try error(\"no\") catch ., (error(\"no\"))?] ! [\"no\"]",
            })
    void limits_and_try_catch_only_their_own_errors(String program, String answer) {
        assertEquals(
                answer, JqProgram.compile(program).first(SampleEvents.of("1")).toString());
    }

    @Test
    void an_error_after_a_try_is_not_caught_by_it() {
        BodyFault fault =
                assertThrows(BodyFault.class, () -> JqProgram.compile("(.data.duration?) | error(\"downstream\")")
                        .first(SampleEvents.callEnded()));

        assertEquals("the jq program failed: downstream", fault.getMessage());
    }

    @Test
    void an_error_of_null_says_that_it_has_no_message() {
        BodyFault fault = assertThrows(
                BodyFault.class, () -> JqProgram.compile("error(null)").first(SampleEvents.callEnded()));

        assertEquals("the jq program failed: its error has no message", fault.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "error(\"x\" * 100000)",
                ".data | .[0]",
                "getpath([\"data\", \"duration\", \"x\"])",
                "{} + 1",
                "\"x\" | test(\"(\")",
                "\"x\" | test(\"x\"; \"?\")",
                "{a: 1} | .[{}]",
                "1 as [$a] | 2",
                "1 as [$a] | try $a catch 2",
                "1 | {a}",
                "[1, 2] | .[[1]] = [9]",
                "[1, 2] | setpath([[1]]; [9])",
                "try 1 + error(\"y\")",
                "\"123d\" | tonumber",
                "\"NaN\" | tonumber",
                "\"0x1p3\" | tonumber",
                "\"x\" | @base64d",
                ".a = (1 | error)",
            })
    void an_error_is_a_fault_in_plain_words(String program) {
        BodyFault fault =
                assertThrows(BodyFault.class, () -> JqProgram.compile(program).first(SampleEvents.callEnded()));

        assertTrue(fault.getMessage().startsWith("the jq program failed: "), fault.getMessage());
        assertTrue(fault.getMessage().length() < 300, fault.getMessage());
        assertFalse(fault.getMessage().contains("Exception"), fault.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            value = {
                ".data.duration >= ! the jq program ends too early",
                ".data.[ ! the jq program ends too early",
                ". as [$a] ?// $a | $a ! '?//' of jq is not supported here",
                "'x' ! the jq program has a fault at line 1, column 1",
                ".a | foo(1) ! there is no jq function foo/1 here",
                "map(map) ! there is no jq function map/0 here",
                "def f(a): b; f(1) ! there is no jq function b/0 here",
                "$x ! there is no jq variable $x here",
                "(1 as $x | $x) + $x ! there is no jq variable $x here",
                "{$x} ! there is no jq variable $x here",
                "reduce .[] as $x (0; $y) ! there is no jq variable $y here",
                "1, (. as $x | $x) + $x ! there is no jq variable $x here",
                "break $out ! 'break' of jq is not supported here: use first(…) or limit(…; …)",
                "@yaml ! there is no jq format @yaml here",
                "env.PATH ! there is no jq function env/0 here: a program sees the event and nothing else",
                "$ENV.PATH ! there is no jq variable $ENV here: a program sees the event and nothing else",
                "$__loc__ ! there is no jq variable $__loc__ here",
                "input ! there is no jq function input/0 here: a program sees the event and nothing else",
                "[inputs] ! there is no jq function inputs/0 here: a program sees the event and nothing else",
                "debug ! there is no jq function debug/0 here: a program sees the event and nothing else",
                "stderr ! there is no jq function stderr/0 here: a program sees the event and nothing else",
                "input_line_number ! there is no jq function input_line_number/0 here: a program sees the event and nothing else",
                "builtins ! there is no jq function builtins/0 here",
                "debug_scope ! there is no jq function debug_scope/0 here",
                "{key: sk_live_51SECRET} ! there is no jq function sk_l… (16 characters)/0 here",
                "$sk_live_51SECRET ! there is no jq variable $sk_l… (16 characters) here",
                "label $sk_live_51SECRET | 1 ! 'label' of jq is not supported here: use first(…) or limit(…; …)",
                "@sk_live_51SECRET ! there is no jq format @sk_l… (16 characters) here",
                ". sk_live_51SECRET ! the jq program has a fault at line 1, column 3, near 'sk_l… (16 characters)'",
                "import \"a\" as a; a::f ! 'import' of jq is not supported here",
                "include \"a\"; 1 ! 'include' of jq is not supported here",
                "a::f ! there is no jq function a/0 here",
                "def f: 1 + f; f ! a jq function cannot call itself here: use recurse, while, until or walk",
                "def f(g): g | f(g); 1 ! a jq function cannot call itself here: use recurse, while, until or walk",
                "foreach .[] as $x (0; . + $x) ! 'foreach' of jq is not supported here: use reduce",
                "`` ! the jq program is empty",
            },
            quoteCharacter = '`')
    void a_faulty_program_is_refused_when_it_is_compiled(String program, String message) {
        IllegalArgumentException fault = assertThrows(IllegalArgumentException.class, () -> JqProgram.compile(program));

        assertEquals(message, fault.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 5_000, 9_000})
    void a_program_nested_too_deeply_is_refused(int depth) {
        assertThrows(IllegalArgumentException.class, () -> JqProgram.compile("[".repeat(depth) + "]".repeat(depth)));
        assertThrows(IllegalArgumentException.class, () -> JqProgram.compile(".a".repeat(depth)));
        assertThrows(IllegalArgumentException.class, () -> JqProgram.compile("(".repeat(depth)));
        assertThrows(IllegalArgumentException.class, () -> JqProgram.compile("x".repeat(20_001)));
    }

    @Test
    void a_program_that_grows_with_each_of_its_functions_is_refused() {
        StringBuilder program = new StringBuilder("def f0: 1;");
        for (int i = 1; i <= 40; i++) {
            program.append("def f%d: f%d + f%d;".formatted(i, i - 1, i - 1));
        }
        String text = program + "f40";

        String fault = assertThrows(IllegalArgumentException.class, () -> JqProgram.compile(text))
                .getMessage();

        assertEquals("the jq program has more than 20000 terms", fault);
    }

    @Test
    void a_long_list_of_alternatives_is_no_deep_nesting() {
        String condition = String.join(
                " or ",
                IntStream.range(0, 300).mapToObj(i -> ".data.cdr_id == " + i).toList());

        assertFalse(JqProgram.compile(condition).test(SampleEvents.callEnded()));
    }

    @Test
    void the_event_is_left_as_it_was() {
        JsonNode event = SampleEvents.callEnded();

        JqProgram.compile(".data.duration = 1 | del(.data.web) | .data.agent.id |= \"x\"")
                .first(event);

        assertEquals(SampleEvents.callEnded(), event);
    }

    @Test
    void a_program_runs_on_many_threads() throws Exception {
        JqProgram program =
                JqProgram.compile("def f: .data.duration; [range(50) | tostring | test(\"^[0-9]+$\")] | all");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Boolean>> answers = IntStream.range(0, 400)
                    .mapToObj(i -> threads.submit(() -> program.test(SampleEvents.callEnded())))
                    .toList();
            for (Future<Boolean> answer : answers) {
                assertTrue(answer.get());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".data.state = \"x\"",
                ".data.state = \"x\" // \"y\"",
                ".data.state == \"x\" and .data.kind = \"y\"",
                "(.data.n |= . + 1)",
                ".data.n += 1",
                "def f: .data; f.state = \"x\"",
                ".data | .state = \"x\"",
                "\"x\"",
                "\"\\(.data.state) == x\"",
                "120",
                "{state: \"x\"}",
                "[.data.state == \"x\"]",
            })
    void a_condition_that_cannot_be_true_is_refused_with_the_remedy(String condition) {
        String fault = assertThrows(IllegalArgumentException.class, () -> JqProgram.condition(condition))
                .getMessage();
        assertTrue(fault.endsWith("is never true; compare with =="), fault);
    }

    @ParameterizedTest
    @ValueSource(strings = {".data.n == 1 and (.data.state = \"x\")", ".data.n == 1 or \"x\""})
    void a_part_of_a_condition_that_always_holds_is_refused(String condition) {
        String fault = assertThrows(IllegalArgumentException.class, () -> JqProgram.condition(condition))
                .getMessage();
        assertTrue(fault.endsWith("always holds; compare with =="), fault);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "true",
                "false",
                "null",
                "empty",
                ".data.granted",
                "(.data.n |= tostring) | .data.n == \"1\"",
                ". = true",
                ".data.state == \"x\" or .data.n > 1 and (.data.k | not)",
                "if .data.n > 1 then .data.state == \"x\" else false end",
                "first(.data.a, \"x\")",
                "def f: .data.n; f > 1",
            })
    void a_condition_that_may_be_true_compiles(String condition) {
        JqProgram.condition(condition);
    }
}
