package io.engagementwebhooks.deliver.egress;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.engagementwebhooks.deliver.egress.NoResponseException.Reason;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.LogLines;
import io.engagementwebhooks.testkit.TestResources;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Receivers and proxies that make an attempt cost more than a response does. */
@Timeout(120)
class HostileAnswersTest extends TestResources {

    private static final Duration PLENTY = Duration.ofSeconds(60);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final byte[] HANDSHAKE_FAILURE = {0x15, 3, 3, 0, 2, 2, 40};

    private final Certificates authority = new Certificates();

    private EgressClient client(String proxy, BiConsumer<String, Runnable> handshakeTasks) throws Exception {
        NameResolver names = opened(new NameResolver(new SystemNames(InetAddress::getAllByName), Clock.systemUTC()));
        return opened(new EgressClient(
                new EgressRules(EgressSettings.of("127.0.0.0/8", "", "", proxy)),
                "test",
                Clock.systemUTC(),
                names,
                authority.client(),
                handshakeTasks));
    }

    private EgressClient client() throws Exception {
        return client("", (account, task) -> task.run());
    }

    private RawReceiver receiver(SSLContext tls, RawReceiver.Script script) {
        return opened(new RawReceiver(script, tls));
    }

    private RawReceiver secure(RawReceiver.Script script) throws Exception {
        return receiver(authority.server("127.0.0.1", 1), script);
    }

    @Test
    void interim_responses_without_end_fail_the_attempt() throws Exception {
        assertFails(" sent more than 8 interim responses (1xx) before its response", "http", receiver(null, talk -> {
            talk.request();
            while (true) {
                talk.write("HTTP/1.1 100 Continue\r\n\r\n".repeat(100));
            }
        }));
    }

    @Test
    void eight_interim_responses_are_skipped_in_each_attempt_of_a_connection() throws Exception {
        RawReceiver receiver = receiver(null, RawReceiver.answerEach("HTTP/1.1 100 Continue\r\n\r\n".repeat(8) + OK));
        EgressClient client = client();
        assertEquals(200, client.send(request("acme", "http", receiver)).status());
        assertEquals(200, client.send(request("acme", "http", receiver)).status());
        assertEquals(1, receiver.connections());
    }

    @Test
    void a_receiver_sends_at_most_64_kib_before_the_body_in_each_attempt_of_a_connection() throws Exception {
        String head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: " + "x".repeat(31_000) + "\r\n\r\nok";
        String interim = "HTTP/1.1 103 Early Hints\r\nX: " + "x".repeat(8_000) + "\r\n\r\n";
        RawReceiver receiver = receiver(null, talk -> {
            while (talk.request()) {
                talk.write(interim.repeat(talk.path().length()) + head);
            }
        });
        EgressClient client = client();
        assertEquals(200, client.send(request("acme", "http", receiver, "/+++")).status());
        assertEquals(200, client.send(request("acme", "http", receiver, "/++")).status());
        assertEquals(1, receiver.connections());

        NoResponseException failure =
                assertThrows(NoResponseException.class, () -> client.send(request("acme", "http", receiver, "/+++++")));
        assertEquals(" sent more than 64 KiB before the end of its response head", failure.getMessage());
    }

    @Test
    void a_body_in_chunks_of_a_byte_is_read_and_one_in_far_more_bytes_is_cut() throws Exception {
        RawReceiver receiver = receiver(null, talk -> {
            talk.request();
            talk.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            talk.write(("1" + talk.path().substring(1) + "\r\na\r\n").repeat(60_000) + "0\r\n\r\n");
            talk.awaitEnd();
        });
        Answer whole = client().send(request("acme", "http", receiver, "/"));
        assertEquals("", whole.note());
        assertEquals(60_000, whole.body().length);

        Answer cut = client().send(request("acme", "http", receiver, "/;" + "x".repeat(50)));
        assertEquals(Answer.CUT, cut.note());
    }

    /** A second handshake on a socket of TLS 1.3 is a key update. */
    @Test
    void key_updates_without_end_fail_the_attempt() throws Exception {
        assertFails(" sent too many TLS records without data", "https", secure(talk -> {
            talk.request();
            while (true) {
                talk.handshake();
            }
        }));
    }

    @Test
    void a_renegotiation_fails_the_attempt() throws Exception {
        assertFails(
                " renegotiates, which is refused",
                "https",
                secure(talk -> {
                            talk.request();
                            talk.handshake();
                            talk.awaitEnd();
                        })
                        .upToTls12());
    }

    @ParameterizedTest
    @ValueSource(strings = {"101 Switching Protocols", "200 OK"})
    void an_answer_that_is_not_read_writes_no_line_of_the_log(String head) throws Exception {
        String headers =
                IntStream.range(0, 201).mapToObj(each -> "X" + each + ": x\r\n").collect(Collectors.joining());
        RawReceiver receiver = receiver(null, talk -> {
            talk.request();
            talk.write("HTTP/1.1 " + head + "\r\n" + headers + "\r\n");
            talk.awaitEnd();
        });
        try (LogLines log = new LogLines("io.vertx")) {
            assertThrows(IOException.class, () -> client().send(request("acme", "http", receiver)));
            await().until(() -> receiver.open() == 0);
            assertEquals(List.of(), log.texts());
        }
    }

    @Test
    void a_tls_record_that_never_ends_outlives_neither_the_deadline_nor_the_attempt() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> trickleRecord(server));
            URI url = URI.create("https://127.0.0.1:" + server.getLocalPort() + "/");

            assertEquals(
                    Reason.RESPONSE_TIMEOUT,
                    assertThrows(NoResponseException.class, () -> client().send(
                                            request("acme", url, Instant.now().plusSeconds(3))))
                            .reason());

            closed.get(20, TimeUnit.SECONDS);
        }
    }

    /** Reads a request, and sends a byte of one record in each tenth of a second until the connection is closed. */
    private void trickleRecord(ServerSocket server) {
        try (Socket socket = server.accept()) {
            SSLSocket tls = (SSLSocket) authority
                    .server("127.0.0.1", 1)
                    .getSocketFactory()
                    .createSocket(socket, "127.0.0.1", socket.getPort(), true);
            tls.setUseClientMode(false);
            tls.getInputStream().read();
            socket.setSoTimeout(100);
            socket.getOutputStream().write(new byte[] {0x17, 3, 3, 0x40, 0});
            while (isOpen(socket)) {
                socket.getOutputStream().write(0);
            }
        } catch (Exception e) {
            // closed while a byte was sent
        }
    }

    private static boolean isOpen(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() >= 0;
        } catch (SocketTimeoutException e) {
            return true;
        }
    }

    @Test
    void a_connection_serves_more_responses_than_it_may_have_records_without_data() throws Exception {
        RawReceiver receiver = secure(RawReceiver.answerEach(OK));
        EgressClient client = client();
        for (int i = 0; i < 120; i++) {
            assertEquals(200, client.send(request("acme", "https", receiver)).status());
        }
        assertEquals(1, receiver.connections());
    }

    @Test
    void no_group_and_no_cipher_suite_of_a_finite_field_is_offered() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            CompletableFuture<ByteBuffer> hello = CompletableFuture.supplyAsync(() -> hello(server));
            URI url = URI.create("https://127.0.0.1:" + server.getLocalPort() + "/");
            assertThrows(IOException.class, () -> client().send(request("acme", url)));

            ByteBuffer record = hello.join();
            skip(record.position(4 + 2 + 32), 1);
            List<Integer> suites = pairs(record);
            skip(record, 1);
            record.getShort();
            while (record.getShort() != 10) {
                skip(record, 2);
            }
            record.getShort();
            List<Integer> groups = pairs(record);

            assertFalse(groups.isEmpty());
            assertEquals(
                    List.of(), groups.stream().filter(each -> each >> 8 == 1).toList());
            assertEquals(
                    List.of(),
                    suites.stream()
                            .filter(List.of(0x9e, 0x9f, 0x33, 0x39, 0x67, 0x6b)::contains)
                            .toList());
        }
    }

    private static ByteBuffer hello(ServerSocket server) {
        try (Socket socket = server.accept()) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            in.skipNBytes(3);
            return ByteBuffer.wrap(in.readNBytes(in.readUnsignedShort()));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** @param size of the length before the skipped bytes */
    private static void skip(ByteBuffer record, int size) {
        int length = size == 1 ? record.get() & 0xff : record.getShort() & 0xffff;
        record.position(record.position() + length);
    }

    private static List<Integer> pairs(ByteBuffer record) {
        List<Integer> values = new ArrayList<>();
        for (int left = record.getShort(); left > 0; left -= 2) {
            values.add(record.getShort() & 0xffff);
        }
        return values;
    }

    @Test
    void handshakes_of_an_account_that_wait_for_its_share_delay_no_other_account() throws Exception {
        Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
        EgressClient client = client("", (account, task) -> {
            if (account.equals("busy")) {
                waiting.add(task);
            } else {
                task.run();
            }
        });
        RawReceiver receiver = secure(RawReceiver.answerEach(OK));
        CompletableFuture<Answer> busy =
                client.begin(request("busy", "https", receiver), null).answer().toCompletableFuture();

        assertEquals(200, client.send(request("acme", "https", receiver)).status());
        assertFalse(busy.isDone());

        while (!busy.isDone()) {
            Runnable task = waiting.poll();
            if (task != null) {
                task.run();
            }
            Thread.onSpinWait();
        }
        assertEquals(200, busy.join().status());
    }

    @Test
    void a_deadline_while_a_handshake_waits_for_our_threads_is_no_attempt() throws Exception {
        EgressClient client = client("", (account, task) -> {});
        RawReceiver receiver = secure(RawReceiver.Talk::awaitEnd);
        NothingSentException failure = assertThrows(
                NothingSentException.class,
                () -> client.send(request(
                        "acme",
                        URI.create("https://127.0.0.1:" + receiver.port() + "/"),
                        Instant.now().plusSeconds(2))));
        assertEquals(
                "Not sent: the TLS handshakes of this account waited for this installation's processors",
                failure.getMessage());
    }

    @Test
    void a_server_that_speaks_before_the_hello_is_heard_after_it() throws Exception {
        CountDownLatch spoken = new CountDownLatch(1);
        EgressClient client = client("", (account, task) -> new Thread(() -> {
                    try {
                        spoken.await();
                        task.run();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .start());
        RawReceiver refusing = receiver(null, talk -> {
            talk.write(HANDSHAKE_FAILURE);
            spoken.countDown();
            talk.awaitEnd();
        });
        NoResponseException refused =
                assertThrows(NoResponseException.class, () -> client.send(request("acme", "https", refusing)));
        assertEquals(
                "The endpoint could not agree on TLS with us (TLS alert handshake_failure)",
                HttpFailures.words(refused, "The endpoint", PLENTY).orElseThrow());
    }

    @Test
    void a_server_that_closes_before_the_hello_ends_the_call() throws Exception {
        EgressClient client = client("", (account, task) -> {});
        NoResponseException failure = assertThrows(
                NoResponseException.class, () -> client.send(request("acme", "https", receiver(null, talk -> {}))));
        assertNotEquals(Reason.RESPONSE_TIMEOUT, failure.reason());
    }

    @Test
    void accounts_share_no_connection() throws Exception {
        RawReceiver receiver = receiver(null, RawReceiver.answerEach(OK));
        EgressClient client = client();
        assertArrayEquals(
                "ok".getBytes(), client.send(request("acme", "http", receiver)).body());
        assertArrayEquals(
                "ok".getBytes(), client.send(request("other", "http", receiver)).body());
        assertEquals(2, receiver.connections());
    }

    @Test
    void an_answer_of_the_proxy_without_end_fails_the_attempt() throws Exception {
        RawReceiver proxy = receiver(null, talk -> {
            talk.request();
            talk.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 100000000000\r\n\r\n");
            while (true) {
                talk.write("x".repeat(10_000));
            }
        });
        EgressClient client = client("http://127.0.0.1:" + proxy.port(), (account, task) -> task.run());
        NothingSentException failure = assertThrows(
                NothingSentException.class, () -> client.send(request("acme", URI.create("https://example.com/"))));
        assertEquals(
                "Not sent: the proxy of this installation opened no tunnel to this receiver", failure.getMessage());
    }

    private void assertFails(String predicate, String scheme, RawReceiver receiver) throws Exception {
        EgressClient client = client();
        NoResponseException failure =
                assertThrows(NoResponseException.class, () -> client.send(request("acme", scheme, receiver)));
        assertEquals(predicate, failure.getMessage());
        assertEquals(
                "The endpoint" + predicate,
                HttpFailures.words(failure, "The endpoint", PLENTY).orElseThrow());
    }

    private static OutgoingRequest request(String account, String scheme, RawReceiver receiver) {
        return request(account, scheme, receiver, "/");
    }

    private static OutgoingRequest request(String account, String scheme, RawReceiver receiver, String path) {
        return request(account, URI.create(scheme + "://127.0.0.1:" + receiver.port() + path));
    }

    private static OutgoingRequest request(String account, URI url) {
        return request(account, url, Instant.now().plus(PLENTY));
    }

    private static OutgoingRequest request(String account, URI url, Instant deadline) {
        return new OutgoingRequest(account, url, "POST", new byte[0], deadline);
    }
}
