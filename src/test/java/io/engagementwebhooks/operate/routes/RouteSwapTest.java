package io.engagementwebhooks.operate.routes;

import static io.engagementwebhooks.operate.RoutesUnderTest.BRANCH;
import static io.engagementwebhooks.operate.RoutesUnderTest.event;
import static io.engagementwebhooks.operate.RoutesUnderTest.kamelet;
import static io.engagementwebhooks.operate.RoutesUnderTest.route;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.step.OwnDestinations;
import io.engagementwebhooks.operate.RoutesUnderTest;
import io.engagementwebhooks.testkit.LogLines;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.webhook.Config;
import java.io.IOException;
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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
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
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sets of routes that tests swap, on a product with its own route files that does not follow them. */
@Timeout(300)
class RouteSwapTest {

    private static final Duration LITTLE = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofHours(1);
    private static final String GREET = route("greet", "to: {uri: 'kamelet:greet-action'}");

    @TempDir
    static Path folder;

    @AutoClose
    private static RoutesUnderTest routes;

    /** What runs between tests. */
    private static RouteSet kept;

    private RouteSet running;
    private RouteSwap swap;
    private RouteFollower follower;

    @BeforeAll
    static void start() throws IOException {
        routes = new RoutesUnderTest(folder);
        routes.writeDefaults();
        routes.save("kamelet-catalog/greet-action.kamelet.yaml", kamelet("greet-action", "hello"));
        routes.start("webhooks.routes.follow=false");
        kept = routes.routeFiles().read();
    }

    @BeforeEach
    void begin() {
        routes.begin();
        swap = routes.swap();
        running = kept;
    }

    @AfterEach
    void putBack() throws Exception {
        routes.end();
        if (follower != null) {
            follower.check();
            follower.check();
            follower.close();
            assertTrue(follower.status().isUpToDate(), follower.status()::toString);
        }
        swapTo(kept).former().stop();
    }

    private RouteSet read() {
        return routes.routeFiles().read();
    }

    private RouteSwap.Done swapTo(RouteSet next) throws RouteSwap.NotActivated {
        RouteSwap.Done done = swap.swap(running, next);
        running = next;
        return done;
    }

    /** A follower of the test's own, which looks when it is asked to, or often when it is started. */
    private RouteFollower follow(Duration formerEnds) {
        follower = new RouteFollower(
                routes.routeFiles(),
                read(),
                routes.settings(),
                swap,
                new OwnDestinations(routes.camel(), Config::empty, kamelet -> Optional.empty()),
                LITTLE,
                formerEnds,
                Clock.systemUTC());
        return follower;
    }

    private void takeUp() {
        follower.check();
        follower.check();
    }

    private static List<Service> stepsOfBranch() {
        return stepsOf("deliver-header");
    }

    private static List<Service> stepsOf(String route) {
        return List.copyOf(routes.camel().getRoute(route).getServices());
    }

    private static String greeting() {
        return routes.requested("direct:greet");
    }

    /** Null files make the check fail. */
    @Test
    void the_check_of_a_start_waits_for_no_poll_and_shows_that_it_failed() throws Exception {
        try (RouteFollower started =
                        new RouteFollower(null, kept, routes.settings(), swap, null, LONG, null, Clock.systemUTC());
                LogLines log = new LogLines(RouteFollower.class)) {
            Thread check = new Thread(started::checkStarted);
            synchronized (started) {
                check.start();
                await().until(() -> log.texts().stream().anyMatch(line -> line.startsWith("routes.check-failed")));
            }
            check.join();
            assertTrue(started.status().faults().toString().contains("cannot be judged"), started.status()::toString);
        }
    }

    @Test
    void route_files_are_not_polled_if_turned_off() {
        assertFalse(routes.isFollowed());
    }

    @Test
    void a_failed_activation_is_retried_until_it_succeeds() throws Exception {
        routes.camel().addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:taken").routeId("in-the-way").log("hello");
            }
        });
        List<Service> steps = stepsOfBranch();
        follow(LITTLE);
        routes.save("routes/99-busy.camel.yaml", route("busy", "log: hello").replace("direct:busy", "direct:taken"));
        routes.addStep("note-something");
        takeUp();
        String fault = follower.status().faults().toString();
        assertTrue(fault.contains("direct://taken"), fault);
        assertTrue(fault.contains("this is tried again by itself, at least once a minute"), fault);
        await("what a try has replaced stops").until(() -> steps.stream().noneMatch(ServiceHelper::isStarted));

        routes.camel().getRouteController().stopRoute("in-the-way");
        routes.camel().removeRoute("in-the-way");

        await().until(() -> follower.status().isUpToDate());
        assertNotNull(routes.camel().getRoute("busy"));
        assertNotNull(routes.camel().getProcessor("note-something"));
    }

    @Test
    void routes_of_a_kamelet_are_removed_with_the_replaced_steps() throws Exception {
        routes.save("routes/98-greet.camel.yaml", GREET);
        int before = routes.camel().getRoutes().size();

        swapTo(read());
        assertEquals(before + 2, routes.camel().getRoutes().size());
        swapTo(kept).former().stop();

        assertEquals(before, routes.camel().getRoutes().size());
    }

    @Test
    void a_new_version_keeps_its_kamelet_when_the_replaced_steps_stop() throws Exception {
        routes.save("routes/98-greet.camel.yaml", GREET);
        swapTo(read());
        routes.replace("routes/98-greet.camel.yaml", "id: greet", "id: greet, note: x");

        RouteSwap.Done done = swapTo(read());
        assertEquals(Set.of("greet"), done.replaced());
        done.former().stop();

        assertEquals("hello", greeting());
    }

    @Test
    void a_route_keeps_its_kamelet_when_another_user_is_removed() throws Exception {
        routes.save("routes/98-greet.camel.yaml", GREET);
        RouteSet one = read();
        routes.save("routes/97-first.camel.yaml", route("first", "to: {uri: 'kamelet:greet-action'}"));
        RouteSet both = read();
        swapTo(both);

        swapTo(one).former().stop();
        assertEquals("hello", greeting());
        swapTo(both).former().stop();
        assertEquals("hello", greeting());
    }

    @Test
    void replaced_steps_stop_at_the_deadline_even_with_exchanges_in_flight() throws Exception {
        List<Service> steps = stepsOfBranch();
        routes.sendSlow("slow-1");
        follow(LITTLE);
        routes.addStep("note-something");
        takeUp();

        await().until(() -> steps.stream().noneMatch(ServiceHelper::isStarted));
        routes.awaitDelivery("slow-1", "sending");
        assertTrue(follower.status().isUpToDate());
    }

    @Test
    void after_a_failed_activation_the_previous_routes_run_again() throws Exception {
        routes.addStep("note-something");
        routes.save(
                "routes/99-busy.camel.yaml",
                route("busy", "log: hello").replace("direct:busy", "direct:deliver-header"));
        RouteSet other = read();

        assertThrows(RouteSwap.NotActivated.class, () -> swapTo(other));

        assertNull(routes.camel().getRoute("busy"));
        assertNull(routes.camel().getProcessor("note-something"));
        assertNotNull(routes.camel().getRoute("deliver-header"));
        routes.send("quick-1");
        routes.awaitDelivery("quick-1", "delivered");
        assertTrue(swapTo(kept).isNothing());
    }

    /** The follower looks by itself. */
    @Test
    void nothing_is_lost_or_doubled_while_route_files_are_saved_under_load() throws Exception {
        saveUnderLoad(20);
    }

    @Test
    @Tag("slow")
    @Timeout(900)
    void nothing_is_lost_or_doubled_while_route_files_are_saved_two_hundred_times_under_load() throws Exception {
        saveUnderLoad(200);
    }

    private void saveUnderLoad(int saves) throws Exception {
        List<Edit> edits = List.of(
                new Edit(BRANCH, "id: header-failed", "id: header-missed"),
                new Edit("routes/30-deliver.camel.yaml", "by-oauth2", "by-a-token"),
                new Edit("routes/40-record.camel.yaml", "write-attempt", "write-it"),
                new Edit("routes/10-ingest.camel.yaml", "build-accepted-response", "answer"));
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService senders = Executors.newFixedThreadPool(4);
        List<Future<Integer>> sent = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        Map<String, List<Service>> former = new LinkedHashMap<>();
        for (String route : List.of("deliver-header", "deliver-due", "record-outcome", "ingest-events")) {
            former.put(route, stepsOf(route));
            assertTrue(former.get(route).stream().anyMatch(ServiceHelper::isStarted), route);
        }
        // longer than any exchange under this load
        follow(Duration.ofSeconds(20)).start();
        try {
            for (int sender = 0; sender < 4; sender++) {
                String prefix = "e" + sender + "-";
                sent.add(senders.submit(() -> sendUntil(over, prefix)));
            }
            for (int i = 0; i < saves; i++) {
                Edit edit = edits.get(i % edits.size());
                boolean faulty = i % 20 == 19;
                saveAndAwait(edit.file(), faulty ? "- route: {id: [" : edit.apply(routes.text(edit.file())), faulty);
                if (faulty) {
                    saveAndAwait(edit.file(), edit.good(), false);
                }
            }
            // the load does not end before former steps have stopped under it
            former.forEach(
                    (route, steps) -> await(route).atMost(Duration.ofMinutes(2)).until(() -> steps.stream()
                            .noneMatch(ServiceHelper::isStarted)));
        } finally {
            over.set(true);
            senders.shutdown();
        }
        for (int sender = 0; sender < 4; sender++) {
            for (int i = 0; i < sent.get(sender).get(); i++) {
                ids.add("e" + sender + "-" + i);
            }
        }
        await().until(() -> routes.received().size() >= ids.size());
        await().until(() -> routes.product()
                        .read("/v1/webhooks/all", routes.key())
                        .get("waiting")
                        .asInt()
                == 0);
        Map<String, Long> received = routes.received().stream()
                .collect(Collectors.groupingBy(RouteSwapTest::eventId, Collectors.counting()));
        assertEquals(ids, received.keySet());
        assertEquals(Set.of(1L), Set.copyOf(received.values()));
        for (String route : List.of("deliver-due", "ingest-events")) {
            await(route).until(() -> routes.camel().getInflightRepository().size(route) == 0);
        }
    }

    /** Turns one text in a file into another, and back. */
    private static final class Edit {
        private final String file;
        private final String one;
        private final String other;
        private String good;

        Edit(String file, String one, String other) throws IOException {
            this.file = file;
            this.one = one;
            this.other = other;
            this.good = routes.text(file);
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
    private void saveAndAwait(String file, String text, boolean faulty) throws IOException {
        Instant before = follower.status().since();
        Path fresh = Files.writeString(routes.file("being-saved"), text);
        Files.move(fresh, routes.file(file), StandardCopyOption.ATOMIC_MOVE);
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
     * By a client that neither repeats a request nor minds an answer that comes before it has sent everything.
     *
     * @return how many were accepted; a 503 of a swap is tried again, as senders do
     */
    private static int sendUntil(AtomicBoolean over, String prefix) throws IOException {
        int accepted = 0;
        try (CloseableHttpClient client =
                HttpClients.custom().disableAutomaticRetries().build()) {
            while (!over.get()) {
                HttpPost post = new HttpPost(routes.product().url("/v1/events"));
                post.setHeader("Authorization", "Bearer " + routes.key());
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
}
