package io.engagementwebhooks.operate.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.FencingCheck;
import io.engagementwebhooks.deliver.step.StepThreads;
import io.engagementwebhooks.ledger.BulkheadExecutor;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.testkit.SampleDelivery;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.builder.ExchangeBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On which threads the steps of a delivery run: routes as users write them, with steps that note their thread. */
@Timeout(60)
class ForeignStepsTest {

    private static final String OWN = "judgeResponse";

    /** Two routes behind the one under test. */
    private static final String BEHIND =
            """
            - route:
                id: behind
                from:
                  uri: direct:behind
                  steps:
                    - bean: {id: behind-step, ref: foreign, method: note}
            - route:
                id: own-behind
                from:
                  uri: direct:own-behind
                  steps:
                    - process: {id: own-behind-step, ref: judgeResponse}
            """;

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final Ledger ledger = new Ledger(1 << 20);
    private final BulkheadExecutor executor = new BulkheadExecutor("steps", 8, ledger);
    private final BulkheadExecutor nested = new BulkheadExecutor("inner", 8, ledger);
    private final ExecutorService deliver = Executors.newSingleThreadExecutor(task -> new Thread(task, "delivers"));
    private final List<String> threads = new CopyOnWriteArrayList<>();

    /** A step that is not the product's own. */
    public final class Foreign {
        public void note() {
            threads.add("foreign on " + kind());
        }

        public String where() {
            note();
            return "behind";
        }

        public boolean isTrue() {
            threads.add("condition on " + kind());
            return true;
        }
    }

    @BeforeEach
    void start() {
        camel.getRegistry().bind("foreign", new Foreign());
        camel.getRegistry().bind(OWN, (Processor) exchange -> threads.add("own on " + kind()));
        camel.getCamelContextExtension()
                .addInterceptStrategy(new ForeignSteps(new StepThreads(
                        executor,
                        nested,
                        (exchange, rest) -> deliver.execute(rest),
                        new FencingCheck(id -> true, Clock.systemUTC()),
                        Clock.systemUTC())));
        camel.getCamelContextExtension().addInterceptStrategy(new StepErrors());
        camel.start();
    }

    @AfterEach
    void stop() {
        camel.stop();
        executor.close();
        nested.close();
        deliver.shutdownNow();
    }

    private static String kind() {
        return BulkheadExecutor.currentPart() != null
                ? "steps"
                : Thread.currentThread().getName().equals("delivers") ? "delivers" : "the caller";
    }

    /** Sends a delivery through a route, as the deliver room does, and waits for it. */
    private Exchange deliver(String steps) throws Exception {
        String route = "- route:\n    id: under-test\n    from:\n      uri: direct:under-test\n      steps:\n"
                + steps.indent(8) + BEHIND;
        PluginHelper.getRoutesLoader(camel)
                .loadRoutes(ResourceHelper.fromBytes("x.camel.yaml", route.getBytes(StandardCharsets.UTF_8)));
        Exchange exchange =
                ExchangeBuilder.anExchange(camel).withProperty("kind", "a").build();
        DeliveryContext.put(exchange, new SampleDelivery(URI.create("https://crm.example/")).delivery());
        CountDownLatch done = new CountDownLatch(1);
        camel.createProducerTemplate()
                .asyncSend("direct:under-test", exchange)
                .whenComplete((sent, failure) -> done.countDown());
        assertTrue(done.await(30, TimeUnit.SECONDS));
        return exchange;
    }

    @Test
    void a_custom_step_and_all_steps_after_it_share_a_separate_thread() throws Exception {
        deliver(
                """
                - bean: {id: first, ref: foreign, method: note}
                - setHeader: {id: short, name: a, constant: b}
                - bean: {id: second, ref: foreign, method: note}
                - process: {id: own, ref: judgeResponse}
                - bean: {id: third, ref: foreign, method: note}
                - process: {id: own-again, ref: judgeResponse}
                """);

        assertEquals(
                List.of("foreign on steps", "foreign on steps", "own on steps", "foreign on steps", "own on steps"),
                threads);
    }

    /** Camel's blocks return before they call back, and say that they have ended. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "filter: {id: block, simple: \"${bean:foreign?method=isTrue}\", steps: [removeHeader: {id: in, name: a}]}",
                "choice: {id: block, when: [{id: when, simple: \"${bean:foreign?method=isTrue}\","
                        + " steps: [removeHeader: {id: in, name: a}]}]}"
            })
    void a_route_continues_once_after_a_block_with_a_custom_condition(String block) throws Exception {
        deliver(
                """
                - bean: {id: first, ref: foreign, method: note}
                - doTry:
                    id: try-block
                    steps:
                      - %s
                    doCatch:
                      - id: failed
                        exception: [java.lang.Exception]
                        steps: [removeHeader: {id: without, name: a}]
                - process: {id: own, ref: judgeResponse}
                - bean: {id: last, ref: foreign, method: note}
                - process: {id: own-again, ref: judgeResponse}
                """
                        .formatted(block));

        assertEquals(
                List.of("foreign on steps", "condition on steps", "own on steps", "foreign on steps", "own on steps"),
                threads);
    }

    /** What leaves the thread as it is: nothing is handed over, so that our step runs where the route was entered. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "- setProperty: {id: s, name: a, constant: b}",
                "- setHeader: {id: s, name: a, simple: \"${exchangeProperty.kind}\"}",
                "- setBody: {id: s, simple: \"kind ${exchangeProperty.kind}\"}",
                "- removeHeaders: {id: s, pattern: '*'}",
                "- log: {id: s, message: \"kind ${exchangeProperty.kind}\"}",
                "- to: {id: s, uri: \"direct:own-behind\", parameters: {block: 'false'}}",
                "- toD: {id: s, uri: \"direct:own-${exchangeProperty.where}\", parameters: {block: 'false'}}",
                "- filter: {id: s, simple: \"${exchangeProperty.kind} == 'a'\", steps: [{process: {id: i, ref: judgeResponse}}]}",
                "- doTry: {id: s, steps: [{process: {id: i, ref: judgeResponse}}], doCatch: [{id: c, exception:"
                        + " [java.lang.Exception], steps: [{stop: {id: st}}]}]}",
                "- choice: {id: s, when: [{id: w, simple: \"${exchangeProperty.kind} == 'a'\", steps: [{process: {id: i,"
                        + " ref: judgeResponse}}]}], otherwise: {id: o, steps: [{stop: {id: st}}]}}"
            })
    void short_steps_and_branches_stay_on_their_thread(String step) throws Exception {
        deliver("- setProperty: {id: where, name: where, constant: behind}\n" + step
                + "\n- process: {id: own, ref: judgeResponse}\n");

        assertTrue(threads.stream().allMatch("own on the caller"::equals) && !threads.isEmpty(), threads.toString());
    }

    /** What may block, by itself or by what its expression calls: our step behind it continues there. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "- delay: {id: s, constant: 1, asyncDelayed: false}",
                "- delay: {id: s, constant: 1}",
                "- throttle: {id: s, constant: 1000}",
                "- setBody: {id: s, simple: \"${bean:foreign?method=isTrue}\"}",
                "- setBody: {id: s, simple: \"${exchangeProperty.webhookDelivery.delivery.id}\"}",
                "- setHeader: {id: s, name: a, method: {ref: foreign, method: isTrue}}",
                "- to: {id: s, uri: \"direct:behind\"}",
                "- toD: {id: s, uri: \"direct:${exchangeProperty.where}\"}",
                "- toD: {id: s, uri: \"direct:${bean:foreign.where}\", parameters: {block: 'false'}}",
                "- toD: {id: s, uri: \"log:+language:bean:foreign.where\"}",
                "- to: {id: s, uri: \"seda:a-queue\"}",
                "- enrich: {id: s, constant: \"direct:behind\"}",
                "- loop: {id: s, constant: 3, steps: [{bean: {id: i, ref: foreign, method: note}}]}",
                "- split: {id: s, constant: \"a,b\", steps: [{bean: {id: i, ref: foreign, method: note}}]}",
                "- multicast: {id: s, steps: [{to: {id: i, uri: \"direct:behind\"}}]}"
            })
    void steps_that_may_block_run_on_a_separate_thread(String step) throws Exception {
        deliver("- setBody: {id: body, constant: '{}'}\n- setProperty: {id: where, name: where, constant: behind}\n"
                + step + "\n- process: {id: own, ref: judgeResponse}\n");

        assertEquals("own on steps", threads.get(threads.size() - 1));
        assertTrue(
                threads.subList(0, threads.size() - 1).stream().allMatch(where -> where.endsWith("on steps")),
                threads.toString());
    }

    /** As a body that is written in a route. */
    @Test
    void a_long_simple_expression_is_classified_like_a_short_one() throws Exception {
        deliver("- setBody: {id: s, simple: \"" + "a long text ".repeat(1_000) + "${exchangeProperty.kind}\"}\n"
                + "- process: {id: own, ref: judgeResponse}\n");

        assertEquals(List.of("own on the caller"), threads);
    }

    @Test
    void a_branch_with_a_calling_condition_runs_on_a_separate_thread() throws Exception {
        deliver(
                """
                - choice:
                    id: asks
                    when:
                      - id: asked
                        simple: "${bean:foreign?method=isTrue}"
                        steps:
                          - bean: {id: inside, ref: foreign, method: note}
                          - process: {id: own-inside, ref: judgeResponse}
                          - bean: {id: inside-again, ref: foreign, method: note}
                - process: {id: own, ref: judgeResponse}
                """);

        assertEquals(
                List.of("condition on steps", "foreign on steps", "own on steps", "foreign on steps", "own on steps"),
                threads);
    }

    @Test
    void a_failure_of_a_custom_step_is_caught_like_any_other() throws Exception {
        Exchange exchange = deliver(
                """
                - doTry:
                    id: try
                    steps:
                      - bean: {id: fails, beanType: java.lang.Integer, method: "parseInt('none')"}
                    doCatch:
                      - id: caught
                        exception: [java.lang.Throwable]
                        steps:
                          - process: {id: own, ref: judgeResponse}
                """);

        assertEquals(List.of("own on steps"), threads);
        assertEquals(null, exchange.getException());
    }

    @Test
    void a_circuit_breaker_waits_for_its_steps_on_a_separate_thread() throws Exception {
        deliver(
                """
                - circuitBreaker:
                    id: breaks
                    steps:
                      - process: {id: own-inside, ref: judgeResponse}
                      - bean: {id: inside, ref: foreign, method: note}
                - process: {id: own, ref: judgeResponse}
                """);

        assertEquals("own on steps", threads.get(threads.size() - 1));
        assertTrue(threads.contains("own on steps") && threads.contains("foreign on steps"), threads.toString());
    }

    @Test
    void an_exchange_without_a_delivery_stays_on_its_thread() throws Exception {
        PluginHelper.getRoutesLoader(camel)
                .loadRoutes(ResourceHelper.fromBytes("x.camel.yaml", BEHIND.getBytes(StandardCharsets.UTF_8)));
        camel.createProducerTemplate().sendBody("direct:behind", "an event");

        assertEquals(List.of("foreign on the caller"), threads);
    }
}
