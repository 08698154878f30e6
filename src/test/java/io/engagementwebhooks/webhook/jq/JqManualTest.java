package io.engagementwebhooks.webhook.jq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.webhook.SampleEvents;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JqManualTest {

    static Stream<Arguments> examples() throws IOException {
        try (InputStream in = JqManualTest.class.getResourceAsStream("/jq/manual.test")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return Arrays.stream(text.split("\n\n"))
                    .filter(example -> !example.startsWith("#"))
                    .map(example -> example.strip().split("\n"))
                    .map(lines -> Arguments.of(
                            lines[0],
                            lines[1],
                            "[" + String.join(",", Arrays.asList(lines).subList(2, lines.length)) + "]"));
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void an_example_of_the_manual_has_its_results(String program, String input, String results) {
        JsonNode own = JqProgram.compile("[" + program + "]").first(SampleEvents.of(input));

        assertEquals(JqReferenceTest.text(JqValues.writable(SampleEvents.of(results))), JqReferenceTest.text(own));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "now | strftime(\"%Y\")",
                "\"2015\" | strptime(\"%Y\")",
                "mktime",
                "gmtime",
                "tostream",
                "[1 | truncate_stream(.)]",
                "getpath",
                "ascii",
                "explode",
                "utf8bytelength",
                "implode",
                "sin",
                "halt",
                "halt_error",
                "input_filename",
                "$__prog_args",
                "splits",
                "@base32",
                "@base32d",
                "INDEX(.a)",
                "ltrimstr",
                "significand",
                "getpath(1; 2)",
                "limit(1)",
                "env",
                "$ENV",
                "tojson(1)",
            })
    void a_program_with_what_is_missing_is_refused_by_its_name(String program) {
        String fault = assertThrows(IllegalArgumentException.class, () -> JqProgram.compile(program))
                .getMessage();

        assertTrue(fault.matches("there is no jq (function|variable|format) \\S+ here.*"), fault);
    }
}
