package io.engagementwebhooks.deliver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.deliver.request.RequestBuilding;
import io.engagementwebhooks.deliver.request.RequestSigning;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.ReceiverStep;
import io.engagementwebhooks.testkit.SampleDelivery;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.apache.camel.AsyncProducer;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The number of connections that an account opens to a host at once. */
@Timeout(120)
class OpeningConnectionsTest {

    private static final int MORE = 20;
    private static final Duration BEFORE_HANDSHAKES_END = Duration.ofSeconds(ConnectionOpener.HANDSHAKE_SECONDS / 2);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String UNAUTHORIZED = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";

    private final CountDownLatch closing = new CountDownLatch(1);

    /** Completes no handshake until {@link #closing}, then closes the connections. */
    private final RawReceiver silent = new RawReceiver(talk -> closing.await());

    private final RawReceiver answering = new RawReceiver(RawReceiver.answerEach(OK));
    private final Certificates authority = new Certificates();
    private final NameResolver names = new NameResolver(new SystemNames(InetAddress::getAllByName), Clock.systemUTC());
    private final EgressClient client = new EgressClient(
            new EgressRules(EgressSettings.of("127.0.0.0/8", "", "")),
            "test",
            Clock.systemUTC(),
            names,
            authority.client(),
            (account, task) -> task.run());

    OpeningConnectionsTest() throws Exception {}

    @AfterEach
    void close() throws IOException {
        closing.countDown();
        client.close();
        names.close();
        silent.close();
        answering.close();
    }

    @Test
    void a_burst_opens_few_connections_at_once_and_delays_no_other_account() throws Exception {
        List<EgressClient.Call> burst = beginBurst(ConnectionPool.MOST_OPENING + MORE);
        assertInUse(ConnectionPool.MOST_OPENING);
        EgressClient.Call other = begin("other", silent);
        assertInUse(ConnectionPool.MOST_OPENING + 1);

        closing.countDown();

        for (EgressClient.Call each : burst) {
            assertThrows(
                    ExecutionException.class,
                    () -> each.answer().toCompletableFuture().get());
        }
        assertThrows(
                ExecutionException.class,
                () -> other.answer().toCompletableFuture().get());
        assertEquals(ConnectionPool.MOST_OPENING + MORE + 1, silent.connections());
    }

    @Test
    void a_request_that_found_no_connection_in_time_is_not_an_attempt() {
        beginBurst(ConnectionPool.MOST_OPENING);
        OutgoingRequest late = request("burst", url("https", silent), Duration.ofSeconds(3));
        NothingSentException unsent = assertThrows(NothingSentException.class, () -> client.send(late));
        assertEquals(
                "Not sent: 128 connections to 127.0.0.1 were being opened and none became free", unsent.getMessage());
    }

    /** Semantics 15: a second request, after a token renewal, has what is left of the deadline. */
    @Test
    void the_wait_for_a_connection_extends_the_deadline_of_the_attempt() throws Exception {
        RawReceiver.Script shakesHandsLate = talk -> {
            closing.await();
            while (talk.request()) {
                talk.write(UNAUTHORIZED);
            }
        };
        try (RawReceiver slow = new RawReceiver(shakesHandsLate, authority.server("127.0.0.1", 1));
                DefaultCamelContext camel = new DefaultCamelContext()) {
            camel.getRegistry().bind("receiverCalls", ReceiverStep.by(client));
            camel.start();
            for (int i = 0; i < ConnectionPool.MOST_OPENING; i++) {
                begin(SampleDelivery.ACCOUNT, slow);
            }
            Exchange exchange = new DefaultExchange(camel);
            exchange.getMessage().setBody(new SampleDelivery(url("https", slow)).delivery());
            new RequestBuilding(Clock.systemUTC(), AttemptTracing.PROPAGATE_ONLY).process(exchange);
            new RequestSigning(Clock.systemUTC()).process(exchange);
            Instant deadline = DeliveryContext.of(exchange).deadline();

            AsyncProducer receiver = camel.getEndpoint("receiver:webhook").createAsyncProducer();
            receiver.start();
            CompletableFuture<Exchange> sent = receiver.processAsync(exchange);
            assertInUse(ConnectionPool.MOST_OPENING);
            closing.countDown();

            assertNull(sent.join().getException());
            assertEquals(401, DeliveryContext.of(exchange).answer().status());
            assertTrue(DeliveryContext.of(exchange).deadline().isAfter(deadline));
        }
    }

    @Test
    void requests_that_wait_for_a_connection_end_when_the_client_is_closed() {
        List<EgressClient.Call> burst = beginBurst(ConnectionPool.MOST_OPENING + MORE);
        assertInUse(ConnectionPool.MOST_OPENING);

        client.close();

        for (EgressClient.Call each : burst) {
            ExecutionException failure = assertThrows(
                    ExecutionException.class,
                    () -> each.answer().toCompletableFuture().get());
            assertInstanceOf(NothingSentException.class, failure.getCause());
        }
        assertTrue(silent.connections() <= ConnectionPool.MOST_OPENING);
    }

    private List<EgressClient.Call> beginBurst(int calls) {
        List<EgressClient.Call> begun = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            begun.add(begin("burst", silent));
        }
        return begun;
    }

    private EgressClient.Call begin(String account, RawReceiver receiver) {
        return client.begin(request(account, url("https", receiver), Duration.ofSeconds(60)), null);
    }

    /** Asserts the number of connections in use by all calls that were begun: the event loop takes them in order. */
    private void assertInUse(int expected) {
        OutgoingRequest request = request("observer", url("http", answering), Duration.ofSeconds(60));
        client.begin(request, null).answer().toCompletableFuture().join();
        Awaitility.await().atMost(BEFORE_HANDSHAKES_END).until(() -> client.connectionsInUse() == expected);
    }

    private static URI url(String scheme, RawReceiver receiver) {
        return URI.create(scheme + "://127.0.0.1:" + receiver.port() + "/");
    }

    private static OutgoingRequest request(String account, URI url, Duration time) {
        return new OutgoingRequest(
                account, url, "POST", new byte[0], Instant.now().plus(time));
    }
}
