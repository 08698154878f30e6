package io.engagementwebhooks.routes;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Five accounts whose steps never end, in a route of the operator's own and in one of the product's, and what else is sent. A separate
 * product: it has other routes, and stops.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StepsThatNeverEndTest {

    private static final int HANGING = 5;
    private static final int WEBHOOKS = 6;
    private static final int EVENTS = 6;
    private static final int STEP_THREADS = 8;

    /** Four accounts have two threads each, and the fifth the one that every account has. */
    private static final int ALL_THREADS = 9;

    private static final String ROUTE =
            """
            - route:
                id: deliver-%1$s
                group: deliver
                from:
                  uri: direct:deliver-%1$s
                  steps:
                    - setProperty: {id: accounts-of-%1$s, name: webhookAccounts, constant: "*"}
                    - bean: {id: step-of-%1$s, beanType: "io.engagementwebhooks.routes.StepsThatNeverEndTest$Steps", method: %2$s}
                    - process: {id: %1$s-build-request, ref: buildRequest}
                    - process: {id: %1$s-sign-request, ref: signRequest}
                    - to: {id: %1$s-call-receiver, uri: "receiver:webhook"}
                    - process: {id: %1$s-judge-answer, ref: judgeResponse}
            """;

    /** The steps of the routes above; they do not obey an interrupt. */
    public static final class Steps {

        private static final AtomicInteger BEGUN = new AtomicInteger();
        private static volatile CountDownLatch end = new CountDownLatch(1);

        public static void hang() {
            BEGUN.incrementAndGet();
            for (CountDownLatch mine = end; mine.getCount() > 0; ) {
                try {
                    mine.await();
                } catch (InterruptedException e) {
                    // goes on
                }
            }
        }

        public static void pass() {
            // takes no time
        }
    }

    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));
    private RunningProduct product;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        for (RouteFile file : RouteFile.all()) {
            Files.copy(RouteFile.FOLDER.resolve(file.name()), routes.resolve(file.name()));
        }
        Files.writeString(
                routes.resolve("35-own.camel.yaml"),
                ROUTE.formatted("hanging", "hang") + ROUTE.formatted("healthy", "pass"));
        StringBuilder accounts = new StringBuilder("accounts:\n");
        for (int i = 0; i < HANGING; i++) {
            accounts.append(account("hangs-" + i, WEBHOOKS));
        }
        product = RunningProduct.start(
                folder, accounts + account("sixth", 0), "webhooks.deliver.step-threads=" + STEP_THREADS);
    }

    private String account(String id, int hanging) {
        StringBuilder webhooks = new StringBuilder();
        for (int i = 0; i < hanging; i++) {
            webhooks.append(
                    webhook("hanging-" + i, "hang", id, "authentication: {type: custom, destination: hanging}"));
        }
        webhooks.append(webhook("header", "call", id, "authentication: {type: header, user: u, password: p}"));
        webhooks.append(webhook("own", "step", id, "authentication: {type: custom, destination: healthy}"));
        return "  - id: " + id + "\n    apiKeys: [{name: staff, role: admin, key: " + key(id) + "}]\n    webhooks:\n"
                + webhooks;
    }

    private String webhook(String name, String type, String account, String authentication) {
        return "      - {name: %s, events: [%s], retry: [100ms, 100ms, 100ms], delivery: {url: \"%s/%s/%s\", %s}}\n"
                .formatted(name, type, receiver.url(), account, name, authentication);
    }

    private static String key(String account) {
        return account + "-admin-key-0000000000";
    }

    @BeforeEach
    void hang() {
        Steps.end = new CountDownLatch(1);
        Steps.BEGUN.set(0);
    }

    @AfterEach
    void end() {
        Steps.end.countDown();
    }

    @AfterAll
    void stop() {
        Steps.end.countDown();
        product.close();
        receiver.close();
    }

    private void send(String account, String id, String type) {
        HttpResponse<String> answer = product.postEvent(
                key(account), "{\"id\": \"" + id + "\", \"source\": \"/t\", \"type\": \"" + type + "\"}");
        assertEquals(202, answer.statusCode(), answer.body());
    }

    private void hangAll(String run) {
        for (int i = 0; i < HANGING; i++) {
            for (int event = 0; event < EVENTS; event++) {
                send("hangs-" + i, run + event, "hang");
            }
        }
        await().atMost(2, TimeUnit.MINUTES).until(() -> Steps.BEGUN.get() == ALL_THREADS);
    }

    private void arrives(String account, String id, String type) {
        send(account, id, type);
        JsonNode delivery =
                product.awaitDeliveries(key(account), id, 1, "delivered").get(0);
        assertEquals(1, delivery.get("attemptCount").asInt());
    }

    private void allArrive(String run) {
        Steps.end.countDown();
        for (int i = 0; i < HANGING; i++) {
            for (int event = 0; event < EVENTS; event++) {
                product.awaitDeliveries(key("hangs-" + i), run + event, WEBHOOKS, "delivered");
            }
        }
    }

    private static long stepThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().matches("deliver-step-\\d+"))
                .count();
    }

    @Test
    void
            others_arrive_by_header_and_by_a_route_of_their_own_and_so_does_what_the_same_accounts_send_without_such_steps() {
        hangAll("a");

        arrives("sixth", "by-header", "call");
        arrives("sixth", "by-own-route", "step");
        for (int i = 0; i < HANGING; i++) {
            arrives("hangs-" + i, "by-header", "call");
        }
        assertTrue(stepThreads() <= STEP_THREADS + HANGING + 1, stepThreads() + " threads");
        assertTrue(Steps.BEGUN.get() <= ALL_THREADS, "more have begun than there are threads for");
        assertEquals(ALL_THREADS, metric("running"));
        allArrive("a");
    }

    private double metric(String state) {
        return product.camel()
                .getRegistry()
                .findSingleByType(MeterRegistry.class)
                .get("webhooks.deliver.steps")
                .tag("state", state)
                .gauge()
                .value();
    }

    @Test
    void a_room_that_is_stopped_while_steps_hang_loses_nothing() throws Exception {
        hangAll("b");
        product.camel().getRouteController().stopRoute("deliver-due", 1, TimeUnit.SECONDS);
        send("sixth", "while-stopped", "step");

        product.camel().getRouteController().startRoute("deliver-due");
        product.awaitDeliveries(key("sixth"), "while-stopped", 1, "delivered");
        allArrive("b");
    }

    @Test
    void a_product_that_is_stopped_while_steps_hang_loses_nothing() {
        hangAll("c");
        product.stop();
        product.start();

        arrives("sixth", "after-the-start", "step");
        allArrive("c");
    }
}
