package io.engagementwebhooks.deliver.request;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.deliver.judge.Answer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SentSecretsTest {

    private static final String PASSWORD = "pä/ss+word";
    private static final String BASIC =
            "Basic " + Base64.getEncoder().encodeToString(("user:" + PASSWORD).getBytes(StandardCharsets.UTF_8));

    @Test
    void a_token_in_the_response_is_masked_in_body_and_headers() {
        Answer answer = answer("Bearer tok/en-1", "you sent Bearer tok/en-1 or tok\\/en-1 or tok%2Fen-1", "tok/en-1");

        assertEquals("you sent Bearer *** or *** or ***", text(answer));
        assertEquals(Map.of("x-echo", "***"), answer.headers());
    }

    @Test
    void a_password_is_masked_as_it_was_sent_and_decoded() {
        Answer answer = answer(BASIC, "got " + BASIC + ": user:" + PASSWORD, "");

        assertEquals("got Basic ***: user:***", text(answer));
    }

    /** Only the value of {@code Authorization} begins with a scheme. */
    @Test
    void an_api_key_is_masked_to_its_first_word() {
        OutgoingRequest request =
                new OutgoingRequest("acme", URI.create("https://crm.example.com"), "POST", new byte[0], Instant.EPOCH);
        request.credential("X-Api-Key", "first-half second-half");

        Answer answer = new Answer(401, Map.of(), "bad key first-half second-half".getBytes(StandardCharsets.UTF_8), "")
                .redacted(SentSecrets.redactor(request));

        assertEquals("bad key ***", text(answer));
    }

    /** A secret as JSON, forms, URLs and error pages of common servers encode it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Tr0ub&dor<3 'ä\" /+",
                "Tr0ub&amp;dor&lt;3 &#39;ä&#34; /+",
                "Tr0ub&amp;dor&lt;3 &#x27;&auml;&quot; &#x2F;+",
                "Tr0ub&amp;dor&lt;3 &apos;&#228;&quot; /+",
                "Tr0ub&#38;dor&#60;3&#32;&#039;&#xE4;&#X22; &#47;&#43;",
                "Tr0ub\\u0026dor\\u003c3 \\u0027\\u00e4\\\" \\/+",
                "Tr0ub\\u0026dor\\u003C3 'ä\\u0022 /\\u002B",
                "Tr0ub%26dor%3C3+%27%C3%A4%22+%2F%2B",
                "Tr0ub%26dor%3c3%20'%c3%a4%22%20/+"
            })
    void a_password_is_masked_in_every_escaped_form(String written) {
        String basic = "Basic "
                + Base64.getEncoder().encodeToString("user:Tr0ub&dor<3 'ä\" /+".getBytes(StandardCharsets.UTF_8));

        Answer answer = answer(basic, "<p>ä &amp; " + written + "&lt;/p>", "");

        assertEquals("<p>ä &amp; ***&lt;/p>", text(answer));
    }

    @Test
    void a_text_that_only_resembles_an_escape_stays() {
        String said = "100% &; &#; &#x; &#xZ; &nothing; &#99999999999; \\ \\u12 \\ud83d %2 %zz 3 & + \\";

        assertEquals(said, text(answer("Bearer <3&;", said, "")));
        assertEquals(said + "***\\", text(answer("Bearer <3&\uD83D\uDE00", said + "&lt;3&amp;&#x1F600;\\", "")));
        assertEquals(said + "***\\", text(answer("Bearer <3&\uD83D\uDE00", said + "<3&\\ud83d\\ude00\\", "")));
    }

    @Test
    void an_assertion_in_a_form_is_a_secret() {
        OutgoingRequest request = new OutgoingRequest(
                "acme",
                URI.create("https://crm.example.com"),
                "POST",
                "client_assertion=ey%3CJ.x&call=192".getBytes(StandardCharsets.UTF_8),
                Instant.EPOCH);
        request.header("Content-Type", "application/x-www-form-urlencoded");

        Answer answer = new Answer(400, Map.of(), "ey&lt;J.x, ey%3CJ.x, 192".getBytes(StandardCharsets.UTF_8), "")
                .redacted(SentSecrets.redactor(request));

        assertEquals("***, ***, 192", text(answer));
    }

    @Test
    void other_bytes_stay_unchanged() {
        byte[] bytes = {(byte) 0xFF, 0, (byte) 0xC3, 'x'};

        Answer answer =
                new Answer(500, Map.of(), bytes, "note").redacted(SentSecrets.redactor(request("Bearer token")));

        assertArrayEquals(bytes, answer.body());
        assertEquals("note", answer.note());
    }

    private static Answer answer(String authorization, String body, String header) {
        Answer came = new Answer(500, Map.of("x-echo", header), body.getBytes(StandardCharsets.UTF_8), "");
        return came.redacted(SentSecrets.redactor(request(authorization)));
    }

    private static OutgoingRequest request(String authorization) {
        OutgoingRequest request =
                new OutgoingRequest("acme", URI.create("https://crm.example.com"), "POST", new byte[0], Instant.EPOCH);
        request.header("Authorization", authorization);
        return request;
    }

    private static String text(Answer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }
}
