package io.engagementwebhooks.deliver.oauth2;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.webhook.Secret;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;

/**
 * Reads the answer of a token endpoint, more leniently than the standard: a life may be a text or a decimal, and the
 * token's type in any case. What could never be a header value is refused.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-5.1">RFC 6749 section 5.1</a>
 */
final class TokenAnswer {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final BigDecimal LONGEST_SECONDS =
            BigDecimal.valueOf(Duration.ofDays(365).toSeconds());

    private TokenAnswer() {}

    /** @throws TokenFault if a successful answer holds no token that can be used */
    static Token token(Answer answer, Instant now) throws TokenFault {
        JsonNode json = json(answer);
        String value = json.path("access_token").isTextual()
                ? json.path("access_token").textValue()
                : "";
        if (value.isEmpty()) {
            throw fault("answered without an access_token");
        }
        if (!value.chars().allMatch(c -> c > 0x20 && c < 0x7F)) {
            throw fault("answered with a token that is not a legal header value");
        }
        String type = json.path("token_type").asText("");
        if (!type.isEmpty() && !type.equalsIgnoreCase("Bearer")) {
            throw fault("answered with a token that is not of type Bearer");
        }
        return new Token(Secret.of(value), now, life(json.path("expires_in")));
    }

    /**
     * The members {@code error} and {@code error_description}, or nothing.
     *
     * @param masking takes secrets out, before anything is cut: what is left of a secret would not be found
     */
    static String error(Answer answer, UnaryOperator<String> masking) {
        try {
            JsonNode json = JSON.readTree(answer.body());
            String error = printable(masking.apply(json.path("error").asText("")));
            String description =
                    printable(masking.apply(json.path("error_description").asText("")));
            return description.isEmpty() ? error : error + ": " + description;
        } catch (IOException e) {
            return "";
        }
    }

    private static JsonNode json(Answer answer) throws TokenFault {
        try {
            JsonNode json = JSON.readTree(answer.body());
            if (json.isObject()) {
                return json;
            }
        } catch (JsonProcessingException e) {
            throw fault("answered with something that is not JSON");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        throw fault("answered with something that is not a JSON object");
    }

    private static Duration life(JsonNode expiresIn) {
        try {
            BigDecimal seconds = new BigDecimal(expiresIn.asText("").strip());
            if (seconds.signum() <= 0) {
                return Duration.ZERO;
            }
            return Duration.ofSeconds(seconds.min(LONGEST_SECONDS).longValue());
        } catch (NumberFormatException e) {
            return Token.UNKNOWN_LIFE;
        }
    }

    private static String printable(String text) {
        String line = text.replaceAll("[^\\x20-\\x7E]+", " ").strip();
        return line.length() <= 200 ? line : line.substring(0, 200) + "…";
    }

    private static TokenFault fault(String predicate) {
        return new TokenFault(TokenFault.Kind.ANSWER, predicate);
    }
}
