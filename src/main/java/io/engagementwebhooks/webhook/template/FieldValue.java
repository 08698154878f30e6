package io.engagementwebhooks.webhook.template;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.webhook.jq.JqProgram;
import java.util.Map;
import java.util.Optional;

/** The value of one field of a third party's record: a text with macros, a jq program, or either looked up in a table. */
public sealed interface FieldValue {

    /**
     * The value for an event; a missing or null node if there is none. A text that is exactly one macro keeps the type
     * of the macro's value; any other text is a string.
     *
     * @throws BodyFault if it cannot be computed
     */
    JsonNode of(JsonNode event);

    /**
     * As above, with the field's name in the message of a failure.
     *
     * @param field the third party's field name
     * @throws BodyFault naming the field, if it cannot be computed
     */
    default JsonNode of(String field, JsonNode event) {
        try {
            return of(event);
        } catch (BodyFault e) {
            throw new BodyFault("the field " + field + " cannot be computed: " + e.getMessage());
        }
    }

    /** A text with macros. */
    record Text(Template template) implements FieldValue {
        @Override
        public JsonNode of(JsonNode event) {
            return formed(template.value(event));
        }
    }

    /** The first result of a jq program. */
    record Program(JqProgram program) implements FieldValue {
        @Override
        public JsonNode of(JsonNode event) {
            return formed(program.first(event));
        }
    }

    /**
     * A value mapped by a table, such as to a picklist's value.
     *
     * @param value the value to map, by its text
     * @param map from our values to theirs
     * @param otherwise for other values; empty: unchanged
     */
    record Mapped(FieldValue value, Map<String, String> map, Optional<String> otherwise) implements FieldValue {
        public Mapped {
            map = Map.copyOf(map);
        }

        @Override
        public JsonNode of(JsonNode event) {
            JsonNode found = value.of(event);
            if (Template.isNothing(found)) {
                return found;
            }
            String theirs = map.get(Template.plain(found));
            return theirs != null
                    ? TextNode.valueOf(theirs)
                    : otherwise.<JsonNode>map(TextNode::valueOf).orElse(found);
        }
    }

    private static JsonNode formed(JsonNode value) {
        return value.isTextual() ? TextNode.valueOf(Utf8Text.text(value.textValue())) : value;
    }
}
