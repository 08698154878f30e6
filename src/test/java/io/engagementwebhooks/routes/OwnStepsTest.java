package io.engagementwebhooks.routes;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each kind of step in a route of the user's own, before and after the receiver. A separate product: the routes are a
 * folder, and an account has one step thread.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OwnStepsTest {

    private static final String KEY = "acme-admin-key-00000";

    private static final String NOTE =
            "bean: {id: %1$s-note, beanType: \"io.engagementwebhooks.routes.OwnStepsTest$Steps\", method: \"note('%1$s')\"}";

    /** A condition that is a call. */
    private static final String IF =
            "simple: \"${bean:type:io.engagementwebhooks.routes.OwnStepsTest$Steps?method=isTrue}\"";

    /** Steps by kind; %1$s is the place, which all but http and set-header note. */
    private static final Map<String, String> KINDS = Map.of(
            "bean", NOTE,
            "http", "to: {id: %1$s, uri: \"http://127.0.0.1:{{my.port}}/service/%1$s\", parameters: {httpMethod: GET}}",
            "filter", "filter: {id: %1$s, " + IF + ", steps: [{" + NOTE + "}]}",
            "choice", "choice: {id: %1$s, when: [{id: %1$s-when, " + IF + ", steps: [{" + NOTE + "}]}]}",
            "split", "split: {id: %1$s, constant: \"a,b\", steps: [{" + NOTE + "}]}",
            "wire-tap", "wireTap: {id: %1$s, uri: \"direct:tapped-%1$s\"}",
            "circuit-breaker", "circuitBreaker: {id: %1$s, steps: [{" + NOTE + "}]}",
            "do-try",
                    "doTry: {id: %1$s, steps: [{throwException: {id: %1$s-throw, exceptionType: java.lang.IllegalStateException,"
                            + " message: no}}], doCatch: [{id: %1$s-catch, exception: [java.lang.IllegalStateException],"
                            + " steps: [{" + NOTE + "}]}]}",
            "set-header", "setHeader: {id: %1$s, name: X-%1$s, constant: set}");

    private static final String ROUTE =
            """
            - route:
                id: deliver-%1$s
                group: deliver
                from:
                  uri: direct:deliver-%1$s
                  steps:
                    - setProperty: {id: %1$s-accounts, name: webhookAccounts, constant: "*"}
                    - %2$s
                    - process: {id: %1$s-build-request, ref: buildRequest}
                    - %3$s
                    - process: {id: %1$s-sign-request, ref: signRequest}
                    %4$s
                    - %5$s
                    - process: {id: %1$s-judge-response, ref: judgeResponse}
            """;

    private static final String RECEIVER =
            "- to: {id: %1$s-call-receiver, uri: \"receiver:webhook\", parameters: {headers: X-Mine}}";

    private static final String AROUND =
            """
            - circuitBreaker:
                        id: around
                        steps:
                          - to: {id: around-call-receiver, uri: "receiver:webhook"}
                          - %s
            """
                    .strip();

    private static final String TAPPED =
            """
            - route:
                id: tapped-%1$s
                from:
                  uri: direct:tapped-%1$s
                  steps:
                    - %2$s
            """;

    /** The steps of the routes. */
    public static final class Steps {

        private static final List<String> NOTED = new CopyOnWriteArrayList<>();

        public static boolean note(String place) {
            NOTED.add(place + " on " + Thread.currentThread().getName().replaceFirst("-\\d+$", ""));
            return true;
        }

        public static boolean isTrue() {
            return true;
        }
    }

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));

    @AutoClose
    private RunningProduct product;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        for (RouteFile file : RouteFile.all()) {
            Files.copy(RouteFile.FOLDER.resolve(file.name()), routes.resolve(file.name()));
        }
        StringBuilder own = new StringBuilder();
        StringBuilder webhooks =
                new StringBuilder("accounts:\n  - id: acme\n    apiKeys: [{name: staff, role: admin, key: " + KEY
                        + "}]\n    webhooks:\n");
        String set = "setHeader: {id: %1$s-mine, name: X-Mine, constant: mine}";
        KINDS.forEach((kind, step) -> {
            String before = "before-" + kind;
            String after = "after-" + kind;
            own.append(ROUTE.formatted(
                    kind,
                    step.formatted(before),
                    set.formatted(kind),
                    RECEIVER.formatted(kind),
                    step.formatted(after)));
            if (kind.equals("wire-tap")) {
                own.append(TAPPED.formatted(before, NOTE.formatted(before)));
                own.append(TAPPED.formatted(after, NOTE.formatted(after)));
            }
        });
        own.append(ROUTE.formatted(
                "around",
                NOTE.formatted("before-around"),
                set.formatted("around"),
                AROUND.formatted(NOTE.formatted("inside-around")),
                NOTE.formatted("after-around")));
        Files.writeString(routes.resolve("36-own.camel.yaml"), own);
        Stream.concat(KINDS.keySet().stream(), Stream.of("around"))
                .forEach(kind -> webhooks.append(
                        "      - {name: %1$s, events: [to.%1$s], retry: [1h], delivery: {url: \"http://127.0.0.1:%2$d/%1$s\", authentication: {type: custom, destination: %1$s}}}\n"
                                .formatted(kind, receiver.port())));
        product = RunningProduct.start(
                folder, webhooks.toString(), "webhooks.deliver.step-threads=4", "my.port=" + receiver.port());
    }

    static Stream<String> kinds() {
        return KINDS.keySet().stream();
    }

    private void send(String kind, String id) {
        HttpResponse<String> answer = product.postEvent(
                KEY, "{\"id\": \"" + id + "\", \"source\": \"/t\", \"type\": \"to." + kind + "\", \"data\": {}}");
        assertEquals(202, answer.statusCode(), answer.body());
    }

    private void arrivesAtOnce(String id) {
        JsonNode delivery = product.awaitDeliveries(KEY, id, 1, "delivered").get(0);
        assertEquals(1, delivery.get("attemptCount").asInt(), delivery.toString());
    }

    private List<Receiver.Got> requests(String path) {
        return receiver.requests().stream()
                .filter(got -> got.target().getPath().equals(path))
                .toList();
    }

    private static List<String> noted(String place) {
        return Steps.NOTED.stream().filter(note -> note.startsWith(place + " ")).toList();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void a_step_works_before_and_after_the_receiver(String kind) {
        send(kind, kind);

        arrivesAtOnce(kind);
        assertEquals(1, requests("/" + kind).size());
        assertEquals("mine", requests("/" + kind).get(0).header("X-Mine"));
        for (String place : List.of("before-" + kind, "after-" + kind)) {
            int times = kind.equals("split") ? 2 : kind.equals("set-header") || kind.equals("http") ? 0 : 1;
            await().until(() -> noted(place).size() == times);
            assertTrue(
                    noted(place).stream().allMatch(note -> note.startsWith(place + " on deliver-step")),
                    noted(place).toString());
            assertEquals(
                    kind.equals("http") ? 1 : 0, requests("/service/" + place).size());
        }
    }

    @Test
    void steps_inside_a_circuit_breaker_continue_although_it_holds_the_only_thread_of_the_account() {
        for (int i = 0; i < 5; i++) {
            send("around", "around-" + i);
        }

        for (int i = 0; i < 5; i++) {
            arrivesAtOnce("around-" + i);
        }
        for (String place : List.of("before-around", "inside-around", "after-around")) {
            assertEquals(5, noted(place).size());
            assertTrue(
                    noted(place).stream().allMatch(note -> note.startsWith(place + " on deliver-step")),
                    noted(place).toString());
        }
    }
}
