package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SeparateProduct;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.support.SimpleEventNotifierSupport;
import org.apache.camel.support.service.ServiceSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code /observe/health/startup} is not up before everything has started, and stays up from then on. */
@Timeout(180)
class StartupProbeTest {

    private static final String PROBE = "/observe/health/startup";
    private static final String KEY = "a-key-of-acme-that-may-do-all";
    private static final String SET_UP =
            "accounts: [{id: acme, apiKeys: [{name: staff, role: admin, key: " + KEY + "}]}]\n";
    private static final String NOBODY = "nobody answers";
    private static final String DOWN = "503 {\"status\":\"DOWN\"}";
    private static final String UP = "200 {\"status\":\"UP\"}";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String READY = "/observe/health/ready";
    private static final List<String> WHILE_STARTING = new CopyOnWriteArrayList<>();
    private static final List<String> WHEN_CAMEL_HAS_STARTED = new CopyOnWriteArrayList<>();
    private static final List<String> WHEN_IT_STOPS = new CopyOnWriteArrayList<>();

    @TempDir
    Path folder;

    /** A step of somebody's own, which starts with the routes, and asks meanwhile. Routes name it by its class. */
    public static final class Asking extends ServiceSupport implements Processor, CamelContextAware {

        private CamelContext context;

        @Override
        protected void doStart() {
            WHILE_STARTING.add(askStarting(PROBE));
            context.getManagementStrategy().addEventNotifier(new SimpleEventNotifierSupport() {
                @Override
                public boolean isEnabled(CamelEvent event) {
                    return event instanceof CamelEvent.CamelContextStartedEvent;
                }

                @Override
                public void notify(CamelEvent event) {
                    // all routes run, and events are refused still
                    WHEN_CAMEL_HAS_STARTED.add(askStarting(READY));
                }
            });
        }

        @Override
        protected void doStop() {
            WHEN_IT_STOPS.add(askStarting(READY));
        }

        private String askStarting(String path) {
            String port = context.resolvePropertyPlaceholders("{{camel.management.port}}");
            return ask(URI.create("http://127.0.0.1:" + port + path));
        }

        @Override
        public void process(Exchange exchange) {
            throw new IllegalStateException("nothing is sent here");
        }

        @Override
        public CamelContext getCamelContext() {
            return context;
        }

        @Override
        public void setCamelContext(CamelContext camelContext) {
            context = camelContext;
        }
    }

    private static String ask(URI probe) {
        try {
            HttpResponse<String> answer = CLIENT.send(
                    HttpRequest.newBuilder(probe)
                            .timeout(Duration.ofSeconds(60))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        } catch (IOException e) {
            return NOBODY;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void it_is_down_while_routes_start_and_stays_up_when_one_is_stopped_later() throws Exception {
        Path routes = Files.createDirectory(folder.resolve("routes"));
        for (RouteFile file : RouteFile.all()) {
            Files.copy(RouteFile.FOLDER.resolve(file.name()), routes.resolve(file.name()));
        }
        Files.writeString(
                routes.resolve("90-mine.camel.yaml"),
                """
                - route:
                    id: mine
                    from:
                      id: from-mine
                      uri: direct:mine
                      steps:
                        - process:
                            id: ask
                            ref: "#class:%s"
                """
                        .formatted(Asking.class.getName()));
        WHILE_STARTING.clear();
        WHEN_CAMEL_HAS_STARTED.clear();
        WHEN_IT_STOPS.clear();
        try (RunningProduct product = RunningProduct.start(folder, SET_UP)) {
            assertEquals(List.of(DOWN), WHILE_STARTING);
            assertEquals(1, WHEN_CAMEL_HAS_STARTED.size());
            assertTrue(WHEN_CAMEL_HAS_STARTED.get(0).startsWith("503 "), WHEN_CAMEL_HAS_STARTED::toString);
            assertTrue(ask(product.managementUrl(READY)).startsWith("200 "));
            assertEquals(UP, ask(product.managementUrl(PROBE)));

            product.camel().getRouteController().stopRoute("mine");

            assertEquals(UP, ask(product.managementUrl(PROBE)));
            assertTrue(ask(product.managementUrl(READY)).startsWith("200 "), "events are taken all the same");
            product.camel().getRouteController().startRoute("mine");
        }
        assertEquals(2, WHEN_IT_STOPS.size(), WHEN_IT_STOPS::toString);
        assertTrue(WHEN_IT_STOPS.get(0).startsWith("200 "), "its route alone was stopped");
        assertTrue(WHEN_IT_STOPS.get(1).startsWith("503 "), "the whole product stops: " + WHEN_IT_STOPS);
        assertTrue(WHEN_IT_STOPS.get(1).contains("The product is stopping."), WHEN_IT_STOPS::toString);
    }

    @Test
    @Tag("slow")
    void from_its_start_to_the_first_event_that_is_taken_a_process_is_never_up() throws Exception {
        Files.writeString(folder.resolve("webhooks.yaml"), SET_UP);
        int management = FreePort.any();
        URI probe = URI.create("http://127.0.0.1:" + management + PROBE);
        try (SeparateProduct product = new SeparateProduct(folder, KEY)) {
            product.launch(List.of(), "camel.management.port=" + management);
            Set<String> answers = new TreeSet<>();
            Awaitility.await().pollInterval(Duration.ofMillis(10)).until(() -> {
                assertTrue(product.process().isAlive(), product::log);
                answers.add(ask(probe));
                return answers.contains(UP);
            });

            assertEquals(202, product.post("e1"));
            assertTrue(answers.contains(NOBODY), "it was asked from the start on");
            assertTrue(Set.of(NOBODY, DOWN, UP).containsAll(answers), answers::toString);
        }
    }
}
