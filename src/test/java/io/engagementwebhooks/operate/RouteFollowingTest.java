package io.engagementwebhooks.operate;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.ObjectName;
import org.apache.camel.Route;
import org.apache.camel.Service;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Semantics 37, on the running product with files of its own. */
@Timeout(300)
class RouteFollowingTest {

    private static final String KEY = "an-admin-key-of-acme";
    private static final String BRANCH = "routes/31-deliver-header.camel.yaml";
    private static final Duration LITTLE = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofHours(1);

    @TempDir
    Path folder;

    private final CountDownLatch slow = new CountDownLatch(1);
    private final Receiver receiver = new Receiver(got -> {
        if (got.body().contains("\"slow")) {
            awaitRelease();
        }
        return new Receiver.Reply(204);
    });
    private RunningProduct product;

    @AfterEach
    void stop() {
        slow.countDown();
        if (product != null) {
            product.close();
        }
        receiver.close();
    }

    private void awaitRelease() {
        try {
            slow.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void start(String... settings) throws IOException {
        writeDefaults();
        startAsItIs(settings);
    }

    private void writeDefaults() throws IOException {
        Defaults.write(folder);
        Files.delete(folder.resolve("application.properties"));
    }

    private void startAsItIs(String... settings) throws IOException {
        List<String> all = new ArrayList<>(List.of(settings));
        all.add("camel.component.kamelet.location=file:" + folder.resolve("kamelet-catalog") + ",classpath:kamelets");
        all.add("camel.main.jmxManagementStatisticsLevel=Default");
        product = RunningProduct.start(
                folder,
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: an-admin-key-of-acme}]
                    webhooks:
                      - name: all
                        events: ["*"]
                        delivery:
                          url: "%s"
                          timeout: 30s
                          authentication: {type: header, user: u, password: p}
                """
                        .formatted(receiver.url()),
                all.toArray(String[]::new));
    }

    private String text(String file) throws IOException {
        return Files.readString(folder.resolve(file));
    }

    private void save(String file, String text) throws IOException {
        Files.writeString(folder.resolve(file), text);
    }

    private void addStep(String id) throws IOException {
        save(
                BRANCH,
                text(BRANCH)
                        .replaceFirst(
                                "(\\n +)- process:\\n +id: authorize-by-header",
                                "$1- setProperty:$1    id: " + id
                                        + "$1    name: seen$1    constant:$1      expression: x$0"));
    }

    private void awaitStep(String id) {
        await().until(() -> product.camel().getProcessor(id) != null);
    }

    private long passed(String step) throws Exception {
        ObjectName name = new ObjectName("org.apache.camel:context="
                + product.camel().getManagementName() + ",type=processors,name=\"" + step + "\"");
        return (long) ManagementFactory.getPlatformMBeanServer().getAttribute(name, "ExchangesTotal");
    }

    private int send(String id) {
        return product.postEvent(KEY, event(id)).statusCode();
    }

    private static String event(String id) {
        return "{\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"call.ended\"}";
    }

    private JsonNode routesHealth() {
        HttpResponse<String> health =
                product.send(HttpRequest.newBuilder(product.managementUrl("/observe/health?data=true"))
                        .GET()
                        .build());
        for (JsonNode check : RunningProduct.json(health).get("checks")) {
            if (check.get("name").asText().equals("routes")) {
                return check;
            }
        }
        throw new AssertionError(health.body());
    }

    @Test
    void a_save_is_taken_up_for_what_starts_after_it_and_what_is_in_flight_ends_on_the_old_steps() throws Exception {
        start();
        assertEquals(202, send("slow-1"));
        await().until(() -> receiver.requests().size() == 1);

        addStep("note-something");
        awaitStep("note-something");
        assertEquals(202, send("quick-1"));

        product.awaitDeliveries(KEY, "quick-1", 1, "delivered");
        assertEquals(1, passed("note-something"));
        assertEquals(2, passed("header-build-request") + 1, "the steps of the new version are counted anew in JMX");
        product.awaitDeliveries(KEY, "slow-1", 1, "sending");
        slow.countDown();
        JsonNode slowOne =
                product.awaitDeliveries(KEY, "slow-1", 1, "delivered").get(0);
        assertEquals(1, slowOne.get("attemptCount").asInt());
        assertEquals(2, receiver.requests().size());
        await().until(() -> product.camel().getInflightRepository().size("deliver-header") == 0);
    }

    @Test
    void a_changed_entrance_takes_over_while_what_the_old_one_has_in_flight_ends() throws Exception {
        start();
        assertEquals(202, send("slow-1"));
        await().until(() -> receiver.requests().size() == 1);
        Route before = product.camel().getRoute("deliver-due");

        save(
                "routes/30-deliver.camel.yaml",
                text("routes/30-deliver.camel.yaml").replace("by-oauth2", "by-a-token"));
        await().until(() -> product.camel().getRoute("deliver-due") != before
                && product.camel().getRoute("deliver-due") != null);
        send("quick-1");

        product.awaitDeliveries(KEY, "quick-1", 1, "delivered");
        slow.countDown();
        JsonNode slowOne =
                product.awaitDeliveries(KEY, "slow-1", 1, "delivered").get(0);
        assertEquals(1, slowOne.get("attemptCount").asInt());
        assertEquals(2, receiver.requests().size());
    }

    @Test
    void a_worker_that_sends_while_its_entrance_is_exchanged_takes_nothing_more_when_it_has_sent() throws Exception {
        start("webhooks.deliver.workers=2");
        assertEquals(202, send("slow-1"));
        await().until(() -> receiver.requests().size() == 1);
        Set<Thread> former = workers();
        assertEquals(2, former.size());
        Route before = product.camel().getRoute("deliver-due");
        save(
                "routes/30-deliver.camel.yaml",
                text("routes/30-deliver.camel.yaml").replace("by-oauth2", "by-a-token"));
        await().until(() -> product.camel().getRoute("deliver-due") != before
                && product.camel().getRoute("deliver-due") != null);

        slow.countDown();
        product.awaitDeliveries(KEY, "slow-1", 1, "delivered");

        await().until(() -> former.stream().noneMatch(Thread::isAlive));
        assertEquals(2, workers().size());
    }

    /** The threads that take up what is due. */
    private Set<Thread> workers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().endsWith(" - deliver"))
                .collect(Collectors.toSet());
    }

    @Test
    void a_broken_save_changes_nothing_and_says_why_and_the_next_good_one_is_taken_up() throws Exception {
        start();
        String good = text(BRANCH);
        Route branch = product.camel().getRoute("deliver-header");

        save(BRANCH, good.replace("headerAuthorization", "noSuchStep"));
        save("routes/99-new.camel.yaml", "- route: {id: new, from: {uri: 'direct:new', steps: [{log: hello}]}}\n");
        await().until(() -> routesHealth().path("data").has("faults"));

        String faults = routesHealth().at("/data/faults").asText();
        assertTrue(faults.contains(folder.resolve(BRANCH) + ":"), faults);
        assertTrue(faults.contains("noSuchStep"), faults);
        assertEquals("UP", routesHealth().get("status").asText());
        assertSame(branch, product.camel().getRoute("deliver-header"));
        assertNull(product.camel().getRoute("new"), "all or nothing");
        send("quick-1");
        product.awaitDeliveries(KEY, "quick-1", 1, "delivered");

        save(BRANCH, good);
        addStep("note-something");
        awaitStep("note-something");
        await().until(() -> !routesHealth().path("data").has("faults"));
        assertNotNull(product.camel().getRoute("new"));
        send("quick-2");
        product.awaitDeliveries(KEY, "quick-2", 1, "delivered");
    }

    @Test
    void a_key_that_routes_do_not_have_is_refused_with_its_file_and_line() throws Exception {
        start();
        Route branch = product.camel().getRoute("deliver-header");

        save(
                BRANCH,
                text(BRANCH).replaceFirst("\\n +ref: headerAuthorization", "$0\n                  onFailure: stop"));
        await().until(() -> routesHealth().path("data").has("faults"));

        String faults = routesHealth().at("/data/faults").asText();
        int line = 1 + List.of(text(BRANCH).split("\n")).indexOf("                  onFailure: stop");
        assertTrue(faults.startsWith(folder.resolve(BRANCH) + ":" + line + ": "), faults);
        assertTrue(faults.contains("onFailure"), faults);
        assertSame(branch, product.camel().getRoute("deliver-header"));
    }

    @Test
    void the_log_tells_file_line_and_fault() throws Exception {
        start();
        Logger log = (Logger) LoggerFactory.getLogger(RouteFollower.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        log.addAppender(lines);
        try {
            save(BRANCH, text(BRANCH).replace("ref: headerAuthorization", "ref: noSuchStep"));
            int line = line(text(BRANCH), "authorize-by-header") - 1;
            awaitLine(lines, folder.resolve(BRANCH) + ":" + line + ": route 'deliver-header'", "noSuchStep");
        } finally {
            log.detachAppender(lines);
        }
    }

    private static int line(String text, String part) {
        return 1 + text.lines().takeWhile(line -> !line.contains(part)).toList().size();
    }

    private static void awaitLine(ListAppender<ILoggingEvent> log, String... parts) {
        await().until(() -> List.copyOf(log.list).stream()
                .filter(event -> event.getLevel() == Level.ERROR)
                .map(ILoggingEvent::getFormattedMessage)
                .anyMatch(line -> Stream.of(parts).allMatch(line::contains)));
    }

    @Test
    void routes_of_a_removed_file_stop_those_of_a_new_one_start_and_the_others_are_not_touched() throws Exception {
        start();
        Route ingest = product.camel().getRoute("ingest-events");
        save("routes/98-old.camel.yaml", "- route: {id: old, from: {uri: 'direct:old', steps: [{log: hello}]}}\n");
        await().until(() -> product.camel().getRoute("old") != null);

        Files.move(folder.resolve("routes/98-old.camel.yaml"), folder.resolve("routes/99-new.camel.yaml"));
        save("routes/99-new.camel.yaml", text("routes/99-new.camel.yaml").replace("old", "new"));

        await().until(() -> product.camel().getRoute("new") != null);
        await().until(() -> product.camel().getRoute("old") == null);
        await().until(() -> product.camel().hasEndpoint("direct:old") == null);
        assertSame(ingest, product.camel().getRoute("ingest-events"));
    }

    @Test
    void a_route_that_a_rest_sends_to_is_taken_up_and_others_send_there_too() throws Exception {
        Files.createDirectories(folder.resolve("routes"));
        save(
                "routes/97-partner.camel.yaml",
                """
                - rest:
                    path: /partner
                    get:
                      - {path: /calls, routeId: list-calls, to: "direct:lists"}
                      - {path: /missed, routeId: list-missed, to: "direct:lists"}
                """);
        save("routes/98-lists.camel.yaml", lists("before"));
        start();
        assertEquals(List.of("before", "before", "before"), listed());

        save("routes/98-lists.camel.yaml", lists("after"));

        await().until(() -> listed().equals(List.of("after", "after", "after")));
        assertNotNull(product.camel().getRoute("lists"));
    }

    /** What comes from both verbs, and from the route that they send to. */
    private List<String> listed() {
        return List.of(listed("/partner/calls"), listed("/partner/missed"), requested("direct:lists"));
    }

    private String listed(String path) {
        return product.send(HttpRequest.newBuilder(product.url(path)).GET().build())
                .body();
    }

    private static String lists(String text) {
        return "- route: {id: lists, from: {uri: 'direct:lists', steps: [{setBody: {id: " + text
                + ", constant: {expression: " + text + "}}}]}}\n";
    }

    @Test
    void the_folder_gone_or_empty_leaves_the_routes_running() throws Exception {
        start();

        Files.move(folder.resolve("routes"), folder.resolve("elsewhere"));
        await().until(() -> routesHealth().path("data").has("faults"));
        send("quick-1");
        product.awaitDeliveries(KEY, "quick-1", 1, "delivered");

        Files.move(folder.resolve("elsewhere"), folder.resolve("routes"));
        await().until(() -> !routesHealth().path("data").has("faults"));
    }

    @Test
    void a_problem_is_still_told_as_one_by_a_new_version_of_the_ingest_route() throws Exception {
        start();
        Route before = product.camel().getRoute("ingest-events");

        save("routes/10-ingest.camel.yaml", text("routes/10-ingest.camel.yaml").replace("answer-accepted", "answer"));
        await().until(() -> product.camel().getRoute("ingest-events") != before && send("q") < 300);

        assertEquals(400, product.postEvent(KEY, "{").statusCode());
        assertTrue(product.postEvent(KEY, "{").body().contains("urn:engagement-webhooks:problem:not-json"));
    }

    @Test
    void what_an_operator_stopped_stays_stopped_in_its_new_version() throws Exception {
        start();
        product.camel().getRouteController().stopRoute("deliver-due");
        Route before = product.camel().getRoute("deliver-due");

        save(
                "routes/30-deliver.camel.yaml",
                text("routes/30-deliver.camel.yaml").replace("by-oauth2", "by-a-token"));
        await().until(() -> product.camel().getRoute("deliver-due") != before
                && product.camel().getRoute("deliver-due") != null);
        send("waiting-1");

        product.awaitDeliveries(KEY, "waiting-1", 1, "waiting");
        assertEquals("DOWN", routesHealth().get("status").asText());
        product.camel().getRouteController().startRoute("deliver-due");
        product.awaitDeliveries(KEY, "waiting-1", 1, "delivered");
        assertEquals("UP", routesHealth().get("status").asText());
    }

    @Test
    void a_kamelet_is_taken_up_by_the_routes_that_name_it() throws Exception {
        Files.createDirectories(folder.resolve("kamelet-catalog"));
        save("kamelet-catalog/greet-action.kamelet.yaml", kamelet("hello"));
        start();
        save(
                "routes/98-greet.camel.yaml",
                "- route: {id: greet, from: {uri: 'direct:greet', steps: [{to: {uri: 'kamelet:greet-action'}}]}}\n");
        await().until(() -> product.camel().getRoute("greet") != null);
        assertEquals("hello", greeting());

        save("kamelet-catalog/greet-action.kamelet.yaml", kamelet("good day"));

        await().until(() -> greeting().equals("good day"));
    }

    @Test
    void a_route_from_a_kamelet_and_a_pipe_wait_for_a_restart_and_say_so() throws Exception {
        Files.createDirectories(folder.resolve("routes"));
        save(
                "routes/97-partners.camel.yaml",
                """
                - route:
                    id: partners
                    from:
                      uri: kamelet:engagement-event-source
                      parameters: {path: /v1/partner-events}
                      steps:
                        - to: {uri: "kamelet:webhook-lookup-action"}
                        - to: {uri: "outbox:accept"}
                """);
        start();
        assertEquals(202, partners());

        save(
                "routes/97-partners.camel.yaml",
                text("routes/97-partners.camel.yaml").replace("id: p", "note: x\n    id: p"));
        save(
                "routes/98-pipe.camel.yaml",
                "{apiVersion: camel.apache.org/v1, kind: Pipe, metadata: {name: a-pipe},"
                        + " spec: {source: {uri: 'direct:a-pipe'}, sink: {uri: 'log:a'}}}\n");
        await().until(() -> routesHealth().path("data").has("faults"));

        String faults = routesHealth().at("/data/faults").asText();
        assertTrue(
                faults.contains(
                        "97-partners.camel.yaml:3: route 'partners' is from a Kamelet, and cannot be exchanged"),
                faults);
        assertTrue(faults.contains("98-pipe.camel.yaml:1: 'Pipe' cannot be exchanged"), faults);
        assertEquals(202, partners());
        product.stop();
        product.start();
        assertEquals(202, partners());
        assertNotNull(product.camel().getRoute("a-pipe"));
    }

    @Test
    void what_can_be_taken_up_at_a_start_only_runs_on_when_its_file_goes_and_the_faults_say_so() throws Exception {
        Files.createDirectories(folder.resolve("routes"));
        String pipe = "{apiVersion: camel.apache.org/v1, kind: Pipe, metadata: {name: a-pipe},"
                + " spec: {source: {uri: 'direct:a-pipe'}, sink: {uri: 'log:a'}}}\n";
        String rest = "- rest: {path: /partner, get: [{path: /calls, routeId: list-calls, to: 'direct:lists'}]}\n";
        save("routes/96-pipe.camel.yaml", pipe);
        save("routes/97-partner.camel.yaml", rest);
        save("routes/98-lists.camel.yaml", lists("before"));
        start();

        Files.delete(folder.resolve("routes/96-pipe.camel.yaml"));
        save("routes/97-partner.camel.yaml", "- route: {id: x, from: {uri: 'direct:x', steps: [{log: hello}]}}\n");
        await().until(() -> routesHealth().path("data").has("faults"));

        String faults = faults();
        assertTrue(faults.contains("96-pipe.camel.yaml: 'Pipe' stood here and runs on"), faults);
        assertTrue(faults.contains("97-partner.camel.yaml: 'rest' stood here and runs on"), faults);
        assertEquals("before", listed("/partner/calls"));
        assertNotNull(product.camel().getRoute("a-pipe"));

        save("routes/96-pipe.camel.yaml", pipe);
        save("routes/97-partner.camel.yaml", rest);
        await().until(() -> !routesHealth().path("data").has("faults"));
        Files.delete(folder.resolve("routes/96-pipe.camel.yaml"));
        Files.delete(folder.resolve("routes/97-partner.camel.yaml"));
        await().until(() -> routesHealth().path("data").has("faults"));
        product.stop();
        product.start();
        assertEquals(
                404,
                product.send(HttpRequest.newBuilder(product.url("/partner/calls"))
                                .GET()
                                .build())
                        .statusCode());
        assertNull(product.camel().getRoute("a-pipe"));
    }

    @Test
    void a_file_that_nothing_reads_for_its_name_is_a_fault_and_a_hidden_one_is_not_looked_at() throws Exception {
        start();
        Files.createSymbolicLink(folder.resolve("routes/.#10-ingest.camel.yaml"), Path.of("me@here.4711:1"));
        save("routes/._10-ingest.camel.yaml", "\0\5\26\7");
        save("kamelet-catalog/._greet-action.kamelet.yaml", "\0\5\26\7");
        addStep("note-something");
        awaitStep("note-something");
        assertTrue(routesHealth().path("data").path("faults").isMissingNode(), () -> routesHealth()
                .toString());

        save("routes/60-mine.yaml", "- route: {id: mine, from: {uri: 'direct:mine', steps: [{log: hello}]}}\n");
        await().until(() -> routesHealth().path("data").has("faults"));

        assertEquals(
                folder.resolve("routes/60-mine.yaml") + ": the name of a route file must end in .camel.yaml,"
                        + " else nothing reads it; rename it or move it elsewhere",
                faults());
        Files.move(folder.resolve("routes/60-mine.yaml"), folder.resolve("routes/60-mine.camel.yaml"));
        await().until(() -> product.camel().getRoute("mine") != null);
    }

    @Test
    void beans_wait_for_a_restart_and_a_route_beside_some_that_stay_does_not() throws Exception {
        Files.createDirectories(folder.resolve("routes"));
        String own = "- beans: [{name: own, type: java.lang.Object}]\n";
        save("routes/98-lists.camel.yaml", own + lists("before"));
        start();

        save("routes/98-lists.camel.yaml", own + lists("after"));
        await().until(() -> requested("direct:lists").equals("after"));

        String mine = "- beans: [{name: mine, type: java.lang.Object}]\n";
        save("routes/97-beans.camel.yaml", mine);
        save("routes/98-lists.camel.yaml", lists("after"));
        save(
                "routes/99-says.camel.yaml",
                "- route: {id: says, from: {uri: 'direct:says', steps: [{bean: {ref: mine, method: toString}}]}}\n");
        await().until(() -> routesHealth().path("data").has("faults") && faults().contains("stood here"));

        assertTrue(faults().contains("97-beans.camel.yaml:1: 'beans' cannot be exchanged"), this::faults);
        assertTrue(faults().contains("98-lists.camel.yaml: 'beans' stood here and runs on"), this::faults);
        product.stop();
        product.start();
        assertTrue(requested("direct:says").startsWith("java.lang.Object@"));

        save("routes/97-beans.camel.yaml", mine.replace("Object", "StringBuilder"));
        await().until(() -> routesHealth().path("data").has("faults"));
        assertTrue(faults().contains("97-beans.camel.yaml:1: 'beans' cannot be exchanged"), this::faults);
    }

    @Test
    void an_id_that_reads_as_a_number_is_one_all_the_same() throws Exception {
        start();

        save("routes/98-old.camel.yaml", "- route: {id: 042, from: {uri: 'direct:old', steps: [{log: hello}]}}\n");

        await().until(() -> product.camel().getRoute("042") != null);
        Files.delete(folder.resolve("routes/98-old.camel.yaml"));
        await().until(() -> product.camel().getRoute("042") == null);
    }

    @Test
    void a_member_that_is_left_empty_is_none() throws Exception {
        Files.createDirectories(folder.resolve("routes"));
        save("routes/98-lists.camel.yaml", lists("before").replace("id: lists,", "id: lists, description: ,"));
        start();

        save("routes/98-lists.camel.yaml", lists("after").replace("id: lists,", "id: lists, description: ,"));

        await().until(() -> requested("direct:lists").equals("after"));
    }

    @Test
    void a_folder_that_appears_takes_the_place_of_the_jars_own_routes_when_it_has_them() throws Exception {
        startAsItIs();
        Route ingest = product.camel().getRoute("ingest-events");
        Files.createDirectories(folder.resolve("routes"));
        save("routes/98-lists.camel.yaml", lists("before"));
        await().until(() -> routesHealth().path("data").has("faults"));
        assertTrue(
                faults().startsWith(folder.resolve("routes")
                        + " takes the place of the jar's own routes, and has none of these: deliver-contentsquare, "),
                this::faults);

        writeDefaults();

        await().until(() -> product.camel().getRoute("lists") != null);
        assertSame(ingest, product.camel().getRoute("ingest-events"));
        addStep("note-something");
        awaitStep("note-something");
        await().until(() -> !routesHealth().path("data").has("faults"));

        Files.move(folder.resolve("routes"), folder.resolve("elsewhere"));
        await().until(() -> routesHealth().path("data").has("faults"));
        assertTrue(faults().contains("routes cannot be read"), this::faults);
        assertNotNull(product.camel().getRoute("lists"), "the jar's own do not come back by themselves");
    }

    @Test
    void a_good_set_that_could_not_be_taken_up_is_tried_again_until_it_can() throws Exception {
        start("webhooks.routes.follow=false");
        product.camel().addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:taken").routeId("in-the-way").log("hello");
            }
        });
        List<Service> steps =
                List.copyOf(product.camel().getRoute("deliver-header").getServices());
        try (RouteFollower follower = follower(new RouteFollower.FormerEnds(LITTLE, LONG))) {
            save(
                    "routes/99-busy.camel.yaml",
                    "- route: {id: busy, from: {uri: 'direct:taken', steps: [{log: hello}]}}\n");
            addStep("note-something");
            await().until(() -> !follower.status().isUpToDate());
            String fault = follower.status().faults().toString();
            assertTrue(fault.contains("direct://taken"), fault);
            assertTrue(fault.contains("this is tried again by itself, at least once a minute"), fault);
            await("what a try has replaced stops").until(() -> steps.stream().noneMatch(ServiceHelper::isStarted));

            product.camel().getRouteController().stopRoute("in-the-way");
            product.camel().removeRoute("in-the-way");

            await().until(() -> follower.status().isUpToDate());
            assertNotNull(product.camel().getRoute("busy"));
            assertNotNull(product.camel().getProcessor("note-something"));
        }
    }

    private String faults() {
        return routesHealth().at("/data/faults").asText();
    }

    private int partners() {
        String event = event("p" + System.nanoTime());
        return product.post("/v1/partner-events", KEY, "application/json", event)
                .statusCode();
    }

    @Test
    void what_a_kamelet_made_for_a_route_goes_with_the_former_steps() throws Exception {
        Files.createDirectories(folder.resolve("kamelet-catalog"));
        save("kamelet-catalog/greet-action.kamelet.yaml", kamelet("hello"));
        start("webhooks.routes.follow=false");
        RouteFiles files = files();
        RouteSet none = files.read();
        save(
                "routes/98-greet.camel.yaml",
                "- route: {id: greet, from: {uri: 'direct:greet', steps: [{to: {uri: 'kamelet:greet-action'}}]}}\n");
        RouteSet greeting = files.read();
        int routes = product.camel().getRoutes().size();

        swap().swap(none, greeting);
        assertEquals(routes + 2, product.camel().getRoutes().size());
        swap().swap(greeting, none).former().stop();

        assertEquals(routes, product.camel().getRoutes().size());
    }

    @Test
    void a_new_version_keeps_its_kamelet_when_the_former_steps_go() throws Exception {
        Files.createDirectories(folder.resolve("kamelet-catalog"));
        Files.createDirectories(folder.resolve("routes"));
        save("kamelet-catalog/greet-action.kamelet.yaml", kamelet("hello"));
        save(
                "routes/98-greet.camel.yaml",
                "- route: {id: greet, from: {uri: 'direct:greet', steps: [{to: {uri: 'kamelet:greet-action'}}]}}\n");
        start("webhooks.routes.follow=false");
        RouteSet one = files().read();
        save(
                "routes/98-greet.camel.yaml",
                text("routes/98-greet.camel.yaml").replace("id: greet", "id: greet, note: x"));
        RouteSet other = files().read();

        RouteSwap.Done done = swap().swap(one, other);
        assertEquals(Set.of("greet"), done.replaced());
        done.former().stop();

        assertEquals("hello", greeting());
    }

    @Test
    void a_route_keeps_its_kamelet_when_another_that_names_it_too_goes() throws Exception {
        Files.createDirectories(folder.resolve("kamelet-catalog"));
        Files.createDirectories(folder.resolve("routes"));
        save("kamelet-catalog/greet-action.kamelet.yaml", kamelet("hello"));
        save(
                "routes/97-first.camel.yaml",
                "- route: {id: first, from: {uri: 'direct:first', steps: [{to: {uri: 'kamelet:greet-action'}}]}}\n");
        save(
                "routes/98-greet.camel.yaml",
                "- route: {id: greet, from: {uri: 'direct:greet', steps: [{to: {uri: 'kamelet:greet-action'}}]}}\n");
        start("webhooks.routes.follow=false");
        RouteSet both = files().read();
        Files.delete(folder.resolve("routes/97-first.camel.yaml"));
        RouteSet one = files().read();
        RouteSwap swap = swap();

        swap.swap(both, one).former().stop();
        assertEquals("hello", greeting());
        swap.swap(one, both).former().stop();
        assertEquals("hello", greeting());
    }

    @Test
    void former_steps_stop_when_nothing_is_in_flight_there_any_more() throws Exception {
        start("webhooks.routes.follow=false");
        List<Service> steps =
                List.copyOf(product.camel().getRoute("deliver-header").getServices());
        assertEquals(202, send("slow-1"));
        await().until(() -> receiver.requests().size() == 1);
        try (RouteFollower follower = follower(new RouteFollower.FormerEnds(LITTLE, LONG))) {
            addStep("note-something");
            awaitStep("note-something");
            assertEquals(202, send("quick-1"));
            product.awaitDeliveries(KEY, "quick-1", 1, "delivered");
            assertTrue(steps.stream().anyMatch(ServiceHelper::isStarted));

            slow.countDown();
            JsonNode slowOne =
                    product.awaitDeliveries(KEY, "slow-1", 1, "delivered").get(0);
            assertEquals(1, slowOne.get("attemptCount").asInt());
            await().until(() -> steps.stream().noneMatch(ServiceHelper::isStarted));
            assertTrue(follower.status().isUpToDate());
        }
    }

    @Test
    void former_steps_stop_at_the_deadline_whatever_is_in_flight_there() throws Exception {
        start("webhooks.routes.follow=false");
        List<Service> steps =
                List.copyOf(product.camel().getRoute("deliver-header").getServices());
        assertEquals(202, send("slow-1"));
        await().until(() -> receiver.requests().size() == 1);
        try (RouteFollower follower = follower(new RouteFollower.FormerEnds(LONG, LITTLE))) {
            addStep("note-something");

            await().until(() -> steps.stream().noneMatch(ServiceHelper::isStarted));
            product.awaitDeliveries(KEY, "slow-1", 1, "sending");
            assertTrue(follower.status().isUpToDate());
        }
    }

    @Test
    void former_steps_that_may_go_on_by_themselves_never_count_as_drained() throws Exception {
        Files.createDirectories(folder.resolve("kamelet-catalog"));
        save("kamelet-catalog/greet-action.kamelet.yaml", kamelet("hello"));
        save(
                "kamelet-catalog/tap-action.kamelet.yaml",
                kamelet("hello").replace("greet", "tap").replaceFirst("- setBody.*", "- wireTap: {uri: 'log:x'}"));
        start("webhooks.routes.follow=false");
        RouteSet none = files().read();
        Map<String, Boolean> drained = new LinkedHashMap<>();
        Map<String, Boolean> expected = new LinkedHashMap<>();
        expected.put("to: {uri: 'log:x'}", true);
        expected.put("to: {uri: 'kamelet:greet-action'}", true);
        expected.put("multicast: {steps: [{to: {uri: 'log:x'}}]}", true);
        expected.put("multicast: {parallelProcessing: true, steps: [{to: {uri: 'log:x'}}]}", false);
        expected.put("wireTap: {uri: 'log:x'}", false);
        expected.put("filter: {simple: {expression: '${body}'}, steps: [{wireTap: {uri: 'log:x'}}]}", false);
        expected.put("to: {uri: 'kamelet:tap-action'}", false);
        for (String step : expected.keySet()) {
            save(
                    "routes/98-greet.camel.yaml",
                    "- route: {id: greet, from: {uri: 'direct:greet', steps: [{" + step + "}]}}\n");
            RouteSet one = files().read();
            swap().swap(none, one);
            RouteSwap.Former former = swap().swap(one, none).former();
            drained.put(step, former.isDrained());
            former.stop();
        }
        assertEquals(expected, drained);
    }

    private RouteFiles files() {
        return RouteFiles.of(folder, null, settings());
    }

    private Settings settings() {
        return product.camel().getRegistry().lookupByNameAndType(Wiring.SETTINGS, Settings.class);
    }

    /** The product's follower looks every 300 ms; this one looks as often as it can, so that it is done soon. */
    private RouteFollower follower(RouteFollower.FormerEnds formerEnds) {
        RouteFollower follower =
                new RouteFollower(files(), files().read(), settings(), swap(), LITTLE, formerEnds, Clock.systemUTC());
        follower.start();
        return follower;
    }

    private RouteSwap swap() {
        return new RouteSwap(product.camel(), (InFlightCounts) product.camel().getInflightRepository());
    }

    private String greeting() {
        return requested("direct:greet");
    }

    private String requested(String endpoint) {
        try (var template = product.camel().createProducerTemplate()) {
            return template.requestBody(endpoint, "", String.class);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String kamelet(String greeting) {
        return """
                apiVersion: camel.apache.org/v1
                kind: Kamelet
                metadata:
                  name: greet-action
                  labels: {camel.apache.org/kamelet.type: action}
                spec:
                  definition: {title: Greet Action, type: object}
                  template:
                    from:
                      uri: "kamelet:source"
                      steps:
                        - setBody: {constant: {expression: "%s"}}
                """
                .formatted(greeting);
    }

    @Test
    void the_two_looks_before_a_save_is_taken_up_leave_the_most_of_two_seconds_to_its_check() {
        assertTrue(RouteFollower.INTERVAL.multipliedBy(2).compareTo(Duration.ofSeconds(1)) < 0);
    }

    @Test
    void not_followed_if_so_set() throws Exception {
        start("webhooks.routes.follow=false");

        addStep("note-something");

        // those of products before this one may still be ending
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("route-files")
                        && thread.isAlive()
                        && thread.getThreadGroup() == Thread.currentThread().getThreadGroup()));
    }

    @Test
    @Timeout(900)
    void nothing_is_lost_or_doubled_while_route_files_are_saved_two_hundred_times_under_load() throws Exception {
        start("webhooks.routes.follow=false");
        List<Edit> edits = List.of(
                new Edit(BRANCH, "id: header-failed", "id: header-missed"),
                new Edit("routes/30-deliver.camel.yaml", "by-oauth2", "by-a-token"),
                new Edit("routes/40-record.camel.yaml", "write-attempt", "write-it"),
                new Edit("routes/10-ingest.camel.yaml", "answer-accepted", "answer"));
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService senders = Executors.newFixedThreadPool(4);
        List<Future<Integer>> sent = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        try (RouteFollower follower = follower(new RouteFollower.FormerEnds(LITTLE, LONG))) {
            for (int sender = 0; sender < 4; sender++) {
                String prefix = "e" + sender + "-";
                sent.add(senders.submit(() -> sendUntil(over, prefix)));
            }
            for (int i = 0; i < 200; i++) {
                Edit edit = edits.get(i % edits.size());
                boolean faulty = i % 20 == 19;
                saveAndAwait(follower, edit.file(), faulty ? "- route: {id: [" : edit.apply(text(edit.file())), faulty);
                if (faulty) {
                    saveAndAwait(follower, edit.file(), edit.good(), false);
                }
            }
            over.set(true);
            for (int sender = 0; sender < 4; sender++) {
                for (int i = 0; i < sent.get(sender).get(); i++) {
                    ids.add("e" + sender + "-" + i);
                }
            }
            senders.shutdown();
            await().until(() -> receiver.requests().size() >= ids.size());
            await().until(() ->
                    product.read("/v1/webhooks/all", KEY).get("waiting").asInt() == 0);
        }
        Map<String, Long> received = receiver.requests().stream()
                .collect(Collectors.groupingBy(RouteFollowingTest::eventId, Collectors.counting()));
        assertEquals(ids, received.keySet());
        assertEquals(Set.of(1L), Set.copyOf(received.values()));
        assertEquals(0, product.camel().getInflightRepository().size("deliver-due"));
        assertEquals(0, product.camel().getInflightRepository().size("ingest-events"));
    }

    /** Turns one text in a file into another, and back. */
    private final class Edit {
        private final String file;
        private final String one;
        private final String other;
        private String good;

        Edit(String file, String one, String other) throws IOException {
            this.file = file;
            this.one = one;
            this.other = other;
            this.good = text(file);
            assertTrue(good.contains(one), file);
        }

        String file() {
            return file;
        }

        /** What the file held when it was good last. */
        String good() {
            return good;
        }

        String apply(String text) {
            good = text.contains(one) ? text.replace(one, other) : text.replace(other, one);
            return good;
        }
    }

    /** As editors save: the new text takes the place of the old at once. */
    private void saveAndAwait(RouteFollower follower, String file, String text, boolean faulty) throws IOException {
        Instant before = follower.status().since();
        Path fresh = Files.writeString(folder.resolve("being-saved"), text);
        Files.move(fresh, folder.resolve(file), StandardCopyOption.ATOMIC_MOVE);
        await().pollInterval(Duration.ofMillis(5))
                .until(() -> !follower.status().since().equals(before));
        assertEquals(faulty, !follower.status().isUpToDate(), () -> follower.status()
                .faults()
                .toString());
    }

    private static String eventId(Receiver.Got got) {
        return got.body().replaceAll("(?s).*\"id\":\"([^\"]+)\".*", "$1");
    }

    /**
     * By a client that neither tries again nor minds an answer that comes before it has sent everything.
     *
     * @return how many were accepted; a 503 of a swap is tried again, as senders do
     */
    private int sendUntil(AtomicBoolean over, String prefix) throws IOException {
        int accepted = 0;
        try (CloseableHttpClient client =
                HttpClients.custom().disableAutomaticRetries().build()) {
            while (!over.get()) {
                HttpPost post = new HttpPost(product.url("/v1/events"));
                post.setHeader("Authorization", "Bearer " + KEY);
                post.setEntity(new StringEntity(event(prefix + accepted), ContentType.APPLICATION_JSON));
                int status = client.execute(post, answer -> {
                    EntityUtils.consume(answer.getEntity());
                    return answer.getCode();
                });
                if (status < 300) {
                    accepted++;
                } else {
                    assertEquals(503, status);
                }
            }
        }
        return accepted;
    }

    @Test
    void what_runs_before_runs_again_where_a_good_set_cannot_be_taken_up_after_all() throws Exception {
        start("webhooks.routes.follow=false");
        RouteFiles files = files();
        RouteSet one = files.read();
        addStep("note-something");
        save(
                "routes/99-busy.camel.yaml",
                "- route: {id: busy, from: {uri: 'direct:deliver-header', steps: [{log: hello}]}}\n");
        RouteSet other = files.read();
        RouteSwap swap = swap();

        assertThrows(Exception.class, () -> swap.swap(one, other));

        assertNull(product.camel().getRoute("busy"));
        assertNull(product.camel().getProcessor("note-something"));
        assertNotSame(null, product.camel().getRoute("deliver-header"));
        send("quick-1");
        product.awaitDeliveries(KEY, "quick-1", 1, "delivered");
        assertTrue(swap.swap(one, one).isNothing());
    }
}
