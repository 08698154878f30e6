package io.engagementwebhooks.console.webhooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.console.webhooks.ConditionLines.Comparison;
import io.engagementwebhooks.console.webhooks.ConditionLines.Line;
import io.engagementwebhooks.webhook.EventCatalog;
import io.engagementwebhooks.webhook.jq.JqProgram;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionLinesTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final EventFields FIELDS = new EventFields(EventCatalog.BUILT_IN, List.of());

    private static Line line(String path, Comparison comparison, String value) {
        return new Line(FIELDS.of(path), comparison, value);
    }

    private static boolean matches(ConditionLines lines, String event) throws Exception {
        JsonNode tree = JSON.readTree(event);
        return JqProgram.compile(lines.program()).test(tree);
    }

    private static ConditionLines all(Line... lines) {
        return new ConditionLines(true, List.of(lines));
    }

    @Test
    void numbers_texts_and_flags_are_compared_by_their_type() throws Exception {
        ConditionLines long_ = all(line(".data.duration", Comparison.AT_LEAST, " 120 "));
        assertEquals(".data.duration >= 120", long_.program());
        assertTrue(matches(long_, "{\"data\": {\"duration\": 120}}"));
        assertEquals(
                ".data.anum == \"4670\"",
                all(line(".data.anum", Comparison.IS, "4670")).program());
        assertEquals(
                ".data.answered == true",
                all(line(".data.answered", Comparison.IS, "true")).program());
    }

    @Test
    void rules_are_a_sentence() {
        Line one = line(".data.duration", Comparison.AT_LEAST, "120");
        Line other = line(".data.outcome", Comparison.PRESENT, "");
        List<Line> lines = List.of(one, other);
        assertEquals(
                List.of("Only when Duration (seconds) is at least 120", "and Outcome has a value"),
                new ConditionLines(true, lines).words());
        assertEquals(
                "or Outcome has a value",
                new ConditionLines(false, lines).words().get(1));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = ';',
            value = {
                ".data.outcome == \"not answered\" ; Outcome is “not answered”",
                ".data.outcome != \"answered\" ; Outcome is not “answered”",
                ".data.zz == \"one of a, b\" ; .data.zz is “one of a, b”",
                "(.data.zz == \"a\" or .data.zz == \"b\") ; .data.zz is one of “a”, “b”",
                "(.data.zz == 1 or .data.zz == \"b\") ; .data.zz is one of 1, “b”",
                ".data.zz == \"a or .data.y is b\" ; .data.zz is “a or .data.y is b”",
                ".data.zz == \"a” or .data.y is “b\" ; .data.zz is \"a” or .data.y is “b\"",
                "(.data.duration != null and (.data.duration | tostring | contains(\"12\"))) ; Duration (seconds) contains “12”",
                ".data.answered == true ; Answered is true",
                ".data.duration < 120 ; Duration (seconds) is less than 120, or has no value",
                ".data.duration <= 120 ; Duration (seconds) is at most 120, or has no value",
                "(.data.duration != null and .data.duration < 120) ; Duration (seconds) is less than 120",
                "(.data.duration != null and .data.duration <= 120) ; Duration (seconds) is at most 120"
            })
    void rules_of_other_programs_have_other_words(String program, String words) {
        assertEquals(
                List.of("Only when " + words),
                ConditionLines.of(program, FIELDS).orElseThrow().words());
    }

    @ParameterizedTest
    @CsvSource({"LESS, false", "AT_MOST, false", "LESS_OR_ABSENT, true", "AT_MOST_OR_ABSENT, true"})
    void a_rule_matches_events_without_its_field_only_if_it_says_so(Comparison comparison, boolean matches)
            throws Exception {
        ConditionLines lines = all(line(".data.duration", comparison, "120"));
        assertEquals(matches, matches(lines, "{\"data\": {}}"));
        assertEquals(true, matches(lines, "{\"data\": {\"duration\": 119}}"));
        assertEquals(false, matches(lines, "{\"data\": {\"duration\": 121}}"));
    }

    @ParameterizedTest
    @EnumSource(names = {"CONTAINS", "STARTS"})
    void a_part_of_a_text_is_not_found_in_a_field_that_an_event_lacks(Comparison comparison) throws Exception {
        ConditionLines lines = all(line(".data.outcome", comparison, "nul"));
        assertEquals(false, matches(lines, "{\"data\": {}}"));
        assertEquals(true, matches(lines, "{\"data\": {\"outcome\": \"nullified\"}}"));
    }

    @Test
    void rules_are_joined_by_and_or_by_or() throws Exception {
        Line one = line(".data.duration", Comparison.MORE, "60");
        Line other = line(".data.outcome", Comparison.IS, "quality");
        String event = "{\"data\": {\"duration\": 61, \"outcome\": \"short\"}}";
        assertEquals(false, matches(new ConditionLines(true, List.of(one, other)), event));
        assertEquals(true, matches(new ConditionLines(false, List.of(one, other)), event));
    }

    @Test
    void one_of_several_contains_and_presence_work() throws Exception {
        String event = "{\"data\": {\"source_media\": \"search\", \"anum\": \"+4670123xxx\"}}";
        assertTrue(matches(all(line(".data.source_media", Comparison.ONE_OF, "social, search")), event));
        assertTrue(matches(all(line(".data.anum", Comparison.CONTAINS, "70123")), event));
        assertTrue(matches(all(line(".data.anum", Comparison.STARTS, "+46")), event));
        assertTrue(matches(all(line(".data.anum", Comparison.PRESENT, "")), event));
        assertTrue(matches(all(line(".data.agent.id", Comparison.ABSENT, "")), event));
    }

    @Test
    void false_and_zero_are_values_and_null_and_an_empty_text_are_not() throws Exception {
        ConditionLines present = all(line(".data.answered", Comparison.PRESENT, ""));
        ConditionLines absent = all(line(".data.answered", Comparison.ABSENT, ""));
        for (String value : List.of("false", "true", "0", "\"x\"", "[]")) {
            String event = "{\"data\": {\"answered\": " + value + "}}";
            assertEquals(true, matches(present, event), value);
            assertEquals(false, matches(absent, event), value);
        }
        for (String event : List.of("{\"data\": {\"answered\": null}}", "{\"data\": {\"answered\": \"\"}}", "{}")) {
            assertEquals(false, matches(present, event), event);
            assertEquals(true, matches(absent, event), event);
        }
    }

    @ParameterizedTest
    @EnumSource(Comparison.class)
    void a_program_of_rules_becomes_the_same_rules(Comparison comparison) {
        String value = comparison.takesValue() ? "a \"quoted\" and or ) text" : "";
        Line strange = line(".data.source_name", comparison, value.replace(",", ""));
        Line plain = line(".data.duration", Comparison.LESS, "7");
        for (boolean all : new boolean[] {true, false}) {
            ConditionLines lines = new ConditionLines(all, List.of(strange, plain));
            assertEquals(Optional.of(lines), ConditionLines.of(lines.program(), FIELDS), lines.program());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ".data.duration > 1 and (.data.x or .data.y)",
                ".data | .duration > 1",
                "true",
                ".data.a == 1 and .data.b == 2 or .data.c == 3",
                ".data.a==1",
                "(.data.a == 1 or .data.b == 1)",
                "\"",
                "(.data.a // \"\") != \"\"",
                "(.data.a // \"\") == \"\"",
                "(.data.a == null or .data.b == \"\")",
                ".data.a == \"x\\ny\"",
                "("
            })
    void any_other_program_is_left_as_it_is(String program) {
        assertEquals(Optional.empty(), ConditionLines.of(program, FIELDS));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                ".data.duration,AT_LEAST,``,line.no-value",
                ".data.duration,AT_LEAST,120s,line.number",
                ".data.duration,IS,1234567890123456,line.number",
                ".data.duration,ONE_OF,`1, two`,line.number",
                ".data.outcome,ONE_OF,` , `,line.no-value",
                ".data.outcome,IS,``,line.no-value",
                ".data.anum,CONTAINS,``,line.no-value",
                ".data.answered,IS,yes,line.flag",
                ".data.own,MORE,``,line.no-value"
            })
    void a_value_that_no_field_of_its_type_would_match_is_an_error(
            String field, Comparison comparison, String value, String fault) {
        assertEquals(fault, line(field, comparison, value).fault());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                ".data.duration,AT_LEAST,` -1.5 `",
                ".data.duration,STARTS,12",
                ".data.duration,ONE_OF,`1, 2`",
                ".data.duration,PRESENT,``",
                ".data.answered,IS_NOT,true",
                ".data.outcome,IS,` `",
                ".data.own,LESS,z"
            })
    void a_value_of_the_fields_type_is_no_error(String field, Comparison comparison, String value) {
        assertEquals(null, line(field, comparison, value).fault());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".data.duration >= \"\"",
                ".data.duration >= \"120s\"",
                ".data.outcome == \"\"",
                ".data.answered == \"yes\""
            })
    void a_program_that_rules_cannot_express_stays_a_program(String program) {
        assertEquals(Optional.empty(), ConditionLines.of(program, FIELDS));
    }

    @Test
    void a_typed_value_or_field_never_becomes_program() throws Exception {
        ConditionLines lines = all(line(".data.anum", Comparison.IS, "\" or true or \""));
        assertEquals(false, matches(lines, "{\"data\": {\"anum\": \"x\"}}"));
        assertEquals("", all(line(".data | true", Comparison.IS, "1")).program());
    }
}
