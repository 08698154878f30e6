package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names and values as people type them, one pair in a line, and the object that they mean. A name or a value that a line
 * cannot hold as it is, such as one with line ends, stands there as a JSON string, so that none is lost. Immutable.
 */
final class Pairs {

    /** Every value is a text. */
    static final Pairs TEXTS = new Pairs(false);

    /** A value may be an object too, such as a jq program. */
    static final Pairs PROGRAMS = new Pairs(true);

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final Pattern QUOTED_NAME = Pattern.compile("(\"(?:[^\"\\\\]|\\\\.)*\")\\s*:(.*)");

    private final boolean programs;

    private Pairs(boolean programs) {
        this.programs = programs;
    }

    /** The lines of an object; none where it is none. */
    String lines(JsonNode object) {
        List<String> lines = new ArrayList<>();
        object.properties().forEach(member -> lines.add(name(member.getKey()) + ": " + typed(member.getValue())));
        return String.join("\n", lines);
    }

    /**
     * The object that lines mean.
     *
     * @param before the object that was shown; what is typed as it shows a value means that value
     */
    ObjectNode object(String lines, JsonNode before) {
        ObjectNode object = JSON.createObjectNode();
        for (String line : lines.split("\n")) {
            if (!line.isBlank()) {
                add(object, line.strip(), before);
            }
        }
        return object;
    }

    private void add(ObjectNode object, String line, JsonNode before) {
        Matcher quoted = QUOTED_NAME.matcher(line);
        String name = quoted.matches() ? parsed(quoted.group(1)).asText() : "";
        String value;
        if (quoted.matches() && isQuotedName(name)) {
            value = quoted.group(2).strip();
        } else {
            int colon = line.indexOf(':');
            name = (colon < 0 ? line : line.substring(0, colon)).strip();
            value = colon < 0 ? "" : line.substring(colon + 1).strip();
        }
        JsonNode kept = before.path(name);
        object.set(name, !kept.isMissingNode() && typed(kept).equals(value) ? kept : value(value));
    }

    /** A value as it is typed. */
    String typed(JsonNode value) {
        String text = value.isContainerNode() ? value.toString() : value.asText();
        return value.isTextual() && isQuoted(text) ? value.toString() : text;
    }

    /** The value that was typed. */
    JsonNode value(String typed) {
        JsonNode parsed = parsed(typed);
        boolean isMeant = parsed.isObject() ? programs : parsed.isTextual() && isQuoted(parsed.textValue());
        return isMeant ? parsed : TextNode.valueOf(typed);
    }

    /** Whether a text would be another one if it were typed as it is. */
    private boolean isQuoted(String text) {
        return isBroken(text) || !value(text).equals(TextNode.valueOf(text));
    }

    private static String name(String name) {
        return isQuotedName(name) ? TextNode.valueOf(name).toString() : name;
    }

    private static boolean isQuotedName(String name) {
        return name.isEmpty() || isBroken(name) || name.startsWith("\"") || name.indexOf(':') >= 0;
    }

    private static boolean isBroken(String text) {
        return text.indexOf('\n') >= 0
                || text.indexOf('\r') >= 0
                || !text.strip().equals(text);
    }

    /** What may be JSON: an object, or a text in quotes. */
    private static JsonNode parsed(String text) {
        if (!text.startsWith("{\"") && !text.startsWith("\"")) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }
}
