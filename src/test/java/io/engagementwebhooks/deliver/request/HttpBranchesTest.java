package io.engagementwebhooks.deliver.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.EgressSettings;
import io.engagementwebhooks.deliver.egress.HttpFailures;
import io.engagementwebhooks.deliver.judge.AnswerJudging;
import io.engagementwebhooks.deliver.judge.FailureJudging;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.deliver.oauth2.OAuth2Authorization;
import io.engagementwebhooks.deliver.oauth2.OAuth2TokenRenewal;
import io.engagementwebhooks.deliver.oauth2.TokenSharing;
import io.engagementwebhooks.deliver.oauth2.TokenSource;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Got;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.ReceiverStep;
import io.engagementwebhooks.testkit.SampleClient;
import io.engagementwebhooks.testkit.SampleDelivery;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.testkit.StrictTokenServer;
import io.engagementwebhooks.testkit.TestResolver;
import io.engagementwebhooks.testkit.TestResources;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.auth.Authentication;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.jq.JqProgram;
import io.engagementwebhooks.webhook.template.Body;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.PluginHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The branches that call an HTTP receiver: the shipped route files with real steps and real HTTP (semantics 11, 15, 17, 32).
 * Common behavior is tested for each branch.
 */
@Timeout(300)
class HttpBranchesTest extends TestResources {

    private static final List<String> FILES =
            List.of("31-deliver-header", "32-deliver-oauth2", "39-deliver-unauthenticated");
    private static final String READY = "Basic cGFydG5lcjpw";
    private static final String KEY = "hush-hush";

    /** How the webhook authenticates. */
    private enum Branch {
        NONE,
        HEADER,
        API_KEY,
        OAUTH2
    }

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final EgressClient egress = opened(new EgressClient(
            new EgressRules(EgressSettings.of("127.0.0.0/8", "", "")), "test", clock, TestResolver.OF_MACHINE));
    private final StrictTokenServer tokenServer =
            opened(new StrictTokenServer("id", "secret", StrictTokenServer.Way.BASIC));
    private final TokenSource tokens =
            new TokenSource(TokenSharing.ALONE, egress, (account, task) -> task.run(), clock, () -> 0);
    private ProducerTemplate template;

    @BeforeEach
    void start() throws Exception {
        camel.disableJMX();
        Registry steps = camel.getRegistry();
        steps.bind("receiverCalls", ReceiverStep.by(egress));
        steps.bind("buildRequest", new RequestBuilding(clock, AttemptTracing.PROPAGATE_ONLY));
        steps.bind("signRequest", new RequestSigning(clock));
        steps.bind("authorizeByHeader", new HeaderAuthorization());
        steps.bind("authorizeByOAuth2", new OAuth2Authorization(tokens, (exchange, rest) -> rest.run()));
        steps.bind("renewRefusedToken", new OAuth2TokenRenewal(tokens, clock, (exchange, rest) -> rest.run()));
        steps.bind("judgeResponse", new AnswerJudging(clock));
        steps.bind(
                "judgeFailure", new FailureJudging(List.of(new HttpFailures()), webhook -> false, Clock.systemUTC()));
        for (String file : FILES) {
            PluginHelper.getRoutesLoader(camel)
                    .loadRoutes(PluginHelper.getResourceLoader(camel)
                            .resolveResource("file:routes/" + file + ".camel.yaml"));
        }
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:deliver")
                        .toD("direct:deliver-${exchangeProperty.branch}")
                        .setProperty("recorded", constant(true));
            }
        });
        camel.start();
        template = camel.createProducerTemplate();
    }

    @AfterEach
    void close() throws Exception {
        camel.close();
    }

    @ParameterizedTest
    @EnumSource
    void the_receiver_gets_the_built_request_and_the_body_is_the_delivery_again_afterwards(Branch branch) {
        Receiver receiver = receiver(got -> new Reply(202, Map.of("X-Receiver", "r"), "thanks"));
        Delivery delivery = by(branch, receiver).delivery();
        Exchange exchange = deliver(delivery);

        assertEquals(new Outcome.Delivered(""), DeliveryContext.outcome(exchange));
        assertSame(delivery, exchange.getMessage().getBody());
        assertEquals("thanks", new String(DeliveryContext.of(exchange).answer().body()));
        Got got = receiver.requests().get(0);
        assertEquals(1, receiver.requests().size());
        assertEquals("POST", got.method());
        assertEquals("/hooks?x=%2B", got.target().toString());
        assertEquals(SampleDelivery.DOCUMENT, got.body());
        assertEquals("application/cloudevents+json", got.header("Content-Type"));
        assertEquals(delivery.messageId(), got.header("webhook-id"));
        assertEquals(branch == Branch.API_KEY ? KEY : null, got.header("X-Api-Key"));
        switch (branch) {
            case NONE, API_KEY -> assertNull(got.header("Authorization"));
            case HEADER -> assertEquals(READY, got.header("Authorization"));
            case OAUTH2 -> assertTrue(isKnown(got));
        }
    }

    @ParameterizedTest
    @EnumSource
    void headers_of_the_message_are_not_sent_and_headers_of_the_response_are_not_set(Branch branch) {
        Receiver receiver = receiver(got -> new Reply(200, Map.of("X-Receiver", "r"), ""));
        Exchange exchange = deliver(by(branch, receiver).delivery(), Map.of("X-Caller", "c"));
        assertNull(receiver.requests().get(0).header("X-Caller"));
        assertNull(exchange.getMessage().getHeader("X-Receiver"));
        assertEquals("r", DeliveryContext.of(exchange).answer().header("x-receiver"));
    }

    @ParameterizedTest
    @EnumSource
    void no_header_of_the_message_changes_the_destination(Branch branch) {
        Receiver receiver = receiver(got -> new Reply(200));
        Receiver other = receiver(got -> new Reply(200));
        deliver(
                by(branch, receiver).delivery(),
                Map.of(
                        "CamelHttpUri", other.url().toString(),
                        "CamelHttpPath", "/other",
                        "CamelHttpQuery", "a=b",
                        "CamelHttpMethod", "DELETE",
                        "CamelRestHttpUri", other.url().toString()));
        assertEquals(0, other.requests().size());
        assertEquals("POST", receiver.requests().get(0).method());
        assertEquals("/hooks?x=%2B", receiver.requests().get(0).target().toString());
    }

    @Test
    void a_response_with_an_odd_content_type_is_kept_as_bytes() {
        Receiver receiver = receiver(got -> new Reply(
                200,
                Map.of("Content-Type", "application/x-java-serialized-object", "Content-Encoding", "gzip"),
                "not gzip"));
        Exchange exchange = deliver(new SampleDelivery(receiver.url()).delivery());
        assertEquals(new Outcome.Delivered("answer could not be decoded"), DeliveryContext.outcome(exchange));
    }

    @Test
    void an_api_key_is_masked_in_the_response() {
        Receiver receiver = receiver(got ->
                new Reply(403, Map.of("X-Seen", got.header("X-Api-Key")), "no such key: " + got.header("X-Api-Key")));
        Exchange exchange = deliver(by(Branch.API_KEY, receiver).delivery());
        assertEquals(
                "no such key: ***",
                new String(DeliveryContext.of(exchange).answer().body()));
        assertEquals("***", DeliveryContext.of(exchange).answer().header("x-seen"));
    }

    @ParameterizedTest
    @EnumSource
    void a_refused_connection_is_retried_and_recorded(Branch branch) {
        Receiver receiver = receiver(got -> new Reply(200));
        receiver.close();
        Delivery delivery = by(branch, receiver).delivery();
        Exchange exchange = deliver(delivery);
        assertEquals(
                Outcome.TryLater.bySchedule("The endpoint refused the connection"), DeliveryContext.outcome(exchange));
        assertSame(delivery, exchange.getMessage().getBody());
        assertNull(exchange.getException());
        assertEquals(true, exchange.getProperty("recorded"), "the calling route went on");
    }

    @Test
    void a_receiver_that_does_not_answer_is_retried_and_slowed_down() {
        Receiver receiver = receiver(got -> {
            awaitClose();
            return new Reply(200);
        });
        Exchange exchange = deliver(new SampleDelivery(receiver.url())
                .within(Duration.ofMillis(300))
                .delivery());
        assertEquals(
                new Outcome.TryLater("The endpoint did not answer within 300 ms", null, false, true),
                DeliveryContext.outcome(exchange));
    }

    @ParameterizedTest
    @EnumSource
    void a_body_fault_gives_up_without_a_call(Branch branch) {
        Receiver receiver = receiver(got -> new Reply(200));
        Body none = new Body.Program(JqProgram.compile("empty"), Body.Format.JSON);
        Exchange exchange = deliver(by(branch, receiver).sending(none).delivery());
        assertEquals(
                Outcome.GaveUp.because("the body's jq program answered nothing"), DeliveryContext.outcome(exchange));
        assertEquals(0, receiver.requests().size());
    }

    @Test
    void a_removed_route_does_not_close_the_shared_client() throws Exception {
        Receiver receiver = receiver(got -> new Reply(200));
        deliver(new SampleDelivery(receiver.url()).delivery());
        camel.getRouteController().stopRoute("deliver-unauthenticated");
        camel.removeRoute("deliver-unauthenticated");
        Exchange exchange = deliver(by(Branch.HEADER, receiver).delivery());
        assertEquals(new Outcome.Delivered(""), DeliveryContext.outcome(exchange));
    }

    @Test
    void a_token_is_fetched_once_and_sent_with_every_delivery() {
        Receiver receiver = guarded();
        for (int i = 0; i < 3; i++) {
            assertEquals(
                    new Outcome.Delivered(""),
                    DeliveryContext.outcome(deliver(oauth2(receiver).delivery())));
        }
        assertEquals(3, receiver.requests().size());
        assertEquals(1, tokenServer.requests());
    }

    @Test
    void a_revoked_token_is_renewed_and_the_request_sent_once_more() {
        Receiver receiver = guarded();
        deliver(oauth2(receiver).delivery());
        tokenServer.revokeAll();
        Exchange exchange = deliver(oauth2(receiver).delivery());

        assertEquals(new Outcome.Delivered(""), DeliveryContext.outcome(exchange));
        assertEquals(3, receiver.requests().size());
        assertEquals(2, tokenServer.requests());
        Got refused = receiver.requests().get(1);
        Got accepted = receiver.requests().get(2);
        assertEquals(refused.header("webhook-id"), accepted.header("webhook-id"));
        assertEquals(refused.body(), accepted.body());
    }

    /** RFC 6750 section 3.1. */
    @Test
    void a_403_that_names_the_token_renews_it_too() {
        String challenge = "Basic realm=\"a, b\", Bearer error=\"invalid_token\"";
        Receiver receiver = receiver(
                got -> isKnown(got) ? new Reply(200) : new Reply(403, Map.of("WWW-Authenticate", challenge), ""));
        deliver(oauth2(receiver).delivery());
        tokenServer.revokeAll();

        assertEquals(
                new Outcome.Delivered(""),
                DeliveryContext.outcome(deliver(oauth2(receiver).delivery())));
        assertEquals(2, tokenServer.requests());
    }

    @Test
    void a_receiver_that_refuses_every_token_gets_two_requests_and_then_one_until_the_hold_is_over() {
        Receiver receiver = receiver(got -> new Reply(401));
        assertEquals(
                Outcome.TryLater.bySchedule("The receiver answered 401 Unauthorized (the new token was refused too)"),
                DeliveryContext.outcome(deliver(oauth2(receiver).delivery())));
        assertEquals(2, receiver.requests().size());
        assertEquals(2, tokenServer.requests());

        clock.pass(Duration.ofSeconds(29));
        deliver(oauth2(receiver).delivery());
        assertEquals(3, receiver.requests().size());
        assertEquals(2, tokenServer.requests());

        clock.pass(Duration.ofSeconds(1));
        deliver(oauth2(receiver).delivery());
        assertEquals(5, receiver.requests().size());
        assertEquals(3, tokenServer.requests());

        // the second hold is twice as long
        clock.pass(Duration.ofSeconds(59));
        deliver(oauth2(receiver).delivery());
        assertEquals(6, receiver.requests().size());
        assertEquals(3, tokenServer.requests());
    }

    @Test
    void a_failed_second_send_becomes_an_outcome() {
        List<Integer> came = new CopyOnWriteArrayList<>();
        Receiver receiver = receiver(got -> {
            came.add(came.size());
            if (came.size() == 2) {
                throw new IllegalStateException("closes the connection");
            }
            return new Reply(401);
        });
        Exchange exchange = deliver(oauth2(receiver).delivery());
        assertEquals(
                Outcome.TryLater.bySchedule("The endpoint closed the connection without a complete answer"),
                DeliveryContext.outcome(exchange));
        assertNull(exchange.getException());
        assertEquals(2, receiver.requests().size());
    }

    @Test
    void a_hold_affects_one_webhook_only() {
        Receiver refusing = receiver(got -> new Reply(401));
        Receiver receiver = guarded();
        deliver(oauth2(refusing).named("refusing").delivery());
        tokenServer.revokeAll();
        Exchange exchange = deliver(oauth2(receiver).delivery());
        assertEquals(new Outcome.Delivered(""), DeliveryContext.outcome(exchange));
        assertEquals(2, receiver.requests().size());
    }

    @Test
    void a_token_endpoint_that_is_down_uses_up_no_attempt_and_calls_no_receiver() {
        Receiver receiver = guarded();
        tokenServer.answer(503, "");
        Exchange exchange = deliver(oauth2(receiver).delivery());
        Outcome.NotSent notSent = assertInstanceOf(Outcome.NotSent.class, DeliveryContext.outcome(exchange));
        assertEquals(clock.instant().plusSeconds(5), notSent.until());
        assertTrue(notSent.reason().contains("OAuth client 'crm'"), notSent.reason());
        assertNull(DeliveryContext.of(exchange).answer());
        assertEquals(0, receiver.requests().size());
    }

    @Test
    void a_renewal_that_fails_is_reported_with_the_refusal() {
        Receiver receiver = guarded();
        deliver(oauth2(receiver).delivery());
        tokenServer.revokeAll();
        tokenServer.answer(503, "");
        Outcome outcome = DeliveryContext.outcome(deliver(oauth2(receiver).delivery()));
        assertTrue(outcome.reason().startsWith("The receiver answered 401 Unauthorized ("), outcome.reason());
        assertTrue(outcome.reason().contains("answered 503"), outcome.reason());
        assertEquals(2, receiver.requests().size());
    }

    @Test
    void a_token_request_does_not_use_up_the_deadline_and_the_second_send_gets_the_remaining_time() {
        Receiver slowTokens = receiver(got -> {
            clock.pass(Duration.ofSeconds(4));
            return new Reply(
                    200, Map.of(), "{\"access_token\":\"t" + clock.instant().getEpochSecond() + "\"}");
        });
        Receiver receiver = receiver(got -> {
            clock.pass(Duration.ofSeconds(10));
            return new Reply(401);
        });
        Instant start = clock.instant();
        Exchange exchange = deliver(oauth2(receiver, slowTokens.url()).delivery());
        assertEquals(2, receiver.requests().size());
        // 30 s of the webhook, of which the first call used 10 s, and 4 s for each of two token requests
        assertEquals(
                start.plusSeconds(38), DeliveryContext.of(exchange).request().deadline());
    }

    private SampleDelivery by(Branch branch, Receiver receiver) {
        SampleDelivery plain = new SampleDelivery(receiver.url());
        return switch (branch) {
            case NONE -> plain;
            case HEADER -> plain.with(new Authentication.Header(Secret.of(READY)));
            case API_KEY -> plain.with(new Authentication.ApiKey("X-Api-Key", Secret.of(KEY)));
            case OAUTH2 -> oauth2(receiver);
        };
    }

    private SampleDelivery oauth2(Receiver receiver) {
        return oauth2(receiver, tokenServer.url());
    }

    private static SampleDelivery oauth2(Receiver receiver, URI tokenUrl) {
        OAuthClient client = new SampleClient(tokenUrl, "id", "secret").client();
        return new SampleDelivery(receiver.url()).with(new Authentication.OAuth2(client));
    }

    /** Accepts the token server's tokens only. */
    private Receiver guarded() {
        return receiver(got -> new Reply(isKnown(got) ? 200 : 401));
    }

    private boolean isKnown(Got got) {
        String value = got.header("Authorization");
        return value != null && value.startsWith("Bearer ") && tokenServer.knows(value.substring(7));
    }

    private Exchange deliver(Delivery delivery) {
        return deliver(delivery, Map.of());
    }

    private Exchange deliver(Delivery delivery, Map<String, Object> headers) {
        return template.send("direct:deliver", exchange -> {
            String type = delivery.authentication();
            exchange.setProperty(
                    "branch",
                    Map.of("none", "unauthenticated", "api-key", "header").getOrDefault(type, type));
            exchange.getIn().setBody(delivery);
            exchange.getIn().setHeaders(new java.util.HashMap<>(headers));
        });
    }

    private Receiver receiver(Function<Got, Reply> behaviour) {
        return opened(new Receiver(behaviour));
    }

    /** Waits until the test closes the receiver, which interrupts its threads. */
    private static void awaitClose() {
        try {
            new java.util.concurrent.CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
