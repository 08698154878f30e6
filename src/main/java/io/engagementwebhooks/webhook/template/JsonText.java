package io.engagementwebhooks.webhook.template;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * Writes values as JSON that is safe to embed: control characters, U+2028, U+2029 and lone surrogates are escaped, and
 * numbers keep their digits. Stateless.
 */
public final class JsonText {

    private static final String HEX = "0123456789abcdef";

    private JsonText() {}

    /** Compact JSON; null for a missing node. @throws BodyFault if it exceeds the limit */
    public static void append(BoundedText json, JsonNode value) {
        if (value.isTextual()) {
            json.append('"');
            appendEscaped(json, value.textValue());
            json.append('"');
        } else if (value.isObject()) {
            appendObject(json, value);
        } else if (value.isArray()) {
            appendArray(json, value);
        } else {
            json.append(scalar(value));
        }
    }

    /** A number as it was sent, true, false or null. */
    static String scalar(JsonNode value) {
        if (value.isBigDecimal()) {
            // not in plain notation: 1E999999999 has a billion of them
            return value.decimalValue().toString();
        }
        boolean json = value.isBoolean() || value.isNumber() && !isNotFinite(value);
        return json ? value.asText() : "null";
    }

    private static boolean isNotFinite(JsonNode value) {
        return value.isFloatingPointNumber() && !Double.isFinite(value.doubleValue());
    }

    /** The content of a JSON string. */
    static void appendEscaped(BoundedText json, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (isPair(text, i)) {
                        json.append(c).append(text.charAt(++i));
                    } else if (mustEscape(c)) {
                        appendHex(json, c);
                    } else {
                        json.append(c);
                    }
                }
            }
        }
    }

    private static boolean isPair(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
    }

    private static boolean mustEscape(char c) {
        return Character.isISOControl(c) || Character.isSurrogate(c) || c == 0x2028 || c == 0x2029;
    }

    private static void appendHex(BoundedText json, char c) {
        json.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            json.append(HEX.charAt((c >> shift) & 0xF));
        }
    }

    private static void appendObject(BoundedText json, JsonNode object) {
        char before = '{';
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            json.append(before).append('"');
            appendEscaped(json, field.getKey());
            json.append("\":");
            append(json, field.getValue());
            before = ',';
        }
        json.append(before == '{' ? "{}" : "}");
    }

    private static void appendArray(BoundedText json, JsonNode array) {
        char before = '[';
        for (JsonNode item : array) {
            json.append(before);
            append(json, item);
            before = ',';
        }
        json.append(before == '[' ? "[]" : "]");
    }
}
