package io.engagementwebhooks.deliver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.egress.NoResponseException.Reason;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.ConnectProxy;
import io.engagementwebhooks.testkit.Pause;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.testkit.TestResources;
import io.engagementwebhooks.webhook.auth.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All requests go through a proxy that opens tunnels (semantics 29). */
@Timeout(300)
class ProxyTest extends TestResources {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final Duration PLENTY = Duration.ofSeconds(30);

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private final Certificates authority = new Certificates();

    @Test
    void a_receiver_is_called_through_a_tunnel_and_its_certificate_is_checked_there() throws Exception {
        ConnectProxy proxy = opened(new ConnectProxy());
        proxy.leading("receiver.example:443", secure("receiver.example").port());
        EgressClient client = client(proxy, "", "");
        Answer answer = client.send(request("https://receiver.example/hooks"));
        assertEquals("ok", new String(answer.body(), StandardCharsets.UTF_8));

        proxy.leading("other.example:443", secure("receiver.example").port());
        IOException impostor = assertThrows(IOException.class, () -> client.send(request("https://other.example/")));
        assertEquals("The endpoint's certificate is for another host name", words(impostor));
    }

    @Test
    void a_tunnel_is_reused_for_the_same_receiver_only() throws Exception {
        ConnectProxy proxy = opened(new ConnectProxy());
        proxy.leading("one.example:443", secure("one.example").port());
        proxy.leading("two.example:443", secure("two.example").port());
        EgressClient client = client(proxy, "", "");
        for (String host : List.of("one", "two", "one", "two")) {
            assertEquals(
                    200, client.send(request("https://" + host + ".example/")).status());
        }
        assertEquals(List.of("one.example:443", "two.example:443"), proxy.asked());
    }

    @Test
    void the_proxy_gets_the_credentials() throws Exception {
        ConnectProxy proxy = opened(new ConnectProxy("us:pä:ss@w/rd%"));
        proxy.leading("receiver.example:443", secure("receiver.example").port());
        EgressClient client = client("us:p%C3%A4%3Ass%40w%2Frd%25@127.0.0.1:" + proxy.port(), "", "");
        assertEquals(200, client.send(request("https://receiver.example/")).status());
    }

    @Test
    void a_receiver_never_gets_the_proxys_credentials() throws Exception {
        ConnectProxy proxy = opened(new ConnectProxy("us:hush"));
        RawReceiver receiver = secure("receiver.example");
        proxy.leading("receiver.example:443", receiver.port());
        client("us:hush@127.0.0.1:" + proxy.port(), "", "").send(request("https://receiver.example/"));
        assertFalse(
                receiver.requests().get(0).contains("Proxy-"),
                receiver.requests().get(0));
    }

    /** Semantics 29. */
    @Test
    void plain_http_that_is_allowed_goes_directly() throws Exception {
        RawReceiver receiver = opened(new RawReceiver(ProxyTest::answerOk));
        ConnectProxy proxy = opened(new ConnectProxy());
        EgressClient client = client(proxy, "127.0.0.0/8", "");
        assertEquals(
                200,
                client.send(request("http://127.0.0.1:" + receiver.port() + "/"))
                        .status());
        assertEquals(List.of(), proxy.asked());
    }

    /** Semantics 29. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://127.0.0.1/",
                "https://2130706433/",
                "https://0x7f.1/",
                "https://[::1]/",
                "https://[::ffff:10.0.0.1]/",
                "https://169.254.169.254/latest/meta-data/",
                "https://localhost/",
                "https://LOCALHOST./",
                "https://some.localhost/",
                "https://receiver.example:22/",
                "https://8.8.8.8:3306/",
                "http://receiver.example/"
            })
    void literal_addresses_ports_and_plain_http_are_checked_before_the_proxy_is_called(String url) {
        ConnectProxy proxy = opened(new ConnectProxy());
        EgressRules rules = rules("127.0.0.1:" + proxy.port(), "", "");
        assertTrue(rules.refusal(URI.create(url)).isPresent(), "at configuration");
        EgressClient client = client(proxy, "", "");
        assertThrows(EgressRefusedException.class, () -> client.send(request(url)));
        assertEquals(List.of(), proxy.asked());
    }

    @Test
    void a_public_literal_address_goes_through_the_proxy() throws Exception {
        ConnectProxy proxy = opened(new ConnectProxy());
        proxy.leading("8.8.8.8:443", secure("8.8.8.8").port());
        assertEquals(
                200, client(proxy, "", "").send(request("https://8.8.8.8/")).status());
    }

    /** Promise 8: our fault is not their attempt. */
    @Test
    void a_proxy_that_is_down_is_no_attempt_and_is_paused() throws Exception {
        ConnectProxy proxy = new ConnectProxy();
        proxy.close();
        EgressClient client = client(proxy, "", "");
        NothingSentException first =
                assertThrows(NothingSentException.class, () -> client.send(request("https://receiver.example/")));
        assertEquals("Not sent: the proxy of this installation cannot be reached", first.getMessage());
        assertEquals(clock.instant().plusSeconds(5), first.until());
        clock.pass(Duration.ofSeconds(6));
        NothingSentException second =
                assertThrows(NothingSentException.class, () -> client.send(request("https://receiver.example/")));
        assertEquals(clock.instant().plusSeconds(10), second.until());
    }

    @Test
    void a_proxy_that_is_down_does_not_stop_direct_plain_http() throws Exception {
        RawReceiver receiver = opened(new RawReceiver(ProxyTest::answerOk));
        ConnectProxy proxy = new ConnectProxy();
        proxy.close();
        EgressClient client = client(proxy, "127.0.0.0/8", "");
        assertThrows(NothingSentException.class, () -> client.send(request("https://receiver.example/")));
        assertEquals(
                200,
                client.send(request("http://127.0.0.1:" + receiver.port() + "/"))
                        .status());
        NothingSentException still =
                assertThrows(NothingSentException.class, () -> client.send(request("https://receiver.example/")));
        assertEquals(clock.instant().plusSeconds(5), still.until(), "it is left alone still");
    }

    @Test
    void a_proxy_that_refuses_the_credentials_is_no_attempt_and_is_paused() {
        ConnectProxy proxy = opened(new ConnectProxy("us:right"));
        EgressClient client = client("us:wrong@127.0.0.1:" + proxy.port(), "", "");
        for (int i = 0; i < 3; i++) {
            NothingSentException refused =
                    assertThrows(NothingSentException.class, () -> client.send(request("https://receiver.example/")));
            assertEquals(
                    "Not sent: the proxy of this installation requires a different user or password (407)",
                    refused.getMessage());
        }
        assertEquals(1, proxy.asked().size());
    }

    @Test
    void a_proxy_that_forbids_one_receiver_still_serves_the_others() throws Exception {
        ConnectProxy proxy = opened(new ConnectProxy());
        proxy.leading("receiver.example:443", secure("receiver.example").port());
        EgressClient client = client(proxy, "", "");
        proxy.answerWith("HTTP/1.1 403 Policy");
        NothingSentException refused =
                assertThrows(NothingSentException.class, () -> client.send(request("https://bad.example/")));
        assertEquals("Not sent: the proxy of this installation refused the connection (403)", refused.getMessage());
        proxy.answerWith("");
        assertEquals(200, client.send(request("https://receiver.example/")).status());
    }

    @Test
    void a_receiver_that_the_proxy_cannot_reach_is_an_attempt() {
        ConnectProxy proxy = opened(new ConnectProxy());
        IOException failure =
                assertThrows(IOException.class, () -> client(proxy, "", "").send(request("https://unknown.example/")));
        assertEquals("The endpoint could not be reached by the proxy of this installation (503)", words(failure));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SSH-2.0-OpenSSH_9.2", "HTTP/2 200", "HTTP/1.1 20"})
    void a_server_that_is_no_proxy_is_reported(String head) {
        ConnectProxy proxy = opened(new ConnectProxy());
        proxy.answerWith(head);
        NothingSentException failure = assertThrows(
                NothingSentException.class, () -> client(proxy, "", "").send(request("https://receiver.example/")));
        assertEquals(
                "Not sent: the proxy of this installation does not answer as an HTTP proxy does", failure.getMessage());
    }

    /** An account chooses its receivers, and with them what the proxy answers. */
    @ParameterizedTest
    @ValueSource(
            strings = {"", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 403 Forbidden\r\nContent-Length: 99999999\r\n\r\n"})
    void a_receiver_for_which_the_proxy_opens_no_tunnel_pauses_no_other(String start) throws Exception {
        RawReceiver proxy = opened(new RawReceiver(talk -> {
            talk.request();
            boolean isHostile = talk.path().startsWith("hostile.example");
            talk.write(isHostile ? start : "HTTP/1.1 403 Policy\r\nContent-Length: 0\r\n\r\n");
            while (isHostile && start.startsWith("HTTP")) {
                talk.write("x".repeat(10_000));
            }
        }));
        EgressClient client = client("127.0.0.1:" + proxy.port(), "", "");
        assertThrows(NothingSentException.class, () -> client.send(request("https://hostile.example/")));
        NothingSentException refused =
                assertThrows(NothingSentException.class, () -> client.send(request("https://receiver.example/")));
        assertEquals("Not sent: the proxy of this installation refused the connection (403)", refused.getMessage());
    }

    /** The proxy opens a tunnel and says nothing more, so that an event loop that made the hello would wait for it. */
    @Test
    void the_hello_is_computed_by_the_threads_of_handshakes() {
        RawReceiver silent = opened(new RawReceiver(talk -> {
            talk.request();
            talk.write("HTTP/1.1 200 Yes\r\n\r\n");
            talk.awaitEnd();
        }));
        EgressClient client = client("127.0.0.1:" + silent.port(), "", "", (account, task) -> {});
        OutgoingRequest request = request("https://receiver.example/", Duration.ofSeconds(2));
        NothingSentException unsent = assertThrows(NothingSentException.class, () -> client.send(request));
        assertEquals(
                "Not sent: the TLS handshakes of this account waited for this installation's processors",
                unsent.getMessage());
    }

    /** Connecting to a listener with a full backlog hangs, as with a proxy whose machine is down. */
    @Test
    @SuppressWarnings("try")
    void a_proxy_not_reached_before_the_deadline_is_no_attempt() throws Exception {
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                FullQueue ignored = new FullQueue(full)) {
            EgressClient client = client("127.0.0.1:" + full.getLocalPort(), "", "");
            OutgoingRequest request = request("https://receiver.example/", Duration.ofMillis(300));
            NothingSentException late = assertThrows(NothingSentException.class, () -> client.send(request));
            assertEquals("Not sent: the proxy of this installation was not reached in time", late.getMessage());
        }
    }

    @Test
    void a_redirect_of_the_proxy_is_not_followed_and_is_no_attempt() {
        ConnectProxy proxy = opened(new ConnectProxy());
        proxy.answerWith("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/");
        NothingSentException failure = assertThrows(
                NothingSentException.class, () -> client(proxy, "", "").send(request("https://receiver.example/")));
        assertEquals("Not sent: the proxy of this installation refused the connection (302)", failure.getMessage());
    }

    /** A receiver can respond like this too, so it is treated as the receiver's failure. */
    @Test
    void a_tunnel_without_tls_is_the_receivers_failure() {
        ConnectProxy proxy = opened(new ConnectProxy());
        proxy.answerWith("HTTP/1.1 200 Yes\r\n\r\nand then some words that no TLS begins with");
        IOException failure =
                assertThrows(IOException.class, () -> client(proxy, "", "").send(request("https://receiver.example/")));
        assertEquals("The endpoint could not agree on TLS with us", words(failure));
    }

    @Test
    void a_receiver_that_never_greets_tls_through_the_tunnel_is_named() {
        RawReceiver tunnel = opened(new RawReceiver(talk -> {
            talk.request();
            talk.write("HTTP/1.1 200 OK\r\n\r\n");
            talk.sayNothing();
        }));
        EgressClient client = client("127.0.0.1:" + tunnel.port(), "", "");
        OutgoingRequest request = request("https://receiver.example/", Duration.ofSeconds(3));
        assertEquals(
                Reason.HANDSHAKE_TIMEOUT,
                assertThrows(NoResponseException.class, () -> client.send(request))
                        .reason());
        assertTrue(
                request.timing().json().contains("\"tls\":"), request.timing().json());
    }

    @Test
    void a_proxy_that_drips_its_response_ends_at_the_deadline() {
        RawReceiver dripping = opened(new RawReceiver(talk -> {
            while (true) {
                talk.write("H");
                Pause.of(Duration.ofMillis(20));
            }
        }));
        EgressClient client = client("127.0.0.1:" + dripping.port(), "", "");
        OutgoingRequest request = request("https://receiver.example/", Duration.ofMillis(300));
        assertEquals(
                Reason.CONNECT_TIMEOUT,
                assertThrows(NoResponseException.class, () -> client.send(request))
                        .reason());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://proxy:3128",
                "http://proxy",
                "proxy:3128",
                "http://hush@proxy:3128",
                "http://us:hu sh@proxy:3128",
                "http://u%3As:hush@proxy:3128",
                "http://us:hu%0Ash@proxy:3128",
                "http://us:hush@proxy:3128/path",
                "http://us:hush@proxy:0",
                "http://us:hush@proxy:99999"
            })
    void an_invalid_proxy_url_is_refused_without_the_password(String text) {
        IllegalArgumentException fault = assertThrows(
                IllegalArgumentException.class, () -> new EgressRules(EgressSettings.of("", "", "", text)));
        assertTrue(fault.getMessage().startsWith("webhooks.egress.proxy: it"), fault.getMessage());
        assertFalse(fault.getMessage().contains("hu"), fault.getMessage());
    }

    @Test
    void the_password_is_never_printed() {
        EgressSettings settings = EgressSettings.of("", "", "", "http://us:hush@proxy:3128");
        assertFalse(settings.toString().contains("hush"));
        assertTrue(new EgressRules(settings).toString().endsWith("by proxy proxy:3128"));
    }

    private RawReceiver secure(String host) throws Exception {
        return opened(new RawReceiver(ProxyTest::answerOk, authority.server(host, 30)));
    }

    private static void answerOk(RawReceiver.Talk talk) throws IOException {
        while (talk.request()) {
            talk.write(OK);
        }
    }

    private EgressClient client(ConnectProxy proxy, String allow, String ports) {
        return client("127.0.0.1:" + proxy.port(), allow, ports);
    }

    private EgressClient client(String proxy, String allow, String ports) {
        return client(proxy, allow, ports, (account, task) -> task.run());
    }

    private EgressClient client(String proxy, String allow, String ports, BiConsumer<String, Runnable> handshakeTasks) {
        try {
            return opened(new EgressClient(
                    rules(proxy, allow, ports),
                    "test",
                    clock,
                    opened(new NameResolver(
                            new SystemNames(name -> {
                                throw new UnknownHostException(name);
                            }),
                            clock)),
                    authority.client(),
                    handshakeTasks));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static EgressRules rules(String proxy, String allow, String ports) {
        return new EgressRules(EgressSettings.of(allow, ports, "", "http://" + proxy));
    }

    private OutgoingRequest request(String url) {
        return request(url, PLENTY);
    }

    private OutgoingRequest request(String url, Duration time) {
        return new OutgoingRequest(
                "acme",
                URI.create(url),
                "POST",
                "hello".getBytes(StandardCharsets.UTF_8),
                clock.instant().plus(time),
                Tls.DEFAULT);
    }

    private static String words(IOException failure) {
        return HttpFailures.words(failure, "The endpoint", PLENTY).orElseThrow(() -> new AssertionError(failure));
    }
}
