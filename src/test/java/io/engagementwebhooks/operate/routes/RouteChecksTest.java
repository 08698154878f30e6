package io.engagementwebhooks.operate.routes;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.spi.ILoggingEvent;
import io.engagementwebhooks.operate.CommandLine;
import io.engagementwebhooks.operate.settings.BundledDefaults;
import io.engagementwebhooks.testkit.LogLines;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A start, a save and {@code --check} find the same faults of routes, with the same text. Two separate products: one that starts
 * with faults, and one whose files get them.
 */
@Timeout(300)
class RouteChecksTest {

    private static final String OWN = "routes/99-own.camel.yaml";
    private static final String HEADER = "routes/31-deliver-header.camel.yaml";

    private static final String FAULTY =
            """
            - route:
                id: calls-nowhere
                from:
                  uri: direct:calls-nowhere
                  steps:
                    - to: {id: to-nowhere, uri: "direct:nowhere"}
            - route:
                from:
                  uri: direct:without-id
                  steps:
                    - log: {id: say-nothing, message: a}
            - route:
                id: has-password
                from:
                  uri: direct:has-password
                  steps:
                    - to: {id: to-ftp, uri: "http://user:secret@files.example.com/in"}
            - route:
                id: deliver-again
                errorHandler:
                  defaultErrorHandler:
                    redeliveryPolicy: {maximumRedeliveries: "3"}
                from:
                  uri: direct:deliver-again
                  steps:
                    - to: {id: again-call, uri: "file:out"}
            """;

    private static final String GOOD =
            """
            - route:
                id: deliver-missing
                from:
                  uri: direct:deliver-missing
                  steps:
                    - to: {id: to-file, uri: "file:out"}
                    - process: {id: note-deliver-missing, ref: noteDelivered}
            - route:
                id: deliver-helper
                from:
                  uri: direct:deliver-helper
                  steps:
                    - setProperty: {id: helper-property, name: a, constant: b}
            - route:
                id: deliver-with-helper
                from:
                  uri: direct:deliver-with-helper
                  steps:
                    - to: {id: call-helper, uri: "direct:deliver-helper"}
                    - process: {id: note-with-helper, ref: noteDelivered}
            - route:
                id: deliver-to-chosen
                from:
                  uri: direct:deliver-to-chosen
                  steps:
                    - toD: {id: to-chosen, uri: "receiver:webhook"}
            - route:
                id: deliver-enriched
                from:
                  uri: direct:deliver-enriched
                  steps:
                    - enrich: {id: enrich-direct, constant: "direct:deliver-missing"}
            - route:
                id: deliver-by-bean
                from:
                  uri: direct:deliver-by-bean
                  steps:
                    - bean: {id: by-bean, beanType: java.util.Date, method: getTime}
            - route:
                id: deliver-with-fallback
                from:
                  uri: direct:deliver-with-fallback
                  steps:
                    - circuitBreaker:
                        id: breaker
                        steps:
                          - to: {id: breaker-file, uri: "file:out"}
                        onFallback:
                          id: fallback
                          steps:
                            - process: {id: note-fallback, ref: noteDelivered}
            """;

    private static final String WEBHOOKS =
            """
            accounts:
              - id: acme
                apiKeys: [{name: staff, role: admin, key: a-key-of-acme-that-may-do-all}]
                webhooks:
                  - name: to-missing
                    events: [x]
                    delivery: {url: "https://crm.example.com/", authentication: {type: custom, destination: missing}}
            """;

    @TempDir
    Path folder;

    /** The beginnings of all faults, each of which is found once. */
    private List<String> faults() {
        String own = folder.resolve(OWN).toString();
        return List.of(
                "camel.main.shutdownTimeout: the value must be a whole number",
                own + ":9: a route has no id; give it one, such as 'id: deliver-hubspot'",
                own + ":17: a step's uri of 'http' holds a user and password",
                own + ":24: route 'deliver-again': redelivery holds a thread that delivers",
                own + ":6: a step sends to direct:nowhere, and no route is from there",
                own
                        + ":24: route 'deliver-again' has neither 'receiver:' nor a step that notes the outcome, so each delivery"
                        + " would count as failed and be repeated; add after the step that sends: - process: {id:"
                        + " note-deliver-again, ref: noteDelivered}",
                folder.resolve(HEADER)
                        + ":7: route 'deliver-header' has 'receiver:' without step signRequest, so nothing would"
                        + " be sent; add before it: - process: {id: sign-deliver-header, ref: signRequest}",
                "webhook 'to-missing' of account 'acme' sends to destination 'missing', and no route is from"
                        + " direct:deliver-missing; add one to the routes");
    }

    private void writeFaulty() throws IOException {
        Files.writeString(folder.resolve(OWN), FAULTY);
        Path header = folder.resolve(HEADER);
        String text = Files.readString(header);
        String unsigned = text.replaceFirst("(?s) +- process:\\s+id: header-sign-request.*?ref: signRequest\\n", "");
        assertFalse(unsigned.equals(text));
        Files.writeString(header, unsigned);
    }

    private List<String> checked(String settings) throws IOException {
        Path config = Files.writeString(folder.resolve("webhooks.yaml"), WEBHOOKS);
        Path properties = folder.resolve("application.properties");
        Files.writeString(
                properties,
                settings + "webhooks.config=file:" + config + "\nwebhooks.store.url=jdbc:sqlite:"
                        + folder.resolve("store.db") + "\n");
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CommandLine.in(folder, new PrintStream(out), new PrintStream(err), "--check");
        Files.delete(properties);
        return err.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private void assertAll(List<String> lines) {
        for (String fault : faults()) {
            assertEquals(
                    1,
                    lines.stream().filter(line -> line.contains(fault)).count(),
                    () -> fault + " in\n" + String.join("\n", lines));
        }
    }

    private static String health(RunningProduct product) {
        return product.send(HttpRequest.newBuilder(product.managementUrl("/observe/health?data=true"))
                        .build())
                .body();
    }

    private static String gauge(RunningProduct product) {
        return product.send(HttpRequest.newBuilder(product.managementUrl("/observe/metrics"))
                        .build())
                .body()
                .lines()
                .filter(line -> line.startsWith("webhooks_routes_current"))
                .findFirst()
                .orElseThrow();
    }

    private static RouteFollower.Status status(RunningProduct product) {
        return product.part("routeFollower", RouteFollower.class).statusWithDestinations();
    }

    private static void assertShown(RunningProduct product, List<String> faults) {
        assertEquals("webhooks_routes_current 0.0", gauge(product));
        String health = health(product);
        faults.forEach(fault -> assertTrue(health.contains(fault.substring(fault.lastIndexOf('/') + 1)), health));
    }

    @Test
    void a_check_and_a_start_find_the_same_and_the_start_runs_what_camel_takes() throws IOException {
        BundledDefaults.write(folder);
        writeFaulty();

        List<String> checked = checked("camel.main.shutdownTimeout=abc\n");

        assertAll(checked);
        try (LogLines log = new LogLines(RouteFollower.class);
                LogLines ofDestinations = new LogLines("io.engagementwebhooks.deliver.step.OwnDestinations");
                RunningProduct product = RunningProduct.start(folder, WEBHOOKS, "camel.main.shutdownTimeout=abc")) {
            await().until(() -> status(product).faults().size() > 1);
            List<String> found = status(product).faults();
            assertAll(found);
            found.forEach(fault -> assertTrue(
                    checked.stream().anyMatch(line -> line.endsWith(fault.replaceFirst("^.*properties:\\d+: ", ""))),
                    () -> fault + " in " + checked));
            assertTrue(log.texts().get(0).startsWith("routes.started-with-faults files=" + folder.resolve("routes")));
            assertEquals(
                    found,
                    List.of(log, ofDestinations).stream()
                            .flatMap(lines -> lines.events().stream())
                            .map(ILoggingEvent::getFormattedMessage)
                            .filter(line -> line.matches("(routes.faulty files|destination.not-open).*"))
                            .map(line -> line.replaceFirst("^(routes.faulty files=\\S+|destination.not-open): ", ""))
                            .toList());
            assertShown(product, found);
            assertTrue(product.camel()
                    .getRouteController()
                    .getRouteStatus("calls-nowhere")
                    .isStarted());
        }
    }

    @Test
    void a_save_finds_the_same_and_the_previous_routes_keep_running() throws IOException {
        BundledDefaults.write(folder);
        Files.delete(folder.resolve("application.properties"));
        try (LogLines log = new LogLines(RouteFollower.class);
                RunningProduct product = RunningProduct.start(folder, WEBHOOKS)) {
            await().until(() -> status(product).routes().size() > 1);
            String missing = faults().get(7);
            assertEquals(List.of(missing), status(product).faults());
            assertEquals("webhooks_routes_current 1.0", gauge(product));
            assertTrue(health(product).contains(missing), health(product));
            String header = Files.readString(folder.resolve(HEADER));

            writeFaulty();
            await().until(() -> status(product).faults().size() > 1);

            List<String> checked = checked("");
            for (String fault : faults().subList(1, 8)) {
                assertTrue(status(product).faults().stream().anyMatch(found -> found.startsWith(fault)), fault);
            }
            status(product).faults().forEach(found -> assertTrue(checked.contains(found), found));
            assertShown(product, faults().subList(1, 8));
            assertTrue(log.texts().stream().anyMatch(line -> line.startsWith("routes.not-activated")));

            // a missing destination keeps no file from being active: else no route of a destination could be removed
            Files.writeString(folder.resolve(HEADER), header);
            Files.writeString(folder.resolve(OWN), GOOD);
            await().until(() -> status(product).isUpToDate());
            assertEquals("webhooks_routes_current 1.0", gauge(product));
            Files.delete(folder.resolve(OWN));
            await().until(() -> product.camel().getRoute("deliver-missing") == null);
            await().until(() -> status(product).faults().equals(List.of(missing)));
        }
    }
}
