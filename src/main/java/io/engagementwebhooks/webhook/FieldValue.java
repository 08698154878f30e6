package io.engagementwebhooks.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;

/** The value of one field of a third party's record: a text with macros, or a jq program. */
public sealed interface FieldValue {

    /**
     * The value for an event; missing or null node where there is none. A text that is exactly one macro keeps the
     * type of what the macro names; any other text is a string.
     *
     * @throws BodyFault if it cannot be computed
     */
    JsonNode of(JsonNode event);

    /** A text with macros. */
    record Text(Template template) implements FieldValue {
        @Override
        public JsonNode of(JsonNode event) {
            return formed(template.value(event));
        }
    }

    /** The first answer of a jq program. */
    record Program(JqProgram program) implements FieldValue {
        @Override
        public JsonNode of(JsonNode event) {
            return formed(program.first(event));
        }
    }

    private static JsonNode formed(JsonNode value) {
        return value.isTextual() ? TextNode.valueOf(WellFormed.text(value.textValue())) : value;
    }
}
