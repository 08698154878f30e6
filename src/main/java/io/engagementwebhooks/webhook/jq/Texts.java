package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.webhook.BoundedText;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.function.UnaryOperator;

/** jq's functions on texts. */
final class Texts {

    /** Memory of a function for each character: a copy, bytes, and what encoding adds. */
    private static final long BYTES_PER_CHARACTER = 12;

    /** By name. */
    static final Map<String, Function> FUNCTIONS = Map.of(
            "explode", Texts::explode,
            "utf8bytelength", (budget, text) -> IntNode.valueOf(bytes(budget, text).length),
            "ascii_downcase", mapped(text -> ascii(text, 'A', 'Z', 32)),
            "ascii_upcase", mapped(text -> ascii(text, 'a', 'z', -32)),
            "trim", mapped(String::strip),
            "ltrim", mapped(String::stripLeading),
            "rtrim", mapped(String::stripTrailing),
            "_encode_uri", mapped(Texts::uri),
            "_encode_base64",
                    (budget, text) -> TextNode.valueOf(Base64.getEncoder().encodeToString(bytes(budget, text))),
            "_decode_base64", mapped(Texts::decoded));

    private Texts() {}

    interface Function {
        JsonNode of(JqBudget budget, String text);
    }

    static String text(JsonNode value, String function) {
        if (!value.isTextual()) {
            throw new JqError(function + " needs a text, not %s", value);
        }
        return value.textValue();
    }

    private static Function mapped(UnaryOperator<String> function) {
        return (budget, text) -> {
            count(budget, text);
            return TextNode.valueOf(function.apply(text));
        };
    }

    private static byte[] bytes(JqBudget budget, String text) {
        count(budget, text);
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void count(JqBudget budget, String text) {
        budget.work(text.length());
        budget.reserve(BYTES_PER_CHARACTER * text.length());
    }

    private static String uri(String text) {
        return new BoundedText(JqBudget.TOO_MUCH, JqBudget.MAX_VALUE)
                .appendUnreserved(text)
                .toString();
    }

    private static String decoded(String text) {
        try {
            return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new JqError("%s is not base64", TextNode.valueOf(text));
        }
    }

    private static String ascii(String text, char from, char to, int shift) {
        StringBuilder shifted = new StringBuilder(text);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= from && c <= to) {
                shifted.setCharAt(i, (char) (c + shift));
            }
        }
        return shifted.toString();
    }

    private static JsonNode explode(JqBudget budget, String text) {
        budget.checkLength(2L * text.length());
        budget.reserveItems(text.length());
        ArrayNode codePoints = JsonNodeFactory.instance.arrayNode();
        text.codePoints().forEach(codePoints::add);
        return codePoints;
    }

    static JsonNode implode(JsonNode in) {
        StringBuilder text = new StringBuilder();
        for (JsonNode character : in) {
            if (!in.isArray() || !character.isNumber() || !Character.isValidCodePoint(character.asInt())) {
                throw new JqError("implode needs an array of code points");
            }
            text.appendCodePoint(character.asInt());
        }
        return TextNode.valueOf(text.toString());
    }
}
