package io.engagementwebhooks.credential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedactorTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization",
                "X-Api-Key",
                "client_secret",
                "bearer",
                "X-JWT",
                "pass",
                "db_pass",
                "passphrase",
                "PIN",
                "card-pin",
                "otp",
                "code",
                "sig"
            })
    void a_secret_like_name_is_recognized(String name) {
        assertTrue(Redactor.isSensitive(name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pinned",
                "shipping",
                "X-Ping",
                "passenger",
                "compass",
                "bypass",
                "option",
                "status-code",
                "Content-Type",
                "design"
            })
    void a_name_that_only_contains_such_letters_is_not_recognized(String name) {
        assertFalse(Redactor.isSensitive(name));
    }

    @Test
    void of_several_base64_texts_those_with_a_secret_are_masked() {
        Base64.Encoder encoder = Base64.getEncoder();
        String harmless = encoder.encodeToString("nothing that anyone hides".getBytes(StandardCharsets.UTF_8));
        String latin = encoder.encodeToString("id:Tr0ub&dor".getBytes(StandardCharsets.UTF_8));
        String cyrillic = encoder.encodeToString("id:пароль".getBytes(StandardCharsets.UTF_8));
        Redactor redactor = Redactor.of(List.of("Tr0ub&dor", "пароль"));

        assertEquals(
                harmless + " *** *** " + harmless,
                redactor.redact(harmless + " " + latin + " " + cyrillic + " " + harmless));
    }

    /** As it stands in a Basic credential, in a token's claims and in addresses, wherever it begins. */
    @ParameterizedTest
    @ValueSource(strings = {"", "i", "id", "id:", "{\"password\":\""})
    void a_secret_is_found_in_base64(String before) {
        byte[] text = (before + "Tr0ub&dor" + "\"}").getBytes(StandardCharsets.UTF_8);
        Redactor redactor = Redactor.of(List.of("Tr0ub&dor", "another secret"));

        for (Base64.Encoder encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
            assertEquals("said ***.", redactor.redact("said " + encoder.encodeToString(text) + "."));
            assertEquals(
                    "at ***", redactor.redact("at x" + encoder.withoutPadding().encodeToString(text)));
        }
    }

    @Test
    void a_secret_that_is_escaped_inside_base64_is_found() {
        String pair = Base64.getEncoder().encodeToString("id:Tr0ub%26dor".getBytes(StandardCharsets.UTF_8));

        assertEquals("Basic ***", Redactor.of(List.of("Tr0ub&dor")).redact("Basic " + pair));
    }

    @Test
    void a_text_without_a_secret_is_the_same_object() {
        String text = "no secret in 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 or elsewhere";

        assertSame(text, Redactor.of(List.of("Tr0ub&dor")).redact(text));
        assertSame(text, Redactor.of(List.of("")).redact(text));
    }

    /** The search ends: no character of a text is tried in two ways. */
    @Test
    void a_secret_of_characters_that_escape_is_searched_once() {
        Redactor redactor = Redactor.of(List.of("\\".repeat(60) + "Z", "%".repeat(60) + "Z", "&".repeat(60) + "Z"));
        String text = "\\".repeat(119) + "Y " + "%25".repeat(59) + "Y " + "&amp;".repeat(59) + "Y Z";

        assertSame(text, redactor.redact(text));
        assertEquals("***", redactor.redact("\\".repeat(120) + "Z"));
    }

    @Test
    void values_of_secret_like_fields_are_masked() {
        String form = "call=1&client%5Fsecret=a%26b&password=&pin";

        assertEquals("call=1&client%5Fsecret=***&password=***&pin", Redactor.redactFields(form));
        assertEquals(List.of("a%26b", "a&b", "", ""), Redactor.sensitiveValues(form));
    }
}
