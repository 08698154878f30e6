package io.engagementwebhooks.deliver;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.TreeMap;

/** The stored form of a response. */
final class AnswerText {

    private static final ObjectMapper JSON = new ObjectMapper();

    private AnswerText() {}

    static String headers(Answer answer) {
        try {
            return answer.headers().isEmpty() ? null : JSON.writeValueAsString(new TreeMap<>(answer.headers()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of strings is always JSON", e);
        }
    }

    static byte[] body(Answer answer) {
        byte[] body = answer.body();
        return body.length <= Answer.KEPT_BYTES ? body : Arrays.copyOf(body, Answer.KEPT_BYTES);
    }
}
