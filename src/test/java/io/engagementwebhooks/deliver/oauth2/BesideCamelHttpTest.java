package io.engagementwebhooks.deliver.oauth2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.deliver.AnswerJudging;
import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.FailureJudging;
import io.engagementwebhooks.deliver.Outcome;
import io.engagementwebhooks.deliver.RequestBuilding;
import io.engagementwebhooks.deliver.RequestSigning;
import io.engagementwebhooks.deliver.StepWait;
import io.engagementwebhooks.deliver.egress.HttpFailures;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Got;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.ReceiverStep;
import io.engagementwebhooks.testkit.SampleClient;
import io.engagementwebhooks.testkit.SampleDelivery;
import io.engagementwebhooks.testkit.StrictTokenServer;
import io.engagementwebhooks.testkit.StrictTokenServer.Way;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.OAuthClient;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The same scenarios with the shipped oauth2 branch and with a plain camel-http endpoint and its OAuth2 options. */
class BesideCamelHttpTest extends TokenFixture {

    /** Of this test alone: camel-http keeps tokens by URL and credentials in a static map, and ports are used again. */
    private final String secret = UUID.randomUUID().toString();

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private ProducerTemplate template;

    /** How a send ended: {@code failed} uses up one of a delivery's attempts, {@code waits} does not. */
    private enum End {
        DELIVERED,
        FAILED,
        WAITS
    }

    /** Sends to a URL with a token of a client. */
    private interface Sender {
        End send(URI to, OAuthClient client);
    }

    /** A sender with its own token server and receivers. */
    private final class Side {
        final Sender sender;
        StrictTokenServer server = opened(new StrictTokenServer("id", secret, Way.BASIC));
        Receiver receiver = guarded(server);
        OAuthClient client = new SampleClient(server.url(), "id", secret).client();

        Side(Sender sender) {
            this.sender = sender;
        }

        End send() {
            return sender.send(receiver.url(), client);
        }

        List<End> sendTogether(int times) throws Exception {
            return together(times, i -> send());
        }

        List<String> authorizations() {
            return receiver.requests().stream()
                    .map(got -> got.header("Authorization"))
                    .toList();
        }
    }

    private Side ours;
    private Side camels;

    @BeforeEach
    void start() throws Exception {
        camel.getRegistry().bind("receiverCalls", ReceiverStep.by(egress));
        camel.getRegistry().bind("buildRequest", new RequestBuilding(clock, AttemptTracing.PROPAGATE_ONLY));
        camel.getRegistry().bind("signRequest", new RequestSigning(clock));
        camel.getRegistry()
                .bind(
                        "authorizeByOAuth2",
                        new OAuth2Authorization(tokens, new StepWait((exchange, rest) -> rest.run(), clock)));
        camel.getRegistry()
                .bind(
                        "renewRefusedToken",
                        new OAuth2TokenRenewal(tokens, clock, new StepWait((exchange, rest) -> rest.run(), clock)));
        camel.getRegistry().bind("judgeResponse", new AnswerJudging(clock));
        camel.getRegistry()
                .bind(
                        "judgeFailure",
                        new FailureJudging(List.of(new HttpFailures()), webhook -> false, Clock.systemUTC()));
        PluginHelper.getRoutesLoader(camel)
                .loadRoutes(ResourceHelper.resolveMandatoryResource(camel, "file:routes/32-deliver-oauth2.camel.yaml"));
        camel.start();
        template = camel.createProducerTemplate();
        ours = new Side(this::byOurBranch);
        camels = new Side(this::byCamelHttp);
    }

    @AfterEach
    void close() throws Exception {
        camel.close();
    }

    @Test
    void fifty_first_sends_in_parallel() throws Exception {
        assertEquals(times(50, End.DELIVERED), ours.sendTogether(50));
        assertEquals(1, ours.server.requests());

        camels.server.hold();
        ExecutorService one = Executors.newSingleThreadExecutor();
        Future<List<End>> sends = one.submit(() -> camels.sendTogether(50));
        Awaitility.await().until(() -> camels.server.requests() == 50);
        camels.server.release();
        assertEquals(times(50, End.DELIVERED), sends.get());
        assertEquals(50, camels.server.requests());
        one.shutdown();
    }

    @Test
    void a_hundred_urls_with_one_client() {
        for (Side side : List.of(ours, camels)) {
            for (int i = 0; i < 100; i++) {
                assertEquals(
                        End.DELIVERED,
                        side.sender.send(
                                URI.create(side.receiver.url().toString().replace("/hooks", "/hooks/" + i)),
                                side.client));
            }
        }
        assertEquals(1, ours.server.requests());
        assertEquals(100, camels.server.requests());
    }

    @Test
    void a_token_that_was_revoked() {
        for (Side side : List.of(ours, camels)) {
            side.send();
            side.server.revokeAll();
        }
        assertEquals(End.DELIVERED, ours.send());
        assertEquals(2, ours.server.requests());

        assertEquals(End.FAILED, camels.send());
        assertEquals(End.FAILED, camels.send(), "and so on until the token expires");
        assertEquals(1, camels.server.requests());
    }

    @Test
    void five_hundred_sends_together_on_a_revoked_token() throws Exception {
        for (Side side : List.of(ours, camels)) {
            side.send();
            side.server.revokeAll();
        }
        assertEquals(times(500, End.DELIVERED), ours.sendTogether(500));
        assertEquals(2, ours.server.requests(), "one at first, one for all 500");

        assertEquals(times(500, End.FAILED), camels.sendTogether(500));
    }

    @Test
    void a_receiver_that_refuses_every_token() {
        for (Side side : List.of(ours, camels)) {
            side.receiver = opened(new Receiver(got -> new Reply(401)));
            for (int i = 0; i < 10; i++) {
                assertEquals(End.FAILED, side.send());
            }
        }
        assertEquals(2, ours.server.requests(), "a first one, one renewal, then none for 30 s");
        assertEquals(1, camels.server.requests());
    }

    @Test
    void an_expired_token_reported_by_403_and_invalid_token() {
        for (Side side : List.of(ours, camels)) {
            side.receiver = opened(new Receiver(got -> knows(side.server, got)
                    ? new Reply(200)
                    : new Reply(
                            403,
                            Map.of("WWW-Authenticate", "Basic realm=\"a, b\", Bearer error=\"invalid_token\""),
                            "")));
            side.send();
            side.server.revokeAll();
        }
        assertEquals(End.DELIVERED, ours.send());
        assertEquals(End.FAILED, camels.send());
    }

    @Test
    void an_id_and_secret_with_special_characters() {
        for (Side side : List.of(ours, camels)) {
            side.server = opened(new StrictTokenServer(ID, SECRET, Way.BASIC));
            side.receiver = guarded(side.server);
            side.client = new SampleClient(side.server.url(), ID, SECRET).client();
        }
        assertEquals(End.DELIVERED, ours.send());
        assertEquals(End.FAILED, camels.send());
    }

    @Test
    void an_answer_without_a_token() {
        for (Side side : List.of(ours, camels)) {
            side.server.answer(200, "{\"token_type\":\"Bearer\"}");
        }
        assertEquals(End.WAITS, ours.send());
        assertEquals(List.of(), ours.authorizations());

        assertEquals(End.FAILED, camels.send());
        assertEquals(List.of("Bearer null"), camels.authorizations());
    }

    @Test
    void a_token_with_a_line_break_in_it() {
        for (Side side : List.of(ours, camels)) {
            side.server.answer(200, "{\"access_token\":\"a\\r\\nX-Evil: 1\",\"token_type\":\"Bearer\"}");
        }
        assertEquals(End.WAITS, ours.send());
        assertEquals(List.of(), ours.authorizations());

        assertEquals(End.FAILED, camels.send());
        assertEquals(List.of("Bearer a  X-Evil: 1"), camels.authorizations());
    }

    @Test
    void a_lifetime_written_as_a_decimal() {
        for (Side side : List.of(ours, camels)) {
            side.receiver = opened(new Receiver(got -> new Reply(200)));
            side.server.answer(200, "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":3600.0}");
        }
        assertEquals(End.DELIVERED, ours.send());
        assertEquals(End.FAILED, camels.send());
    }

    @Test
    void a_lifetime_written_as_text() {
        for (Side side : List.of(ours, camels)) {
            side.receiver = opened(new Receiver(got -> new Reply(200)));
            side.server.answer(200, "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":\"3600\"}");
            assertEquals(End.DELIVERED, side.send());
        }
    }

    @Test
    void a_token_endpoint_that_is_down() {
        for (Side side : List.of(ours, camels)) {
            for (int i = 0; i < 4; i++) {
                side.server.answer(503, "");
            }
        }
        assertEquals(End.WAITS, ours.send());
        assertEquals(End.WAITS, ours.send());
        assertEquals(1, ours.server.requests(), "left alone for 5 s, doubling to 5 min");

        assertEquals(End.FAILED, camels.send());
        assertEquals(End.FAILED, camels.send());
        assertEquals(4, camels.server.requests(), "each send asks, and repeats it once by itself");
    }

    @Test
    void a_redirect_of_the_token_endpoint() {
        StrictTokenServer elsewhere = opened(new StrictTokenServer("id", secret, Way.BASIC));
        for (Side side : List.of(ours, camels)) {
            side.server.answer(307, "", Map.of("Location", elsewhere.url().toString()));
        }
        assertEquals(End.WAITS, ours.send());
        assertEquals(End.FAILED, camels.send());
        assertEquals(0, elsewhere.requests());
    }

    @Test
    void a_redirect_of_the_receiver() {
        Receiver elsewhere = opened(new Receiver(got -> new Reply(200)));
        for (Side side : List.of(ours, camels)) {
            side.receiver = opened(new Receiver(
                    got -> new Reply(307, Map.of("Location", elsewhere.url().toString()), "")));
            assertEquals(End.FAILED, side.send());
        }
        assertEquals(0, elsewhere.requests().size());
    }

    @Test
    void a_token_near_its_end() throws Exception {
        ours.server.life(100);
        ours.send();
        clock.pass(Duration.ofSeconds(80));
        ours.server.hold();
        tokens.renewAgeing();
        Awaitility.await().until(() -> ours.server.requests() == 2);
        assertEquals(End.DELIVERED, ours.send(), "while the request for the next token is in flight");
        ours.server.release();

        camels.server.life(5);
        camels.send();
        camels.server.hold();
        ExecutorService one = Executors.newSingleThreadExecutor();
        Future<End> waits = one.submit(camels::send);
        Awaitility.await().until(() -> camels.server.requests() == 2);
        assertEquals(1, camels.receiver.requests().size(), "the send waits for the token");
        camels.server.release();
        assertEquals(End.DELIVERED, waits.get());
        one.shutdown();
    }

    @Test
    void two_scopes_of_one_client() {
        for (Side side : List.of(ours, camels)) {
            side.sender.send(
                    side.receiver.url(),
                    new SampleClient(side.server.url(), "id", secret).scope("a").client());
            side.sender.send(
                    side.receiver.url(),
                    new SampleClient(side.server.url(), "id", secret).scope("b").client());
        }
        assertEquals(2, ours.server.requests());
        assertEquals(2, Set.copyOf(ours.authorizations()).size());

        assertEquals(1, camels.server.requests());
        assertEquals(1, Set.copyOf(camels.authorizations()).size(), "the token for scope a is sent for scope b");
    }

    @Test
    void methods_of_client_authentication() throws Exception {
        // RealServersTest runs ours with real servers
        JsonNode options = new ObjectMapper()
                .readTree(new DefaultCamelCatalog().componentJSonSchema("http"))
                .get("properties");
        Set<String> oauth2 = new TreeSet<>();
        options.fieldNames().forEachRemaining(name -> {
            if (name.startsWith("oauth2")) {
                oauth2.add(name);
            }
        });
        assertEquals(
                new TreeSet<>(Set.of(
                        "oauth2BodyAuthentication",
                        "oauth2CacheTokens",
                        "oauth2CachedTokensDefaultExpirySeconds",
                        "oauth2CachedTokensExpirationMarginSeconds",
                        "oauth2ClientId",
                        "oauth2ClientSecret",
                        "oauth2ResourceIndicator",
                        "oauth2Scope",
                        "oauth2TokenEndpoint")),
                oauth2);
    }

    private End byOurBranch(URI to, OAuthClient client) {
        Delivery delivery = new SampleDelivery(to)
                .acceptedAt(clock.instant())
                .with(new Authentication.OAuth2(client))
                .delivery();
        Outcome outcome;
        do {
            Exchange sent = template.send(
                    "direct:deliver-oauth2", exchange -> exchange.getIn().setBody(delivery));
            outcome = DeliveryContext.outcome(sent);
            // such a delivery is retried a second later; that happens on a busy machine
        } while (outcome instanceof Outcome.NotSent && outcome.reason().equals("The token request takes long"));
        if (outcome instanceof Outcome.NotSent) {
            return End.WAITS;
        }
        return outcome instanceof Outcome.Delivered ? End.DELIVERED : End.FAILED;
    }

    /** One static endpoint per client, with the target in a header, which costs the least. */
    private End byCamelHttp(URI to, OAuthClient client) {
        String secret = client.credential().secret().orElseThrow().reveal();
        String endpoint = "http://receiver?connectionsPerRoute=500&maxTotalConnections=500&oauth2CacheTokens=true"
                + "&oauth2ClientId=RAW(" + client.clientId() + ")&oauth2ClientSecret=RAW{" + secret + "}"
                + "&oauth2Scope=" + client.parameters().scope() + "&oauth2TokenEndpoint=" + client.tokenUrl();
        Map<String, Object> headers = new HashMap<>();
        headers.put(Exchange.HTTP_URI, to.toString());
        headers.put(Exchange.HTTP_METHOD, "POST");
        Exchange sent = template.send(endpoint, exchange -> {
            exchange.getIn().setHeaders(headers);
            exchange.getIn().setBody(SampleDelivery.DOCUMENT);
        });
        return sent.getException() == null ? End.DELIVERED : End.FAILED;
    }

    /** A receiver that accepts the tokens of a server until they are revoked. */
    private Receiver guarded(StrictTokenServer server) {
        return opened(new Receiver(got -> new Reply(knows(server, got) ? 200 : 401)));
    }

    private static boolean knows(StrictTokenServer server, Got got) {
        return server.knows(got.header("Authorization").substring("Bearer ".length()));
    }

    /** All start at the same time. */
    private static List<End> together(int threads, Function<Integer, End> send) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        CyclicBarrier start = new CyclicBarrier(threads);
        try {
            List<Future<End>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int number = i;
                futures.add(pool.submit(() -> {
                    start.await();
                    return send.apply(number);
                }));
            }
            List<End> ends = new ArrayList<>();
            for (Future<End> future : futures) {
                ends.add(future.get());
            }
            return ends;
        } finally {
            pool.shutdownNow();
        }
    }

    private static List<End> times(int count, End end) {
        return java.util.Collections.nCopies(count, end);
    }
}
