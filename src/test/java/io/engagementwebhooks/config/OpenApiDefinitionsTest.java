package io.engagementwebhooks.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.webhook.EventCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * In docs/openapi.yaml, the definitions come from the schema of the configuration file and the requests to receivers from
 * the event catalog. {@code -Dreference.write=true} updates them.
 */
class OpenApiDefinitionsTest {

    private static final Path API = Path.of("docs", "openapi.yaml");
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** The component names, by definition. */
    private static final Map<String, String> NAMES = new LinkedHashMap<>();

    static {
        NAMES.put("webhook", "WebhookDefinition");
        NAMES.put("delivery", "DeliveryDefinition");
        NAMES.put("signingKey", "OwnSigningKeyDefinition");
        NAMES.put("authentication", "AuthenticationDefinition");
        NAMES.put("salesforce", "SalesforceTargetDefinition");
        NAMES.put("salesforceRecord", "SalesforceRecordDefinition");
        NAMES.put("contentsquare", "ContentsquareTargetDefinition");
        NAMES.put("fieldProgram", "FieldProgram");
        NAMES.put("tls", "TlsDefinition");
        NAMES.put("waitFor", "WaitForDefinition");
        NAMES.put("fifo", "FifoDefinition");
        NAMES.put("oauthClient", "OAuthClientDefinition");
        NAMES.put("salesforceConnection", "SalesforceConnectionDefinition");
        NAMES.put("contentsquareConnection", "ContentsquareConnectionDefinition");
        NAMES.put("schemaField", "SchemaFieldDefinition");
        NAMES.put("apiKey", "ApiKeyDefinition");
        NAMES.put("eventTypeDefinition", "EventTypeDefinition");
    }

    /** The product creates API keys; the API renames a webhook without {@code was}. */
    private static final Map<String, Set<String>> LEFT_OUT = Map.of("apiKey", Set.of("key"), "webhook", Set.of("was"));

    private final JsonNode definitions;

    OpenApiDefinitionsTest() throws IOException {
        definitions = new ObjectMapper()
                .readTree(Path.of("docs", "webhooks.schema.json").toFile())
                .path("definitions");
    }

    @Test
    void the_api_accepts_the_definitions_of_the_file() throws IOException {
        StringBuilder made = new StringBuilder();
        NAMES.forEach((definition, name) -> write(made, name, component(definition)));
        write(made, "SigningKeyDefinition", signingKeyOfAccount());
        write(made, "SigningKeyChoice", oneOf(type("string"), reference("OwnSigningKeyDefinition")));
        write(
                made,
                "ConnectionDefinition",
                oneOf(reference("SalesforceConnectionDefinition"), reference("ContentsquareConnectionDefinition")));
        write(made, "FieldValue", fieldValue());
        ObjectNode duration = type("string");
        duration.set("pattern", definitions.at("/duration/pattern"));
        duration.set("description", definitions.at("/duration/description"));
        write(made, "Duration", duration);
        assertStands(made.toString(), "    ", "webhooks.schema.json");
    }

    @Test
    void a_receiver_gets_what_the_event_catalog_says() throws IOException {
        StringBuilder events = new StringBuilder();
        StringBuilder requests = new StringBuilder();
        EventCatalog.BUILT_IN.types().forEach(type -> {
            write(events, eventName(type), event(type));
            write(requests, type);
        });
        assertStands(events.toString(), "    ", "the data of event-types.json");
        assertStands(requests.toString(), "  ", "event-types.json");
    }

    /** @param indent of the comments around the part */
    private static void assertStands(String made, String indent, String source) throws IOException {
        String page = Files.readString(API);
        String begin = indent + "# made of " + source + "\n";
        int from = page.indexOf(begin) + begin.length();
        int to = page.indexOf(indent + "# end of what is made of " + source + "\n");
        if (Boolean.getBoolean("reference.write")) {
            Files.writeString(API, page.substring(0, from) + made + page.substring(to));
        } else {
            assertEquals(
                    made,
                    page.substring(from, to),
                    "docs/openapi.yaml is behind " + source + "; ./mvnw -Dtest=OpenApiDefinitionsTest"
                            + " -Dreference.write=true test writes it again");
        }
    }

    private static String name(EventCatalog.Type type) {
        return Arrays.stream(type.type().split("\\."))
                .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
                .collect(Collectors.joining());
    }

    private static String eventName(EventCatalog.Type type) {
        return name(type) + "Event";
    }

    private static ObjectNode event(EventCatalog.Type type) {
        ObjectNode own = JSON.objectNode();
        own.putArray("required").add("data");
        ObjectNode properties = own.putObject("properties");
        properties.putObject("type").put("const", type.type());
        properties.set("data", ((ObjectNode) type.schema().deepCopy()).without("$schema"));
        ObjectNode event = JSON.objectNode();
        event.put("description", type.description());
        event.putArray("allOf").add(reference("Event")).add(own);
        return event;
    }

    /** The request of a webhook without a template. */
    private static void write(StringBuilder made, EventCatalog.Type type) {
        made.append("  ")
                .append(type.type())
                .append(":\n    post:\n      operationId: receive")
                .append(name(type))
                .append("\n      tags: [receivers]\n      summary: ")
                .append(type.title())
                .append("\n      description: ")
                .append(JSON.textNode(type.description()))
                .append("\n      security: []\n      parameters:\n");
        for (String header : List.of("Id", "Timestamp", "Signature")) {
            made.append("        - $ref: \"#/components/parameters/Webhook")
                    .append(header)
                    .append("Header\"\n");
        }
        made.append("      requestBody:\n        required: true\n        content:\n")
                .append("          application/cloudevents+json:\n            schema: ")
                .append(reference(eventName(type)))
                .append("\n            example: ")
                .append(type.sample())
                .append("\n      responses:\n")
                .append("        \"204\": {$ref: \"#/components/responses/Delivered\"}\n")
                .append("        \"410\": {$ref: \"#/components/responses/EndpointGone\"}\n")
                .append("        \"429\": {$ref: \"#/components/responses/SlowDown\"}\n")
                .append("        \"503\": {$ref: \"#/components/responses/SlowDown\"}\n");
    }

    /** Writes a line for each keyword and each property. */
    private static void write(StringBuilder made, String name, ObjectNode schema) {
        made.append("    ").append(name).append(":\n");
        schema.properties().forEach(keyword -> {
            made.append("      ").append(keyword.getKey()).append(":");
            if (keyword.getKey().equals("properties")) {
                made.append('\n');
                keyword.getValue().properties().forEach(property -> made.append("        ")
                        .append(property.getKey())
                        .append(": ")
                        .append(property.getValue())
                        .append('\n'));
            } else {
                made.append(' ').append(keyword.getValue()).append('\n');
            }
        });
    }

    private ObjectNode component(String name) {
        JsonNode definition = definitions.path(name);
        ObjectNode component = JSON.objectNode();
        component.set("description", definition.path("description"));
        component.put("type", "object");
        Set<String> leftOut = LEFT_OUT.getOrDefault(name, Set.of());
        ArrayNode required = JSON.arrayNode();
        definition.path("required").forEach(key -> {
            if (!leftOut.contains(key.asText())) {
                required.add(key);
            }
        });
        if (!required.isEmpty()) {
            component.set("required", required);
        }
        if (definition.has("minProperties")) {
            component.set("minProperties", definition.path("minProperties"));
        }
        component.put("additionalProperties", false);
        ObjectNode properties = component.putObject("properties");
        definition.path("properties").properties().forEach(property -> {
            if (!leftOut.contains(property.getKey())) {
                properties.set(
                        property.getKey(),
                        property(property.getValue(), required.toString().contains('"' + property.getKey() + '"')));
            }
        });
        if (name.endsWith("Connection")) {
            ((ObjectNode) properties.path("type")).putArray("enum").add(name.replace("Connection", ""));
        }
        return component;
    }

    private ObjectNode signingKeyOfAccount() {
        ObjectNode component = component("signingKey");
        component.put("description", "Without `secret` and `privateKey` a key is made.");
        ObjectNode scheme = type("string");
        scheme.putArray("enum").add("v1").add("v1a");
        scheme.put("description", "Of a key that is made. Default: v1.");
        ((ObjectNode) component.path("properties")).set("scheme", scheme);
        return component;
    }

    private ObjectNode fieldValue() {
        ObjectNode value = oneOf(type("string"), type("number"), type("boolean"), reference("FieldProgram"));
        value.set("description", definitions.at("/fieldValue/description"));
        return value;
    }

    private ObjectNode property(JsonNode rule, boolean required) {
        ObjectNode property = new Alternatives(rule).schema(required);
        String description = description(rule);
        if (!description.isEmpty()) {
            property.put("description", description);
        }
        return property;
    }

    /** Leaves out sentences about placeholders. A default is in the text only, because generated clients would send it. */
    private static String description(JsonNode rule) {
        String description = Arrays.stream(rule.path("description").asText().split("(?<=[.:;]) (?=[A-Z])"))
                .filter(sentence -> !sentence.contains("{{") && !sentence.contains("placeholder"))
                .filter(sentence -> !sentence.equals("Keep it out of the file:"))
                .collect(Collectors.joining(" "));
        JsonNode usual = rule.path("default");
        return usual.isMissingNode() || usual.asText("-").isEmpty() || description.contains("Default")
                ? description
                : description + " Default: " + (usual.isTextual() ? usual.asText() : usual) + ".";
    }

    /** The allowed values of a rule and of all definitions that it refers to. */
    private final class Alternatives {

        private String component;
        private JsonNode items;
        private JsonNode list;
        private JsonNode map;
        private JsonNode whole;
        private boolean isFlag;
        private boolean isJson;
        private boolean isDay;
        private boolean isDuration;
        private String pattern;
        private JsonNode longest;
        private final Set<String> words = new LinkedHashSet<>();

        Alternatives(JsonNode rule) {
            read(rule);
        }

        private void read(JsonNode rule) {
            String name = rule.path("$ref").asText().replace("#/definitions/", "");
            if (!name.isEmpty()) {
                refer(name);
                return;
            }
            String type = rule.path("type").asText();
            items = rule.has("items") ? rule.path("items") : items;
            list = rule.has("items") ? rule : list;
            isJson |= rule.path("x-json").asBoolean();
            map = type.equals("object") ? rule : map;
            whole = type.equals("integer") ? rule : whole;
            isFlag |= type.equals("boolean");
            isDay |= rule.path("x-format").asText().equals("day");
            pattern = rule.has("pattern") ? rule.path("pattern").asText() : pattern;
            longest = rule.has("maxLength") ? rule.path("maxLength") : longest;
            rule.path("enum").forEach(word -> words.add(word.asText()));
            if (rule.has("const")) {
                words.add(rule.path("const").asText());
            }
            rule.path("allOf").forEach(this::read);
            rule.path("anyOf").forEach(this::read);
        }

        private void refer(String name) {
            if (name.equals("fieldValue")) {
                component = "FieldValue";
            } else if (NAMES.containsKey(name)) {
                component = NAMES.get(name);
            } else if (!name.equals("placeholder")) {
                isDuration |= name.equals("duration");
                read(definitions.path(name));
            }
        }

        ObjectNode schema(boolean required) {
            if (items != null) {
                return words.isEmpty()
                        ? list(required)
                        : JSON.objectNode(); // any: generated code for a union does not compile
            }
            if (isJson) {
                return type("object").put("additionalProperties", true);
            }
            if (map != null) {
                ObjectNode object = type("object");
                copy(map, object, "minProperties");
                object.set("additionalProperties", property(map.path("additionalProperties"), true));
                ObjectNode either = JSON.objectNode();
                either.putArray("anyOf").add(object).add(type("null"));
                return either;
            }
            if (component != null) {
                return reference(component);
            }
            if (whole != null) {
                ObjectNode number = type("integer");
                copy(whole, number, "minimum");
                copy(whole, number, "maximum");
                return number;
            }
            return isFlag ? type("boolean") : isDuration && words.isEmpty() ? reference("Duration") : text();
        }

        private ObjectNode list(boolean required) {
            ObjectNode array = JSON.objectNode();
            if (required) {
                array.put("type", "array");
            } else {
                array.putArray("type").add("array").add("null");
            }
            copy(list, array, "minItems");
            copy(list, array, "maxItems");
            Alternatives item = new Alternatives(items);
            array.set(
                    "items",
                    item.component == null || items.has("$ref") ? item.schema(true) : reference("SigningKeyChoice"));
            return array;
        }

        private ObjectNode text() {
            ObjectNode text = type("string");
            if (isDay) {
                text.put("format", "date");
            } else if (!words.isEmpty() && pattern == null) {
                ArrayNode known = text.putArray("enum");
                words.forEach(known::add);
            } else if (!words.isEmpty()) {
                text.put(
                        "pattern",
                        "^(" + pattern.substring(1, pattern.length() - 1) + "|" + String.join("|", words) + ")$");
            } else if (pattern != null && pattern.equals("\\S")) {
                text.put("minLength", 1);
            } else if (pattern != null && !pattern.contains("(?")) { // not supported in every language
                text.put("pattern", pattern);
            }
            if (longest != null) {
                text.set("maxLength", longest);
            }
            return text;
        }

        private void copy(JsonNode from, ObjectNode to, String keyword) {
            if (from.has(keyword)) {
                to.set(keyword, from.path(keyword));
            }
        }
    }

    private static ObjectNode type(String type) {
        return JSON.objectNode().put("type", type);
    }

    private static ObjectNode reference(String component) {
        return JSON.objectNode().put("$ref", "#/components/schemas/" + component);
    }

    private static ObjectNode oneOf(ObjectNode... schemas) {
        ObjectNode one = JSON.objectNode();
        one.putArray("oneOf").addAll(Arrays.asList(schemas));
        return one;
    }
}
