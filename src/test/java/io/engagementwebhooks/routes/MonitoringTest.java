package io.engagementwebhooks.routes;

import static io.engagementwebhooks.routes.WholeProduct.callEnded;
import static io.engagementwebhooks.routes.WholeProduct.webhook;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.engagementwebhooks.operate.ReferencePage;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** The dashboard, the alert rules and the reference name what a product serves: a separate one, which has delivered once. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MonitoringTest {

    private static final Path FOLDER = Path.of("deploy", "monitoring");
    private static final Pattern NAME = Pattern.compile("\\b(?:webhooks|jvm|process)_[a-z_]+");
    private static final Pattern LABEL = Pattern.compile("([a-z]+)=\"([^\"]*)\"");
    private static final Pattern SELECTED = Pattern.compile("((?:webhooks|jvm|process)_[a-z_]+)\\{([^}]*)}");
    private static final Pattern BY = Pattern.compile("\\bby \\(([a-z, ]+)\\) \\(");

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Reply(200));

    @AutoClose
    private final WholeProduct whole = new WholeProduct();

    private HttpResponse<String> ready;
    private String health;
    private boolean eventsOfExchanges;
    private String atStart;
    private String metrics;

    @BeforeAll
    void deliver(@TempDir Path folder) {
        // metrics of Kafka are there with it, whether a broker is or not
        RunningProduct product = whole.start(
                folder,
                webhook("one", receiver.url(), "authentication: {type: none}"),
                "webhooks.kafka.brokers=127.0.0.1:" + FreePort.any(),
                "webhooks.kafka.topics=calls=acme");
        ready = product.send(HttpRequest.newBuilder(product.managementUrl("/observe/health/ready"))
                .build());
        health = product.send(HttpRequest.newBuilder(product.managementUrl("/observe/health"))
                        .build())
                .body();
        HttpRequest scrape = HttpRequest.newBuilder(product.managementUrl("/observe/metrics"))
                .build();
        eventsOfExchanges = product.camel().getCamelContextExtension().isEventNotificationApplicable();
        atStart = product.send(scrape).body();
        whole.accept(callEnded("e1"));
        whole.await("e1", DeliveryState.DELIVERED);
        // metrics are written one by one after the outcome is stored; this is the last of them
        WholeProduct.await(() -> product.send(scrape).body().contains("webhooks_delivery_latency_seconds_count 1"));
        assertEquals(404, product.get("/v1/nothing", WholeProduct.KEY).statusCode());
        assertEquals(
                401, product.postEvent("no-key-of-anybody", callEnded("e2")).statusCode());
        System.gc(); // pauses are counted from the first on
        WholeProduct.await(() -> product.send(scrape).body().contains("jvm_gc_pause_seconds_count{"));
        metrics = product.send(scrape).body();
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
        Matcher selected = SELECTED.matcher(expression);
        while (selected.find()) {
            for (String condition : selected.group(2).split(",")) {
                assertLabelled(
                        selected.group(1),
                        condition.replaceFirst("[!=~]+\".*", "").strip());
            }
        }
        Matcher by = BY.matcher(expression);
        while (by.find()) {
            Matcher grouped = NAME.matcher(inBrackets(expression, by.end()));
            while (grouped.find()) {
                for (String label : by.group(1).split(", *")) {
                    assertLabelled(grouped.group(), label);
                }
            }
        }
        assertEquals(
                count(expression, "\\bby\\b"), count(expression, BY.pattern()), "by stands in front: " + expression);
    }

    private static long count(String text, String pattern) {
        return Pattern.compile(pattern).matcher(text).results().count();
    }

    private static String inBrackets(String expression, int start) {
        int depth = 1;
        int end = start;
        while (depth > 0) {
            depth += switch (expression.charAt(end++)) {
                case '(' -> 1;
                case ')' -> -1;
                default -> 0;
            };
        }
        return expression.substring(start, end - 1);
    }

    /** Prometheus adds the instance. */
    private void assertLabelled(String metric, String label) {
        assertTrue(
                label.equals("instance") || labels(metric).contains(label),
                () -> label + " is no label of " + metric + ", which has " + labels(metric));
    }

    private Set<String> labels(String metric) {
        return metrics.lines()
                .filter(line -> line.startsWith(metric + "{"))
                .flatMap(line -> LABEL.matcher(line).results())
                .map(label -> label.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void what_asks_for_a_label_that_its_metric_has_not_would_be_found() {
        for (String wrong : List.of(
                "sum by (webhook) (webhooks_deliveries_due)",
                "sum by (outcome) (rate(webhooks_attempt_duration_seconds_count[5m]))",
                "max(webhooks_webhooks{outcome=\"delivered\"})",
                "sum(webhooks_deliveries_due) by (instance)",
                "webhooks_no_such_metric")) {
            assertThrows(AssertionError.class, () -> assertServed(wrong), wrong);
        }
    }

    @Test
    void the_autoscaler_asks_for_what_is_served() throws IOException {
        JsonNode autoscaler = new ObjectMapper(new YAMLFactory())
                .readTree(Path.of("deploy/kubernetes/overlays/scaled/autoscaler.yaml")
                        .toFile());
        List<String> asked = autoscaler.at("/spec/metrics").findValues("metric").stream()
                .map(metric -> metric.get("name").asText())
                .toList();
        assertEquals(1, asked.size());
        asked.forEach(this::assertServed);
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
                assertSaid(rule.get("annotations").toString(), (String) rule.get("expr"));
                assertTrue(((Map<?, ?>) rule.get("labels")).containsKey("severity"), rule.toString());
            }
        }
        assertTrue(names.size() > 5, names::toString);
    }

    /** Else an alert whose rate has no series yet keeps silent after a restart until something was delivered. */
    @Test
    void how_attempts_end_is_counted_from_nought_before_anything_was_delivered() throws IOException {
        Matcher asked = Pattern.compile("webhooks_delivery_attempts_total\\{outcome=\"([a-z-]+)\"}")
                .matcher(Files.readString(FOLDER.resolve("prometheus-rules.yaml")));
        Set<String> outcomes = new TreeSet<>(Set.of("try-later", "skipped", "not-sent"));
        while (asked.find()) {
            outcomes.add(asked.group(1));
        }
        assertEquals(5, outcomes.size(), outcomes::toString);
        for (String outcome : outcomes) {
            String series = "webhooks_delivery_attempts_total{outcome=\"" + outcome + "\"} 0.0";
            assertTrue(atStart.contains(series), () -> series + " is not in\n" + atStart);
        }
    }

    /** Labels that a text names are those of the expression's metrics. */
    private void assertSaid(String text, String expression) {
        Matcher said = Pattern.compile("\\$labels\\.([a-z]+)").matcher(text);
        while (said.find()) {
            NAME.matcher(expression).results().forEach(metric -> assertLabelled(metric.group(), said.group(1)));
        }
    }

    @Test
    void no_exchange_makes_events_that_are_only_reported_to_metrics() {
        assertFalse(eventsOfExchanges);
    }

    @Test
    void what_the_machine_and_the_process_use_is_served_too() {
        for (String name : List.of(
                "jvm_memory_used_bytes{",
                "jvm_gc_pause_seconds_count{",
                "jvm_threads_live_threads ",
                "jvm_classes_loaded_classes ",
                "process_cpu_usage ",
                "process_files_open_files ",
                "process_uptime_seconds ")) {
            assertTrue(metrics.lines().anyMatch(line -> line.startsWith(name)), name);
        }
    }

    @Test
    void requests_with_events_are_counted_by_status() {
        assertTrue(atStart.contains("webhooks_ingest_requests_total{status=\"503\"} 0.0\n"), atStart);
        assertTrue(metrics.contains("webhooks_ingest_requests_total{status=\"202\"} 1.0\n"), metrics);
        assertTrue(metrics.contains("webhooks_ingest_requests_total{status=\"401\"} 1.0\n"), metrics);
    }

    @Test
    void a_delivery_is_counted_in_the_buckets_of_its_attempt_and_of_its_way_from_acceptance() {
        assertTrue(
                metrics.contains("webhooks_attempt_duration_seconds_bucket{authentication=\"none\",le=\"+Inf\"} 1"),
                metrics);
        assertTrue(metrics.contains("webhooks_delivery_latency_seconds_bucket{le=\"+Inf\"} 1"), metrics);
        assertTrue(metrics.contains("webhooks_delivery_latency_seconds_bucket{le=\"86400.0\"} 1"), metrics);
    }

    @Test
    void kafka_that_is_away_is_a_metric_and_a_detail_and_no_reason_to_be_unready() {
        assertEquals(200, ready.statusCode(), ready.body());
        assertTrue(health.contains("no broker is connected: events from Kafka wait there"), health);
        assertTrue(metrics.contains("webhooks_kafka_connected 0.0\n"), metrics);
        assertTrue(metrics.contains("webhooks_kafka_lag_records{topic=\"calls\"} NaN\n"), metrics);
    }

    @Test
    void the_reference_lists_every_metric() throws IOException {
        ReferencePage.assertSection("metrics", metricsList());
    }

    /** Made of what is served. */
    private String metricsList() {
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
                String name = line.split("[{ ]", 2)[0].replaceAll("_(count|sum|bucket)$", "");
                Set<String> own = labels.computeIfAbsent(name, n -> new TreeSet<>());
                Matcher label = LABEL.matcher(line);
                while (label.find()) {
                    own.add("`" + label.group(1) + "`");
                }
            }
        });
        StringBuilder list = new StringBuilder();
        help.forEach((name, reported) -> list.append("- `%s` (%s): %s\n"
                .formatted(
                        name,
                        String.join(
                                ", ",
                                Stream.concat(Stream.of(types.get(name)), labels.getOrDefault(name, Set.of()).stream())
                                        .toList()),
                        reported)));
        return list.toString();
    }
}
