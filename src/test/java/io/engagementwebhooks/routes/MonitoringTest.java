package io.engagementwebhooks.routes;

import static io.engagementwebhooks.routes.WholeProduct.callEnded;
import static io.engagementwebhooks.routes.WholeProduct.webhook;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.operate.ReferencePage;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** The dashboard, the alert rules and the reference name what the product serves. */
@Timeout(120)
class MonitoringTest {

    private static final Path FOLDER = Path.of("deploy", "monitoring");
    private static final Pattern NAME = Pattern.compile("\\bwebhooks_[a-z_]+");
    private static final Pattern LABEL = Pattern.compile("([a-z]+)(?:=|!=)\"([^\"]*)\"");

    @TempDir
    Path folder;

    private final Receiver receiver = new Receiver(got -> new Reply(200));
    private final WholeProduct whole = new WholeProduct();
    private RunningProduct product;
    private String metrics;

    @BeforeEach
    void deliver() {
        product = whole.start(folder, webhook("one", receiver.url(), "authentication: {type: none}"));
        whole.accept(callEnded("e1"));
        whole.await("e1", DeliveryState.DELIVERED);
        HttpRequest scrape = HttpRequest.newBuilder(product.managementUrl("/observe/metrics"))
                .build();
        WholeProduct.await(() -> product.send(scrape).body().contains("webhooks_webhook_tries_total{"));
        metrics = product.send(scrape).body();
    }

    @AfterEach
    void close() {
        whole.close();
        receiver.close();
    }

    private Set<String> served() {
        return metrics.lines()
                .map(NAME::matcher)
                .filter(Matcher::lookingAt)
                .map(Matcher::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void assertServed(String expression) {
        Matcher names = NAME.matcher(expression);
        boolean any = false;
        while (names.find()) {
            any = true;
            assertTrue(served().contains(names.group()), names.group() + " of " + expression + " is not served");
        }
        assertTrue(any, expression + " names no metric of ours");
        Set<String> labels = new HashSet<>(Set.of("instance"));
        Matcher known = LABEL.matcher(metrics);
        while (known.find()) {
            labels.add(known.group(1));
        }
        Matcher by = Pattern.compile("by \\(([a-z, ]+)\\)|([a-z]+)!?=\"").matcher(expression);
        while (by.find()) {
            for (String label : (by.group(1) == null ? by.group(2) : by.group(1)).split(", ")) {
                assertTrue(labels.contains(label), label + " of " + expression + " is no label");
            }
        }
    }

    @Test
    void every_panel_of_the_dashboard_shows_what_is_served() throws IOException {
        JsonNode dashboard = new ObjectMapper()
                .readTree(FOLDER.resolve("grafana-dashboard.json").toFile());
        List<String> expressions = dashboard.findValuesAsText("expr");
        assertTrue(expressions.size() >= dashboard.get("panels").size());
        expressions.forEach(this::assertServed);
        assertEquals(
                dashboard.get("panels").size(),
                new HashSet<>(dashboard.get("panels").findValuesAsText("id")).size());
    }

    @Test
    void every_alert_rule_asks_for_what_is_served() throws IOException {
        Map<String, List<Map<String, Object>>> rules =
                new Yaml().load(Files.readString(FOLDER.resolve("prometheus-rules.yaml")));
        Set<String> names = new HashSet<>();
        for (Map<String, Object> group : rules.get("groups")) {
            for (Object each : (List<?>) group.get("rules")) {
                Map<?, ?> rule = (Map<?, ?>) each;
                assertTrue(names.add((String) rule.get("alert")), "twice: " + rule.get("alert"));
                assertServed((String) rule.get("expr"));
                assertTrue(((Map<?, ?>) rule.get("annotations")).containsKey("summary"), rule.toString());
                assertTrue(((Map<?, ?>) rule.get("labels")).containsKey("severity"), rule.toString());
            }
        }
        assertTrue(names.size() > 5, names::toString);
    }

    @Test
    void the_reference_lists_every_metric() throws IOException {
        ReferencePage.assertSection("metrics", metricsTable());
    }

    /** Made of what is served. */
    private String metricsTable() {
        Map<String, String> help = new TreeMap<>();
        Map<String, String> types = new TreeMap<>();
        Map<String, Set<String>> labels = new TreeMap<>();
        metrics.lines().forEach(line -> {
            String[] words = line.split(" ", 4);
            if (line.startsWith("# HELP webhooks_")) {
                help.put(words[2], words[3].strip());
            } else if (line.startsWith("# TYPE webhooks_")) {
                types.put(words[2], words[3].strip());
            } else if (line.startsWith("webhooks_")) {
                String name = line.split("[{ ]", 2)[0].replaceAll("_(count|sum)$", "");
                Set<String> own = labels.computeIfAbsent(name, n -> new TreeSet<>());
                Matcher label = LABEL.matcher(line);
                while (label.find()) {
                    own.add("`" + label.group(1) + "`");
                }
            }
        });
        StringBuilder table = new StringBuilder("| metric | type | labels | what it tells |\n|---|---|---|---|\n");
        help.forEach((name, told) -> table.append("| `%s` | %s | %s | %s |\n"
                .formatted(name, types.get(name), String.join(", ", labels.getOrDefault(name, Set.of())), told)));
        return table.toString();
    }
}
