package io.engagementwebhooks.deliver.salesforce;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.deliver.egress.EgressProxy;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.ConnectProxy;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.Pause;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.TestResolver;
import io.engagementwebhooks.testkit.TestResources;
import io.engagementwebhooks.webhook.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.component.salesforce.SalesforceLoginConfig;
import org.apache.camel.component.salesforce.internal.SalesforceSession;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.eclipse.jetty.client.CompletableResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The duration of name lookup, TLS handshake and proxy tunnel of a request to an org, which the mock org does not have. */
@Timeout(120)
class OrgClientTimingTest extends TestResources {

    private static final Duration HELD = Duration.ofMillis(40);

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private final InFlightCalls calls = new InFlightCalls();
    private final OrgClient client = new OrgClient(
            context,
            "org",
            workers,
            new OrgSession(() -> CompletableFuture.completedFuture("token"), Clock.systemUTC()),
            new OrgUsage(Clock.systemUTC()),
            calls,
            new CheckedAddresses("acme", TestResolver.OF_MACHINE, null, workers));
    private final Certificates certificates = new Certificates();

    @BeforeEach
    void prepare() throws Exception {
        SalesforceLoginConfig noneOfCamels = new SalesforceLoginConfig();
        noneOfCamels.setLoginUrl("https://localhost");
        noneOfCamels.setClientId("unused");
        noneOfCamels.setClientSecret("unused");
        client.setSession(new SalesforceSession(context, client, 1, noneOfCamels));
        client.getSslContextFactory().setSslContext(certificates.client());
    }

    @AfterEach
    void stop() throws Exception {
        client.stop();
        workers.shutdownNow();
        context.stop();
    }

    private Receiver secure() throws Exception {
        return opened(new Receiver(certificates.server("localhost", 9), got -> new Receiver.Reply(200)));
    }

    private JsonNode call(String url) throws Exception {
        try {
            return begin(url).get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw (Exception) e.getCause();
        }
    }

    /** Calls a URL like Camel's component. @return the duration of its parts, or {@link Failed} */
    private CompletableFuture<JsonNode> begin(String url) throws Exception {
        if (!client.isStarted()) {
            client.start();
        }
        Timing timing = new Timing();
        Exchange exchange = new DefaultExchange(context);
        return calls.make(
                        InFlightCalls.Call.measuredBy(
                                timing, new Ledger(1 << 20).of("acme").reserve(0)),
                        exchange,
                        () -> {
                            String number = exchange.getMessage().getHeader(OrgRequest.CALL_HEADER, String.class);
                            CompletableFuture<ContentResponse> answer = new CompletableResponseListener(
                                            client.newHttpRequest(new HttpConversation(), URI.create(url))
                                                    .headers(headers -> headers.put(OrgRequest.CALL_HEADER, number)
                                                            .put(OrgRequest.TIMEOUT_HEADER, "60000")))
                                    .send();
                            return answer.thenApply(answered -> exchange);
                        })
                .toCompletableFuture()
                .handle((answered, failure) -> {
                    if (failure != null) {
                        throw new CompletionException(new Failed(reported(timing), failure));
                    }
                    return reported(timing);
                });
    }

    private static JsonNode reported(Timing timing) {
        try {
            return EventJson.mapper().readTree(timing.json());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode reported(Future<JsonNode> failing) {
        ExecutionException failure = assertThrows(ExecutionException.class, () -> failing.get(60, TimeUnit.SECONDS));
        return assertInstanceOf(Failed.class, failure.getCause()).timing;
    }

    /** An org whose connections open when the test says so. */
    private Held held() {
        Held held = new Held();
        client.setSocketAddressResolver(client.connectTimings().measured(held));
        return held;
    }

    private static final class Held implements SocketAddressResolver {

        private final List<Promise<List<InetSocketAddress>>> opening = new CopyOnWriteArrayList<>();

        @Override
        public void resolve(
                String host, int port, Map<String, Object> context, Promise<List<InetSocketAddress>> connecting) {
            opening.add(connecting);
        }

        void fail(int number) {
            opening.get(number).failed(new ConnectException("held"));
        }

        void connect(int number, URI to) {
            opening.get(number).succeeded(List.of(new InetSocketAddress(to.getHost(), to.getPort())));
        }
    }

    private static final class Failed extends Exception {

        private static final long serialVersionUID = 1L;

        private final transient JsonNode timing;

        Failed(JsonNode timing, Throwable cause) {
            super(cause);
            this.timing = timing;
        }
    }

    private static List<String> parts(JsonNode timing) {
        List<String> parts = new ArrayList<>();
        timing.fieldNames().forEachRemaining(parts::add);
        return parts;
    }

    @Test
    void the_first_request_of_a_connection_has_dns_connect_and_tls_time_and_the_next_has_none() throws Exception {
        String url = "https://localhost:" + secure().port() + "/";

        JsonNode first = call(url);

        assertEquals(List.of("dns", "connect", "tls", "wait", "body"), parts(first));
        assertTrue(first.get("tls").asDouble() > 0, "" + first);
        assertEquals(List.of("wait", "body"), parts(call(url)));
    }

    @Test
    void a_connection_opened_by_a_login_has_no_connect_time() throws Exception {
        String url = "https://localhost:" + secure().port() + "/";
        client.start();
        client.POST(url).send();

        assertEquals(List.of("wait", "body"), parts(call(url)));
    }

    @Test
    void a_literal_address_has_no_dns_time() throws Exception {
        Receiver receiver = opened(new Receiver(got -> new Receiver.Reply(200)));

        assertEquals(
                List.of("connect", "wait", "body"), parts(call(receiver.url().toString())));
    }

    @Test
    void through_a_proxy_there_is_no_dns_time() throws Exception {
        ConnectProxy proxy = opened(new ConnectProxy());
        proxy.leading("localhost:443", secure().port());
        client.useProxy(
                new EgressProxy("localhost", proxy.port(), "", Secret.of("")),
                new CheckedAddresses("", TestResolver.OF_MACHINE, null, workers));

        assertEquals(List.of("connect", "tls", "wait", "body"), parts(call("https://localhost/")));
    }

    @Test
    void without_a_connection_there_is_no_wait_time() {
        Failed failed = assertThrows(Failed.class, () -> call("http://localhost:" + FreePort.any() + "/"));

        assertEquals(List.of("dns", "connect"), parts(failed.timing));
    }

    @Test
    void after_a_failed_handshake_there_is_no_wait_time() throws Exception {
        Receiver other =
                opened(new Receiver(new Certificates().server("localhost", 9), got -> new Receiver.Reply(200)));

        Failed failed = assertThrows(Failed.class, () -> call("https://localhost:" + other.port() + "/"));

        assertEquals(List.of("dns", "connect", "tls"), parts(failed.timing));
    }

    @Test
    void an_unfinished_lookup_counts_as_dns_time_only() throws Exception {
        Held held = held();

        CompletableFuture<JsonNode> first = begin("http://org.example/");
        begin("http://org.example/");
        Pause.of(HELD);
        held.fail(1);

        assertEquals(List.of("dns"), parts(reported(first)));
        assertTrue(reported(first).get("dns").asDouble() >= HELD.toMillis(), "" + reported(first));
    }

    @Test
    void requests_failed_by_a_failed_connect_have_only_connect_time() throws Exception {
        String url = "http://127.0.0.1:" + FreePort.any() + "/";
        Held held = held();

        CompletableFuture<JsonNode> first = begin(url);
        Pause.of(HELD);
        CompletableFuture<JsonNode> second = begin(url);
        assertEquals(2, held.opening.size());
        held.fail(0);

        assertEquals(List.of("connect"), parts(reported(first)));
        assertTrue(reported(first).get("connect").asDouble() >= HELD.toMillis(), "" + reported(first));
        assertEquals(List.of("connect"), parts(reported(second)));
    }

    @Test
    void a_request_without_a_connection_has_no_wait_time_even_if_one_opens_later() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        Receiver receiver = opened(new Receiver(got -> {
            assertDoesNotThrow(() -> over.await());
            return new Receiver.Reply(200);
        }));
        Held held = held();

        CompletableFuture<JsonNode> first = begin(receiver.url().toString());
        CompletableFuture<JsonNode> second = begin(receiver.url().toString());
        held.connect(1, receiver.url());
        await().until(() -> receiver.requests().size() == 1);
        held.fail(0);

        assertEquals(List.of("connect"), parts(reported(second)));
        over.countDown();
        assertEquals(List.of("connect", "wait", "body"), parts(first.get(60, TimeUnit.SECONDS)));
    }

    @Test
    void a_request_resent_with_a_new_token_has_both_wait_times() throws Exception {
        Receiver receiver = opened(new Receiver(got -> {
            Pause.of(HELD);
            return new Receiver.Reply("Bearer token".equals(got.header("Authorization")) ? 200 : 401);
        }));

        JsonNode timing = call(receiver.url().toString());

        assertEquals(2, receiver.requests().size());
        assertTrue(timing.get("wait").asDouble() >= 2 * HELD.toMillis(), "" + timing);
    }

    @Test
    void a_resent_request_without_a_response_has_both_wait_times() {
        Receiver receiver = opened(new Receiver(got -> {
            Pause.of(HELD);
            if (got.header("Authorization") != null) {
                throw new IllegalStateException("the connection is closed");
            }
            return new Receiver.Reply(401);
        }));

        Failed failed = assertThrows(Failed.class, () -> call(receiver.url().toString()));

        assertEquals(2, receiver.requests().size());
        assertTrue(failed.timing.get("wait").asDouble() >= 2 * HELD.toMillis(), "" + failed.timing);
    }

    @Test
    void connect_time_before_a_request_does_not_count() {
        ConnectTiming opening = new ConnectTiming();
        opening.connected(false);
        Timing timing = new Timing();

        opening.report(timing.call(), System.nanoTime(), System.nanoTime() + 1);

        assertNull(timing.json(), "the connection was there");
    }

    @Test
    void a_handshake_before_a_request_does_not_count() {
        ConnectTiming opening = new ConnectTiming();
        opening.connected(true);
        opening.handshakeSucceeded(null);
        Timing timing = new Timing();

        opening.reportTls(timing.call(), System.nanoTime(), System.nanoTime() + 1);

        assertNull(timing.json());
    }

    @Test
    void an_open_or_impossible_connection_has_no_connect_time() throws Exception {
        long before = System.nanoTime();
        URI url = opened(new Receiver(got -> new Receiver.Reply(200))).url();
        call(url.toString());
        Origin origin = client.resolveDestination(client.newRequest(url)).getOrigin();
        ConnectTimings openings = client.connectTimings();
        assertEquals(Optional.empty(), openings.awaited(origin, before, System.nanoTime()));

        assertThrows(
                RejectedExecutionException.class,
                () -> openings.open(origin, Promise.from(unused -> {}, unused -> {}), unused -> {
                    throw new RejectedExecutionException();
                }));
        assertEquals(Optional.empty(), openings.awaited(origin, before, System.nanoTime()));
    }
}
