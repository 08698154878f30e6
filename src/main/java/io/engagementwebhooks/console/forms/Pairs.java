package io.engagementwebhooks.console.forms;

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
 * Converts between an object and lines of name and value, as people type them. A name or value that does not fit a
 * line, such as one with line breaks, is written as a JSON string. Immutable.
 */
public final class Pairs {

    /** Every value is a text. */
    public static final Pairs TEXTS = new Pairs(false);

    /** A value may be an object, such as a jq program. */
    static final Pairs PROGRAMS = new Pairs(true);

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final Pattern QUOTED_NAME = Pattern.compile("(\"(?:[^\"\\\\]|\\\\.)*\")\\s*:(.*)");

    private final boolean programs;

    private Pairs(boolean programs) {
        this.programs = programs;
    }

    /** The lines of an object; none if it is not an object. */
    public String lines(JsonNode object) {
        List<String> lines = new ArrayList<>();
        object.properties().forEach(member -> lines.add(name(member.getKey()) + ": " + typed(member.getValue())));
        return String.join("\n", lines);
    }

    /** The object of lines. */
    public ObjectNode object(String lines) {
        ObjectNode object = JSON.createObjectNode();
        for (String line : lines.split("\n")) {
            if (!line.isBlank()) {
                add(object, line.strip());
            }
        }
        return object;
    }

    private void add(ObjectNode object, String line) {
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
        object.set(name, value(value));
    }

    /** A value as typed text. */
    String typed(JsonNode value) {
        String text = value.isContainerNode() ? value.toString() : value.asText();
        return value.isTextual() && isQuoted(text) ? value.toString() : text;
    }

    /** The value of typed text. */
    JsonNode value(String typed) {
        JsonNode parsed = parsed(typed);
        boolean isMeant = parsed.isObject() ? programs : parsed.isTextual() && isQuoted(parsed.textValue());
        return isMeant ? parsed : TextNode.valueOf(typed);
    }

    /** Whether a text needs quotes to keep its meaning. */
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

    /** Text that may be JSON: an object, or a quoted string. */
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
