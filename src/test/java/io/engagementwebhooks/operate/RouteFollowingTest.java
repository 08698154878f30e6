package io.engagementwebhooks.operate;

import static io.engagementwebhooks.operate.RoutesUnderTest.BRANCH;
import static io.engagementwebhooks.operate.RoutesUnderTest.event;
import static io.engagementwebhooks.operate.RoutesUnderTest.kamelet;
import static io.engagementwebhooks.operate.RoutesUnderTest.route;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.operate.routes.RouteFollower;
import io.engagementwebhooks.testkit.LogLines;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.support.SimpleEventNotifierSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Semantics 37, on a product with its own route files, which the tests change. It follows them by itself, and most tests
 * do not wait for that.
 */
@Timeout(300)
class RouteFollowingTest {

    private static final String PIPE = "routes/96-pipe.camel.yaml";
    private static final String PARTNER = "routes/97-partner.camel.yaml";
    private static final String PARTNERS = "routes/97-partners.camel.yaml";
    private static final String LISTS = "routes/98-lists.camel.yaml";
    private static final String BESIDE = "routes/98-beside.camel.yaml";
    private static final String DELIVER = "routes/30-deliver.camel.yaml";
    private static final String BEANS_OF_A_START = "- beans: [{name: own, type: java.lang.Object}]\n";

    @TempDir
    static Path folder;

    @AutoClose
    private static RoutesUnderTest routes;

    private static boolean restarted;

    @BeforeAll
    static void start() throws IOException {
        routes = new RoutesUnderTest(folder);
        routes.writeDefaults();
        routes.save(PIPE, pipe("a-pipe"));
        routes.save(
                PARTNER,
                """
                - rest:
                    path: /partner
                    get:
                      - {path: /calls, routeId: list-calls, to: "direct:lists"}
                      - {path: /missed, routeId: list-missed, to: "direct:lists"}
                """);
        routes.save(
                PARTNERS,
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
        routes.save(LISTS, says("lists", "before"));
        routes.save(BESIDE, BEANS_OF_A_START + says("beside", "before"));
        routes.save("kamelet-catalog/greet-action.kamelet.yaml", kamelet("greet-action", "hello"));
        routes.start("webhooks.deliver.threads=2");
    }

    @BeforeEach
    void begin() {
        routes.begin();
    }

    @AfterEach
    void putBack() throws IOException {
        routes.end();
        if (restarted) {
            routes.restart();
            restarted = false;
        }
        routes.takeUp();
        assertTrue(routes.follower().status().isUpToDate(), RouteFollowingTest::faults);
    }

    private static String pipe(String name) {
        return "{apiVersion: camel.apache.org/v1, kind: Pipe, metadata: {name: " + name + "},"
                + " spec: {source: {uri: 'direct:" + name + "'}, sink: {uri: 'log:a'}}}\n";
    }

    private static String says(String route, String text) {
        return route(route, "setBody: {id: " + route + "-" + text + ", constant: {expression: " + text + "}}");
    }

    /** Another version of the entrance of deliveries. */
    private static void changeEntrance() throws IOException {
        Route before = routes.camel().getRoute("deliver-due");
        routes.replace(DELIVER, "by-oauth2", "by-a-token");
        routes.takeUp();
        assertNotNull(routes.camel().getRoute("deliver-due"));
        assertNotSame(before, routes.camel().getRoute("deliver-due"));
    }

    private static void sendAndAwait(String id) {
        routes.send(id);
        routes.awaitDelivery(id, "delivered");
    }

    private static void assertSlowEndsAtItsFirstAttempt() {
        routes.releaseSlow();
        JsonNode slow = routes.awaitDelivery("slow-1", "delivered");
        assertEquals(1, slow.get("attemptCount").asInt());
        assertEquals(2, routes.received().size());
    }

    private static JsonNode routesHealth() {
        return routesHealth("?data=true");
    }

    private static JsonNode routesHealth(String option) {
        HttpResponse<String> health = get(routes.product().managementUrl("/observe/health" + option));
        for (JsonNode check : RunningProduct.json(health).get("checks")) {
            if (check.get("name").asText().equals("routes")) {
                return check;
            }
        }
        throw new AssertionError(health.body());
    }

    private static HttpResponse<String> get(URI uri) {
        return routes.product().send(HttpRequest.newBuilder(uri).GET().build());
    }

    /** As health tells them; empty: there are none. */
    private static String faults() {
        return routesHealth().at("/data/faults").asText();
    }

    private static boolean hasFaults() {
        return routesHealth().path("data").has("faults");
    }

    private static void assertNoFaults() {
        assertFalse(hasFaults(), RouteFollowingTest::faults);
    }

    private static HttpResponse<String> partnerGet(String path) {
        return get(routes.product().url(path));
    }

    /** By itself: nothing but the save happens. */
    @Test
    void a_save_applies_to_new_exchanges_and_those_in_flight_end_on_the_old_steps() throws Exception {
        assertTrue(routes.isFollowed());
        routes.sendSlow("slow-1");

        routes.addStep("note-something");
        await().until(() -> routes.camel().getProcessor("note-something") != null);
        sendAndAwait("quick-1");

        assertEquals(1, routes.passed("note-something"));
        assertEquals(1, routes.passed("header-build-request"), "the steps of the new version are counted again in JMX");
        routes.awaitDelivery("slow-1", "sending");
        assertSlowEndsAtItsFirstAttempt();
        await().until(() -> routes.camel().getInflightRepository().size("deliver-header") == 0);
    }

    @Test
    void a_changed_entry_route_takes_over_while_exchanges_of_the_old_one_end() throws Exception {
        routes.sendSlow("slow-1");
        changeEntrance();
        sendAndAwait("quick-1");

        assertSlowEndsAtItsFirstAttempt();
    }

    @Test
    void an_invalid_save_changes_nothing_and_is_reported_and_the_next_valid_one_is_activated() throws Exception {
        String good = routes.text(BRANCH);
        Route branch = routes.camel().getRoute("deliver-header");

        routes.save(BRANCH, good.replace("authorizeByHeader", "noSuchStep"));
        routes.save("routes/99-new.camel.yaml", route("new", "log: hello"));
        routes.takeUp();

        assertTrue(faults().contains(routes.file(BRANCH) + ":"), RouteFollowingTest::faults);
        assertTrue(faults().contains("noSuchStep"), RouteFollowingTest::faults);
        assertEquals("UP", routesHealth().get("status").asText());
        assertSame(branch, routes.camel().getRoute("deliver-header"));
        assertNull(routes.camel().getRoute("new"), "all or nothing");
        sendAndAwait("quick-1");

        routes.save(BRANCH, good);
        routes.addStep("note-something");
        routes.takeUp();
        assertNotNull(routes.camel().getProcessor("note-something"));
        assertNoFaults();
        assertNotNull(routes.camel().getRoute("new"));
        sendAndAwait("quick-2");
    }

    @Test
    void a_key_that_routes_do_not_have_is_refused_with_its_file_and_line() throws Exception {
        Route branch = routes.camel().getRoute("deliver-header");

        routes.save(
                BRANCH,
                routes.text(BRANCH)
                        .replaceFirst("\\n +ref: authorizeByHeader", "$0\n                  onFailure: stop"));
        routes.takeUp();

        int line = 1 + List.of(routes.text(BRANCH).split("\n")).indexOf("                  onFailure: stop");
        assertTrue(faults().startsWith(routes.file(BRANCH) + ":" + line + ": "), RouteFollowingTest::faults);
        assertTrue(faults().contains("onFailure"), RouteFollowingTest::faults);
        assertSame(branch, routes.camel().getRoute("deliver-header"));
    }

    @Test
    void the_log_has_file_line_and_fault() throws Exception {
        try (LogLines lines = new LogLines(RouteFollower.class)) {
            routes.replace(BRANCH, "ref: authorizeByHeader", "ref: noSuchStep");
            routes.takeUp();
            int line = line(routes.text(BRANCH), "authorize-by-header") - 1;
            String start = routes.file(BRANCH) + ":" + line + ": route 'deliver-header'";
            assertTrue(
                    lines.events().stream()
                            .filter(event -> event.getLevel() == Level.ERROR)
                            .map(ILoggingEvent::getFormattedMessage)
                            .anyMatch(text -> text.contains(start) && text.contains("noSuchStep")),
                    lines.events()::toString);
        }
    }

    /** What Camel says of the scratch context of the check would read as if the product stopped and started. */
    @Test
    void a_save_without_a_change_of_routes_is_logged_on_one_line() throws Exception {
        try (LogLines lines = new LogLines(Logger.ROOT_LOGGER_NAME)) {
            routes.save("routes/98-added.camel.yaml", "# nothing yet\n" + route("added", "log: hello"));
            routes.takeUp();
            List<String> reported = lines.events().stream()
                    .filter(event ->
                            event.getThreadName().equals(Thread.currentThread().getName()))
                    // the product's own logging leaves this component out
                    .filter(event -> !event.getLoggerName().startsWith("org.apache.camel.component.quartz."))
                    .map(ILoggingEvent::getFormattedMessage)
                    .toList();
            assertEquals(1, reported.size(), reported::toString);
            assertTrue(reported.get(0).contains("added [added]"), reported::toString);
        }
    }

    private static int line(String text, String part) {
        return 1 + text.lines().takeWhile(line -> !line.contains(part)).toList().size();
    }

    @Test
    void routes_of_a_removed_file_stop_those_of_a_new_one_start_and_the_others_are_not_touched() throws Exception {
        Route ingest = routes.camel().getRoute("ingest-events");
        routes.save("routes/98-old.camel.yaml", route("old", "log: hello"));
        routes.takeUp();
        assertNotNull(routes.camel().getRoute("old"));

        Files.delete(routes.file("routes/98-old.camel.yaml"));
        routes.save("routes/99-new.camel.yaml", route("new", "log: hello"));
        routes.takeUp();

        assertNotNull(routes.camel().getRoute("new"));
        assertNull(routes.camel().getRoute("old"));
        assertNull(routes.camel().hasEndpoint("direct:old"));
        assertSame(ingest, routes.camel().getRoute("ingest-events"));
    }

    @Test
    void a_route_that_a_rest_sends_to_is_activated_and_others_send_there_too() throws Exception {
        assertEquals(List.of("before", "before", "before"), listed());

        routes.save(LISTS, says("lists", "after"));
        routes.takeUp();

        assertEquals(List.of("after", "after", "after"), listed());
        assertNotNull(routes.camel().getRoute("lists"));
    }

    @Test
    void routes_next_to_an_unchanged_rest_are_activated() throws Exception {
        String rest = routes.text(PARTNER);
        routes.save(PARTNER, rest + says("beside-rest", "before"));
        routes.takeUp();
        assertEquals("before", routes.requested("direct:beside-rest"));

        routes.save(PARTNER, rest + says("beside-rest", "after"));
        routes.takeUp();
        assertNoFaults();
        assertEquals("after", routes.requested("direct:beside-rest"));
        assertEquals("before", partnerGet("/partner/calls").body());

        routes.replace(PARTNER, "/missed", "/lost");
        routes.takeUp();
        assertTrue(
                faults().contains("97-partner.camel.yaml:1: 'rest' cannot be exchanged"), RouteFollowingTest::faults);
    }

    @Test
    void health_has_file_line_and_fault_without_an_option() throws Exception {
        routes.save("routes/99-new.camel.yaml", route("new", "sendTo: {uri: 'log:a'}"));
        routes.takeUp();

        String message = routesHealth("").get("message").asText();
        assertTrue(message.matches(".*99-new\\.camel\\.yaml:\\d+: .*sendTo.*"), message);
    }

    /** What comes from both verbs, and from the route that they send to. */
    private static List<String> listed() {
        return List.of(
                partnerGet("/partner/calls").body(),
                partnerGet("/partner/missed").body(),
                routes.requested("direct:lists"));
    }

    @Test
    void the_folder_gone_or_empty_leaves_the_routes_running() throws Exception {
        Files.move(routes.file("routes"), routes.file("elsewhere"));
        routes.takeUp();
        assertTrue(hasFaults());
        sendAndAwait("quick-1");

        Files.createDirectory(routes.file("routes"));
        routes.takeUp();
        assertTrue(faults().contains("holds no *.camel.yaml"), RouteFollowingTest::faults);
        sendAndAwait("quick-2");

        Files.delete(routes.file("routes"));
        Files.move(routes.file("elsewhere"), routes.file("routes"));
        routes.takeUp();
        assertNoFaults();
    }

    @Test
    void a_new_version_of_the_ingest_route_still_returns_problem_responses() throws Exception {
        Route before = routes.camel().getRoute("ingest-events");

        routes.replace("routes/10-ingest.camel.yaml", "build-accepted-response", "answer");
        routes.takeUp();

        assertNotSame(before, routes.camel().getRoute("ingest-events"));
        sendAndAwait("q");
        HttpResponse<String> refused = routes.product().postEvent(routes.key(), "{");
        assertEquals(400, refused.statusCode());
        assertTrue(refused.body().contains("urn:engagement-webhooks:problem:not-json"), refused.body());
    }

    @Test
    void what_an_operator_stopped_stays_stopped_in_its_new_version() throws Exception {
        routes.camel().getRouteController().stopRoute("deliver-due");
        changeEntrance();
        routes.send("waiting-1");

        routes.awaitDelivery("waiting-1", "waiting");
        assertEquals("deliver-due", routesHealth().at("/data/stopped").asText());
        routes.camel().getRouteController().startRoute("deliver-due");
        routes.awaitDelivery("waiting-1", "delivered");
        assertEquals("", routesHealth().at("/data/stopped").asText());
    }

    @Test
    void a_kamelet_is_activated_with_the_routes_that_use_it() throws Exception {
        routes.save("routes/98-greet.camel.yaml", route("greet", "to: {uri: 'kamelet:greet-action'}"));
        routes.takeUp();
        assertEquals("hello", routes.requested("direct:greet"));

        routes.save("kamelet-catalog/greet-action.kamelet.yaml", kamelet("greet-action", "good day"));
        routes.takeUp();

        assertEquals("good day", routes.requested("direct:greet"));
    }

    @Test
    void a_changed_route_from_a_kamelet_or_pipe_is_reported_and_needs_a_restart() throws Exception {
        assertEquals(202, partners());

        routes.replace(PARTNERS, "id: p", "note: x\n    id: p");
        routes.save("routes/98-pipe.camel.yaml", pipe("another-pipe"));
        routes.takeUp();

        assertTrue(
                faults().contains(
                                "97-partners.camel.yaml:3: route 'partners' is from a Kamelet, and cannot be exchanged"),
                RouteFollowingTest::faults);
        assertTrue(faults().contains("98-pipe.camel.yaml:1: 'Pipe' cannot be exchanged"), RouteFollowingTest::faults);
        assertEquals(202, partners());
    }

    private static int partners() {
        return routes.product()
                .post("/v1/partner-events", routes.key(), "application/json", event("p" + System.nanoTime()))
                .statusCode();
    }

    @Test
    void definitions_that_need_a_start_stay_active_without_their_file_and_are_reported() throws Exception {
        String rest = routes.text(PARTNER);
        Files.delete(routes.file(PIPE));
        routes.save(PARTNER, route("x", "log: hello"));
        routes.takeUp();

        assertTrue(faults().contains("96-pipe.camel.yaml: 'Pipe' stood here and runs on"), RouteFollowingTest::faults);
        assertTrue(
                faults().contains("97-partner.camel.yaml: 'rest' stood here and runs on"), RouteFollowingTest::faults);
        assertEquals("before", partnerGet("/partner/calls").body());
        assertNotNull(routes.camel().getRoute("a-pipe"));

        routes.save(PIPE, pipe("a-pipe"));
        routes.save(PARTNER, rest);
        routes.takeUp();
        assertNoFaults();
    }

    @Test
    void changed_beans_need_a_restart_and_routes_next_to_unchanged_beans_do_not() throws Exception {
        routes.save(BESIDE, BEANS_OF_A_START + says("beside", "after"));
        routes.takeUp();
        assertEquals("after", routes.requested("direct:beside"));

        writeBeans();
        routes.takeUp();

        assertTrue(faults().contains("97-beans.camel.yaml:1: 'beans' cannot be exchanged"), RouteFollowingTest::faults);
        assertTrue(
                faults().contains("98-beside.camel.yaml: 'beans' stood here and runs on"), RouteFollowingTest::faults);
    }

    /** Beans of a file of their own instead of those beside a route, and a route that calls one. */
    private static void writeBeans() throws IOException {
        routes.save("routes/97-beans.camel.yaml", "- beans: [{name: mine, type: java.lang.Object}]\n");
        routes.save(BESIDE, says("beside", "after"));
        routes.save("routes/99-says.camel.yaml", route("says", "bean: {ref: mine, method: toString}"));
    }

    @Test
    void no_route_changes_while_the_product_stops() throws Exception {
        CamelContext camel = routes.camel();
        RouteFollower follower = routes.follower();
        AtomicReference<Route> added = new AtomicReference<>();
        AtomicBoolean looked = new AtomicBoolean();
        camel.getManagementStrategy().addEventNotifier(new SimpleEventNotifierSupport() {
            @Override
            public void notify(CamelEvent event) throws IOException {
                if (event instanceof CamelEvent.CamelContextStoppingEvent) {
                    routes.save("routes/99-late.camel.yaml", route("too-late", "log: hello"));
                    follower.check();
                    follower.check();
                    looked.set(true);
                    added.set(camel.getRoute("too-late"));
                }
            }
        });

        restarted = true;
        routes.restart();

        assertTrue(looked.get());
        assertNull(added.get());
        assertNotNull(routes.camel().getRoute("too-late"), "a start takes it up");
    }

    @Test
    void a_restart_activates_pending_changes() throws Exception {
        routes.replace(PARTNERS, "id: p", "note: x\n    id: p");
        routes.save("routes/98-pipe.camel.yaml", pipe("another-pipe"));
        Files.delete(routes.file(PIPE));
        routes.save(PARTNER, route("x", "log: hello"));
        writeBeans();

        restarted = true;
        routes.restart();

        assertNoFaults();
        assertEquals(202, partners());
        assertNotNull(routes.camel().getRoute("another-pipe"));
        assertNull(routes.camel().getRoute("a-pipe"));
        assertEquals(404, partnerGet("/partner/calls").statusCode());
        assertTrue(routes.requested("direct:says").startsWith("java.lang.Object@"));
        assertEquals("after", routes.requested("direct:beside"));

        routes.replace("routes/97-beans.camel.yaml", "Object", "StringBuilder");
        routes.takeUp();
        assertTrue(faults().contains("97-beans.camel.yaml:1: 'beans' cannot be exchanged"), RouteFollowingTest::faults);
    }

    @Test
    void a_file_ignored_because_of_its_name_is_a_fault_and_a_hidden_one_is_not() throws Exception {
        Files.createSymbolicLink(routes.file("routes/.#10-ingest.camel.yaml"), Path.of("me@here.4711:1"));
        routes.save("routes/._10-ingest.camel.yaml", "\0\5\26\7");
        routes.save("kamelet-catalog/._greet-action.kamelet.yaml", "\0\5\26\7");
        routes.addStep("note-something");
        routes.takeUp();
        assertNotNull(routes.camel().getProcessor("note-something"));
        assertNoFaults();

        routes.save("routes/60-mine.yaml", route("mine", "log: hello"));
        routes.takeUp();

        assertEquals(
                routes.file("routes/60-mine.yaml") + ": the name of a route file must end in .camel.yaml,"
                        + " else nothing reads it; rename it or move it elsewhere",
                faults());
        Files.move(routes.file("routes/60-mine.yaml"), routes.file("routes/60-mine.camel.yaml"));
        routes.takeUp();
        assertNotNull(routes.camel().getRoute("mine"));
    }

    @Test
    void a_numeric_route_id_is_accepted() throws Exception {
        routes.save(
                "routes/98-old.camel.yaml", "- route: {id: 042, from: {uri: 'direct:old', steps: [{log: hello}]}}\n");
        routes.takeUp();
        assertNotNull(routes.camel().getRoute("042"));

        Files.delete(routes.file("routes/98-old.camel.yaml"));
        routes.takeUp();
        assertNull(routes.camel().getRoute("042"));
    }

    @Test
    void an_empty_member_is_ignored() throws Exception {
        routes.save(LISTS, says("lists", "before").replace("id: lists,", "id: lists, description: ,"));
        routes.takeUp();
        assertEquals("before", routes.requested("direct:lists"));

        routes.save(LISTS, says("lists", "after").replace("id: lists,", "id: lists, description: ,"));
        routes.takeUp();

        assertEquals("after", routes.requested("direct:lists"));
    }

    /** A product that starts without a folder. */
    @Test
    void a_new_folder_replaces_the_jars_routes_once_it_has_all_of_them(@TempDir Path empty) throws Exception {
        try (RoutesUnderTest others = new RoutesUnderTest(empty)) {
            others.start();
            Route ingest = others.camel().getRoute("ingest-events");
            others.save(LISTS, says("lists", "before"));
            others.takeUp();
            RouteFollower follower = others.follower();
            String missing = follower.status().faults().toString();
            assertTrue(
                    missing.startsWith(
                            "[" + others.file("routes")
                                    + " takes the place of the jar's own routes, and has none of these: deliver-contentsquare, "),
                    missing);

            others.writeDefaults();
            others.takeUp();

            assertNotNull(others.camel().getRoute("lists"));
            assertSame(ingest, others.camel().getRoute("ingest-events"));
            others.addStep("note-something");
            others.takeUp();
            assertNotNull(others.camel().getProcessor("note-something"));
            assertTrue(follower.status().isUpToDate());

            Files.move(others.file("routes"), others.file("elsewhere"));
            others.takeUp();
            String gone = follower.status().faults().toString();
            assertTrue(gone.contains("routes cannot be read"), gone);
            assertNotNull(others.camel().getRoute("lists"), "the jar's own do not come back by themselves");
        }
    }

    @Test
    void two_polls_leave_most_of_two_seconds_for_the_check() {
        assertTrue(RouteFollower.INTERVAL.multipliedBy(2).compareTo(Duration.ofSeconds(1)) < 0);
    }
}
