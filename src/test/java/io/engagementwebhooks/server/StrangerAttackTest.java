package io.engagementwebhooks.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.ledger.AccountLedger;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.Reservation;
import io.engagementwebhooks.testkit.Raw;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A separate product with few connections: attacks without a key, and of a caller on others. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StrangerAttackTest {

    private static final String STAFF = "an-admin-key-of-acme";
    private static final String SENDER = "an-ingest-key-of-acme";
    private static final String READER = "a-read-key-of-acme";
    private static final String OTHER = "an-admin-key-of-other";
    private static final String EVENT = "{\"id\":\"%s\",\"source\":\"/s\",\"type\":\"call.ended\"}";
    private static final int CONNECTIONS = 40;

    @AutoClose
    private RunningProduct product;

    private Ledger ledger;

    @BeforeAll
    void start(@TempDir Path folder) {
        product = RunningProduct.start(
                folder,
                """
                accounts:
                  - id: acme
                    apiKeys:
                      - {name: staff, role: admin, key: an-admin-key-of-acme}
                      - {name: sender, role: ingest, key: an-ingest-key-of-acme}
                      - {name: reader, role: read, key: a-read-key-of-acme}
                  - id: other
                    apiKeys: [{name: staff, role: admin, key: an-admin-key-of-other}]
                """,
                "webhooks.server.max-connections=" + CONNECTIONS,
                "webhooks.server.trusted-proxies=127.0.0.1/32");
        ledger = product.part("webhooksLedger", Ledger.class);
    }

    @AfterEach
    void all_memory_is_released() {
        await("nothing is reserved any more").until(() -> ledger.reserved() == 0);
    }

    private static String head(String key, String... headers) {
        return "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + (key == null ? "" : "Authorization: Bearer " + key + "\r\n")
                + String.join("", headers)
                + "\r\n";
    }

    private void assertTakesEvents(String key, String id) {
        HttpResponse<String> answer = product.postEvent(key, EVENT.formatted(id));
        assertEquals(202, answer.statusCode(), answer.body());
    }

    @TestFactory
    List<DynamicTest> the_key_is_checked_before_a_byte_of_the_body() {
        return Raw.statuses(
                product.port(),
                Map.of(
                        "no key", Map.entry(head(null, "Content-Length: 200000\r\n"), 401),
                        "an unknown key", Map.entry(head("unknown-key", "Content-Length: 200000\r\n"), 401),
                        "an unknown key, chunks", Map.entry(head("unknown-key", "Transfer-Encoding: chunked\r\n"), 401),
                        "no key, too long", Map.entry(head(null, "Content-Length: 200000000\r\n"), 401),
                        "a key that may not send", Map.entry(head(READER, "Content-Length: 200000\r\n"), 403),
                        "a key that may not change",
                                Map.entry(
                                        head(READER, "Content-Length: 200000\r\n")
                                                .replace("/events", "/webhooks"),
                                        403),
                        "a body over the limit", Map.entry(head(SENDER, "Content-Length: 200000000\r\n"), 413),
                        "two keys",
                                Map.entry(
                                        head(SENDER, "Authorization: Bearer x\r\n", "Content-Length: 20000\r\n"),
                                        400)));
    }

    @Test
    void to_expect_100_continue_is_answered_only_after_the_key_was_checked() {
        String expects = "Expect: 100-continue\r\nContent-Length: 200000\r\n";
        Raw.exchange(product.port(), head("unknown-key", expects)).assertStatus(401);

        String event = EVENT.formatted("expected");
        try (Raw raw = new Raw(product.port())) {
            raw.send(head(
                    SENDER, "Expect: 100-continue\r\nConnection: close\r\nContent-Length: " + event.length() + "\r\n"));
            await().until(() -> ledger.of("acme").reserved() > 0);
            raw.send(event);
            String answer = raw.answer().text();
            assertTrue(answer.startsWith("HTTP/1.1 100 Continue\r\n\r\n"), answer);
            assertTrue(answer.contains("HTTP/1.1 202 "), answer);
        }
    }

    @Test
    void a_short_body_that_is_refused_leaves_the_connection_usable_and_a_long_one_does_not() {
        String event = EVENT.formatted("after-refusal");
        try (Raw raw = new Raw(product.port())) {
            raw.send(head("unknown-key", "Content-Length: 10\r\n") + "0123456789");
            raw.answer().assertStatus(401);
            raw.send(head(SENDER, "Content-Length: " + event.length() + "\r\n") + event);
            assertEquals(202, raw.answer().status());

            raw.send(head("unknown-key", "Content-Length: 100000\r\n"));
            Raw.Answer refused = raw.answer();
            refused.assertStatus(401);
            assertTrue(refused.text().toLowerCase().contains("connection: close"), refused.text());
            raw.send("x".repeat(100_000));
            assertEquals(new Raw.Answer("", true), raw.answer());
        }
    }

    @Test
    void memory_of_a_body_is_its_accounts_from_the_head_to_the_answer() {
        AccountLedger acme = ledger.of("acme");
        try (Raw whole = new Raw(product.port());
                Raw chunks = new Raw(product.port())) {
            whole.send(head(SENDER, "Content-Length: 200000\r\n"));
            await().until(() -> acme.reserved() >= 200_000);
            long before = acme.reserved();
            chunks.send(head(SENDER, "Transfer-Encoding: chunked\r\n") + "10000\r\n" + "x".repeat(0x10000));
            await().until(() -> acme.reserved() >= before + 0x10000);
        }
        await("it is given back when the connections are closed").until(() -> acme.reserved() == 0);
        await().until(() -> ledger.anonymous().reserved() == 0);
    }

    @Test
    @SuppressWarnings("try")
    void an_account_without_memory_is_asked_to_wait_and_others_are_not() {
        AccountLedger acme = ledger.of("acme");
        // what a request before it held is given back when its response has left
        await().until(() -> acme.reserved() == 0);
        try (Reservation all = acme.reserve(acme.limit())) {
            HttpResponse<String> refused = product.postEvent(SENDER, EVENT.formatted("no-space"));
            assertEquals(503, refused.statusCode(), refused.body());
            assertEquals("1", refused.headers().firstValue("Retry-After").orElse(""));
            assertTrue(refused.body().contains("nothing was stored"), refused.body());
            assertEquals(200, product.get("/v1/webhooks", STAFF).statusCode(), "what has no body needs no memory");
            Raw.exchange(
                            product.port(),
                            head(SENDER, "Transfer-Encoding: chunked\r\n") + "10000\r\n" + "x".repeat(0x10000))
                    .assertStatus(503);

            assertTakesEvents(OTHER, "there-is-space");
        }
        assertTakesEvents(SENDER, "no-space");
    }

    @Test
    @SuppressWarnings("try")
    void what_has_no_key_shares_a_small_budget_and_callers_have_theirs() {
        HttpResponse<String> session = signIn(STAFF);
        String cookie = session.headers().firstValue("Set-Cookie").orElseThrow().split(";")[0];
        AccountLedger anonymous = ledger.anonymous();
        await().until(() -> anonymous.reserved() == 0);
        try (Reservation all = anonymous.reserve(anonymous.limit())) {
            HttpResponse<String> refused = signIn(STAFF);
            assertEquals(503, refused.statusCode());
            assertEquals("1", refused.headers().firstValue("Retry-After").orElse(""));

            assertTakesEvents(SENDER, "strangers-have-nothing");
            assertEquals(200, product.get("/v1/openapi.yaml", null).statusCode());
            assertEquals(404, product.post("/nothing", null, "text/plain", "x").statusCode());
            HttpResponse<String> page = product.send(product.request("/console/builder/preview", null)
                    .header("Cookie", cookie)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString("a=b"))
                    .build());
            assertTrue(page.statusCode() != 503, page.statusCode() + ": a session has its account's memory");
        }
        assertTrue(signIn(STAFF).statusCode() < 400);
    }

    private HttpResponse<String> signIn(String key) {
        return product.post(
                "/console/sign-in",
                null,
                "application/x-www-form-urlencoded",
                "key=" + URLEncoder.encode(product.key(key), StandardCharsets.UTF_8));
    }

    @Test
    void one_address_has_a_quarter_of_the_budget_of_strangers() throws Exception {
        long part = ledger.anonymous().limit() / 4;
        String form = "POST /console/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                + "Content-Length: 200000\r\n\r\n";
        List<Socket> slow = new ArrayList<>();
        try {
            for (int held = 0; held + 1_200_000 <= part && slow.size() < 8; held += 1_200_000) {
                slow.add(open("127.0.0.2", form));
            }
            int opened = slow.size();
            await().until(() -> ledger.anonymous().reserved() >= 1_200_000L * opened);
            assertTrue(ledger.anonymous().reserved() <= part);
            assertTakesEvents(SENDER, "quarter");
        } finally {
            close(slow);
        }
    }

    @TestFactory
    List<DynamicTest> a_request_says_once_which_host_it_is_for() {
        String get = "GET %s HTTP/1.1\r\n%s\r\n";
        return Raw.statuses(
                product.port(),
                Map.of(
                        "two Host headers", Map.entry(get.formatted("/v1/openapi.yaml", "Host: a\r\nHost: a\r\n"), 400),
                        "two hosts", Map.entry(get.formatted("/v1/openapi.yaml", "Host: a\r\nHost: b\r\n"), 400),
                        "none", Map.entry(get.formatted("/v1/openapi.yaml", ""), 400),
                        "no host", Map.entry(get.formatted("/v1/openapi.yaml", "Host: a b\r\n"), 400),
                        "another in the address",
                                Map.entry(get.formatted("http://b/v1/openapi.yaml", "Host: a\r\n"), 400),
                        "a user in the address",
                                Map.entry(get.formatted("http://a@b/v1/openapi.yaml", "Host: b\r\n"), 400),
                        "the same in the address",
                                Map.entry(get.formatted("http://A:80/v1/openapi.yaml", "Host: a:80\r\n"), 200),
                        "an IPv6 address", Map.entry(get.formatted("/v1/openapi.yaml", "Host: [::1]:8080\r\n"), 200),
                        "one", Map.entry(get.formatted("/v1/openapi.yaml", "Host: a\r\n"), 200),
                        "none in HTTP/1.0", Map.entry("GET /v1/openapi.yaml HTTP/1.0\r\n\r\n", 200)));
    }

    @Test
    void strangers_with_unfinished_heads_keep_no_caller_out() throws Exception {
        List<Socket> unauthenticated = new ArrayList<>();
        try {
            for (int i = 0; i < 3 * CONNECTIONS; i++) {
                unauthenticated.add(open("127.0.1." + (i + 1), "POST /v1/events HTTP/1.1\r\nX-A: "));
            }
            for (int i = 0; i < 3 * CONNECTIONS; i++) {
                unauthenticated.add(open("127.0.2.1", "P"));
            }
            Connections connections = product.part("webhooksConnections", Connections.class);
            await().until(() -> connections.open() <= CONNECTIONS + 1);
            assertTakesEvents(SENDER, "kept-out");
        } finally {
            close(unauthenticated);
        }
    }

    @Test
    @SuppressWarnings("try")
    void an_unauthenticated_client_that_reads_nothing_uses_memory_of_one_response() throws Exception {
        String ask = "GET /v1/openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n";
        try (Socket greedy = open("127.0.0.3", ask.repeat(2000))) {
            // the kernel's buffers are full, and the rest waits
            await().until(() -> ledger.anonymous().reserved() > 0);
            assertTrue(
                    ledger.anonymous().reserved() < 1_000_000,
                    ledger.anonymous().reserved() + " bytes");
            assertTakesEvents(SENDER, "greedy");
        }
    }

    @Test
    void huge_chunk_heads_and_trailers_end_the_connection() {
        String chunked = head(SENDER, "Transfer-Encoding: chunked\r\n");
        for (String rest : List.of(
                "1;" + "x".repeat(20_000),
                "1".repeat(20_000),
                "7fffffffffffffff\r\nx",
                "1\r\nx\r\n0\r\n" + "a: b\r\n".repeat(200),
                "1\r\nx\r\n0\r\nx: " + "x".repeat(20_000))) {
            Raw.Answer answer = Raw.exchange(product.port(), chunked + rest);
            assertTrue(answer.closed() || answer.status() == 400, answer.text());
        }
        assertTakesEvents(SENDER, "after-chunks");
    }

    /** In any order, cut anywhere, by strangers and by callers. */
    @Test
    void no_sequence_of_partial_requests_leaks_memory_or_connections() throws Exception {
        String event = EVENT.formatted("piece");
        List<String> pieces = List.of(
                head(SENDER, "Content-Length: " + event.length() + "\r\n") + event,
                head(SENDER, "Content-Length: 5000\r\n") + "x".repeat(5000),
                head(SENDER, "Content-Length: 200000\r\n"),
                head(SENDER, "Expect: 100-continue\r\nContent-Length: 10\r\n"),
                head(SENDER, "Transfer-Encoding: chunked\r\n"),
                head(null, "Content-Length: 10\r\n") + "0123456789",
                head("unknown-key-" + "x", "Transfer-Encoding: chunked\r\n"),
                head(READER, "Content-Length: 300000\r\n"),
                "10000\r\n" + "x".repeat(0x10000) + "\r\n",
                "0\r\n\r\n",
                "0\r\n" + "a: b\r\n".repeat(150),
                "GET /v1/openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /console/sign-in HTTP/1.1\r\nHost: x\r\n\r\n",
                "POST /console/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                        + "Content-Length: 7\r\n\r\nkey=abc",
                "POST /console/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                        + "Content-Length: 20\r\n\r\n--b\r\nContent-Disposi",
                "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 3\r\n\r\nabc",
                "a: b\r\n".repeat(120),
                "rubbish\r\n\r\n");
        Random random = new Random(17);
        for (int i = 0; i < 300; i++) {
            StringBuilder sent = new StringBuilder();
            for (int piece = 0; piece <= random.nextInt(5); piece++) {
                sent.append(pieces.get(random.nextInt(pieces.size())));
            }
            Socket socket = open("127.0.3." + (1 + i % 200), sent.substring(0, 1 + random.nextInt(sent.length())));
            if (random.nextBoolean()) {
                socket.setSoTimeout(20);
                try {
                    socket.getInputStream().read();
                } catch (IOException e) {
                    // nothing, or closed
                }
            }
            socket.close();
        }
        Connections connections = product.part("webhooksConnections", Connections.class);
        // the client of this test keeps a few
        await("connections are closed").until(() -> connections.open() < 20);
        UnauthenticatedBudget unauthenticated =
                product.part("webhooksUnauthenticatedBudget", UnauthenticatedBudget.class);
        await("addresses are forgotten").until(() -> unauthenticated.addresses() == 0);
        assertTakesEvents(SENDER, "after-pieces");
    }

    @Test
    void behind_a_trusted_proxy_throttles_count_the_clients_address() {
        for (int i = 0; i < 21; i++) {
            guess("203.0.113.7");
        }
        assertEquals(429, guess("203.0.113.7").statusCode());
        assertEquals(401, guess("203.0.113.8").statusCode());
        assertEquals(401, guess("203.0.113.7, 203.0.113.9").statusCode());
    }

    private HttpResponse<String> guess(String forwardedFor) {
        return product.send(HttpRequest.newBuilder(product.url("/v1/webhooks"))
                .header("Authorization", "Bearer unknown-key")
                .header("X-Forwarded-For", forwardedFor)
                .build());
    }

    @Test
    void behind_a_trusted_proxy_signing_in_is_throttled_by_the_clients_address() {
        for (int i = 0; i < 21; i++) {
            assertTrue(signInFrom("203.0.113.17") != 429 || i == 20);
        }
        assertEquals(429, signInFrom("203.0.113.17"));
        assertFalse(signInFrom("203.0.113.18") == 429);
    }

    private int signInFrom(String address) {
        return product.send(product.request("/console/sign-in", null)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .header("X-Forwarded-For", address)
                        .POST(HttpRequest.BodyPublishers.ofString("key=unknown-key"))
                        .build())
                .statusCode();
    }

    private Socket open(String from, String text) throws IOException {
        Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), product.port(), InetAddress.getByName(from), 0);
        try {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            // closed for another
        }
        return socket;
    }

    private static void close(List<Socket> sockets) throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
