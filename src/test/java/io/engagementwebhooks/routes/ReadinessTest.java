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
import java.util.concurrent.atomic.AtomicBoolean;
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

/**
 * {@code ready} is up exactly while events are taken, and {@code startup} from the first time that it is (semantics 38). A
 * separate product, which is asked at moments of its start and stop that hooks choose.
 */
@Timeout(180)
class ReadinessTest {

    private static final String KEY = "a-key-of-acme-that-may-do-all";
    private static final String CONFIG =
            """
            accounts:
              - id: acme
                apiKeys: [{name: staff, role: admin, key: %s}]
                webhooks:
                  - name: calls
                    events: [call.ended]
                    delivery: {url: "https://receiver.invalid/", authentication: {type: none}}
            """
                    .formatted(KEY);
    private static final String READY = "/observe/health/ready";
    private static final String STARTUP = "/observe/health/startup";
    private static final String NO_ANSWER = "no one answers";
    private static final String DOWN = "503 {\"status\":\"DOWN\"}";
    private static final String UP = "200 {\"status\":\"UP\"}";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    /** What was answered at a moment: {@code moment: status of the probe, status of an event}. */
    private static final List<String> SEEN = new CopyOnWriteArrayList<>();

    @TempDir
    Path folder;

    /** A step of another user's own, which starts and stops with the routes, and asks in between. Routes name it by its class. */
    public static final class Asking extends ServiceSupport implements Processor, CamelContextAware {

        private final AtomicBoolean followed = new AtomicBoolean();
        private CamelContext context;

        /** Of the first start alone: a route that is stopped and started again starts its steps again. */
        private void followContext() {
            if (followed.getAndSet(true)) {
                return;
            }
            context.getManagementStrategy().addEventNotifier(new SimpleEventNotifierSupport() {
                @Override
                public boolean isEnabled(CamelEvent event) {
                    return event instanceof CamelEvent.CamelContextStartedEvent
                            || event instanceof CamelEvent.CamelContextStoppingEvent;
                }

                @Override
                public void notify(CamelEvent event) {
                    see(event.getType().name());
                }
            });
        }

        @Override
        protected void doStart() {
            // not in the context that checks the routes
            if (context.isAutoStartup()) {
                SEEN.add("routes start: " + ask(management(STARTUP)));
                followContext();
            }
        }

        @Override
        protected void doStop() {
            see("a route stops");
        }

        private void see(String moment) {
            if (!context.isAutoStartup()) {
                return;
            }
            SEEN.add(moment + ": " + status(ask(management(READY))) + ", " + post());
        }

        private URI management(String path) {
            return url("{{camel.management.port}}", path);
        }

        private URI url(String port, String path) {
            return URI.create("http://127.0.0.1:" + context.resolvePropertyPlaceholders(port) + path);
        }

        private String post() {
            return status(send(HttpRequest.newBuilder(url("{{camel.server.port}}", "/v1/events"))
                    .header("Authorization", "Bearer " + KEY)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(event(SEEN.size() + "", "type.unused")))));
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

    private static String event(String id, String type) {
        return "{\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"" + type + "\"}";
    }

    private static String ask(URI probe) {
        return send(HttpRequest.newBuilder(probe));
    }

    private static String send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> answer =
                    CLIENT.send(request.timeout(Duration.ofSeconds(60)).build(), HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        } catch (IOException e) {
            return NO_ANSWER;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String status(String answer) {
        return answer.equals(NO_ANSWER) ? NO_ANSWER : answer.substring(0, 3);
    }

    /** The shipped routes, of which that which takes events does not start by itself, and one of a user. */
    private void writeRoutes() throws IOException {
        Path routes = Files.createDirectory(folder.resolve("routes"));
        for (RouteFile file : RouteFile.all()) {
            String text = Files.readString(RouteFile.FOLDER.resolve(file.name()));
            Files.writeString(
                    routes.resolve(file.name()),
                    text.replace("    id: ingest-events\n", "    id: ingest-events\n    autoStartup: \"false\"\n"));
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
    }

    @Test
    void it_is_ready_while_events_are_taken_and_at_no_other_time() throws Exception {
        writeRoutes();
        SEEN.clear();
        try (RunningProduct product = RunningProduct.start(
                folder, CONFIG, "camel.server.port=" + FreePort.any(), "webhooks.store.max-waiting=2")) {
            URI ready = product.managementUrl(READY);
            URI startup = product.managementUrl(STARTUP);
            assertEquals(List.of("routes start: " + DOWN, "CamelContextStarted: 503, 503"), SEEN);
            SEEN.clear();
            assertUnready(ready);
            assertEquals(DOWN, ask(startup), "it has not been ready yet");

            product.camel().getRouteController().startRoute("ingest-events");
            assertEquals("200", status(ask(ready)));
            assertEquals(202, post(product, "first", "type.unused"));
            assertEquals(UP, ask(startup));

            product.camel().getRouteController().stopRoute("ingest-events");
            assertUnready(ready);
            assertEquals(UP, ask(startup), "it has been ready");
            product.camel().getRouteController().startRoute("ingest-events");

            product.camel().getRouteController().stopRoute("mine");
            assertEquals(List.of("a route stops: 200, 202"), SEEN);
            SEEN.clear();
            assertReadyThoughOneHears(product, "these routes do not run: mine");
            product.camel().getRouteController().startRoute("mine");
            SEEN.clear();

            assertReadyThoughEventsAreRefusedOnPurpose(product);
        }
        assertEquals(List.of("CamelContextStopping: 503, 503", "a route stops: 503, 503"), SEEN);
    }

    private static void assertUnready(URI ready) {
        String answer = ask(ready);
        assertEquals("503", status(answer));
        assertTrue(answer.contains("route ingest-events does not run; start it"), answer);
    }

    private static void assertReadyThoughOneHears(RunningProduct product, String what) {
        assertEquals("200", status(ask(product.managementUrl(READY))), "events are still taken");
        String health = ask(product.managementUrl("/observe/health"));
        assertTrue(health.contains(what), health);
    }

    private static void assertReadyThoughEventsAreRefusedOnPurpose(RunningProduct product) throws Exception {
        product.camel().getRouteController().stopRoute("deliver-due");
        assertEquals(202, post(product, "e1", "call.ended"));
        assertEquals(202, post(product, "e2", "call.ended"));
        assertEquals(503, post(product, "e3", "call.ended"));
        assertReadyThoughOneHears(product, "2 deliveries wait, and 2 may (webhooks.store.max-waiting)");
        assertReadyThoughOneHears(product, "these routes do not run: deliver-due");
    }

    private static int post(RunningProduct product, String id, String type) {
        return product.postEvent(KEY, event(id, type)).statusCode();
    }

    @Test
    @Tag("slow")
    void at_the_first_ready_of_a_process_an_event_is_taken() throws Exception {
        Files.writeString(folder.resolve("webhooks.yaml"), CONFIG);
        int management = FreePort.any();
        URI probe = URI.create("http://127.0.0.1:" + management);
        try (SeparateProduct product = new SeparateProduct(folder, KEY)) {
            product.launch(List.of(), "camel.management.port=" + management);
            Set<String> answers = new TreeSet<>();
            Awaitility.await().pollInterval(Duration.ofMillis(10)).until(() -> {
                assertTrue(product.process().isAlive(), product::log);
                answers.add(status(ask(probe.resolve(READY))));
                return answers.contains("200");
            });

            assertEquals(202, product.post("e1"));
            assertEquals(UP, ask(probe.resolve(STARTUP)));
            assertTrue(answers.contains(NO_ANSWER), "it was asked from the start on");
            assertTrue(Set.of(NO_ANSWER, "503", "200").containsAll(answers), answers::toString);
        }
    }
}
