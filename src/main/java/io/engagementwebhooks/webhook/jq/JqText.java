package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.PathOutput;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.path.Path;

/**
 * A text with {@code \(…)} interpolations, also {@code @format "…"}; its length is checked before it is built.
 *
 * @param literals the text around the parts: one more than parts
 * @param parts the interpolated expressions
 * @param format applied to each result, or null for {@code tostring}
 */
record JqText(List<String> literals, List<Expression> parts, Expression format) implements Expression {

    @Override
    public void apply(Scope scope, JsonNode in, Path path, PathOutput output, boolean requirePath)
            throws JsonQueryException {
        fill(scope, in, output, new ArrayDeque<>(), parts.size() - 1);
    }

    /** From the last part to the first, as jq orders several results. */
    private void fill(Scope scope, JsonNode in, PathOutput output, Deque<String> filled, int part)
            throws JsonQueryException {
        if (part < 0) {
            output.emit(TextNode.valueOf(joined(filled)), null);
            return;
        }
        parts.get(part).apply(scope, in, result -> {
            if (format == null) {
                fillWith(text(scope.getObjectMapper(), result), scope, in, output, filled, part);
            } else {
                format.apply(scope, result, formatted -> fillWith(formatted.asText(), scope, in, output, filled, part));
            }
        });
    }

    private void fillWith(String text, Scope scope, JsonNode in, PathOutput output, Deque<String> filled, int part)
            throws JsonQueryException {
        filled.push(text);
        fill(scope, in, output, filled, part - 1);
        filled.pop();
    }

    private String joined(Deque<String> filled) {
        long length = 0;
        for (String text : literals) {
            length += text.length();
        }
        for (String text : filled) {
            length += text.length();
        }
        JqBudget.current().reserveText(length);
        StringBuilder all = new StringBuilder(literals.get(0));
        int next = 1;
        for (String text : filled) {
            all.append(text).append(literals.get(next++));
        }
        return all.toString();
    }

    /** As {@code tostring}: a text itself, anything else as JSON. */
    static String text(ObjectMapper mapper, JsonNode value) throws JsonQueryException {
        if (value.isTextual()) {
            return value.textValue();
        }
        int size = JqBudget.current().sizeOf(value);
        JqBudget.current().work(size);
        JqBudget.current().reserve(2L * size);
        try {
            return mapper.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new JsonQueryException(e);
        }
    }
}
