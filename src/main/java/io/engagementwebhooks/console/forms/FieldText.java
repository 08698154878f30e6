package io.engagementwebhooks.console.forms;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.console.forms.FormField.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Converts between a value of a definition and its text in a form. */
public final class FieldText {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private FieldText() {}

    /** @param value a missing node has no text */
    static String of(Kind kind, JsonNode value) {
        return switch (kind) {
            case LIST, NUMBERS -> String.join(", ", texts(value));
            case LINES -> lines(value, Pairs.PROGRAMS::typed);
            case SCHEMA -> lines(value, FieldText::schemaLine);
            case PAIRS -> Pairs.TEXTS.lines(value);
            case PROGRAMS -> Pairs.PROGRAMS.lines(value);
            case PROGRAM -> Pairs.PROGRAMS.typed(value);
            case FLAG -> value.asBoolean() ? "true" : "";
            case JSON -> value.isContainerNode() ? value.toPrettyString() : value.asText("");
            case TEXT, NUMBER -> value.asText("");
        };
    }

    /** The value of a text, which is not empty. */
    static JsonNode value(Kind kind, String text) {
        return switch (kind) {
            case LIST -> array(parts(text).map(TextNode::valueOf));
            case NUMBERS -> array(parts(text.replaceAll("[\\[\\]]", "")).map(FieldText::number));
            case LINES -> array(lines(text).map(Pairs.PROGRAMS::value));
            case SCHEMA -> array(lines(text).map(FieldText::schemaField));
            case PAIRS -> Pairs.TEXTS.object(text);
            case PROGRAMS -> Pairs.PROGRAMS.object(text);
            case PROGRAM -> Pairs.PROGRAMS.value(text);
            case FLAG -> BooleanNode.valueOf(text.equals("true"));
            case JSON -> json(text);
            case NUMBER -> number(text);
            case TEXT -> TextNode.valueOf(text);
        };
    }

    /** JSON. @throws JsonProcessingException with the place of an error */
    static JsonNode parsed(String text) throws JsonProcessingException {
        return JSON.readTree(text);
    }

    /** The items of a list; a single value counts as a list of one. */
    public static List<String> texts(JsonNode values) {
        return values.isValueNode() && !values.isNull()
                ? List.of(values.asText())
                : StreamSupport.stream(values.spliterator(), false)
                        .map(JsonNode::asText)
                        .toList();
    }

    /** Parts separated by commas or spaces. */
    public static Stream<String> parts(String text) {
        return Arrays.stream(text.split("[,\\s]+")).filter(part -> !part.isEmpty());
    }

    private static Stream<String> lines(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty());
    }

    private static String lines(JsonNode items, Function<JsonNode, String> line) {
        return StreamSupport.stream(items.spliterator(), false).map(line).collect(Collectors.joining("\n"));
    }

    private static ArrayNode array(Stream<? extends JsonNode> items) {
        return JSON.createArrayNode().addAll(List.copyOf(items.toList()));
    }

    private static JsonNode number(String text) {
        return text.matches("\\d{1,18}") ? LongNode.valueOf(Long.parseLong(text)) : TextNode.valueOf(text);
    }

    /** JSON, or the text if it is none. */
    private static JsonNode json(String text) {
        try {
            return parsed(text);
        } catch (JsonProcessingException e) {
            return TextNode.valueOf(text);
        }
    }

    private static String schemaLine(JsonNode field) {
        boolean plain = field.properties().stream()
                .allMatch(member -> List.of("name", "type", "optional").contains(member.getKey()));
        return plain
                ? field.path("name").asText() + ": " + field.path("type").asText()
                        + (field.path("optional").asBoolean() ? " optional" : "")
                : field.toString();
    }

    private static JsonNode schemaField(String line) {
        if (line.startsWith("{")) {
            return json(line);
        }
        int colon = line.indexOf(':');
        ObjectNode field = JSON.createObjectNode();
        field.put("name", (colon < 0 ? line : line.substring(0, colon)).strip());
        String[] rest = (colon < 0 ? "" : line.substring(colon + 1).strip()).split("\\s+");
        if (!rest[0].isEmpty()) {
            field.put("type", rest[0]);
        }
        if (rest.length > 1 && rest[1].equals("optional")) {
            field.put("optional", true);
        }
        return field;
    }
}
