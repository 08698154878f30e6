package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.SeparateProduct;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the product itself writes: one wide line per attempt, by its own configuration of the log. */
@Timeout(180)
class AttemptLinesTest {

    private static final String KEY = "a-key-of-acme-that-may-do-all";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String WITH_TRACE = ",\"traceparent\":\"00-" + TRACE + "-00f067aa0ba902b7-01\"";
    private static final String LINE =
            "\\S+ INFO  webhooks\\.delivery +delivery\\.attempted delivery=\\w{26} event=%s account=acme webhook=plain"
                    + " authentication=none attempt=%d outcome=%s status=%d ms=\\d+ next=%s reason=\"%s\"%s";
    private static final String FORGED =
            "2026-11-26T10:00:00.000Z INFO  webhooks.delivery delivery.attempted delivery=1";

    /** Tests have another before it on their path. */
    private static final String LOGGING = "logback.configurationFile="
            + Path.of("src/main/resources/logback.xml").toAbsolutePath();

    private static final Set<String> ALWAYS = Set.of(
            "time",
            "level",
            "logger",
            "thread",
            "message",
            "delivery",
            "event",
            "account",
            "webhook",
            "authentication",
            "attempt",
            "outcome",
            "status",
            "ms",
            "reason");

    @TempDir
    Path folder;

    private final AtomicInteger requests = new AtomicInteger();
    private final Receiver receiver = new Receiver(got -> new Reply(requests.incrementAndGet() == 1 ? 503 : 200));
    private SeparateProduct product;

    @AfterEach
    void close() {
        if (product != null) {
            product.close();
        }
        receiver.close();
    }

    /**
     * Two attempts of e1, which has a trace, one of e2, which has none, and one of an id with a line separator of Unicode,
     * which CloudEvents allows there.
     *
     * @return what the log says of attempts
     */
    private List<String> linesOfFourAttempts(String format) throws Exception {
        Files.writeString(
                folder.resolve("webhooks.yaml"),
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: %s}]
                    webhooks:
                      - {name: plain, events: ['*'], retry: [100ms], delivery: {url: "%s", authentication: {type: none}}}
                """
                        .formatted(KEY, receiver.url()));
        product = new SeparateProduct(folder, KEY);
        product.start(List.of(), "webhooks.tracing=true", "WEBHOOKS_LOG_FORMAT=" + format, LOGGING);
        assertEquals(202, product.post("e1", WITH_TRACE));
        WholeProduct.await(() -> lines().size() == 2);
        assertEquals(202, product.post("e2"));
        WholeProduct.await(() -> lines().size() == 3);
        assertEquals(202, product.post("e3\\u2028" + FORGED));
        WholeProduct.await(() -> lines().size() >= 4);
        product.terminate();
        return lines();
    }

    private List<String> lines() {
        return product.log()
                .lines()
                .filter(line -> line.contains("webhooks.delivery"))
                .toList();
    }

    private static String line(String event, int attempt, String outcome, int status, String next, String reason) {
        String trace = event.equals("e1") ? " trace=" + TRACE : "";
        return LINE.formatted(event, attempt, outcome, status, next, reason, trace);
    }

    @Test
    void each_attempt_is_one_wide_line_which_tells_the_trace_where_there_is_one_and_whose_id_makes_no_other()
            throws Exception {
        List<String> expected = List.of(
                line("e1", 1, "try-later", 503, "20\\S+Z", "[^\"]+"),
                line("e1", 2, "delivered", 200, "-", ""),
                line("e2", 1, "delivered", 200, "-", ""));
        List<String> lines = linesOfFourAttempts("text");
        assertEquals(expected.size() + 1, lines.size(), lines::toString);
        for (int i = 0; i < expected.size(); i++) {
            assertTrue(lines.get(i).matches(expected.get(i)), lines.get(i));
        }
        assertTrue(lines.get(3).contains(" event=e3\\u2028" + FORGED + " account=acme "), lines.get(3));
    }

    @Test
    @Tag("slow")
    void as_json_each_attempt_is_one_object_with_the_same_members() throws Exception {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : linesOfFourAttempts("json")) {
            lines.add(WholeProduct.json(line));
        }
        assertEquals(4, lines.size(), lines::toString);
        assertMembers(lines.get(0), "e1", 1, "try-later", 503, "next", "trace");
        assertMembers(lines.get(1), "e1", 2, "delivered", 200, "trace");
        assertMembers(lines.get(2), "e2", 1, "delivered", 200);
        assertMembers(lines.get(3), "e3\u2028" + FORGED, 1, "delivered", 200);
        assertEquals(TRACE, lines.get(1).get("trace").asText());
        assertFalse(lines.get(0).get("reason").asText().isEmpty());
    }

    private static void assertMembers(
            JsonNode line, String event, int attempt, String outcome, int status, String... more) {
        Set<String> expected = new TreeSet<>(ALWAYS);
        expected.addAll(List.of(more));
        Set<String> there = new TreeSet<>();
        line.fieldNames().forEachRemaining(there::add);
        assertEquals(expected, there);
        assertEquals("webhooks.delivery", line.get("logger").asText());
        assertEquals(event, line.get("event").asText());
        assertEquals(attempt, line.get("attempt").asInt());
        assertEquals(outcome, line.get("outcome").asText());
        assertEquals(status, line.get("status").asInt());
    }
}
