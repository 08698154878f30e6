package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Arrays;

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
        this(TextNode.valueOf(
                values.length == 0
                        ? message
                        : String.format(
                                message,
                                Arrays.stream(values).map(JqError::shown).toArray())));
    }

    private static String shown(JsonNode value) {
        String type = JqValues.type(value);
        return value.isContainerNode() ? type : type + " (" + JqValues.shortened(value) + ')';
    }

    JsonNode value() {
        return value;
    }
}
