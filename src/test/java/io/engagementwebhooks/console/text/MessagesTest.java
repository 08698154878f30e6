package io.engagementwebhooks.console.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.console.forms.SettingKind;
import io.engagementwebhooks.console.webhooks.WebhookForm;
import io.engagementwebhooks.server.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MessagesTest {

    private static final Path SOURCES = Path.of("src/main/java/io/engagementwebhooks");
    private static final String CODE = "\"([a-z][a-z-]+)\"";

    private static final Map<String, List<Pattern>> CODES = Map.of(
            "config",
            List.of(
                    Pattern.compile(
                            "\\b(?:refused|described|fault)\\(\\s*(?:(?:[^,\";]|\"[^\"]*\")+,\\s*)?" + CODE + ",\\s"),
                    Pattern.compile("\\bfault\\([^;\"]*,\\s*" + CODE + ",\\s"),
                    Pattern.compile("isWord \\? " + CODE),
                    Pattern.compile("hint\\(\\), " + CODE + "}"),
                    Pattern.compile("\\bfault\\([^;{}]*, ?\\s*" + CODE + "\\)+;"),
                    Pattern.compile("new FieldFault\\([^;{}]*,\\s*" + CODE + "\\)+[;,]")),
            "api",
            List.of(
                    Pattern.compile("\\bfault\\([^;{}]*, ?\\s*" + CODE + "\\)+;"),
                    Pattern.compile("new FieldFault\\([^;{}]*,\\s*" + CODE + "\\)+[;,]")));

    /** Error codes in the sources, and those of formats of the schema's values. */
    private static Set<String> codes() throws IOException {
        Set<String> codes = new TreeSet<>(Set.of("duration", "time", "day", "zone", "hidden-character", "not-nfc"));
        for (String folder : CODES.keySet()) {
            try (Stream<Path> files = Files.walk(SOURCES.resolve(folder))) {
                for (Path source : files.filter(Files::isRegularFile).toList()) {
                    String text = Files.readString(source);
                    CODES.get(folder)
                            .forEach(pattern ->
                                    pattern.matcher(text).results().forEach(found -> codes.add(found.group(1))));
                }
            }
        }
        return codes;
    }

    private static boolean isOfFault(String key) {
        return Stream.of("line.", "sample.", "faults.", "json.", "note.").noneMatch(key::startsWith);
    }

    @Test
    void each_error_has_a_text_and_each_text_an_error() throws Exception {
        Set<String> texts = new TreeSet<>();
        Messages.keys().stream()
                .filter(MessagesTest::isOfFault)
                .forEach(key -> texts.add(key.replaceFirst("\\..*", "")));
        assertEquals(codes(), texts);
    }

    @Test
    void each_text_of_a_field_is_of_a_field_that_a_form_has() {
        Set<String> fields = new TreeSet<>();
        WebhookForm.ALL.forEach(field -> fields.add(field.name()));
        Arrays.stream(SettingKind.values())
                .flatMap(kind -> kind.form().fields().stream())
                .forEach(field -> fields.add(field.name()));
        Set<String> unknown = new TreeSet<>();
        Messages.keys().stream()
                .filter(MessagesTest::isOfFault)
                .filter(key -> key.indexOf('.') > 0)
                .filter(key -> !fields.contains(key.substring(key.indexOf('.') + 1)))
                .forEach(unknown::add);
        assertEquals(Set.of(), unknown);
    }

    @Test
    void each_text_of_the_forms_own_rules_is_used() throws Exception {
        StringBuilder pages = new StringBuilder();
        try (Stream<Path> sources =
                Stream.concat(Files.walk(SOURCES.resolve("console")), Files.list(Path.of("src/main/jte")))) {
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                pages.append(Files.readString(source));
            }
        }
        Messages.keys().stream()
                .filter(key -> !isOfFault(key))
                .forEach(key -> assertTrue(pages.indexOf("\"" + key + "\"") >= 0, key));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "required | url | URL | webhook: lacks 'url' | where to deliver | Enter the URL.",
                "required | clientId | Client ID | OAuth client 'x': lacks 'clientId' | the client's id | Enter the Client ID.",
                "wrong-url | url | URL | webhook 'w': 'url' is not an http URL | start it with https:// | The URL is not an http URL.",
                "unknown-name | client | OAuth client | webhook 'w': 'client' 'x' is not one | known: a | There is no OAuth client of this name. Choose one from the list.",
                "of-tomorrow | url | URL | webhook: is odd | mend it | webhook: is odd: mend it."
            })
    void errors_use_the_labels_of_the_form(
            String code, String field, String label, String detail, String way, String text) {
        assertEquals(text, Messages.of(new Problem.Field("/x", detail, way, code), field, label));
    }
}
