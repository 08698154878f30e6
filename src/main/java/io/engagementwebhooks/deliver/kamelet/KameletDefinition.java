package io.engagementwebhooks.deliver.kamelet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.ledger.BundledFile;
import io.engagementwebhooks.webhook.schema.DataFault;
import io.engagementwebhooks.webhook.schema.DataSchema;
import io.engagementwebhooks.webhook.schema.SchemaRefusedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The definition of a sink Kamelet: its properties, and where its template uses them. Immutable. */
public final class KameletDefinition {

    private static final JsonMapper JSON = new JsonMapper();

    /** What is checked of a property's schema. */
    private static final Set<String> CHECKED = Set.of("type", "enum", "pattern", "minimum", "maximum");

    /** Endpoints that stay inside the server or run what they are given. */
    private static final Set<String> OF_THE_SERVER = Set.of(
            "bean",
            "class",
            "direct",
            "exec",
            "file",
            "jdbc",
            "kamelet",
            "language",
            "log",
            "platform-http",
            "ref",
            "seda",
            "sql",
            "stub",
            "vm");

    /**
     * Names of properties and options that can name servers, or files, classes or beans of this one, or hold programs or
     * the rules of a connection.
     */
    private static final Pattern CLOSED = Pattern.compile(
            "(?i).*(file|dir|path|location|keystore|truststore|cert|config|resource|template|class|bean|factory|driver"
                    + "|serializer|provider|jaas|kerberos|option|param|properties|query|sql|script|command|expression"
                    + "|statement|credential|proxy|url|uri|host|port|server|endpoint|broker|profile|spec|authtype"
                    + "|authentication|mechanism|passphrase|verify|protocol|https|tls|ssl|lazystart|serviceaccount).*");

    private static final Pattern OF_URIS = Pattern.compile("[&#%+\\s]");
    private static final Pattern SCHEME = Pattern.compile("([a-z][a-z0-9+.-]*):.*");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\??([A-Za-z0-9_.-]+)(?::[^}]*)?}}");
    private static final String COMPONENTS = "META-INF/services/org/apache/camel/component/";
    private static final String CLASS = "#class:";
    private static final String BUILD = "/io/engagementwebhooks/build.properties";
    private static final String ICON = "camel.apache.org/kamelet.icon";
    private static final Pattern SENTENCE_END = Pattern.compile("(?<=\\.)\\s|\\n");
    private static final Pattern LINK = Pattern.compile("\\w+://\\S+?\\[([^]]*)]");

    private final String name;
    private final byte[] yaml;
    private final String icon;
    private final JsonNode spec;
    private final List<JsonNode> endpoints = new ArrayList<>();

    private KameletDefinition(String name, byte[] yaml, JsonNode root) {
        this.name = name;
        this.yaml = yaml;
        this.icon = root.path("metadata").path("annotations").path(ICON).asText();
        this.spec = root.path("spec");
        collectEndpoints(template());
    }

    /** @throws IllegalArgumentException if the text is no sink Kamelet of this name */
    public static KameletDefinition parse(String name, byte[] yaml) {
        Object read;
        try {
            read = new Load(LoadSettings.builder().build()).loadFromString(new String(yaml, StandardCharsets.UTF_8));
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("it is no YAML", e);
        }
        JsonNode root = JSON.valueToTree(read);
        if (!root.at("/metadata/labels")
                        .path("camel.apache.org/kamelet.type")
                        .asText()
                        .equals("sink")
                || !root.at("/metadata/name").asText().equals(name)) {
            throw new IllegalArgumentException("it must be a sink Kamelet named '" + name + "'");
        }
        return new KameletDefinition(name, yaml.clone(), root);
    }

    private void collectEndpoints(JsonNode node) {
        if (node.isObject() && node.path("to").path("uri").isTextual()) {
            endpoints.add(node.path("to"));
        } else if (node.path("to").isTextual()) {
            endpoints.add(JSON.createObjectNode().set("uri", node.path("to")));
        }
        node.forEach(this::collectEndpoints);
    }

    /** As the file has it. */
    public String name() {
        return name;
    }

    /** For people; the name if the file has none. */
    public String title() {
        return spec.path("definition").path("title").asText(name);
    }

    /** The first sentence of its description; empty if the file has none. */
    public String summary() {
        String text = spec.path("definition").path("description").asText();
        return LINK.matcher(SENTENCE_END.split(text, 2)[0]).replaceAll("$1");
    }

    /** A data URI; empty if the file has none. */
    public String icon() {
        return icon;
    }

    /** The file, as Camel reads it. */
    byte[] yaml() {
        return yaml.clone();
    }

    private JsonNode template() {
        return spec.path("template");
    }

    /** The schema of a property, as the file has it; a missing node if there is no such property. */
    public JsonNode property(String property) {
        return spec.path("definition").path("properties").path(property);
    }

    /** The names of the properties, in the order of the file. */
    public Set<String> properties() {
        return fields(spec.path("definition").path("properties"));
    }

    private static Set<String> fields(JsonNode node) {
        Set<String> names = new LinkedHashSet<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** Required properties without a default. */
    public Stream<String> required() {
        return texts(spec.path("definition").path("required"))
                .filter(property -> !property(property).has("default"));
    }

    private static Stream<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText);
    }

    /** Whether a property holds a credential. */
    boolean isSecret(String property) {
        JsonNode schema = property(property);
        return schema.path("format").asText().equals("password")
                || texts(schema.path("x-descriptors")).anyMatch("urn:camel:group:credentials"::equals);
    }

    /** Whether a property takes any text. */
    boolean isFree(String property) {
        JsonNode type = property(property).path("type");
        return !property(property).has("enum") && type.asText("string").equals("string");
    }

    /**
     * Whether webhooks may set a property. The template uses it only in endpoints of other systems: as an option, or
     * after the scheme of the URI. Neither its name nor that of the option can stand for a server, a file, a class or a
     * program. A credential must be bound to a bean, so that it is in no URI, and have a name by which it is masked.
     */
    public boolean isOpenable(String property) {
        if (CLOSED.matcher(property).matches()
                || isSecret(property) && !(isBindable(property) && Redactor.isSensitive(property))) {
            return false;
        }
        long all = uses(template().toString(), property);
        long safe = endpoints.stream()
                .mapToLong(endpoint -> safeUses(endpoint, property))
                .sum();
        return all > 0 && all == safe;
    }

    private static long safeUses(JsonNode endpoint, String property) {
        String uri = endpoint.path("uri").asText();
        Matcher scheme = SCHEME.matcher(uri);
        if (!scheme.matches() || OF_THE_SERVER.contains(scheme.group(1)) || uri.indexOf('?') >= 0) {
            return 0;
        }
        return uses(uri, property)
                + endpoint.path("parameters").properties().stream()
                        .filter(option -> !CLOSED.matcher(option.getKey()).matches()
                                && option.getValue().asText().indexOf('#') < 0)
                        .mapToLong(option -> uses(option.getValue().asText(), property))
                        .sum();
    }

    private static long uses(String text, String property) {
        return PLACEHOLDER
                .matcher(text)
                .results()
                .filter(use -> use.group(1).equals(property))
                .count();
    }

    /**
     * Whether the template uses a property only as whole options of endpoints that take references to beans. Those of HTTP
     * read their URI themselves.
     */
    boolean isBindable(String property) {
        return optionsWith(property).count() > 0
                && optionsWith(property)
                        .allMatch(option ->
                                PLACEHOLDER.matcher(option.getValue().asText()).matches())
                && optionsWith(property).count() == uses(template().toString(), property)
                && endpoints.stream()
                        .filter(endpoint -> uses(endpoint.path("parameters").toString(), property) > 0)
                        .allMatch(endpoint -> {
                            Matcher scheme = SCHEME.matcher(endpoint.path("uri").asText());
                            return scheme.matches() && !scheme.group(1).startsWith("http");
                        });
    }

    private Stream<Map.Entry<String, JsonNode>> optionsWith(String property) {
        return endpoints.stream()
                .flatMap(endpoint -> endpoint.path("parameters").properties().stream())
                .filter(option -> uses(option.getValue().asText(), property) > 0);
    }

    /** Whether a value would be misread as a part of the URI of an endpoint; Camel quotes credentials there. */
    public boolean isMisread(String property, String value) {
        return !isSecret(property)
                && !isBindable(property)
                && optionsWith(property).count() > 0
                && OF_URIS.matcher(value).find();
    }

    /** Why a value does not fit a property's type; empty if it fits. */
    public Optional<String> misfit(String property, String value) {
        ObjectNode schema = JSON.createObjectNode();
        property(property).properties().stream()
                .filter(keyword -> CHECKED.contains(keyword.getKey()))
                .forEach(keyword -> schema.set(keyword.getKey(), keyword.getValue()));
        try {
            return DataSchema.compile(schema).check(value(schema.path("type").asText(), value)).stream()
                    .map(DataFault::rule)
                    .findFirst();
        } catch (SchemaRefusedException e) {
            return Optional.of("its Kamelet has a schema that cannot be checked: " + e.getMessage());
        }
    }

    private static JsonNode value(String type, String value) {
        boolean isPlain =
                switch (type) {
                    case "integer", "number" -> value.matches("-?(0|[1-9]\\d{0,17})(\\.\\d{1,17})?");
                    case "boolean" -> value.matches("true|false");
                    default -> false;
                };
        try {
            return isPlain ? JSON.readTree(value) : JsonNodeFactory.instance.textNode(value);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    /** The artifacts and drivers to add, if a component or a class of a bean is missing; empty if everything is there. */
    public Optional<String> missing(ClassLoader loader) {
        Stream<String> components = endpoints.stream()
                .map(endpoint -> SCHEME.matcher(endpoint.path("uri").asText()))
                .filter(Matcher::matches)
                .map(scheme -> COMPONENTS + scheme.group(1));
        JsonNode beans = template().path("beans");
        Stream<String> classes = texts(beans.findValues("type"))
                .filter(type -> type.startsWith(CLASS))
                .map(KameletDefinition::file);
        List<String> drivers = texts(beans.findValues("driverClassName"))
                .filter(driver -> loader.getResource(file(driver)) == null)
                .map(driver -> "the driver " + driver)
                .toList();
        boolean isComplete = Stream.concat(components, classes).allMatch(each -> loader.getResource(each) != null);
        return isComplete && drivers.isEmpty()
                ? Optional.empty()
                : Optional.of(Stream.concat(artifacts(), drivers.stream()).collect(Collectors.joining(", ")));
    }

    private Stream<String> artifacts() {
        return texts(spec.path("dependencies"))
                .filter(each -> !each.equals("camel:core") && !each.equals("camel:kamelet"))
                .map(KameletDefinition::artifact);
    }

    private static String file(String type) {
        return type.replace(CLASS, "").replaceFirst("\\(.*", "").replace('.', '/') + ".class";
    }

    private static Stream<String> texts(List<JsonNode> values) {
        return values.stream().map(JsonNode::asText);
    }

    private static String artifact(String dependency) {
        return dependency.startsWith("camel:")
                ? "org.apache.camel:camel-" + dependency.substring("camel:".length()) + ":"
                        + BundledFile.properties(BUILD).getProperty("camel")
                : dependency.substring(dependency.indexOf(':') + 1);
    }
}
