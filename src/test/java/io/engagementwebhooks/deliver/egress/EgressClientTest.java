package io.engagementwebhooks.deliver.egress;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.engagementwebhooks.deliver.egress.NoResponseException.Reason;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.testkit.TestResources;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The HTTP client of all outbound requests, with receivers that misbehave at every stage (semantics 11, 15, 27, 28). */
@Timeout(300)
class EgressClientTest extends TestResources {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final Duration PLENTY = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(300);

    /** Long enough to receive the headers on a slow machine. */
    private static final Duration ENOUGH_FOR_HEADERS = Duration.ofSeconds(6);

    /** Little compared to the 10 GB, or the endless response, that the receiver would send. */
    private static final long FEW_MEGABYTES = 8 << 20;

    @Test
    void exactly_the_given_request_is_sent() throws Exception {
        RawReceiver receiver = receiver(RawReceiver.answer(OK));
        URI url = URI.create("http://127.0.0.1:" + receiver.port() + "/a%2Fb/c?x=%2B&y=a+b#fragment");
        OutgoingRequest request = request(url, PLENTY);
        request.header("Content-Type", "application/json");
        request.header("X-Campaign", "spring");

        assertEquals(200, client().send(request).status());

        assertEquals(
                """
                POST /a%2Fb/c?x=%2B&y=a+b HTTP/1.1
                Content-Type: application/json
                X-Campaign: spring
                Host: 127.0.0.1:PORT
                Content-Length: 5
                User-Agent: engagement-webhooks/test

                hello"""
                        .replace("PORT", Integer.toString(receiver.port())),
                receiver.requests().get(0));
    }

    /** A request with a closed client, as during a stop, uses no attempt. */
    @Test
    void nothing_is_sent_by_a_client_that_is_closed() throws Exception {
        RawReceiver receiver = receiver(talk -> {});
        EgressClient closed = client();
        closed.close();
        assertThrows(NothingSentException.class, () -> closed.send(request(url(receiver), PLENTY)));
        assertEquals(0, receiver.connections());
    }

    @Test
    void an_answer_is_kept_with_its_headers() throws Exception {
        RawReceiver receiver = receiver(RawReceiver.answer(
                "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nVia: a\r\nVia: b\r\nContent-Length: 4\r\n\r\nbusy"));
        Answer answer = send(receiver);
        assertEquals(503, answer.status());
        assertEquals("7", answer.header("retry-after"));
        assertEquals("a, b", answer.header("via"));
        assertEquals("busy", text(answer));
        assertEquals("", answer.note());
    }

    @Test
    void of_a_cookie_only_the_name_of_the_header_is_kept() throws Exception {
        RawReceiver receiver = receiver(
                RawReceiver.answer("HTTP/1.1 200 OK\r\nset-cookie: session=planted\r\nSet-Cookie: b=planted\r\n"
                        + "Set-Cookie2: c=planted\r\nWWW-Authenticate: Bearer\r\nContent-Length: 2\r\n\r\nok"));
        Answer answer = send(receiver);
        assertEquals("***, ***", answer.header("set-cookie"));
        assertEquals("***", answer.header("set-cookie2"));
        assertEquals("Bearer", answer.header("www-authenticate"));
        assertFalse(
                answer.headers().toString().contains("planted"),
                answer.headers().toString());
    }

    @Test
    void a_connection_is_used_again_after_a_whole_answer() throws Exception {
        RawReceiver receiver = receiver(RawReceiver.answerEach(OK));
        EgressClient client = client();
        client.send(request(url(receiver), PLENTY));
        client.send(request(url(receiver), PLENTY));
        assertEquals(1, receiver.connections());
    }

    @ParameterizedTest
    @CsvSource({"60, 1", "1, 2"})
    void a_connection_is_not_used_again_in_the_last_second_that_the_server_keeps_it(int seconds, int connections)
            throws Exception {
        RawReceiver receiver = receiver(RawReceiver.answerEach(
                OK.replace("Content", "Keep-Alive: timeout=" + seconds + ", max=100\r\nContent")));
        EgressClient client = client();
        client.send(request(url(receiver), PLENTY));
        client.send(request(url(receiver), PLENTY));
        assertEquals(connections, receiver.connections());
    }

    @Test
    void a_connection_is_closed_when_the_server_ends_tls() throws Exception {
        Certificates certificates = new Certificates();
        CountDownLatch closed = new CountDownLatch(1);
        RawReceiver receiver = opened(new RawReceiver(
                talk -> {
                    talk.request();
                    talk.write(OK);
                    talk.endOutput();
                    talk.request();
                    closed.countDown();
                },
                certificates.server("receiver.example", 30)));
        EgressClient client = client("127.0.0.0/8", name -> loopback(), certificates.client());
        URI url = URI.create("https://receiver.example:" + receiver.port() + "/");
        assertEquals(200, client.send(request(url, PLENTY)).status());
        assertTrue(closed.await(30, TimeUnit.SECONDS));
    }

    @Test
    void of_several_addresses_the_first_failure_is_named() throws Exception {
        InetAddress[] addresses = {InetAddress.getByName("127.0.0.1"), InetAddress.getByName("fd00::1")};
        URI url = URI.create("https://receiver.example:" + FreePort.any() + "/");
        assertEquals(
                "The endpoint refused the connection",
                failure(client("127.0.0.0/8,fd00::/8", name -> addresses), request(url, PLENTY)));
    }

    @Test
    void without_memory_for_the_response_its_start_is_kept() throws Exception {
        RawReceiver receiver =
                receiver(RawReceiver.answer("HTTP/1.1 200 OK\r\nContent-Length: 30000\r\n\r\n" + "x".repeat(30_000)));
        EgressClient client = client();
        client.answers().of("another").tryAcquire(client.answers().limit());
        Answer answer = client.send(request(url(receiver), PLENTY));
        assertEquals(200, answer.status());
        assertEquals("answer cut for want of memory", answer.note());

        client.answers().of("another").release(client.answers().limit());
        assertEquals("", client.send(request(url(receiver), PLENTY)).note());
        assertEquals(0, client.answers().used());
    }

    /** Promise 8: our fault is not their attempt. */
    @Test
    void without_memory_for_the_response_head_there_is_no_attempt() {
        RawReceiver receiver = receiver(talk -> {
            talk.request();
            talk.write("HTTP/1.1 200 OK\r\nX-Long: " + "x".repeat(8_000));
            talk.awaitEnd();
        });
        EgressClient client = client();
        client.answers().of("another").tryAcquire(client.answers().limit());
        NothingSentException ours =
                assertThrows(NothingSentException.class, () -> client.send(request(url(receiver), PLENTY)));
        assertEquals("this installation had no memory left for the answer", ours.getMessage());
    }

    @Test
    void a_redirect_is_not_followed() throws Exception {
        RawReceiver receiver = receiver(
                RawReceiver.answer("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"));
        assertEquals(302, send(receiver).status());
        assertEquals(1, receiver.requests().size());
    }

    @Test
    void an_overloaded_receiver_is_called_once() throws Exception {
        RawReceiver receiver =
                receiver(RawReceiver.answerEach("HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"));
        assertEquals(503, send(receiver).status());
        assertEquals(1, receiver.requests().size());
    }

    @Test
    void cookies_are_neither_kept_nor_sent() throws Exception {
        RawReceiver receiver =
                receiver(RawReceiver.answerEach("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"));
        EgressClient client = client();
        client.send(request(url(receiver), PLENTY));
        client.send(request(url(receiver), PLENTY));
        assertFalse(
                receiver.requests().get(1).toLowerCase(java.util.Locale.ROOT).contains("cookie"));
    }

    @Test
    void an_informational_response_alone_is_no_response() {
        RawReceiver receiver = receiver(RawReceiver.answer("HTTP/1.1 103 Early Hints\r\n\r\n"));
        assertEquals("The endpoint closed the connection without a complete answer", failure(receiver));
    }

    @Test
    void a_reset_before_the_answer_is_named() {
        RawReceiver receiver = receiver(talk -> {
            talk.request();
            talk.reset();
        });
        assertEquals("The endpoint reset the connection", failure(receiver));
    }

    @Test
    void an_end_in_the_middle_of_the_headers_is_no_answer() {
        for (String head : List.of(
                "HTTP/1.1 200 O", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nA: b", "HTTP/1.1 200 OK\r\nA: b\r\n")) {
            RawReceiver receiver = receiver(talk -> {
                talk.request();
                talk.write(head);
            });
            assertEquals("The endpoint closed the connection without a complete answer", failure(receiver), head);
        }
    }

    @Test
    void something_other_than_http_is_named() {
        RawReceiver receiver = receiver(RawReceiver.answer("SSH-2.0-OpenSSH_9.2\r\n\r\n"));
        assertEquals("The endpoint gave an answer that is not HTTP/1.1", failure(receiver));
    }

    @Test
    void endless_headers_are_cut_off() {
        RawReceiver receiver = receiver(talk -> {
            talk.request();
            talk.write("HTTP/1.1 200 OK\r\n");
            while (true) {
                talk.write("X-More: and more\r\n");
            }
        });
        assertEquals("The endpoint answered with more or longer headers than are read", failure(receiver));
    }

    @Test
    void an_endless_header_line_is_cut_off() {
        RawReceiver receiver = receiver(talk -> {
            talk.request();
            talk.write("HTTP/1.1 200 OK\r\nX-Long: ");
            while (true) {
                talk.write("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
            }
        });
        assertEquals("The endpoint answered with more or longer headers than are read", failure(receiver));
    }

    @Test
    void a_silent_receiver_ends_at_the_deadline() {
        RawReceiver receiver = receiver(RawReceiver.Talk::sayNothing);
        assertEquals(
                Reason.RESPONSE_TIMEOUT,
                assertThrows(NoResponseException.class, () -> client().send(request(url(receiver), SHORT)))
                        .reason());
    }

    @Test
    void a_receiver_that_drips_its_headers_ends_at_the_deadline() {
        RawReceiver receiver = receiver(talk -> {
            talk.request();
            for (byte b : "HTTP/1.1 200 OK\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                    .getBytes(StandardCharsets.US_ASCII)) {
                talk.write(new byte[] {b});
                pause(SHORT.dividedBy(4));
            }
            talk.sayNothing();
        });
        assertEquals(
                Reason.RESPONSE_TIMEOUT,
                assertThrows(NoResponseException.class, () -> client().send(request(url(receiver), SHORT)))
                        .reason());
    }

    @Test
    void a_server_that_never_greets_tls_ends_at_the_deadline() {
        assertHandshakeEndsAtDeadline(receiver(RawReceiver.Talk::sayNothing));
    }

    /** On a busy machine the handshake may begin seconds later. */
    private void assertHandshakeEndsAtDeadline(RawReceiver receiver) {
        URI url = URI.create("https://127.0.0.1:" + receiver.port() + "/");
        Duration time = SHORT;
        NoResponseException failure;
        OutgoingRequest request;
        do {
            OutgoingRequest next = request(url, time);
            request = next;
            failure = assertThrows(NoResponseException.class, () -> client().send(next));
            time = time.multipliedBy(2);
            assertTrue(time.compareTo(PLENTY) < 0, "the handshake never began in time");
        } while (failure.reason() == Reason.RESPONSE_TIMEOUT);
        assertEquals(Reason.HANDSHAKE_TIMEOUT, failure.reason());
        assertEquals("The endpoint did not complete the TLS handshake within 30 s", words(failure));
        String parts = request.timing().json();
        assertTrue(parts.startsWith("{\"connect\":") && parts.contains("\"tls\":") && !parts.contains("wait"), parts);
    }

    @Test
    @SuppressWarnings("try")
    void a_wait_for_a_connection_is_not_reported_as_a_hanging_handshake() throws Exception {
        ServerSocket server = opened(new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1")));
        URI url = URI.create("https://127.0.0.1:" + server.getLocalPort() + "/");
        EgressClient client = client();
        CompletableFuture<Void> first = CompletableFuture.runAsync(
                () -> assertThrows(NothingSentException.class, () -> client.send(request(url, PLENTY))),
                task -> new Thread(task).start());
        opened(server.accept());
        try (FullQueue full = new FullQueue(server)) {
            assertEquals(
                    Reason.CONNECT_TIMEOUT,
                    assertThrows(NoResponseException.class, () -> client.send(request(url, SHORT)))
                            .reason());
        }
        client.close();
        first.join();
    }

    @Test
    void a_name_not_resolved_before_the_deadline_sends_nothing() {
        CountDownLatch never = new CountDownLatch(1);
        EgressClient client = client("127.0.0.0/8", name -> {
            Patience.await(never);
            throw new java.net.UnknownHostException(name);
        });
        URI url = URI.create("http://hanging.example/");
        NothingSentException late = assertThrows(NothingSentException.class, () -> client.send(request(url, SHORT)));
        assertEquals("Not sent: the host name hanging.example was not resolved in time", late.getMessage());
    }

    @Test
    void a_deadline_that_has_passed_sends_nothing() {
        RawReceiver receiver = receiver(RawReceiver.answer(OK));
        OutgoingRequest late = request(url(receiver), Duration.ofSeconds(-1));
        assertEquals(
                Reason.RESPONSE_TIMEOUT,
                assertThrows(NoResponseException.class, () -> client().send(late))
                        .reason());
    }

    /** Semantics 42: what runs out on our side is no attempt. */
    @Test
    void a_wait_for_the_event_loop_does_not_shorten_the_deadline() throws Exception {
        RawReceiver receiver = receiver(RawReceiver.answerEach(OK));
        SettableClock clock = new SettableClock(Instant.now());
        EgressClient client = opened(new EgressClient(
                new EgressRules(EgressSettings.of("127.0.0.0/8", "", "")),
                "test",
                clock,
                names(InetAddress::getAllByName)));
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        client.begin(request(url(receiver), PLENTY), () -> {
            busy.countDown();
            await().until(() -> free.getCount() == 0);
        });
        busy.await();

        EgressClient.Call waiting = client.begin(request(url(receiver), PLENTY), null);
        clock.pass(PLENTY.multipliedBy(2));
        free.countDown();

        assertEquals(200, waiting.answer().toCompletableFuture().get().status());
        assertTrue(waiting.waited().compareTo(PLENTY.multipliedBy(2)) >= 0);
    }

    /** Starts with a short deadline and extends it, since the headers take seconds on a busy machine only. */
    private Answer sentWhenHeadersComeInTime(URI url) throws Exception {
        Duration time = SHORT;
        while (true) {
            try {
                return client().send(request(url, time));
            } catch (NoResponseException e) {
                assertEquals(Reason.RESPONSE_TIMEOUT, e.reason());
                time = time.multipliedBy(2);
                assertTrue(time.compareTo(PLENTY) < 0, "the headers never came in time");
            }
        }
    }

    @Test
    void a_body_that_is_late_does_not_change_the_status() throws Exception {
        RawReceiver receiver = receiver(talk -> {
            talk.request();
            talk.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
            talk.sayNothing();
        });
        Answer answer = sentWhenHeadersComeInTime(url(receiver));
        assertEquals(200, answer.status());
        assertEquals("some", text(answer));
        assertEquals("answer's body was late", answer.note());
    }

    @Test
    void a_body_that_is_cut_does_not_change_the_status() throws Exception {
        RawReceiver receiver = receiver(RawReceiver.answer("HTTP/1.1 204 No Content\r\n\r\n"));
        assertEquals("", send(receiver).note());
        RawReceiver cutting = receiver(
                RawReceiver.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nwo"));
        Answer answer = send(cutting);
        assertEquals(200, answer.status());
        assertEquals("hellowo", text(answer));
        assertEquals("answer ended before its body was complete", answer.note());
    }

    /** A server need not read a request that it refuses. */
    @Test
    void an_answer_before_the_end_of_the_request_counts() throws Exception {
        Answer refused = resetWhileSending("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
                .join();
        assertEquals(413, refused.status());
        assertEquals("big", text(refused));
    }

    @Test
    void a_reset_before_the_end_of_the_request_is_one() throws Exception {
        CompletionException failure = assertThrows(CompletionException.class, resetWhileSending("")::join);
        NoResponseException reset = assertInstanceOf(NoResponseException.class, failure.getCause());
        assertEquals(NoResponseException.Reason.RESET, reset.reason());
    }

    /** The event loop learns at once of the answer and that the connection is reset. */
    private CompletableFuture<Answer> resetWhileSending(String answer) throws Exception {
        CountDownLatch sending = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch reset = new CountDownLatch(1);
        RawReceiver refusing = receiver(talk -> {
            talk.begun();
            sending.countDown();
            blocked.await();
            talk.write(answer);
            talk.reset();
            reset.countDown();
        });
        RawReceiver other = receiver(RawReceiver.answer(OK));
        EgressClient client = client();
        OutgoingRequest large = new OutgoingRequest(
                "acme", url(refusing), "POST", new byte[64 << 20], Instant.now().plus(PLENTY));
        CompletableFuture<Answer> refused = client.begin(large, null).answer().toCompletableFuture();
        sending.await();
        client.begin(request(url(other), PLENTY), () -> {
            blocked.countDown();
            try {
                reset.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        return refused;
    }

    /** RFC 9112 section 6.3. */
    @Test
    void chunks_count_if_an_answer_has_a_length_too_and_the_connection_is_not_reused() throws Exception {
        RawReceiver receiver = receiver(
                RawReceiver.answerEach("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "5\r\nhello\r\n0\r\n\r\n"));
        EgressClient client = client();
        for (int connections = 1; connections < 3; connections++) {
            Answer answer = client.send(request(url(receiver), PLENTY));
            assertEquals(200, answer.status());
            assertEquals("hello", text(answer));
            assertEquals(connections, receiver.connections());
        }
    }

    @Test
    void a_body_that_is_reset_does_not_change_the_status() throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        RawReceiver receiver = receiver(talk -> {
            talk.request();
            talk.write("HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\n");
            talk.reset();
            read.countDown();
        });
        // the reset may arrive before the headers; then there is no response, which is valid too
        try {
            Answer answer = send(receiver);
            assertEquals(202, answer.status());
            assertEquals("answer ended before its body was complete", answer.note());
        } catch (IOException e) {
            assertEquals("The endpoint reset the connection", words(e));
        }
        read.await();
    }

    @Test
    void an_endless_body_is_cut_and_the_connection_dropped() throws Exception {
        CountDownLatch dropped = new CountDownLatch(1);
        byte[] block = new byte[8192];
        Arrays.fill(block, (byte) 'x');
        RawReceiver receiver = receiver(talk -> {
            talk.request();
            talk.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            try {
                while (true) {
                    talk.write("2000\r\n");
                    talk.write(block);
                    talk.write("\r\n");
                }
            } catch (IOException e) {
                dropped.countDown();
            }
        });
        Answer answer = send(receiver);
        assertEquals(200, answer.status());
        assertEquals(Answer.READ_BYTES, answer.body().length);
        assertEquals("answer cut after 64 KiB", answer.note());
        dropped.await();
    }

    /** 10 GB of zeros, which neither side ever holds in memory. */
    @Test
    void a_gzip_bomb_of_ten_gigabytes_is_dropped_after_what_is_read() throws Exception {
        CountDownLatch dropped = new CountDownLatch(1);
        byte[] zeros = new byte[1 << 20];
        RawReceiver receiver = receiver(talk -> {
            talk.request();
            talk.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
            try (GZIPOutputStream bomb = new GZIPOutputStream(talk.out())) {
                for (int megabytes = 0; megabytes < 10_000; megabytes++) {
                    bomb.write(zeros);
                }
            } catch (IOException e) {
                dropped.countDown();
            }
        });
        Answer answer = send(receiver);
        assertEquals(200, answer.status());
        assertEquals(Answer.READ_BYTES, answer.body().length);
        assertEquals("answer cut after 64 KiB", answer.note());
        dropped.await();
    }

    @Test
    void a_handshake_that_drips_ends_at_the_deadline() {
        RawReceiver receiver = receiver(talk -> {
            // a TLS record of 16 KiB that is never completed
            talk.write(new byte[] {0x16, 3, 3, 0x40, 0});
            while (true) {
                talk.write(new byte[] {0});
                pause(SHORT.dividedBy(4));
            }
        });
        assertHandshakeEndsAtDeadline(receiver);
    }

    @Test
    void a_body_that_drips_ends_at_the_deadline_and_keeps_what_came() throws Exception {
        RawReceiver receiver = receiver(talk -> {
            talk.request();
            talk.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
            while (true) {
                talk.write("x");
                pause(SHORT.dividedBy(4));
            }
        });
        Answer answer = sentWhenHeadersComeInTime(url(receiver));
        assertEquals(200, answer.status());
        assertEquals("answer's body was late", answer.note());
        assertTrue(text(answer).startsWith("x") && answer.body().length < 100_000);
    }

    @Test
    void compressed_answers_are_decoded() throws Exception {
        byte[] plain = "a well-behaved answer".getBytes(StandardCharsets.UTF_8);
        for (byte[] deflated : List.of(compressed(DeflaterOutputStream::new, plain), rawDeflated(plain))) {
            assertArrayEquals(plain, coded("deflate", deflated).body());
        }
        assertArrayEquals(
                plain, coded("x-gzip", compressed(GZIPOutputStream::new, plain)).body());
        assertEquals("answer kept in its coding", coded("br", plain).note());
        assertEquals("answer could not be decoded", coded("gzip", plain).note());
        assertEquals(200, coded("gzip", plain).status());
    }

    @Test
    void what_is_wrong_with_a_certificate_is_named() throws Exception {
        Certificates authority = new Certificates();
        SSLContext trust = authority.client();
        assertEquals(
                "The endpoint's certificate has expired", tlsFailure(authority.server("receiver.example", -1), trust));
        assertEquals(
                "The endpoint's certificate is for another host name",
                tlsFailure(authority.server("other.example", 30), trust));
        assertEquals(
                "The endpoint's certificate is not signed by a known authority",
                tlsFailure(new Certificates().server("receiver.example", 30), trust));
    }

    @Test
    void a_server_that_does_not_speak_tls_is_named() throws Exception {
        RawReceiver receiver = receiver(talk -> talk.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
        URI url = URI.create("https://127.0.0.1:" + receiver.port() + "/");
        assertEquals("The endpoint could not agree on TLS with us", failure(client(), request(url, PLENTY)));
    }

    /** Otherwise a customer could find out the host names of the operator's network. */
    @Test
    void an_unknown_name_and_one_with_a_private_address_are_reported_alike() throws Exception {
        InetAddress inside = InetAddress.getByName("10.1.2.3");
        EgressClient client = client("", name -> {
            if (name.equals("inside.example")) {
                return new InetAddress[] {inside};
            }
            throw new java.net.UnknownHostException(name);
        });
        for (String host : List.of("unknown.example", "inside.example")) {
            for (String url : List.of("https://" + host + "/", "https://" + host + ":444/")) {
                OutgoingRequest request = request(URI.create(url), PLENTY);
                assertEquals(
                        "The endpoint's host name could not be resolved to a public address", failure(client, request));
                assertNull(request.timing().json(), "how long the name took tells too");
            }
            UnknownHostException failure = assertThrows(
                    UnknownHostException.class,
                    () -> client.send(request(URI.create("https://" + host + "/"), PLENTY)));
            assertFalse(failure instanceof EgressRefusedException);
            assertEquals(host, failure.getMessage());
        }
    }

    @Test
    void a_name_is_resolved_once_so_that_a_second_response_cannot_redirect_the_call() throws Exception {
        RawReceiver inside = receiver(talk -> talk.write(OK));
        List<String> asked = new java.util.concurrent.CopyOnWriteArrayList<>();
        // 192.0.2.1, a test address, stands for a public address that does not respond
        SettableClock clock = new SettableClock(Instant.now());
        SystemNames rebinding = new SystemNames(name -> {
            asked.add(name);
            return new InetAddress[] {InetAddress.getByName(asked.size() == 1 ? "192.0.2.1" : "127.0.0.1")};
        });
        EgressClient client = client("192.0.2.0/24", opened(new NameResolver(rebinding, clock)));
        URI url = URI.create("https://rebinding.example:" + inside.port() + "/");
        assertThrows(IOException.class, () -> client.send(request(url, ENOUGH_FOR_HEADERS)));
        assertEquals(1, asked.size());
        clock.pass(Duration.ofSeconds(30));
        assertThrows(NotPublicException.class, () -> client.send(request(url, PLENTY)));
        assertEquals(0, inside.connections());
    }

    @Test
    void plain_http_beyond_loopback_is_refused_at_connect() {
        EgressClient client = client("192.0.2.0/24", name -> new InetAddress[] {InetAddress.getByName("192.0.2.1")});
        URI url = URI.create("http://receiver.example/");
        assertEquals("Not allowed: plain http is not allowed here: use https", failure(client, request(url, PLENTY)));
    }

    /**
     * One attempt is one request, also on a kept connection that the receiver closes: it may have processed the request
     * before (semantics 15).
     */
    @Test
    void a_request_on_a_closed_connection_is_not_resent() throws Exception {
        RawReceiver receiver = receiver(talk -> {
            if (talk.request()) {
                talk.write(OK);
                talk.request();
            }
        });
        EgressClient client = client();
        client.send(request(url(receiver), PLENTY));
        assertEquals(
                "The endpoint closed the connection without a complete answer",
                failure(client, request(url(receiver), PLENTY)));
        assertEquals(2, receiver.requests().size());
        assertEquals(1, receiver.connections());
    }

    /** Reading and decoding happen on the thread of the attempt. */
    private static long allocatedBy(Sending sending) throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        sending.send();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private interface Sending {
        void send() throws Exception;
    }

    /** A small response of the same kind is sent first, because the first attempt loads classes. */
    @Test
    void a_gzip_bomb_and_an_endless_head_take_bounded_memory() throws Exception {
        RawReceiver plain = receiver(talk -> {
            talk.request();
            talk.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
            talk.write(compressed(GZIPOutputStream::new, new byte[10]));
        });
        RawReceiver bomb = receiver(talk -> {
            talk.request();
            talk.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
            try (GZIPOutputStream out = new GZIPOutputStream(talk.out())) {
                while (true) {
                    out.write(new byte[1 << 20]);
                }
            }
        });
        RawReceiver head = receiver(talk -> {
            talk.request();
            talk.write("HTTP/1.1 200 OK\r\nX-Long: ");
            while (true) {
                talk.write("a".repeat(1 << 20));
            }
        });
        EgressClient client = client();
        client.send(request(url(plain), PLENTY));

        long byBomb = allocatedBy(() -> client.send(request(url(bomb), PLENTY)));
        assertTrue(byBomb < FEW_MEGABYTES, byBomb + " bytes were allocated for a bomb");
        long byHead = allocatedBy(() -> failure(client, request(url(head), PLENTY)));
        assertTrue(byHead < FEW_MEGABYTES, byHead + " bytes were allocated for a head");
    }

    private Answer coded(String coding, byte[] body) throws IOException {
        return send(receiver(talk -> {
            talk.request();
            talk.write("HTTP/1.1 200 OK\r\nContent-Encoding: " + coding + "\r\nContent-Length: " + body.length
                    + "\r\n\r\n");
            talk.write(body);
        }));
    }

    private String tlsFailure(SSLContext server, SSLContext client) {
        RawReceiver receiver = opened(new RawReceiver(RawReceiver.Talk::request, server));
        URI url = URI.create("https://receiver.example:" + receiver.port() + "/");
        return failure(client("127.0.0.0/8", name -> loopback(), client), request(url, PLENTY));
    }

    private String failure(RawReceiver receiver) {
        return failure(client(), request(url(receiver), PLENTY));
    }

    private static String failure(EgressClient client, OutgoingRequest request) {
        return words(assertThrows(IOException.class, () -> client.send(request)));
    }

    private static String words(IOException failure) {
        return HttpFailures.words(failure, "The endpoint", PLENTY).orElseThrow(() -> new AssertionError(failure));
    }

    private Answer send(RawReceiver receiver) throws IOException {
        return client().send(request(url(receiver), PLENTY));
    }

    private RawReceiver receiver(RawReceiver.Script script) {
        return opened(new RawReceiver(script));
    }

    private EgressClient client() {
        return client("127.0.0.0/8", InetAddress::getAllByName);
    }

    private EgressClient client(String allow, SystemNames.Lookup lookup) {
        return client(allow, names(lookup));
    }

    private EgressClient client(String allow, NameResolver names) {
        return client(allow, names, org.apache.hc.core5.ssl.SSLContexts.createDefault());
    }

    private EgressClient client(String allow, SystemNames.Lookup lookup, SSLContext trust) {
        return client(allow, names(lookup), trust);
    }

    private EgressClient client(String allow, NameResolver names, SSLContext trust) {
        EgressRules rules = new EgressRules(EgressSettings.of(allow, "", ""));
        return opened(new EgressClient(rules, "test", Clock.systemUTC(), names, trust, (account, task) -> task.run()));
    }

    private NameResolver names(SystemNames.Lookup lookup) {
        return opened(new NameResolver(new SystemNames(lookup), Clock.systemUTC()));
    }

    private static URI url(RawReceiver receiver) {
        return URI.create("http://127.0.0.1:" + receiver.port() + "/");
    }

    private static OutgoingRequest request(URI url, Duration time) {
        return new OutgoingRequest(
                "acme",
                url,
                "POST",
                "hello".getBytes(StandardCharsets.UTF_8),
                Instant.now().plus(time));
    }

    private static InetAddress[] loopback() throws java.net.UnknownHostException {
        return new InetAddress[] {InetAddress.getByName("127.0.0.1")};
    }

    private static String text(Answer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    private interface Compression {
        OutputStream over(OutputStream out) throws IOException;
    }

    private static byte[] compressed(Compression compression, byte[] plain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream coding = compression.over(out)) {
            coding.write(plain);
        }
        return out.toByteArray();
    }

    private static byte[] rawDeflated(byte[] plain) throws IOException {
        return compressed(out -> new DeflaterOutputStream(out, new java.util.zip.Deflater(-1, true)), plain);
    }

    /** The time between two bytes of a slow response. */
    private static void pause(Duration duration) throws InterruptedException {
        new CountDownLatch(1).await(duration.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS);
    }
}
