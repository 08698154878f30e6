package io.engagementwebhooks.deliver.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import io.engagementwebhooks.deliver.receiver.ReceiverCalls;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Got;
import io.engagementwebhooks.testkit.ReceiverStep;
import io.engagementwebhooks.testkit.SampleClient;
import io.engagementwebhooks.testkit.SampleDelivery;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.testkit.StrictTokenServer;
import io.engagementwebhooks.testkit.TestResolver;
import io.engagementwebhooks.webhook.DeliveryMethod;
import io.engagementwebhooks.webhook.RateLimit;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.Authentication;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.signing.HmacKey;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.template.Body;
import io.engagementwebhooks.webhook.template.Template;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.ResolveEndpointFailedException;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.MessageHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Steps between build-request and receiver: change the message, which is the request. It is sent as they left it, or not
 * at all.
 */
@Timeout(300)
class StepsOnTheRequestTest {

    private static final Processor NOTHING = exchange -> {};
    private static final String VALUE = "Basic cGFydG5lcjpzZWNyZXQ=";
    private static final SigningKey KEY = new SigningKey(
            "k1", SigningKey.Scheme.V1, HmacKey.generate(new SecureRandom()).text());

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final EgressClient egress = new EgressClient(
            new EgressRules(EgressSettings.of("127.0.0.0/8", "", "")), "test", clock, TestResolver.OF_MACHINE);
    private volatile Function<Got, Receiver.Reply> answer = got -> new Receiver.Reply(204);
    private final Receiver receiver = new Receiver(got -> answer.apply(got));

    private Processor step = NOTHING;
    private Processor late = NOTHING;
    private volatile Map<String, Object> caught;

    /** Of each request of a webhook with a rate limit, whether it is the first of its attempt. */
    private final List<Boolean> begun = new CopyOnWriteArrayList<>();

    private final CyclicBarrier bothSigned = new CyclicBarrier(2);
    private final CyclicBarrier bothAnswered = new CyclicBarrier(2);
    private final Map<String, String> sentBy = new ConcurrentHashMap<>();

    @BeforeEach
    void start() throws Exception {
        camel.disableJMX();
        camel.getRegistry()
                .bind(
                        "receiverCalls",
                        new ReceiverCalls(
                                egress,
                                ReceiverStep.UNFENCED,
                                (delivery, isFirst) -> begun.add(isFirst),
                                null,
                                (delivery, rest) -> new Thread(rest, "route").start()));
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                FailureJudging judging =
                        new FailureJudging(List.of(new HttpFailures()), webhook -> false, Clock.systemUTC());
                from("direct:deliver")
                        .doTry()
                        .process(new RequestBuilding(clock, AttemptTracing.PROPAGATE_ONLY))
                        .process(exchange -> {
                            if (!DeliveryContext.delivery(exchange)
                                    .authentication()
                                    .equals("none")) {
                                new HeaderAuthorization().process(exchange);
                            }
                        })
                        .process(exchange -> step.process(exchange))
                        .process(new RequestSigning(clock))
                        .process(exchange -> late.process(exchange))
                        .to("receiver:webhook?headers=X-Mine, x-other")
                        .process(new AnswerJudging(clock))
                        .doCatch(Throwable.class)
                        .process(exchange ->
                                caught = new HashMap<>(exchange.getMessage().getHeaders()))
                        .process(judging);
                from("direct:both").multicast().parallelProcessing().to("direct:branch", "direct:other-branch");
                for (String branch : List.of("branch", "other-branch")) {
                    from("direct:" + branch)
                            .process(new RequestBuilding(clock, AttemptTracing.PROPAGATE_ONLY))
                            .setHeader(MessageRequest.URL, constant(origin(receiver.url()) + "/" + branch))
                            .removeHeader(MessageRequest.QUERY)
                            .process(new RequestSigning(clock))
                            .process(exchange -> bothSigned.await(60, TimeUnit.SECONDS))
                            .to("receiver:webhook")
                            .process(exchange -> bothAnswered.await(60, TimeUnit.SECONDS))
                            .process(exchange -> sentBy.put(
                                    branch,
                                    DeliveryContext.of(exchange).request().url().getPath()));
                }
            }
        });
        camel.start();
    }

    @AfterEach
    void close() throws Exception {
        camel.close();
        egress.close();
        receiver.close();
    }

    private SampleDelivery sample() {
        return new SampleDelivery(receiver.url())
                .with(new Authentication.Header(Secret.of(VALUE)))
                .signed(new Signing(Signing.Form.BOTH, List.of(KEY)));
    }

    private Exchange send(Delivery delivery) {
        return camel.createProducerTemplate()
                .send("direct:deliver", exchange -> exchange.getIn().setBody(delivery));
    }

    private static Processor message(Consumer<Message> change) {
        return exchange -> change.accept(exchange.getMessage());
    }

    private Got got() {
        assertEquals(1, receiver.requests().size());
        return receiver.requests().get(0);
    }

    private static Outcome.NotSent notSent(Exchange exchange) {
        return assertInstanceOf(Outcome.NotSent.class, DeliveryContext.outcome(exchange));
    }

    @Test
    void a_header_that_the_endpoint_declares_arrives_and_is_recorded_without_its_value_and_no_other_does() {
        step = message(message -> {
            message.setHeader("x-mine", "mine-1234-5678");
            message.setHeader("X-Undeclared", "u");
            message.setHeader("Connection", "close");
            message.setHeader("Content-Length", "1");
        });
        answer = got -> new Receiver.Reply(500, Map.of(), "you sent " + got.header("X-Mine"));

        DeliveryContext context = DeliveryContext.of(send(sample().delivery()));

        assertEquals("mine-1234-5678", got().header("X-Mine"));
        assertNull(got().header("X-Undeclared"));
        assertEquals(Integer.toString(SampleDelivery.DOCUMENT.length()), got().header("Content-Length"));
        assertEquals(SampleDelivery.DOCUMENT, got().body());
        assertEquals("***", ShownRequest.headers(context.request()).get("x-mine"));
        assertEquals("you sent ***", new String(context.answer().body(), StandardCharsets.UTF_8));
    }

    /** Kafka's headers are bytes. */
    @Test
    void headers_that_are_bytes_are_sent_and_signed_as_text() {
        byte[] type = "application/vnd.acme+json".getBytes(StandardCharsets.UTF_8);
        step = message(message -> {
            message.setHeader("X-Mine", "tenant-7".getBytes(StandardCharsets.UTF_8));
            message.setHeader("Content-Type", type);
        });
        late = message(message -> message.setHeader("Content-Type", type));

        assertEquals(new Outcome.Delivered(""), DeliveryContext.outcome(send(sample().delivery())));

        assertEquals("tenant-7", got().header("X-Mine"));
        assertEquals("application/vnd.acme+json", got().header("Content-Type"));
    }

    /** Responses contain common words by chance, and the route reads them. */
    @ParameterizedTest
    @ValueSource(strings = {"true", "json", "2026", "set by step"})
    void an_everyday_value_of_a_declared_header_stays_in_answers_but_not_in_the_record(String value) {
        step = message(message -> message.setHeader("X-Mine", value));
        answer = got -> new Receiver.Reply(500, Map.of(), "{\"a\": \"" + got.header("X-Mine") + "\"}");

        DeliveryContext context = DeliveryContext.of(send(sample().delivery()));

        assertEquals("{\"a\": \"" + value + "\"}", new String(context.answer().body(), StandardCharsets.UTF_8));
        assertEquals("***", ShownRequest.headers(context.request()).get("X-Mine"));
    }

    @Test
    void an_http_step_calls_its_own_url_and_does_not_get_the_receivers() {
        try (Receiver crm = new Receiver(got -> new Receiver.Reply(200, Map.of(), "{}"))) {
            step = exchange -> camel.createProducerTemplate().send(origin(crm.url()) + "/crm", exchange);

            assertEquals(new Outcome.Delivered(""), DeliveryContext.outcome(send(sample().delivery())));

            assertEquals(1, crm.requests().size());
            Got asked = crm.requests().get(0);
            assertEquals("/crm", asked.target().toString());
            assertFalse(asked.headers().toString().contains(receiver.url().getPath()), asked.headers()::toString);
            assertEquals(receiver.url().getPath(), got().target().getPath());
            assertEquals(receiver.url().getRawQuery(), got().target().getRawQuery());
        }
    }

    @Test
    void after_a_failed_call_the_request_is_not_on_the_message() {
        Exchange unanswered = send(new SampleDelivery(URI.create("http://127.0.0.1:1/hooks"))
                .with(new Authentication.Header(Secret.of(VALUE)))
                .delivery());

        assertInstanceOf(Outcome.TryLater.class, DeliveryContext.outcome(unanswered));
        assertEquals(Map.of(), caught);

        late = message(message -> message.setBody(new byte[0]));
        notSent(send(sample().delivery()));
        assertEquals(Map.of(), caught);
    }

    @Test
    void after_a_judged_failure_an_unsent_request_is_not_on_the_message() {
        step = exchange -> {
            throw new IllegalStateException("a step of the route");
        };

        assertEquals(Map.of(), send(sample().delivery()).getMessage().getHeaders());
    }

    @Test
    void parallel_branches_have_separate_requests() {
        Exchange sent = camel.createProducerTemplate()
                .send("direct:both", exchange -> exchange.getIn().setBody(sample().delivery()));

        assertNull(sent.getException());
        assertEquals(2, receiver.requests().size());
        assertEquals(Map.of("branch", "/branch", "other-branch", "/other-branch"), sentBy);
        assertTrue(sentBy.containsValue(DeliveryContext.of(sent).request().url().getPath()), "the last one's");
    }

    @Test
    void a_header_of_the_webhook_may_be_changed_and_removed() {
        step = message(message -> {
            message.setHeader("x-team", "blue");
            message.removeHeader("X-Gone");
        });

        send(sample().delivery(Map.of(
                "X-Team", Template.header("X-Team", "red"), "X-Gone", Template.header("X-Gone", "gone"))));

        assertEquals(List.of("blue"), got().headers().get("X-Team"));
        assertNull(got().header("X-Gone"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"webhook-id", "Webhook-Signature", "Connection", "Transfer-Encoding", "Host", "a b"})
    void the_products_own_headers_and_those_of_the_connection_cannot_be_declared(String name) {
        ResolveEndpointFailedException refused = assertThrows(
                ResolveEndpointFailedException.class,
                () -> camel.getEndpoint("receiver:other?headers=RAW(X-Fine," + name + ")"));

        assertTrue(
                refused.getMessage().contains("option 'headers' names '" + name + "', which is "),
                refused.getMessage());
    }

    @Test
    void a_value_from_an_event_cannot_end_its_header() {
        step = message(message -> message.setHeader("X-Mine", "a\r\nX-Injected: b"));

        Outcome outcome = DeliveryContext.outcome(send(sample().delivery()));

        assertEquals(
                Outcome.GaveUp.because("the value of header X-Mine holds a character that is not printable ASCII"),
                outcome);
        assertEquals(0, receiver.requests().size());
    }

    @Test
    void the_signature_covers_a_body_a_method_and_a_path_that_a_step_changed_before_it() throws Exception {
        step = message(message -> {
            message.setBody("{\"changed\":true}");
            message.setHeader(MessageRequest.METHOD, "PUT");
            message.setHeader(MessageRequest.URL, origin(receiver.url()) + "/other");
            message.removeHeader(MessageRequest.QUERY);
            message.setHeader(WebhookSigner.ID, "msg_of_a_step");
            message.setHeader(WebhookSigner.SIGNATURE, "v1,forged");
        });

        Delivery delivery = sample().delivery();
        assertEquals(new Outcome.Delivered(""), DeliveryContext.outcome(send(delivery)));

        Got got = got();
        assertEquals("PUT", got.method());
        assertEquals("/other", got.target().toString());
        assertEquals("{\"changed\":true}", got.body());
        byte[] body = got.body().getBytes(StandardCharsets.UTF_8);
        assertEquals(delivery.messageId(), got.header(WebhookSigner.ID));
        assertEquals(
                WebhookSigner.sign(delivery.messageId(), clock.instant().getEpochSecond(), body, List.of(KEY)),
                got.header(WebhookSigner.SIGNATURE));
        assertEquals(ContentDigest.of(body), got.header(ContentDigest.HEADER));
    }

    @Test
    void without_url_headers_a_request_is_sent_to_the_webhooks_url() {
        step = message(message -> message.removeHeaders("*"));

        assertEquals(new Outcome.Delivered(""), DeliveryContext.outcome(send(sample().delivery())));

        assertEquals("POST", got().method());
        assertEquals(receiver.url().getRawQuery(), got().target().getRawQuery());
        assertNull(got().header("Authorization"));
        assertNull(got().header("Content-Type"));
    }

    @Test
    void a_request_with_an_invalid_method_is_not_sent() {
        step = message(message -> message.setHeader(MessageRequest.METHOD, "CONNECT"));

        assertEquals(
                "Not sent: a step set a method other than [POST, PUT, PATCH, DELETE, GET]",
                notSent(send(sample().delivery())).reason());
        assertEquals(0, receiver.requests().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"webhook-id", "webhook-signature", "Content-Type", "CamelReceiverMethod", "the body"})
    void a_request_changed_after_the_signature_is_not_sent(String what) {
        late = message(message -> {
            if (what.equals("the body")) {
                message.setBody("{}".getBytes(StandardCharsets.UTF_8));
            } else {
                message.setHeader(what, "PUT");
            }
        });

        Outcome.NotSent outcome = notSent(send(sample().delivery()));

        assertEquals(
                "Not sent: a step changed " + what
                        + " after sign-request, so the signature covers something else; put the step before sign-request",
                outcome.reason());
        assertTrue(outcome.lasting());
        assertEquals(0, receiver.requests().size());
    }

    private static String origin(URI url) {
        return "http://127.0.0.1:" + url.getPort();
    }

    @Test
    void a_credential_is_not_sent_to_another_origin_and_no_connection_is_opened() throws Exception {
        try (ServerSocketChannel other = ServerSocketChannel.open()) {
            other.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            other.configureBlocking(false);
            int port = ((InetSocketAddress) other.getLocalAddress()).getPort();
            step = message(message -> message.setHeader(MessageRequest.URL, "http://127.0.0.1:" + port + "/hooks"));

            Outcome.NotSent outcome = notSent(send(sample().delivery()));

            assertEquals(
                    "Not sent: a step changed the URL to http://127.0.0.1:" + port
                            + ", and CamelReceiverQuery holds a credential for " + origin(receiver.url())
                            + "; remove the header before",
                    outcome.reason());
            step = message(message -> {
                message.setHeader(MessageRequest.URL, "http://127.0.0.1:" + port + "/hooks");
                message.removeHeader(MessageRequest.QUERY);
            });
            assertTrue(notSent(send(sample().delivery())).reason().contains("and Authorization holds a credential"));
            assertNull(other.accept(), "no connection was made");
        }
        assertEquals(0, receiver.requests().size());
    }

    @Test
    void a_request_without_a_credential_goes_where_a_step_sends_it() {
        try (Receiver other = new Receiver(got -> new Receiver.Reply(204))) {
            step = message(message -> {
                message.setHeader(MessageRequest.URL, origin(other.url()) + "/elsewhere");
                message.setHeader(MessageRequest.QUERY, "a=b");
                message.removeHeader("Authorization");
            });

            assertEquals(new Outcome.Delivered(""), DeliveryContext.outcome(send(sample().delivery())));

            assertEquals("/elsewhere?a=b", other.requests().get(0).target().toString());
            assertNull(other.requests().get(0).header("Authorization"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://crm example/", "http://crm.example/{{env:PATH}}", "http://${header.a}/"})
    void an_invalid_url_is_refused_and_its_placeholders_are_not_resolved(String url) {
        step = message(message -> message.setHeader(MessageRequest.URL, url));

        Outcome.NotSent outcome = notSent(send(sample().delivery()));

        assertTrue(outcome.reason().startsWith("Not sent: the URL that a step set cannot be read: "), outcome.reason());
    }

    /** CVE-2026-78164: Camel resolved placeholders in values of a message. */
    @Test
    void placeholders_and_expressions_of_camel_are_sent_as_they_are() {
        String literal = "{{env:PATH}} ${header.Authorization} ${env:PATH}";
        URI url = URI.create(receiver.url() + "&p=%7B%7Benv:PATH%7D%7D&q=$%7Bbody%7D");
        // templates write a brace before a name as {lb}
        String template = literal.replace("${h", "${lb}h");
        Delivery delivery = new SampleDelivery(url)
                .sending(new Body.Templated(Template.json("{\"a\": \"" + template + "\"}"), Body.Format.JSON))
                .delivery(Map.of("X-Text", Template.header("X-Text", template)));
        step = message(message -> message.setHeader("X-Mine", literal));

        assertEquals(new Outcome.Delivered(""), DeliveryContext.outcome(send(delivery)));

        assertEquals(url.getRawQuery(), got().target().getRawQuery());
        assertEquals(literal, got().header("X-Text"));
        assertEquals(literal, got().header("X-Mine"));
        assertEquals("{\"a\": \"" + literal + "\"}", got().body());
    }

    @Test
    void no_view_of_a_message_shows_a_credential() {
        StringBuilder shown = new StringBuilder();
        URI url = URI.create(receiver.url() + "&k=query-secret");
        Delivery delivery = new SampleDelivery(url)
                .with(new Authentication.Header(Secret.of(VALUE)))
                .delivery(Map.of("X-Auth-Key", Template.header("X-Auth-Key", "header-secret")));
        late = exchange -> {
            Message message = exchange.getMessage();
            assertEquals("***", message.getHeader("Authorization", String.class));
            shown.append(MessageHelper.dumpAsXml(message))
                    .append(MessageHelper.dumpAsJSon(message))
                    .append(message.getHeaders())
                    .append(exchange.getProperties());
            for (String expression : List.of(
                    "${headers}",
                    "${header.Authorization}",
                    "${header.Authorization.value}",
                    "${header.Authorization.reveal}",
                    "${header.Authorization?.reveal()}",
                    "${messageHistory}")) {
                try {
                    shown.append(camel.resolveLanguage("simple")
                            .createExpression(expression)
                            .evaluate(exchange, String.class));
                } catch (RuntimeException e) {
                    shown.append(e);
                }
            }
        };

        assertEquals(new Outcome.Delivered(""), DeliveryContext.outcome(send(delivery)));

        assertTrue(shown.toString().contains("***"));
        for (String secret : List.of(VALUE.substring(6), "query-secret", "header-secret")) {
            assertFalse(shown.toString().contains(secret), secret);
        }
        assertEquals(VALUE, got().header("Authorization"));
        assertEquals("header-secret", got().header("X-Auth-Key"));
        assertTrue(got().target().getRawQuery().endsWith("k=query-secret"));
    }

    @Test
    void after_the_answer_nothing_of_the_request_is_on_the_message() {
        Exchange exchange = send(sample().delivery());

        assertEquals(Map.of(), exchange.getMessage().getHeaders());
    }

    @Test
    void a_second_send_after_a_refused_token_is_the_same_signed_request_with_the_new_token() throws Exception {
        answer = got -> new Receiver.Reply(receiver.requests().size() < 2 ? 401 : 204);
        try (StrictTokenServer server = new StrictTokenServer("id", "secret", StrictTokenServer.Way.BASIC)) {
            TokenSource tokens =
                    new TokenSource(TokenSharing.ALONE, egress, (account, task) -> task.run(), clock, () -> 0);
            OAuth2TokenRenewal renewal = new OAuth2TokenRenewal(tokens, clock, (any, rest) -> rest.run());
            Exchange exchange = camel.getEndpoint("direct:deliver").createExchange();
            exchange.getIn()
                    .setBody(sample().with(
                                    new Authentication.OAuth2(new SampleClient(server.url(), "id", "secret").client()))
                            .delivery());
            new RequestBuilding(clock, AttemptTracing.PROPAGATE_ONLY).process(exchange);
            new OAuth2Authorization(tokens, (any, rest) -> rest.run()).process(exchange);
            exchange.getMessage().setBody("{\"changed\":true}");
            exchange.getMessage().setHeader("X-Mine", "m");
            // each value has another type than build-request sets
            exchange.getMessage().setHeader(MessageRequest.METHOD, new StringBuilder("PUT"));
            exchange.getMessage().setHeader(MessageRequest.URL, URI.create(origin(receiver.url()) + "/other?a=b"));
            exchange.getMessage().removeHeader(MessageRequest.QUERY);
            new RequestSigning(clock).process(exchange);
            call(exchange);
            clock.pass(Duration.ofSeconds(3));
            renewal.process(exchange);
            assertEquals(true, exchange.getProperty(DeliveryContext.SEND_AGAIN));
            call(exchange);
        }

        Got first = receiver.requests().get(0);
        Got second = receiver.requests().get(1);
        assertEquals("{\"changed\":true}", second.body());
        assertEquals("PUT", second.method());
        assertEquals("/other?a=b", second.target().toString());
        assertNotEquals(first.header("Authorization"), second.header("Authorization"));
        assertEquals(withoutToken(first), withoutToken(second));
        assertEquals(first.body(), second.body());
        assertEquals(first.target(), second.target());
    }

    private static Map<String, List<String>> withoutToken(Got got) {
        Map<String, List<String>> headers = new HashMap<>(got.headers());
        headers.remove("Authorization");
        return headers;
    }

    @Test
    void the_first_request_of_a_copy_is_not_the_first_of_the_attempt() throws Exception {
        Webhook webhook = sample().delivery().webhook();
        DeliveryMethod method = webhook.delivery();
        Webhook limited = new Webhook(
                webhook.id(),
                webhook.events(),
                webhook.condition(),
                new DeliveryMethod(
                        method.target(),
                        method.authentication(),
                        method.timeout(),
                        method.succeedOn(),
                        method.waitFor(),
                        method.fifo(),
                        RateLimit.of("50/s")),
                webhook.retry(),
                webhook.maxAge(),
                webhook.giveUpOn());
        Exchange original = new DefaultExchange(camel);
        original.getMessage()
                .setBody(new Delivery(
                        "01JD0000000000000000000000",
                        limited,
                        sample().delivery().event(),
                        null,
                        1,
                        clock.instant()));
        new RequestBuilding(clock, AttemptTracing.PROPAGATE_ONLY).process(original);
        new RequestSigning(clock).process(original);
        Exchange copy = original.copy();

        call(copy);
        call(original);

        assertEquals(List.of(true, false), begun);
    }

    private void call(Exchange exchange) {
        camel.createProducerTemplate().send("receiver:webhook?headers=X-Mine", exchange);
        assertNull(exchange.getException());
    }
}
