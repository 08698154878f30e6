package io.engagementwebhooks.deliver.oauth2;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.webhook.auth.Secret;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Parses a token response, more leniently than the standard: a lifetime may be a text or a decimal, and the token type
 * has any case. Empty tokens and those that are no legal header value are refused.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-5.1">RFC 6749 section 5.1</a>
 */
final class TokenAnswer {

    /** Limits JSON tokens: a token response has a dozen, and a hostile tree would take many times its bytes. */
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxTokenCount(1_000).build())
            .build());

    private static final BigDecimal LONGEST_SECONDS =
            BigDecimal.valueOf(Duration.ofDays(365).toSeconds());
    private static final int SHOWN = 200;

    /** Values that some servers send instead of a missing token. */
    private static final Set<String> ABSENT = Set.of("", "null", "undefined");

    private TokenAnswer() {}

    /**
     * The token in a successful response.
     *
     * @param mask masks secrets in quoted texts
     * @throws TokenException if it has no usable token
     */
    static Token token(Answer answer, Instant now, UnaryOperator<String> mask) throws TokenException {
        JsonNode json = json(answer, mask);
        String value = json.path("access_token").isTextual()
                ? json.path("access_token").textValue()
                : "";
        if (ABSENT.contains(value)) {
            String error = errorOf(json, mask);
            throw new TokenException(
                    TokenError.NO_TOKEN,
                    "answered without an access_token" + (error.isEmpty() ? "" : ", but with " + error));
        }
        if (!value.chars().allMatch(c -> c > 0x20 && c < 0x7F)) {
            throw new TokenException(
                    TokenError.UNUSABLE_TOKEN, "answered with a token that is not a legal header value");
        }
        String type = json.path("token_type").asText("");
        if (!type.isEmpty() && !type.equalsIgnoreCase("Bearer")) {
            throw new TokenException(TokenError.UNUSABLE_TOKEN, "answered with a token that is not of type Bearer");
        }
        Optional<Duration> lifetime = lifetime(json.path("expires_in"));
        return new Token(Secret.of(value), now, lifetime.orElse(Token.UNKNOWN_LIFE), lifetime.isPresent());
    }

    /**
     * The error of a failed response: code and description, or the start of its text, or empty.
     *
     * @param mask masks secrets
     */
    static String error(Answer answer, UnaryOperator<String> mask) {
        try {
            String error = errorOf(JSON.readTree(answer.body()), mask);
            return error.isEmpty() ? text(answer, mask) : error;
        } catch (IOException e) {
            return text(answer, mask);
        }
    }

    /** The error code, or empty. */
    static String errorCode(Answer answer) {
        try {
            return JSON.readTree(answer.body()).path("error").asText("");
        } catch (IOException e) {
            return "";
        }
    }

    private static String errorOf(JsonNode json, UnaryOperator<String> mask) {
        String error = printable(mask.apply(json.path("error").asText("")));
        String description = printable(mask.apply(json.path("error_description").asText("")));
        return description.isEmpty() || error.isEmpty() ? error + description : error + ": " + description;
    }

    private static JsonNode json(Answer answer, UnaryOperator<String> mask) throws TokenException {
        try {
            JsonNode json = JSON.readTree(answer.body());
            if (json.isObject()) {
                return json;
            }
        } catch (JsonProcessingException e) {
            throw new TokenException(
                    TokenError.NOT_JSON, "answered with something that is not JSON" + page(answer, mask));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        throw new TokenException(TokenError.NOT_JSON, "answered with something that is not a JSON object");
    }

    /** The text of an HTML page; other text might be a token in another format. */
    private static String page(Answer answer, UnaryOperator<String> mask) {
        String text = text(answer, mask);
        return text.startsWith("<") ? ": " + text : "";
    }

    private static String text(Answer answer, UnaryOperator<String> mask) {
        return printable(mask.apply(new String(answer.body(), StandardCharsets.UTF_8)));
    }

    private static Optional<Duration> lifetime(JsonNode expiresIn) {
        try {
            BigDecimal seconds = new BigDecimal(expiresIn.asText("").strip());
            if (seconds.signum() <= 0) {
                return Optional.of(Duration.ZERO);
            }
            return Optional.of(Duration.ofSeconds(seconds.min(LONGEST_SECONDS).longValue()));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Printable ASCII, truncated. Call after masking, since a truncated secret is not found. */
    private static String printable(String text) {
        String line = text.replaceAll("[^\\x20-\\x7E]+", " ").strip();
        return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "…";
    }
}
