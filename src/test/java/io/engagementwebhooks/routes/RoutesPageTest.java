package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.step.OwnDestinations;
import io.engagementwebhooks.operate.Wiring;
import io.engagementwebhooks.server.ResolveAccountStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/reference.md lists the names that routes may use, and no others; docs/camel.md shows the pipe that a test runs. */
class RoutesPageTest {

    private static final Path PAGE = Path.of("docs/camel.md");
    private static final Pattern PROPERTY = Pattern.compile("exchangeProperty\\.(\\w+)");
    private static final Pattern SET_PROPERTY = Pattern.compile("setProperty:\\s+id: \\S+\\s+name: (\\w+)");
    private static final Pattern ENDPOINT = Pattern.compile("uri: ((?:outbox|receiver|contentsquare):\\w+)");
    private static final Pattern FROM_DIRECT = Pattern.compile("from:\\s+uri: (direct:\\S+)");
    private static final Pattern ROUTE = Pattern.compile("- route:\\s+id: (\\S+)");
    private static final Pattern ITEM = Pattern.compile("- `(\\S+)`(.*)");
    private static final Pattern KAMELET = Pattern.compile("kind: Kamelet\\s+metadata:\\s+name: (\\S+)");

    /** A name and the heading of its kind. */
    private final Set<String> names = new TreeSet<>();

    private void have(String heading, String... found) {
        Stream.of(found).forEach(name -> names.add(name + " (" + heading + ")"));
    }

    @Test
    void the_reference_lists_every_name_that_routes_may_use() throws IOException {
        have("Steps", Wiring.STEPS.toArray(String[]::new));
        have("Clients", Wiring.CLIENTS.toArray(String[]::new));
        have("Properties", OwnDestinations.ACCOUNTS, ResolveAccountStep.ACCOUNT, "webhookReason", "webhookRetryAfter");
        have("Headers", "CamelReceiverMethod", "CamelReceiverUrl", "CamelReceiverQuery");
        for (Path file : files()) {
            String text = Files.readString(file);
            PROPERTY.matcher(text).results().forEach(found -> have("Properties", found.group(1)));
            SET_PROPERTY.matcher(text).results().forEach(found -> have("Properties", found.group(1)));
            ENDPOINT.matcher(text).results().forEach(found -> have("Endpoints", found.group(1)));
            FROM_DIRECT.matcher(text).results().forEach(found -> have("Direct endpoints", found.group(1)));
            ROUTE.matcher(text).results().forEach(found -> have("Routes", found.group(1)));
            KAMELET.matcher(text).results().forEach(found -> have("Kamelets", found.group(1)));
        }
        Set<String> listed = new TreeSet<>();
        items().forEach(item -> listed.add(item.name() + " (" + item.heading() + ")"));
        assertEquals(names, listed);
    }

    @Test
    void the_reference_lists_the_rooms_of_routes_and_the_properties_of_kamelets() throws IOException {
        Map<String, String> described = new TreeMap<>();
        items().forEach(item -> described.put(item.heading() + " " + item.name(), item.text()));
        RouteFile.all().stream()
                .flatMap(file -> file.routes().stream())
                .forEach(route -> assertTrue(described
                        .get("Routes " + route.get("id").asText())
                        .contains("(room " + route.get("group").asText() + ")")));
        for (Path file : files()) {
            JsonNode kamelet = RouteFile.read(file).content();
            kamelet.at("/spec/definition/properties")
                    .fieldNames()
                    .forEachRemaining(property -> assertTrue(described
                            .get("Kamelets " + kamelet.at("/metadata/name").asText())
                            .contains("`" + property + "`")));
        }
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

    private static List<Path> files() throws IOException {
        try (Stream<Path> routes = Files.list(RouteFile.FOLDER);
                Stream<Path> kamelets = Files.list(Path.of("kamelet-catalog"))) {
            return Stream.concat(routes, kamelets).toList();
        }
    }

    /** An item of the reference's lists, and the heading above it. */
    private record Item(String heading, String name, String text) {}

    private static List<Item> items() throws IOException {
        String text = Files.readString(Path.of("docs/reference.md"))
                .split("(?m)^## Names for routes$")[1]
                .split("(?m)^## ")[0];
        List<Item> items = new ArrayList<>();
        String heading = "";
        for (String line : text.lines().toList()) {
            Matcher item = ITEM.matcher(line);
            if (line.startsWith("### ")) {
                heading = line.substring(4);
            } else if (item.matches()) {
                items.add(new Item(heading, item.group(1), item.group(2)));
            }
        }
        return items;
    }
}
