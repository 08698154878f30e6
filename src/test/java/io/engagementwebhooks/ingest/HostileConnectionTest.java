package io.engagementwebhooks.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Pause;
import io.engagementwebhooks.testkit.Raw;
import io.engagementwebhooks.testkit.RunningProduct;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Misbehaving clients, byte by byte on a socket of the running server (semantics 4). */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileConnectionTest {

    private static final String KEY = "an-admin-key-of-acme";
    private static final String HEAD = "POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + KEY
            + "\r\nContent-Type: application/json\r\n";
    private static final String EVENT = "{\"id\":\"%s\",\"source\":\"/s\",\"type\":\"call.ended\"}";

    @AutoClose
    private RunningProduct product;

    /** A server with a short deadline for requests. */
    @AutoClose
    private RunningProduct hasty;

    @BeforeAll
    void start(@TempDir Path folder) {
        product = start(folder.resolve("patient"), "3s");
        hasty = start(folder.resolve("hasty"), "300ms");
    }

    private static RunningProduct start(Path folder, String timeout) {
        return RunningProduct.start(
                folder,
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: an-admin-key-of-acme}]
                """,
                "webhooks.ingest.request-timeout=" + timeout,
                "webhooks.ingest.max-body=10KiB");
    }

    private static String chunk(int size) {
        return Integer.toHexString(size) + "\r\n" + "x".repeat(size) + "\r\n";
    }

    @Test
    void a_chunked_body_over_the_limit_is_refused_before_it_has_ended() {
        try (Raw raw = new Raw(product.port())) {
            raw.send(HEAD + "Transfer-Encoding: chunked\r\n\r\n");
            raw.send(chunk(6 * 1024) + chunk(6 * 1024));
            // the last chunk is never sent
            raw.answer().assertStatus(413);
        }
    }

    @Test
    void a_length_over_the_limit_is_refused_before_a_byte_of_the_body() {
        try (Raw raw = new Raw(product.port())) {
            raw.send(HEAD + "Content-Length: 10241\r\n\r\n");
            raw.answer().assertStatus(413);
        }
    }

    @Test
    void a_body_of_the_very_limit_is_read() {
        String event = EVENT.formatted("limit");
        String padded = event + " ".repeat(10 * 1024 - event.length());
        assertEquals(
                202,
                Raw.exchange(product.port(), HEAD + "Content-Length: 10240\r\n\r\n" + padded)
                        .status());
    }

    @TestFactory
    List<DynamicTest> a_request_that_does_not_end_is_closed() {
        return Map.of(
                        "nothing but a letter", "P",
                        "half a head", HEAD,
                        "a head without its body", HEAD + "Content-Length: 100\r\n\r\n",
                        "half a body", HEAD + "Content-Length: 100\r\n\r\n{\"id\":",
                        "chunks without the last", HEAD + "Transfer-Encoding: chunked\r\n\r\n" + chunk(100))
                .entrySet()
                .stream()
                .map(start -> DynamicTest.dynamicTest(start.getKey(), () -> {
                    try (Raw raw = new Raw(hasty.port())) {
                        raw.send(start.getValue());
                        assertEquals(new Raw.Answer("", true), raw.answer());
                    }
                }))
                .toList();
    }

    @Test
    void a_slow_head_is_closed_at_the_deadline() {
        assertEquals(new Raw.Answer("", true), drip("X-A: "));
    }

    @Test
    void a_slow_body_is_closed_at_the_deadline() {
        assertEquals(new Raw.Answer("", true), drip("Content-Length: 10000\r\n\r\n"));
    }

    /** Sends a byte again and again until the server has enough. */
    private Raw.Answer drip(String after) {
        try (Raw raw = new Raw(hasty.port())) {
            raw.send(HEAD + after);
            int sent = 0;
            while (sent < 5_000 && raw.send(new byte[] {'x'})) {
                sent++;
                Pause.of(Duration.ofMillis(5));
            }
            assertTrue(sent < 5_000, "it was never closed");
            return raw.answer();
        }
    }

    @Test
    void a_used_connection_outlives_the_deadline_of_one_request() {
        try (Raw raw = new Raw(product.port())) {
            List<Integer> statuses = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Pause.of(i == 0 ? Duration.ZERO : Duration.ofMillis(1100));
                String event = EVENT.formatted("kept-" + i);
                raw.send(HEAD + "Content-Length: " + event.length() + "\r\n\r\n" + event);
                statuses.add(raw.answer().status());
            }
            assertEquals(List.of(202, 202, 202, 202), statuses);
        }
    }

    @TestFactory
    List<DynamicTest> what_is_not_http_gets_a_4xx() {
        String auth = "Host: x\r\nAuthorization: Bearer " + KEY + "\r\n";
        return Raw.statuses(
                product.port(),
                Map.of(
                        "rubbish", Map.entry("\0\1\2 rubbish\r\n\r\n", 400),
                        "no path", Map.entry("GET\r\n\r\n", 400),
                        "a header without a colon", Map.entry("GET /v1/webhooks HTTP/1.1\r\nnothing\r\n\r\n", 400),
                        "a length that is none", Map.entry(HEAD + "Content-Length: x\r\n\r\n", 400),
                        "two lengths", Map.entry(HEAD + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", 400),
                        "a length and chunks",
                                Map.entry(
                                        HEAD + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
                        "a long address", Map.entry("GET /" + "x".repeat(9_000) + " HTTP/1.1\r\n" + auth + "\r\n", 414),
                        "long headers", Map.entry(HEAD + "X-Long: " + "x".repeat(17_000) + "\r\n\r\n", 431),
                        "an expectation", Map.entry(HEAD + "Expect: the-worst\r\nContent-Length: 2\r\n\r\n{}", 417)));
    }

    @Test
    void a_chunk_without_a_size_ends_the_connection() {
        Raw.Answer answer = Raw.exchange(product.port(), HEAD + "Transfer-Encoding: chunked\r\n\r\nzz\r\n");
        assertTrue(answer.closed() || answer.status() == 400, answer.text());
    }

    @Test
    void a_client_that_disconnects_during_a_request_affects_nothing() {
        for (int i = 0; i < 20; i++) {
            try (Raw raw = new Raw(product.port())) {
                raw.send(HEAD + "Content-Length: 100\r\n\r\n{");
            }
        }
        assertEquals(200, product.get("/v1/webhooks", KEY).statusCode());
    }
}
