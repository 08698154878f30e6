package io.engagementwebhooks.contentsquare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.ContentsquareStandIn;
import io.engagementwebhooks.testkit.ContentsquareStandIn.Key;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.camel.AsyncProducer;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.FailedToStartRouteException;
import org.apache.camel.ResolveEndpointFailedException;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.health.HealthCheckRepository;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ContentsquareComponentTest extends CamelTestSupport {

    private static final Map<String, Object> CALL =
            Map.of("projectId", 1, "userId", "u", "sessionNumber", 4, "enrichment", Map.of("call_duration", 42_000));
    private static final Key KEY = new Key(1, "u", 4, 1);

    /** As Quarkus stops the components that it has made for its registry. */
    @Test
    void a_component_that_was_not_started_can_be_stopped() {
        new ContentsquareComponent(context()).stop();
    }

    private ContentsquareStandIn contentsquare;

    @Override
    protected CamelContext createCamelContext() throws Exception {
        contentsquare = new ContentsquareStandIn();
        CamelContext made = super.createCamelContext();
        HealthCheckRepository producers = HealthCheckHelper.getHealthCheckRepository(made, "producers");
        producers.setEnabled(true);
        ContentsquareConfiguration configuration =
                made.getComponent("contentsquare", ContentsquareComponent.class).getConfiguration();
        configuration.setTokenUrl(contentsquare.tokenUrl().toString());
        configuration.setEndpointSuffix("127.0.0.1");
        configuration.setAllowPlainHttpLoopback(true);
        return made;
    }

    @Override
    protected RouteBuilder createRouteBuilder() {
        return new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(noErrorHandler());
                from("direct:call").to(uri("requestTimeout=30s"));
            }
        };
    }

    @Override
    protected void cleanupResources() {
        contentsquare.close();
    }

    private static String uri(String more) {
        return "contentsquare:enrichments?clientId=cs-client&clientSecret=RAW(" + ContentsquareStandIn.CLIENT_SECRET
                + ")&" + more;
    }

    // ---- messages

    @Test
    void a_map_is_sent_and_the_answer_takes_its_place() {
        Exchange answered = send(CALL, Map.of("kept", "yes"));

        assertNull(answered.getException());
        assertEquals("{\"success\":true}", answered.getMessage().getBody());
        assertEquals(200, answered.getMessage().getHeader(ContentsquareConstants.STATUS_CODE));
        assertEquals("yes", answered.getMessage().getHeader("kept"));
        assertEquals(
                42_000, contentsquare.accepted().get(KEY).get("call_duration").intValue());
    }

    static List<Object> bodies() throws Exception {
        String json = Json.MAPPER.writeValueAsString(CALL);
        return List.of(
                CALL,
                List.of(CALL),
                Json.MAPPER.readTree(json),
                Json.MAPPER.readTree("[" + json + "]"),
                json,
                json.getBytes(StandardCharsets.UTF_8),
                new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void an_enrichment_comes_in_many_forms(Object body) {
        assertNull(send(body, Map.of()).getException());
        assertEquals(List.of(KEY), List.copyOf(contentsquare.accepted().keySet()));
    }

    @Test
    void a_list_is_one_batch() {
        Map<String, Object> second = new HashMap<>(CALL);
        second.put("enrichmentNumber", 2);

        send(List.of(CALL, second), Map.of());

        assertEquals(1, contentsquare.acceptedBatches());
        assertEquals(2, contentsquare.accepted().size());
    }

    @Test
    void headers_set_project_and_version_missing_in_the_body() {
        Map<String, Object> call = new HashMap<>(CALL);
        call.remove("projectId");

        send(call, Map.of(ContentsquareConstants.PROJECT_ID, "7", ContentsquareConstants.INTEGRATION_VERSION, 3));

        JsonNode batch = contentsquare.batches().get(0);
        assertEquals(7, batch.get("projectId").intValue());
        assertEquals(3, batch.get("integrationVersion").intValue());
    }

    @Test
    void the_project_option_is_the_default_and_used_in_the_token_request() {
        Map<String, Object> call = new HashMap<>(CALL);
        call.remove("projectId");

        fluentTemplate()
                .withBody(call)
                .to(uri("projectId=9&integrationVersion=2"))
                .request();

        assertEquals(9, contentsquare.batches().get(0).get("projectId").intValue());
        assertEquals(2, contentsquare.batches().get(0).get("integrationVersion").intValue());
        assertEquals(9, contentsquare.tokenRequests().get(0).get("project_id").intValue());
    }

    @ParameterizedTest
    @MethodSource("unsendable")
    void an_invalid_message_is_reported_before_any_request(Object body, Map<String, Object> headers, String why) {
        Exchange answered = send(body, headers);

        ContentsquareException fault = assertInstanceOf(ContentsquareException.class, answered.getException());
        assertFalse(fault.isRetryable());
        assertTrue(fault.getMessage().contains(why), fault.getMessage());
        assertTrue(contentsquare.tokenRequests().isEmpty());
    }

    static List<Object[]> unsendable() {
        return List.of(
                new Object[] {Map.of("userId", "u"), Map.of(), "needs 'projectId'"},
                new Object[] {List.of(), Map.of(), "holds no enrichment"},
                new Object[] {"{not json", Map.of(), "the body must be"},
                new Object[] {new Object(), Map.of(), "the body must be"},
                new Object[] {Map.of("userId", new Object()), Map.of(), "the body must be"},
                new Object[] {"", Map.of(), "must be an object"},
                new Object[] {
                    CALL,
                    Map.of(ContentsquareConstants.PROJECT_ID, "seven"),
                    "'CamelContentsquareProjectId' must be a whole number"
                });
    }

    @Test
    void an_access_of_the_exchange_wins_over_the_options_so_one_endpoint_serves_many() {
        ContentsquareConfiguration other = component().getConfiguration().copy();
        other.setClientId(ContentsquareStandIn.CLIENT_ID);
        other.setClientSecret("wrong");

        Exchange answered = template().request("direct:call", exchange -> {
            exchange.getMessage().setBody(CALL);
            exchange.setProperty(ContentsquareConstants.ACCESS, other.access());
        });

        assertInstanceOf(ContentsquareTokenException.class, answered.getException());
        assertEquals(
                "wrong",
                contentsquare.tokenRequests().get(0).get("client_secret").textValue());
    }

    @Test
    void an_endpoint_without_credentials_needs_an_access_of_the_exchange() {
        Exchange refused = template().request("contentsquare:enrichments", exchange -> exchange.getMessage()
                .setBody(CALL));

        assertTrue(refused.getException().getMessage().contains("'clientId' and 'clientSecret'"));
    }

    @Test
    void a_route_in_yaml_sends_too() throws Exception {
        PluginHelper.getRoutesLoader(context())
                .loadRoutes(
                        ResourceHelper.fromString(
                                "calls.yaml",
                                """
                - route:
                    id: deliver-contentsquare
                    from:
                      uri: direct:yaml
                      steps:
                        - setBody:
                            expression:
                              simple:
                                expression: '{"projectId":1,"userId":"${header.user}","sessionNumber":4,"enrichment":{"call_duration":1}}'
                        - to:
                            id: send-enrichment
                            uri: contentsquare:enrichments
                            parameters:
                              clientId: cs-client
                              clientSecret: cs-secret-of-the-stand-in
                              requestTimeout: 5s
                """));

        Exchange answered = template()
                .request("direct:yaml", exchange -> exchange.getMessage().setHeader("user", "from-yaml"));

        assertNull(answered.getException());
        assertEquals(
                1,
                contentsquare
                        .accepted()
                        .get(new Key(1, "from-yaml", 4, 1))
                        .get("call_duration")
                        .intValue());
    }

    @Test
    void the_yaml_examples_of_the_documentation_load() throws Exception {
        Properties values = new Properties();
        values.setProperty("contentsquare.client-id", ContentsquareStandIn.CLIENT_ID);
        values.setProperty("contentsquare.client-secret", ContentsquareStandIn.CLIENT_SECRET);
        context().getPropertiesComponent().setInitialProperties(values);
        String page = Files.readString(Path.of("src/main/docs/contentsquare-component.adoc"));
        List<String> examples = Pattern.compile("\\[source,yaml]\n----\n(.*?)\n----", Pattern.DOTALL)
                .matcher(page)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertEquals(3, examples.size());

        for (String example : examples) {
            PluginHelper.getRoutesLoader(context()).loadRoutes(ResourceHelper.fromString("example.yaml", example));
        }
        Exchange answered = template().request("direct:call-ended", exchange -> exchange.getMessage()
                .setHeaders(new HashMap<>(
                        Map.of("projectId", 1, "userId", "u", "sessionNumber", 4, "milliseconds", 42_000))));

        assertNull(answered.getException());
        assertEquals(
                42_000, contentsquare.accepted().get(KEY).get("call_duration").intValue());
    }

    // ---- failures

    @Test
    void the_request_of_the_documentation_goes_to_its_path_as_it_is() throws Exception {
        the_yaml_examples_of_the_documentation_load();

        Exchange answered = template()
                .request("direct:raw", exchange -> exchange.getMessage().setBody("{\"any\": 1.50}"));

        assertNull(answered.getException());
        assertEquals(200, answered.getMessage().getHeader(ContentsquareConstants.STATUS_CODE));
        ContentsquareStandIn.Own own = contentsquare.ownRequests().get(0);
        assertEquals("POST /v1/calls", own.method() + " " + own.target());
        assertEquals("{\"any\": 1.50}", own.body());
        assertEquals("application/json", own.headers().getFirst("Content-Type"));
    }

    @Test
    void a_request_takes_path_and_method_from_headers_and_sends_no_other_header() {
        Exchange answered = template().request(requestUri(), exchange -> {
            exchange.getMessage().setBody("x");
            exchange.getMessage().setHeader(ContentsquareConstants.PATH, "/v2/other");
            exchange.getMessage().setHeader(ContentsquareConstants.METHOD, "PATCH");
            exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "text/plain; charset=utf-8");
            exchange.getMessage().setHeader(ContentsquareConstants.REQUEST_HEADERS, Map.of("X-Mine", "1"));
            exchange.getMessage().setHeader("Cookie", "secret=1");
        });

        assertNull(answered.getException());
        ContentsquareStandIn.Own own = contentsquare.ownRequests().get(0);
        assertEquals("PATCH /v2/other", own.method() + " " + own.target());
        assertEquals("text/plain; charset=utf-8", own.headers().getFirst("Content-Type"));
        assertEquals("1", own.headers().getFirst("X-Mine"));
        assertNull(own.headers().getFirst("Cookie"));
    }

    @Test
    void a_request_in_a_property_is_sent_unchanged_and_its_text_has_no_query() {
        ContentsquareRequest brought = new ContentsquareRequest(
                "PUT",
                "/v2/calls?key=a-key",
                "text/plain; charset=utf-8",
                Map.of("X-Api-Key", "another-key"),
                "brought".getBytes(StandardCharsets.UTF_8));

        Exchange answered = template().request(requestUri(), exchange -> {
            exchange.setProperty(ContentsquareConstants.REQUEST, brought);
            exchange.getMessage().setHeader(ContentsquareConstants.PATH, "/v2/other");
        });

        assertNull(answered.getException());
        ContentsquareStandIn.Own own = contentsquare.ownRequests().get(0);
        assertEquals("PUT /v2/calls?key=a-key", own.method() + " " + own.target());
        assertEquals("brought", own.body());
        assertEquals("another-key", own.headers().getFirst("X-Api-Key"));
        assertEquals("PUT /v2/calls", brought.toString());
    }

    private static String requestUri() {
        return uri("requestTimeout=30s").replace(":enrichments", ":request");
    }

    @Test
    void a_refusal_is_the_exchanges_exception_and_leaves_the_message_alone() {
        contentsquare.failNext(1, 503);

        Exchange answered = send(CALL, Map.of());

        ContentsquareException fault = assertInstanceOf(ContentsquareException.class, answered.getException());
        assertEquals(503, fault.getStatus());
        assertTrue(fault.isRetryable());
        assertSame(CALL, answered.getMessage().getBody());
    }

    @Test
    void the_caller_does_not_wait_and_is_called_back_once_on_another_thread() throws Exception {
        contentsquare.hangNext(1);
        Exchange exchange = context().getEndpoint("direct:call").createExchange();
        exchange.getMessage().setBody(CALL);
        CompletableFuture<Thread> calledBack = new CompletableFuture<>();
        AtomicInteger calls = new AtomicInteger();

        AsyncProducer producer =
                context().getEndpoint(uri("requestTimeout=500")).createAsyncProducer();
        producer.start();
        boolean inCallersThread = producer.process(exchange, doneSync -> {
            calls.incrementAndGet();
            calledBack.complete(Thread.currentThread());
        });

        assertFalse(inCallersThread);
        Thread thread = calledBack.get(60, TimeUnit.SECONDS);
        assertTrue(thread.getName().contains("ContentsquareAnswers"), thread.getName());
        assertInstanceOf(ContentsquareException.class, exchange.getException());
        producer.stop();
        assertEquals(1, calls.get());
    }

    @Test
    void many_exchanges_over_several_endpoints_share_one_token() throws Exception {
        List<CompletableFuture<Exchange>> answers = IntStream.range(0, 50)
                .mapToObj(n -> template()
                        .asyncSend(
                                uri("requestTimeout=" + (n % 2 == 0 ? "20000" : "20s")),
                                exchange -> exchange.getMessage().setBody(CALL)))
                .toList();
        for (CompletableFuture<Exchange> answer : answers) {
            assertNull(answer.get(60, TimeUnit.SECONDS).getException());
        }

        assertEquals(1, contentsquare.tokenRequests().size());
    }

    /** Slow: HttpClient waits five seconds for a request in flight. */
    @Test
    @Tag("slow")
    void stopping_the_component_ends_what_is_in_flight() throws Exception {
        contentsquare.hangNext(1);
        CompletableFuture<Exchange> answer = template()
                .asyncSend(uri("requestTimeout=3600000"), exchange -> exchange.getMessage()
                        .setBody(CALL));
        Awaitility.await().until(() -> contentsquare.batches().size() == 1);

        component().stop();

        assertInstanceOf(
                ContentsquareException.class, answer.get(60, TimeUnit.SECONDS).getException());
    }

    // ---- configuration

    @Test
    void a_given_http_client_is_used() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        JdkHttpClient given = new JdkHttpClient();
        context().getRegistry().bind("guarded", (ContentsquareHttpClient) request -> {
            requests.incrementAndGet();
            return given.send(request);
        });

        fluentTemplate().withBody(CALL).to(uri("httpClient=#bean:guarded")).request();

        assertEquals(2, requests.get(), "token and enrichment");
    }

    @Test
    void the_only_http_client_of_the_registry_is_autowired() throws Exception {
        ContentsquareHttpClient given = request -> new CompletableFuture<>();
        try (DefaultCamelContext other = new DefaultCamelContext()) {
            other.getRegistry().bind("guarded", given);

            ContentsquareComponent wired = other.getComponent("contentsquare", ContentsquareComponent.class);

            assertSame(given, wired.getConfiguration().getHttpClient());
        }
    }

    @Test
    void invalid_options_fail_at_the_start_with_all_their_names() {
        Exception fault =
                assertThrows(FailedToStartRouteException.class, () -> context().addRoutes(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:faulty")
                                .to("contentsquare:enrichments?clientId=x&tokenUrl=http://api.contentsquare.com/t");
                    }
                }));

        assertTrue(causes(fault).contains("'clientSecret' is missing; 'tokenUrl' must be https"), causes(fault));
    }

    @Test
    void an_unknown_operation_is_refused_with_the_known_ones() {
        ResolveEndpointFailedException fault = assertThrows(
                ResolveEndpointFailedException.class, () -> context().getEndpoint("contentsquare:enrichment"));

        assertTrue(causes(fault).contains("no operation 'enrichment' (known: [enrichments, request])"), causes(fault));
    }

    @Test
    void nothing_can_be_received_from_it() {
        Exception fault =
                assertThrows(FailedToStartRouteException.class, () -> context().addRoutes(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from(uri("scope=x")).to("mock:never");
                    }
                }));

        assertTrue(causes(fault).contains("endpoints send only"), causes(fault));
    }

    @Test
    void no_text_of_endpoint_or_configuration_holds_the_secret() {
        Endpoint endpoint = context().getEndpoint(uri("scope=x"));

        String texts = endpoint + " " + ((ContentsquareEndpoint) endpoint).getConfiguration();

        assertFalse(texts.contains(ContentsquareStandIn.CLIENT_SECRET), texts);
        assertTrue(texts.contains("cs-client"), texts);
    }

    @Test
    void a_copy_of_the_configuration_is_independent() {
        ContentsquareConfiguration copy = component().getConfiguration().copy();
        copy.setScope("other");

        assertNotEquals("other", component().getConfiguration().getScope());
    }

    // ---- health

    @Test
    void health_reflects_the_last_real_call() {
        HealthCheck health = HealthCheckHelper.getHealthCheckRepository(context(), "producers").stream()
                .filter(check -> check.getId().startsWith("producer:contentsquare-"))
                .findFirst()
                .orElseThrow();
        assertEquals(HealthCheck.State.UP, health.call().getState());

        contentsquare.failNext(1, 503);
        send(CALL, Map.of());
        assertEquals(HealthCheck.State.DOWN, health.call().getState());
        assertEquals(503, health.call().getDetails().get("service.status.code"));

        contentsquare.failNext(1, 400);
        send(CALL, Map.of());
        assertEquals(
                HealthCheck.State.DOWN, health.call().getState(), "a faulty record says nothing about the service");

        send(CALL, Map.of());
        assertEquals(HealthCheck.State.UP, health.call().getState());
    }

    // ---- helpers

    private Exchange send(Object body, Map<String, Object> headers) {
        return template().request("direct:call", exchange -> {
            exchange.getMessage().setBody(body);
            exchange.getMessage().setHeaders(new HashMap<>(headers));
        });
    }

    private ContentsquareComponent component() {
        return context().getComponent("contentsquare", ContentsquareComponent.class);
    }

    private static String causes(Throwable fault) {
        StringBuilder text = new StringBuilder();
        for (Throwable each = fault; each != null; each = each.getCause()) {
            text.append(each.getMessage()).append('\n');
        }
        return text.toString();
    }
}
