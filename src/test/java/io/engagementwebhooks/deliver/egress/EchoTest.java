package io.engagementwebhooks.deliver.egress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.OutgoingRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EchoTest {

    private static final String PASSWORD = "pä/ss+word";
    private static final String BASIC =
            "Basic " + Base64.getEncoder().encodeToString(("user:" + PASSWORD).getBytes(StandardCharsets.UTF_8));

    @Test
    void a_token_that_a_receiver_shows_in_its_answer_is_masked_in_body_and_headers() {
        Answer answer = answer("Bearer tok/en-1", "you sent Bearer tok/en-1 or tok\\/en-1 or tok%2Fen-1", "tok/en-1");

        assertEquals("you sent Bearer *** or *** or ***", text(answer));
        assertEquals(Map.of("x-echo", "***"), answer.headers());
    }

    @Test
    void a_password_is_masked_as_it_was_sent_and_decoded() {
        Answer answer = answer(BASIC, "got " + BASIC + ": user:" + PASSWORD, "");

        assertEquals("got Basic ***: user:***", text(answer));
    }

    /** Authorization alone begins with a scheme. */
    @Test
    void an_api_key_is_masked_to_its_first_word() {
        OutgoingRequest request =
                new OutgoingRequest(URI.create("https://crm.example.com"), "POST", new byte[0], Instant.EPOCH);
        request.credential("X-Api-Key", "first-half second-half");

        Answer answer = Echo.withoutCredential(
                new Answer(401, Map.of(), "bad key first-half second-half".getBytes(StandardCharsets.UTF_8), ""),
                request);

        assertEquals("bad key ***", text(answer));
    }

    @Test
    void other_bytes_stay_as_they_came() {
        byte[] bytes = {(byte) 0xFF, 0, (byte) 0xC3, 'x'};

        Answer answer = Echo.withoutCredential(new Answer(500, Map.of(), bytes, "note"), request("Bearer token"));

        assertArrayEquals(bytes, answer.body());
        assertEquals("note", answer.note());
    }

    private static Answer answer(String authorization, String body, String header) {
        Answer came = new Answer(500, Map.of("x-echo", header), body.getBytes(StandardCharsets.UTF_8), "");
        return Echo.withoutCredential(came, request(authorization));
    }

    private static OutgoingRequest request(String authorization) {
        OutgoingRequest request =
                new OutgoingRequest(URI.create("https://crm.example.com"), "POST", new byte[0], Instant.EPOCH);
        request.header("Authorization", authorization);
        return request;
    }

    private static String text(Answer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }
}
