package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Routes of the operator's own that take events in: one account's requests there leave the server's threads to others. */
@Timeout(300)
class OwnIngestRoutesTest {

    private static final String ACME = "acme-ingest-key-of-own-routes";
    private static final String BETA = "beta-admin-key-of-own-routes";

    /** A quarter of the threads of the API. */
    private static final int MOST_OF_ONE = 8;

    private static final List<String> ROUTES = List.of("own-events", "own-held-events", "own-admission");

    private static RunningProduct product;
    private static final CountDownLatch INSIDE = new CountDownLatch(MOST_OF_ONE);
    private static final CountDownLatch ANSWERED = new CountDownLatch(1);

    @BeforeAll
    static void start() throws Exception {
        product = RunningProduct.shared(
                """
                accounts:
                  - {id: acme, apiKeys: [{name: partner, role: ingest, key: %s}]}
                  - {id: beta, apiKeys: [{name: staff, role: admin, key: %s}]}
                """
                        .formatted(ACME, BETA));
        product.camel().addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("platform-http:/v1/own-events?httpMethodRestrict=POST")
                        .routeId("own-events")
                        .doTry()
                        .process("authenticateCaller")
                        .process(exchange -> exchange.getMessage()
                                .setBody(Thread.currentThread().getName()))
                        .doCatch(Throwable.class)
                        .process("buildProblemResponse");
                from("platform-http:/v1/own-held-events?httpMethodRestrict=POST")
                        .routeId("own-held-events")
                        .doTry()
                        .to("direct:own-admission")
                        .doCatch(Throwable.class)
                        .process("buildProblemResponse");
                from("direct:own-admission")
                        .routeId("own-admission")
                        .errorHandler(noErrorHandler())
                        .process("authenticateCaller")
                        .process(exchange -> {
                            INSIDE.countDown();
                            ANSWERED.await();
                        });
            }
        });
    }

    @AfterAll
    static void stop() throws Exception {
        for (String route : ROUTES) {
            product.camel().getRouteController().stopRoute(route);
            product.camel().removeRoute(route);
        }
        product.close();
    }

    private static HttpResponse<String> post(String path, String key) {
        return product.post(path, key, "application/json", "{}");
    }

    @Test
    void a_route_that_authenticates_callers_runs_on_the_threads_that_take_events_in() {
        HttpResponse<String> answer = post("/v1/own-events", ACME);

        assertTrue(answer.body().startsWith("ingest-"), answer.body());
    }

    @Test
    void where_such_a_request_holds_a_thread_an_account_may_have_a_quarter_of_them() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(MOST_OF_ONE);
        try {
            List<CompletableFuture<HttpResponse<String>>> held = new ArrayList<>();
            for (int i = 0; i < MOST_OF_ONE; i++) {
                held.add(CompletableFuture.supplyAsync(() -> post("/v1/own-held-events", ACME), callers));
            }
            INSIDE.await();

            HttpResponse<String> refused = post("/v1/own-held-events", ACME);
            assertEquals(429, refused.statusCode(), refused.body());
            assertTrue(refused.body().contains("too-many-requests-at-once"), refused.body());
            assertEquals(200, product.get("/v1/webhooks", BETA).statusCode());
            ANSWERED.countDown();
            held.forEach(request -> assertTrue(request.join().statusCode() < 300));
        } finally {
            ANSWERED.countDown();
            callers.shutdownNow();
        }
    }
}
