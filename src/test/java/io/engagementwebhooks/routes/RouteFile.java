package io.engagementwebhooks.routes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * One file of the folder {@code routes}, as data.
 *
 * @param name its name
 * @param content what stands in it
 */
record RouteFile(String name, JsonNode content) {

    static final Path FOLDER = Path.of("routes");

    private static final JsonMapper JSON = new JsonMapper();

    /**
     * A step of a route.
     *
     * @param kind such as {@code process}, {@code to} or {@code when}
     * @param node its options
     */
    record Step(String kind, JsonNode node) {
        String id() {
            return node.path("id").asText();
        }
    }

    static List<RouteFile> all() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .map(RouteFile::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static RouteFile read(Path file) {
        try {
            Object loaded = new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
            return new RouteFile(file.getFileName().toString(), JSON.valueToTree(loaded));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As Camel's loader names it. */
    String location() {
        return "file:" + FOLDER.resolve(name);
    }

    List<JsonNode> routes() {
        List<JsonNode> routes = new ArrayList<>();
        content.forEach(element -> {
            if (element.has("route")) {
                routes.add(element.get("route"));
            }
        });
        return routes;
    }

    /** Every step at any depth, handlers of failures beside the routes included. */
    List<Step> steps() {
        List<Step> steps = new ArrayList<>(handlers());
        routes().forEach(route -> collect(route, steps));
        return steps;
    }

    /** Handlers of failures beside the routes, and their steps. */
    List<Step> handlers() {
        List<Step> steps = new ArrayList<>();
        content.forEach(element -> element.properties().forEach(member -> {
            if (!member.getKey().equals("route")) {
                steps.add(new Step(member.getKey(), member.getValue()));
                collect(member.getValue(), steps);
            }
        }));
        return steps;
    }

    /** Every step of a route at any depth. */
    static List<Step> stepsOf(JsonNode route) {
        List<Step> steps = new ArrayList<>();
        collect(route, steps);
        return steps;
    }

    private static void collect(JsonNode node, List<Step> steps) {
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            JsonNode value = member.getValue();
            switch (member.getKey()) {
                case "steps" ->
                    value.forEach(step -> step.properties().forEach(kind -> {
                        steps.add(new Step(kind.getKey(), kind.getValue()));
                        collect(kind.getValue(), steps);
                    }));
                case "when", "doCatch" ->
                    value.forEach(branch -> {
                        steps.add(new Step(member.getKey(), branch));
                        collect(branch, steps);
                    });
                case "otherwise", "doFinally" -> {
                    steps.add(new Step(member.getKey(), value));
                    collect(value, steps);
                }
                case "from" -> collect(value, steps);
                default -> {
                    // an option
                }
            }
        }
    }

    /** Everything that has a {@code uri}: where routes are from, and where steps send to. */
    List<JsonNode> endpoints() {
        return content.findParents("uri");
    }

    @Override
    public String toString() {
        return name;
    }
}
