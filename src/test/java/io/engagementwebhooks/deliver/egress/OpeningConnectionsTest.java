package io.engagementwebhooks.deliver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.OutgoingRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The number of connections that an account opens to a host at once. */
@Timeout(120)
class OpeningConnectionsTest {

    private static final int MORE = 20;
    private static final Duration BEFORE_HANDSHAKES_END = Duration.ofSeconds(HttpClients.HANDSHAKE_SECONDS / 2);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final CountDownLatch closing = new CountDownLatch(1);

    /** Completes no handshake until {@link #closing}, then closes the connections. */
    private final RawReceiver silent = new RawReceiver(talk -> closing.await());

    private final RawReceiver answering = new RawReceiver(talk -> {
        while (talk.request()) {
            talk.write(OK);
        }
    });
    private final NameResolver names = new NameResolver(new SystemNames(InetAddress::getAllByName), Clock.systemUTC());
    private final EgressClient client = new EgressClient(
            new EgressRules(EgressSettings.of("127.0.0.0/8", "", "")), "test", Clock.systemUTC(), names);

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
        List<EgressClient.Call> burst = beginBurst(HttpClients.MOST_OPENING + MORE);
        assertInUse(HttpClients.MOST_OPENING);
        EgressClient.Call other = begin("other");
        assertInUse(HttpClients.MOST_OPENING + 1);

        closing.countDown();

        for (EgressClient.Call each : burst) {
            assertThrows(
                    ExecutionException.class,
                    () -> each.answer().toCompletableFuture().get());
        }
        assertThrows(
                ExecutionException.class,
                () -> other.answer().toCompletableFuture().get());
        assertEquals(HttpClients.MOST_OPENING + MORE + 1, silent.connections());
    }

    @Test
    void a_request_that_found_no_connection_in_time_is_not_an_attempt() {
        beginBurst(HttpClients.MOST_OPENING);
        OutgoingRequest late = request("burst", url("https", silent), Duration.ofSeconds(3));
        NothingSentException unsent = assertThrows(NothingSentException.class, () -> client.send(late));
        assertEquals(
                "Not sent: 128 connections to 127.0.0.1 were being opened and none became free", unsent.getMessage());
    }

    @Test
    void requests_that_wait_for_a_connection_end_when_the_client_is_closed() {
        List<EgressClient.Call> burst = beginBurst(HttpClients.MOST_OPENING + MORE);
        assertInUse(HttpClients.MOST_OPENING);

        client.close();

        for (EgressClient.Call each : burst) {
            ExecutionException failure = assertThrows(
                    ExecutionException.class,
                    () -> each.answer().toCompletableFuture().get());
            assertInstanceOf(NothingSentException.class, failure.getCause());
        }
        assertTrue(silent.connections() <= HttpClients.MOST_OPENING);
    }

    private List<EgressClient.Call> beginBurst(int calls) {
        List<EgressClient.Call> begun = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            begun.add(begin("burst"));
        }
        return begun;
    }

    private EgressClient.Call begin(String account) {
        return client.begin(request(account, url("https", silent), Duration.ofSeconds(60)), null);
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
