package io.engagementwebhooks.operate.routes;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * An endpoint as written in a route file or Kamelet.
 *
 * @param place its file and line
 * @param uri without its query
 * @param parameters the options outside the URI
 * @param query the options in its query
 */
record NamedEndpoint(String place, String uri, Map<String, String> parameters, Map<String, String> query) {

    private static final String URI = "uri";

    /** Steps that can have their endpoint without {@code uri}. */
    private static final Set<String> SHORT = Set.of("from", "to", "toD", "wireTap", "poll");

    private static final Pattern LIKE_A_URI = Pattern.compile("(?s)[A-Za-z][\\w+.-]*:.+");

    /** All endpoints of a file in order; empty if it is no YAML, which Camel reports. */
    static List<NamedEndpoint> in(RouteSet.Text file) {
        List<NamedEndpoint> found = new ArrayList<>();
        try {
            new Compose(LoadSettings.builder().build())
                    .composeString(file.text())
                    .ifPresent(root -> collect(file, root, found));
        } catch (YamlEngineException e) {
            return List.of();
        }
        return found;
    }

    private static void collect(RouteSet.Text file, Node node, List<NamedEndpoint> found) {
        if (node instanceof SequenceNode list) {
            list.getValue().forEach(item -> collect(file, item, found));
        } else if (node instanceof MappingNode map) {
            for (NodeTuple member : map.getValue()) {
                String key = text(member.getKeyNode());
                Node value = member.getValueNode();
                if (value instanceof ScalarNode && (URI.equals(key) || isShort(key, text(value)))) {
                    found.add(endpoint(file, map, key, value));
                }
                collect(file, value, found);
            }
        }
    }

    private static boolean isShort(String key, String value) {
        return SHORT.contains(key) && LIKE_A_URI.matcher(value).matches();
    }

    private static NamedEndpoint endpoint(RouteSet.Text file, MappingNode around, String key, Node value) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (NodeTuple member : around.getValue()) {
            if (key.equals(URI)
                    && "parameters".equals(text(member.getKeyNode()))
                    && member.getValueNode() instanceof MappingNode map) {
                map.getValue().forEach(one -> parameters.put(text(one.getKeyNode()), text(one.getValueNode())));
            }
        }
        String uri = text(value);
        int mark = uri.indexOf('?');
        return new NamedEndpoint(
                file.shown() + line(value),
                mark < 0 ? uri : uri.substring(0, mark),
                parameters,
                mark < 0 ? Map.of() : query(uri.substring(mark + 1)));
    }

    private static Map<String, String> query(String text) {
        Map<String, String> query = new LinkedHashMap<>();
        for (String pair : text.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                query.put(pair.substring(0, equals), pair.substring(equals + 1));
            }
        }
        return query;
    }

    /** The first key of this name with this value in a document; null: any value. */
    static Optional<Node> key(Node node, String name, String value) {
        if (node instanceof SequenceNode list) {
            return list.getValue().stream()
                    .flatMap(item -> key(item, name, value).stream())
                    .findFirst();
        }
        return node instanceof MappingNode map
                ? map.getValue().stream()
                        .flatMap(member -> key(member, name, value).stream())
                        .findFirst()
                : Optional.empty();
    }

    private static Optional<Node> key(NodeTuple member, String name, String value) {
        Node key = member.getKeyNode();
        boolean found = text(key).equals(name)
                && (value == null || text(member.getValueNode()).equals(value));
        return found ? Optional.of(key) : key(member.getValueNode(), name, value);
    }

    private static String text(Node node) {
        return node instanceof ScalarNode scalar ? scalar.getValue() : "";
    }

    static String line(Node node) {
        return node.getStartMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
    }

    /** All options, of URI and parameters. */
    Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>(parameters);
        options.putAll(query);
        return options;
    }

    /** Whether a part of it depends on the message. */
    boolean isDynamic() {
        return uri.contains("${") || query.values().stream().anyMatch(value -> value.contains("${"));
    }

    /** The text before the first colon. */
    String scheme() {
        int colon = uri.indexOf(':');
        return colon < 0 ? uri : uri.substring(0, colon);
    }

    /** The text after it, without leading slashes. */
    String name() {
        return uri.substring(Math.min(uri.length(), scheme().length() + 1)).replaceFirst("^//", "");
    }
}
