package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.operate.Wiring;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/camel.md names the routes, steps and Kamelets that there are, and no others. */
class RoutesPageTest {

    private static final Path PAGE = Path.of("docs/camel.md");
    private static final Pattern NAME = Pattern.compile("`([^`]+)`");

    @Test
    void its_routes_and_their_rooms_are_those_of_the_files() throws IOException {
        Map<String, String> rooms = new TreeMap<>();
        RouteFile.all().stream()
                .flatMap(file -> file.routes().stream())
                .forEach(route ->
                        rooms.put(route.get("id").asText(), route.get("group").asText()));
        Map<String, String> told = new TreeMap<>();
        rows("Rooms").forEach(cells -> told.put(names(cells[1]).get(0), cells[2].strip()));
        assertEquals(rooms, told);
    }

    @Test
    void its_steps_are_those_that_there_are() throws IOException {
        Set<String> told = new TreeSet<>();
        rows("Steps").forEach(cells -> told.addAll(names(cells[1])));
        assertEquals(new TreeSet<>(Wiring.STEPS), told);
        Wiring.CLIENTS.forEach(client -> assertTrue(page().contains("`" + client + "`"), client));
    }

    @Test
    void its_kamelets_and_their_properties_are_those_of_the_catalogue() throws IOException {
        Map<String, Set<String>> properties = new TreeMap<>();
        try (Stream<Path> files = Files.list(Path.of("kamelet-catalog"))) {
            files.forEach(file -> {
                JsonNode kamelet = RouteFile.read(file).content();
                Set<String> names = new TreeSet<>();
                kamelet.at("/spec/definition/properties").fieldNames().forEachRemaining(names::add);
                properties.put(kamelet.at("/metadata/name").asText(), names);
            });
        }
        Map<String, Set<String>> told = new TreeMap<>();
        rows("Kamelets").forEach(cells -> told.put(names(cells[1]).get(0), new TreeSet<>(names(cells[2]))));
        assertEquals(properties, told);
    }

    @Test
    void its_pipe_is_the_one_that_a_test_runs() throws IOException {
        assertTrue(page().contains(Files.readString(Path.of("src/test/resources/pipes/http-events.yaml"))));
    }

    private static String page() {
        try {
            return Files.readString(PAGE);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** The rows of the first table of a section, without its head. */
    private static List<String[]> rows(String section) {
        String text = page().split("(?m)^## " + section + "$")[1].split("(?m)^## ")[0];
        List<String[]> rows = new ArrayList<>();
        text.lines().filter(line -> line.startsWith("| `")).forEach(line -> rows.add(line.split("\\|")));
        return rows;
    }

    private static List<String> names(String cell) {
        return NAME.matcher(cell)
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }
}
