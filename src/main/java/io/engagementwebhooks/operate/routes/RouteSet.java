package io.engagementwebhooks.operate.routes;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.snakeyaml.engine.v2.api.ConstructNode;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.constructor.ConstructYamlNull;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.FailsafeSchema;

/**
 * The route files and the user's own Kamelets, read at one moment. Sets are equal if every byte is.
 *
 * @param files in the order of their names
 * @param kamelets the texts of Kamelets by their names
 * @param misnamed faults of files that are ignored because of their names
 */
record RouteSet(List<Text> files, Map<String, Text> kamelets, List<String> misnamed) {

    private static final String ROUTE = "route";
    private static final LoadSettings AS_TEXTS =
            LoadSettings.builder().setSchema(new Texts()).build();

    /** Reads every scalar as text, and an empty one as null. */
    private static final class Texts extends FailsafeSchema {
        @Override
        public Map<Tag, ConstructNode> getSchemaTagConstructors() {
            Map<Tag, ConstructNode> constructors = new HashMap<>(super.getSchemaTagConstructors());
            constructors.put(Tag.NULL, new ConstructYamlNull());
            return constructors;
        }
    }

    RouteSet {
        files = List.copyOf(files);
        kamelets = Map.copyOf(kamelets);
        misnamed = List.copyOf(misnamed);
    }

    /**
     * A file.
     *
     * @param location as Camel names resources
     * @param bytes its content
     */
    record Text(String location, byte[] bytes) {

        /** Its top-level items, every scalar as its text, as Camel reads it. @throws YamlEngineException if it is not YAML; Camel says where */
        List<?> items() {
            Object root = new Load(AS_TEXTS).loadFromString(text());
            return root instanceof List<?> list ? list : List.of(root == null ? Map.of() : root);
        }

        /** Its name, and the line at which a key first stands with this value; null: with any. */
        String place(String key, String value) {
            return new Compose(LoadSettings.builder().build())
                    .composeString(text())
                    .flatMap(root -> NamedEndpoint.key(root, key, value))
                    .map(found -> shown() + NamedEndpoint.line(found))
                    .orElse(shown());
        }

        /** Its routes and route templates, as Camel reads them. */
        List<RouteBuilder> builders(CamelContext context) throws Exception {
            Resource resource = ResourceHelper.fromBytes(location, bytes);
            return PluginHelper.getRoutesLoader(context).findRoutesBuilders(resource).stream()
                    .map(RouteBuilder.class::cast)
                    .toList();
        }

        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        String shown() {
            return location.startsWith("file:") ? location.substring("file:".length()) : location;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Text that && location.equals(that.location) && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return Objects.hash(location, Arrays.hashCode(bytes));
        }

        @Override
        public String toString() {
            return shown();
        }
    }

    /**
     * A route as written in its file.
     *
     * @param location its file
     * @param definition the route itself
     * @param around other definitions of the file that apply to each of its routes, such as {@code onException}
     */
    record Item(String location, Object definition, Object around) {

        /** The precondition in Camel's simple language, or null. */
        String precondition() {
            return definition instanceof Map<?, ?> map && map.get("precondition") != null
                    ? map.get("precondition").toString()
                    : null;
        }

        /** Whether this route consumes from a Kamelet. */
        boolean isFromKamelet() {
            return definition instanceof Map<?, ?> map
                    && map.get("from") instanceof Map<?, ?> from
                    && String.valueOf(from.get("uri")).startsWith("kamelet:");
        }

        /** Whether it uses one of these Kamelets. */
        boolean uses(Collection<String> kamelets) {
            return kamelets.stream().anyMatch(kamelet -> names(definition, kamelet));
        }

        private static boolean names(Object node, String kamelet) {
            if (node instanceof Map<?, ?> map) {
                return map.values().stream().anyMatch(value -> names(value, kamelet));
            }
            if (node instanceof List<?> list) {
                return list.stream().anyMatch(value -> names(value, kamelet));
            }
            return node instanceof String text
                    && (text.equals(kamelet) || text.matches("kamelet:(//)?" + Pattern.quote(kamelet) + "([/?].*)?"));
        }
    }

    /** The routes by their ids, in the order of the files. Without routes that have no id, which the check refuses. */
    Map<String, Item> routes() {
        Map<String, Item> routes = new LinkedHashMap<>();
        for (Text file : files) {
            List<Object> around = around(file);
            for (Object item : file.items()) {
                if (definition(item) instanceof Map<?, ?> definition && definition.get("id") instanceof String id) {
                    routes.put(id, new Item(file.location(), definition, around));
                }
            }
        }
        return routes;
    }

    /** The file of a location. */
    Text file(String location) {
        return files.stream()
                .filter(file -> file.location().equals(location))
                .findFirst()
                .orElseThrow();
    }

    private static Object definition(Object item) {
        return item instanceof Map<?, ?> map ? map.get(ROUTE) : null;
    }

    private static List<Object> around(Text file) {
        return file.items().stream()
                .filter(item -> definition(item) == null)
                .<Object>map(item -> item)
                .toList();
    }

    /** The names of the user's Kamelets that differ from those of another set, with those that are built on them. */
    TreeSet<String> kameletsChangedSince(RouteSet other) {
        TreeSet<String> changed = new TreeSet<>();
        TreeSet<String> all = new TreeSet<>(kamelets.keySet());
        all.addAll(other.kamelets.keySet());
        for (String name : all) {
            if (!Objects.equals(kamelets.get(name), other.kamelets.get(name))) {
                changed.add(name);
            }
        }
        for (int before = -1; before < changed.size(); ) {
            before = changed.size();
            kamelets.forEach((name, text) -> {
                if (changed.stream().anyMatch(base -> text.text().contains("kamelet:" + base))) {
                    changed.add(name);
                }
            });
        }
        return changed;
    }
}
