package io.engagementwebhooks.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.ExchangeBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Steps of ours in a route that lacks the step before them; the product has such routes. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StepOrderTest {

    private static final String KEY = "a-key-of-acme-that-may-do-all";

    private static final String ROUTES =
            """
            - route:
                id: take-partner-events
                group: ingest
                from:
                  uri: platform-http:/v1/partner-events
                  steps:
                    - doTry:
                        id: try-partner-events
                        steps:
                          - process: { id: read-partner-events, ref: readEvents }
                        doCatch:
                          - id: refuse-partner-events
                            exception: [java.lang.Throwable]
                            steps:
                              - process: { id: answer-partner-problem, ref: buildProblemResponse }
            - route:
                id: deliver-partner
                group: deliver
                from:
                  uri: direct:deliver-partner
                  steps:
                    - process: { id: authorize-partner, ref: authorizeByHeader }
            """;

    private static final String WEBHOOKS =
            """
            accounts:
              - id: acme
                apiKeys:
                  - {name: all, role: admin, key: a-key-of-acme-that-may-do-all}
                webhooks:
                  - name: calls-to-partner
                    events: ["call.*"]
                    delivery:
                      url: https://partner.example.com/in
                      authentication: {type: custom, destination: partner, value: Bearer pat-1}
            """;

    @AutoClose
    private RunningProduct product;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        try (Stream<Path> files = Files.list(Path.of("routes"))) {
            for (Path file : files.toList()) {
                Files.copy(file, routes.resolve(file.getFileName()));
            }
        }
        Files.writeString(routes.resolve("50-partner.camel.yaml"), ROUTES);
        product = RunningProduct.start(folder, WEBHOOKS);
    }

    @Test
    void a_caller_gets_a_problem_that_names_both_steps_and_the_route() {
        HttpResponse<String> answer = product.post("/v1/partner-events", KEY, "application/json", "{}");

        assertEquals(500, answer.statusCode(), answer.body());
        JsonNode problem = RunningProduct.json(answer);
        assertEquals(
                "urn:engagement-webhooks:problem:faulty-route",
                problem.get("type").asText());
        assertTrue(
                problem.get("detail")
                        .asText()
                        .startsWith("step 'read-partner-events' of route 'take-partner-events' is faulty: readEvents"
                                + " needs authenticateCaller or resolveAccount before it."),
                answer.body());
    }

    @Test
    void a_delivery_waits_with_the_reason_and_has_used_no_attempt() {
        product.postEvent(KEY, "{\"id\": \"e1\", \"source\": \"/calls\", \"type\": \"call.ended\"}");

        Awaitility.await().until(() -> delivery().path("reason").asText().contains("is faulty"));

        assertEquals(
                "step 'authorize-partner' of route 'deliver-partner' is faulty: authorizeByHeader needs"
                        + " buildRequest before it",
                delivery().get("reason").asText());
        assertEquals("waiting", delivery().get("state").asText());
        assertEquals(0, delivery().get("attemptCount").asInt());
    }

    private JsonNode delivery() {
        return product.read("/v1/deliveries?event=e1", KEY).at("/items/0");
    }

    @Test
    void no_step_alone_throws_a_null_pointer_exception_and_most_name_the_missing_step() throws Exception {
        Set<String> steps = new TreeSet<>(Wiring.STEPS);
        // they change the store, whatever stands before them
        steps.removeAll(Set.of("retention", "vacuum"));
        List<String> without = new ArrayList<>();
        for (String step : steps) {
            Throwable failure = alone("direct:alone-" + step, step, null);
            assertFalse(
                    Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                            .anyMatch(NullPointerException.class::isInstance),
                    step + ": " + failure);
            if (failure == null || !failure.getMessage().contains(step + " needs ")) {
                without.add(step);
            }
        }

        assertEquals(
                List.of("authenticateCaller", "resolveWebhook", "signMessage", "throwOnFailure"),
                without.stream().sorted(Comparator.naturalOrder()).toList(),
                "these have a rule of another kind");
    }

    @Test
    void endpoints_name_the_step_they_need() throws Exception {
        assertTrue(alone("direct:accept-alone", null, "outbox:accept")
                .getMessage()
                .startsWith("step 'step-outbox:accept' of route 'route-outbox:accept' is faulty: outbox:accept needs"
                        + " lookUpWebhooks before it"));
        assertTrue(alone("direct:receiver-alone", null, "receiver:webhook")
                .getMessage()
                .contains("receiver: needs outbox:due or resolveWebhook before it"));
        assertTrue(alone("direct:records-alone", null, "direct:write-records")
                .getMessage()
                .contains("direct:write-records needs chooseOrg before it"));
    }

    /** What ends a message that comes to one step and has been to no other; null: nothing does. */
    private Throwable alone(String from, String step, String endpoint) throws Exception {
        String name = step != null ? step : endpoint.replaceFirst("\\?.*", "");
        product.camel().addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(noErrorHandler());
                if (step != null) {
                    from(from).routeId("route-" + name).process(step).id("step-" + name);
                } else {
                    from(from).routeId("route-" + name).to(endpoint).id("step-" + name);
                }
            }
        });
        Exchange exchange = ExchangeBuilder.anExchange(product.camel()).build();
        return product.camel().createProducerTemplate().send(from, exchange).getException();
    }
}
