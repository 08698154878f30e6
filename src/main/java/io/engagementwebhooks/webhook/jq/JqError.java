package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;

/** An error of a jq program, which its {@code try} catches. */
final class JqError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient JsonNode value;

    /** @param value the argument of {@code error} */
    JqError(JsonNode value) {
        super(null, null, false, false);
        this.value = value;
    }

    /** @param values placed for each {@code %s} of the message, shortened */
    JqError(String message, JsonNode... values) {
        this(TextNode.valueOf(values.length == 0 ? message : format(message, values)));
    }

    private static String format(String message, JsonNode... values) {
        Object[] shown = new Object[values.length];
        for (int i = 0; i < values.length; i++) {
            shown[i] = JqValues.type(values[i]) + " (" + JqValues.shortened(values[i]) + ')';
        }
        return String.format(message, shown);
    }

    JsonNode value() {
        return value;
    }
}
