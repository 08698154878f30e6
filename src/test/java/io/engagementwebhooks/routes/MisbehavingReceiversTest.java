package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.UnixOperatingSystemMXBean;
import io.engagementwebhooks.deliver.egress.RawReceiver;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.Pause;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Receivers that do everything wrong, each a webhook of one running product: every attempt ends at its deadline if not before,
 * with the outcome of semantics 11 to 15 in our own words, and leaves nothing behind. Where it ends before, the deadline is
 * one that a busy machine does not miss.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MisbehavingReceiversTest {

    private static final String KEY = "a-key-of-acme-that-may-do-all";
    private static final String ENDED = "call.ended";
    private static final String LARGE = "call.large";

    /** More than the buffers of two sockets of loopback. */
    private static final int LARGE_BYTES = 12 << 20;

    private static final Duration DRIP = Duration.ofMillis(250);

    /** How often is looked for an attempt's end: dozens are waited for, one after the other. */
    private static final Duration LOOK = Duration.ofMillis(20);

    private static final Duration LOOKED_AT_AFTER = Duration.ofMillis(300);

    /** Enough for a busy machine to read what was sent. */
    private static final Duration WHILE = Duration.ofSeconds(2);

    /** What a busy machine may add to a deadline; far less than an attempt that no one ends. */
    private static final Duration HELD_UP = Duration.ofSeconds(20);

    /** Two clocks tell when an attempt began and how long it took. */
    private static final Duration ROUNDED = Duration.ofMillis(100);

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String LATE = "The endpoint did not answer within 2 s";
    private static final String LATE_HANDSHAKE = "The endpoint did not complete the TLS handshake within 2 s";
    private static final String LATE_BODY = "answer's body was late";
    private static final String TOO_LONG = "The endpoint answered with more or longer headers than are read";
    private static final String MANY_INTERIM =
            "The endpoint sent more than 8 interim responses (1xx) before its response";
    private static final String CLOSED = "The endpoint closed the connection without a complete answer";
    private static final String RESET = "The endpoint reset the connection";
    private static final String NOT_HTTP = "The endpoint gave an answer that is not HTTP/1.1";
    private static final String NO_TLS = "The endpoint could not agree on TLS with us";
    private static final Set<String> WELL_ENDED = Set.of("answers and half-closes", "redirects to itself");
    private static final byte[] ALERT = {0x15, 3, 3, 0, 2, 2, 40};

    /**
     * How an attempt ends.
     *
     * @param outcome of the attempt
     * @param status of the answer; 0: there was none
     * @param reasons any of these
     */
    private record End(String outcome, int status, List<String> reasons) {

        static End noAnswer(String... reasons) {
            return new End("try-later", 0, List.of(reasons));
        }

        static End delivered(String note) {
            return new End("delivered", 200, List.of(note));
        }

        static End refused(int status, String reason) {
            return new End("try-later", status, List.of(reason));
        }

        Duration deadline() {
            return Duration.ofSeconds(isWithoutAnswer() ? 2 : reasons.contains(LATE_BODY) ? 5 : 30);
        }

        boolean isByDeadline() {
            return isWithoutAnswer() || reasons.contains(LATE_BODY);
        }

        private boolean isWithoutAnswer() {
            return reasons.contains(LATE);
        }
    }

    /**
     * A receiver.
     *
     * @param type of the events that it gets
     * @param script null: no listener
     * @param tls null: plain HTTP, unless the URL says https
     */
    private record Case(String name, String type, String scheme, RawReceiver.Script script, SSLContext tls, End end) {}

    private final List<Case> cases = new ArrayList<>();
    private final List<Wish> wishes = wishes();
    private final Map<String, RawReceiver> receivers = new LinkedHashMap<>();
    private final Certificates certificates = new Certificates();
    private final Certificates unauthenticated = new Certificates();
    private final Semaphore answered = new Semaphore(0);
    private RunningProduct product;
    private int rounds;

    private void plain(String name, End end, RawReceiver.Script script) {
        cases.add(new Case(name, ENDED, "http", script, null, end));
    }

    /** Does so while a body is written to it that no socket's buffers hold. */
    private void midway(String name, End end, RawReceiver.Script script) {
        RawReceiver.Script begun = talk -> {
            talk.begun();
            script.run(talk);
        };
        cases.add(new Case(name, LARGE, "http", begun, null, end));
    }

    /** Answers as it does after it has read the request. */
    private void answers(String name, End end, RawReceiver.Script script) {
        plain(name, end, talk -> {
            talk.request();
            script.run(talk);
        });
    }

    private void says(String name, End end, String answer) {
        answers(name, end, talk -> {
            talk.write(answer);
            talk.awaitEnd();
        });
    }

    private void secure(String name, End end, RawReceiver.Script script, SSLContext tls) {
        cases.add(new Case(name, ENDED, "https", script, tls, end));
    }

    private static void drip(RawReceiver.Talk talk, String text) throws IOException {
        for (int i = 0; ; i++) {
            talk.write(text.substring(i % text.length(), i % text.length() + 1));
            Pause.of(DRIP);
        }
    }

    private void connections() {
        plain("refuses connections", End.noAnswer("The endpoint refused the connection"), null);
        plain("resets at once", End.noAnswer(RESET, CLOSED), RawReceiver.Talk::reset);
        midway("resets while the body is written", End.noAnswer(RESET, CLOSED), RawReceiver.Talk::reset);
        midway("stops reading while the body is written", End.noAnswer(LATE), talk -> {
            Pause.of(WHILE.multipliedBy(3));
            talk.awaitEnd();
        });
        answers("resets after the request", End.noAnswer(RESET), RawReceiver.Talk::reset);
        answers("resets in the head", End.noAnswer(RESET, CLOSED), talk -> {
            talk.write("HTTP/1.1 200 OK\r\nContent-Le");
            talk.reset();
        });
        plain("accepts and says nothing", End.noAnswer(LATE), RawReceiver.Talk::awaitEnd);
        answers("reads and says nothing", End.noAnswer(LATE), RawReceiver.Talk::awaitEnd);
        plain("closes at once", End.noAnswer(CLOSED, RESET), talk -> {});
        answers("half-closes without an answer", End.noAnswer(CLOSED), talk -> {
            talk.halfClose();
            talk.awaitEnd();
        });
        answers("answers and half-closes", End.delivered(""), talk -> {
            talk.write(OK);
            talk.halfClose();
            talk.awaitEnd();
        });
        plain("answers without having read", End.delivered(""), talk -> {
            talk.write(OK.replace("Content", "Connection: close\r\nContent"));
            talk.awaitEnd();
        });
    }

    private void heads() {
        answers("drips its head", End.noAnswer(LATE), talk -> drip(talk, "HTTP/1.1 200 OK\r\nX-Slow: aaaaaaaaaaaaaaa"));
        says("HTTP/0.9", End.noAnswer(NOT_HTTP), "<html><body>hello</body></html>\r\n");
        says("junk", End.noAnswer(NOT_HTTP), "\u0000\u0001\u0002 SSH-2.0-OpenSSH_9.2\r\n\r\n");
        answers("only 1xx", End.noAnswer(LATE), talk -> {
            talk.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
            talk.awaitEnd();
        });
        answers("a flood of 1xx", End.noAnswer(MANY_INTERIM), talk -> {
            while (true) {
                talk.write("HTTP/1.1 102 Processing\r\n\r\n".repeat(50));
                Pause.of(Duration.ofMillis(1));
            }
        });
        says("switches protocols", End.noAnswer(NOT_HTTP), "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n");
        answers("100 000 headers", End.noAnswer(TOO_LONG), talk -> {
            talk.write("HTTP/1.1 200 OK\r\n");
            for (int i = 0; i < 100; i++) {
                talk.write("X-More: and more\r\n".repeat(1000));
            }
            talk.write("\r\n");
        });
        answers(
                "a header of 1 MB",
                End.noAnswer(TOO_LONG),
                talk -> talk.write(
                        "HTTP/1.1 200 OK\r\nX-Long: " + "a".repeat(1 << 20) + "\r\nContent-Length: 0\r\n\r\n"));
        says("a status that is none", End.noAnswer(NOT_HTTP), "HTTP/1.1 two hundred\r\n\r\n");
        plain(
                "redirects to itself",
                End.refused(302, "The receiver answered 302 Moved Temporarily: redirects are refused"),
                RawReceiver.answerEach("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"));
    }

    private void bodies() {
        String cut = "answer cut after 64 KiB";
        String short_ = "answer ended before its body was complete";
        answers("drips its body", End.delivered(LATE_BODY), talk -> {
            talk.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
            drip(talk, "x");
        });
        answers("an endless body", End.delivered(cut), talk -> {
            talk.write("HTTP/1.1 200 OK\r\n\r\n");
            while (true) {
                talk.write("x".repeat(8192));
            }
        });
        answers("a gzip bomb of 10 GB", End.delivered(cut), talk -> {
            byte[] zeros = new byte[1 << 20];
            talk.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
            try (GZIPOutputStream bomb = new GZIPOutputStream(talk.out())) {
                for (int megabytes = 0; megabytes < 10_000; megabytes++) {
                    bomb.write(zeros);
                }
            }
        });
        answers("resets in the body", End.delivered(short_), talk -> {
            talk.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nsome");
            // what is read is there: the reset does not overtake it
            Pause.of(WHILE);
            talk.reset();
        });
        says(
                "chunks that are none",
                End.delivered(short_),
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n");
        says(
                "a chunk beyond all numbers",
                End.delivered(short_),
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello\r\n");
        answers(
                "a length that is too large",
                End.delivered(short_),
                talk -> talk.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"));
        says(
                "a length that is too small",
                End.delivered(""),
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more");
        answers(
                "a length beyond all bodies",
                End.delivered(short_),
                talk -> talk.write("HTTP/1.1 200 OK\r\nContent-Length: " + Long.MAX_VALUE + "\r\n\r\nok"));
        says("a negative length", End.noAnswer(NOT_HTTP), "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nok");
        says("a length in words", End.noAnswer(NOT_HTTP), "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok");
        says(
                "two lengths",
                End.noAnswer(NOT_HTTP),
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok");
    }

    private void tls() throws Exception {
        RawReceiver.Script fine = talk -> {
            talk.request();
            talk.write(OK);
            talk.awaitEnd();
        };
        secure(
                "a certificate that has expired",
                End.noAnswer("The endpoint's certificate has expired"),
                fine,
                certificates.server("127.0.0.1", -1));
        secure(
                "a certificate for another host",
                End.noAnswer("The endpoint's certificate is for another host name"),
                fine,
                certificates.server("other.example", 30));
        secure(
                "a certificate of a stranger",
                End.noAnswer("The endpoint's certificate was not issued by the CA of this webhook"),
                fine,
                unauthenticated.server("127.0.0.1", 30));
        secure(
                "a TLS alert",
                End.noAnswer(NO_TLS + " (TLS alert handshake_failure)"),
                talk -> {
                    talk.write(ALERT);
                    talk.awaitEnd();
                },
                null);
        secure("no TLS", End.noAnswer(NO_TLS), talk -> talk.write("HTTP/1.1 400 Bad Request\r\n\r\n"), null);
        secure("a handshake that hangs", End.noAnswer(LATE_HANDSHAKE, LATE), RawReceiver.Talk::awaitEnd, null);
        secure(
                "a handshake that drips",
                End.noAnswer(LATE_HANDSHAKE, LATE),
                talk -> {
                    talk.write(new byte[] {0x16, 3, 3, 0x40, 0});
                    drip(talk, "x");
                },
                null);
        secure("resets in the handshake", End.noAnswer(RESET, CLOSED, NO_TLS), RawReceiver.Talk::reset, null);
    }

    private static String webhook(String name, String event, String url, String deadline, String more) {
        return "      - name: \"" + name + "\"\n        events: [" + event + "]\n        retry: [1h]\n"
                + "        delivery: {url: \"" + url + "\", timeout: " + deadline + ", authentication: {type: none}"
                + more + "}\n";
    }

    private static String id(String name) {
        return name.toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        connections();
        heads();
        bodies();
        tls();
        Path ca = Files.writeString(folder.resolve("ca.pem"), certificates.pem());
        StringBuilder webhooks = new StringBuilder();
        for (Case one : cases) {
            int port = FreePort.any();
            if (one.script() != null) {
                RawReceiver receiver = new RawReceiver(one.script(), one.tls());
                receivers.put(one.name(), receiver);
                port = receiver.port();
            }
            String trust = one.scheme().equals("https") ? ", tls: {ca: \"{{file:" + ca + "}}\"}" : "";
            webhooks.append(webhook(
                    id(one.name()),
                    one.type(),
                    one.scheme() + "://127.0.0.1:" + port + "/",
                    one.end().deadline().toSeconds() + "s",
                    trust));
        }
        for (Wish wish : wishes) {
            RawReceiver receiver = new RawReceiver(talk -> {
                talk.request();
                talk.write("HTTP/1.1 503 Busy\r\nRetry-After: " + wish.value() + "\r\nContent-Length: 0\r\n\r\n");
                talk.awaitEnd();
            });
            receivers.put(wish.name(), receiver);
            webhooks.append(
                    webhook(id(wish.name()), "call.missed", "http://127.0.0.1:" + receiver.port() + "/", "30s", ""));
        }
        RawReceiver twice =
                new RawReceiver(RawReceiver.answerEach(OK + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfalse"));
        receivers.put("answers twice", twice);
        webhooks.append(webhook("answers-twice", "call.twice", "http://127.0.0.1:" + twice.port() + "/", "30s", ""));
        RawReceiver chunks = new RawReceiver(RawReceiver.answerEach(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n" + OK));
        receivers.put("answers twice in chunks", chunks);
        webhooks.append(webhook(
                "answers-twice-in-chunks", "call.chunks", "http://127.0.0.1:" + chunks.port() + "/", "30s", ""));
        RawReceiver kept = new RawReceiver(talk -> {
            while (talk.request()) {
                talk.write(OK);
                answered.acquire();
                talk.reset();
            }
        });
        receivers.put("resets what is kept", kept);
        webhooks.append(
                webhook("resets-what-is-kept", "call.kept", "http://127.0.0.1:" + kept.port() + "/", "30s", ""));
        product = RunningProduct.start(
                folder,
                "accounts:\n  - id: acme\n    apiKeys: [{name: staff, role: admin, key: " + KEY + "}]\n    webhooks:\n"
                        + webhooks,
                "webhooks.ingest.max-body=" + 2 * LARGE_BYTES);
    }

    @AfterAll
    void stop() throws IOException {
        if (product != null) {
            product.close();
        }
        for (RawReceiver receiver : receivers.values()) {
            receiver.close();
        }
    }

    private void post(String event, String type) {
        String data = type.equals(LARGE) ? ",\"data\":\"" + "x".repeat(LARGE_BYTES) + "\"" : "";
        assertEquals(
                202,
                product.postEvent(
                                KEY,
                                "{\"id\":\"" + event + "\",\"source\":\"/pbx\",\"type\":\"" + type + "\"" + data + "}")
                        .statusCode());
    }

    /** The one attempt of an event's delivery, when it has ended. */
    private JsonNode attempt(String event, String webhook) {
        JsonNode delivery = Awaitility.await(webhook)
                .pollDelay(Duration.ZERO)
                .pollInterval(LOOK)
                .until(
                        () -> product.read("/v1/deliveries?event=" + event + "&webhook=" + webhook, KEY)
                                .get("items"),
                        items -> items.size() == 1
                                && !items.get(0).get("outcome").isNull())
                .get(0);
        JsonNode attempts = product.read("/v1/deliveries/" + delivery.get("id").asText() + "/attempts", KEY)
                .get("items");
        assertEquals(1, attempts.size(), "one attempt");
        return attempts.get(0);
    }

    private void endsAsExpected(String event, Case one) {
        JsonNode attempt = attempt(one.type().equals(LARGE) ? event + LARGE : event, id(one.name()));
        assertEquals(one.end().outcome(), attempt.get("outcome").asText(), attempt::toString);
        assertEquals(one.end().status(), attempt.path("status").asInt(0), attempt::toString);
        assertTrue(one.end().reasons().contains(attempt.path("reason").asText("")), attempt::toString);
        endsInTime(attempt, one.end());
        RawReceiver receiver = receivers.get(one.name());
        if (receiver != null) {
            assertTrue(receiver.requests().size() <= rounds, "one request for each attempt");
        }
    }

    /** By the product's own watch, which the machine may hold up. */
    private static void endsInTime(JsonNode attempt, End end) {
        Duration took = Duration.ofMillis(attempt.get("ms").asLong());
        assertTrue(took.compareTo(end.deadline().plus(HELD_UP)) < 0, attempt::toString);
        assertTrue(!end.isByDeadline() || took.compareTo(end.deadline().minus(ROUNDED)) > 0, attempt::toString);
    }

    @Order(1)
    @TestFactory
    Stream<DynamicTest> every_attempt_ends_in_our_own_words() {
        rounds++;
        post("first", ENDED);
        post("first" + LARGE, LARGE);
        return cases.stream().map(one -> DynamicTest.dynamicTest(one.name(), () -> endsAsExpected("first", one)));
    }

    /**
     * A wish to wait.
     *
     * @param heard whether the next try comes when it should, after the end of the attempt
     */
    private record Wish(String name, String value, boolean gaveUp, BiPredicate<Instant, Instant> heard) {}

    private static List<Wish> wishes() {
        // an hour, and a tenth of it at most
        BiPredicate<Instant, Instant> bySchedule =
                (ended, next) -> next.isAfter(ended.plus(Duration.ofHours(1)).minus(ROUNDED))
                        && next.isBefore(ended.plus(Duration.ofMinutes(66)).plus(HELD_UP));
        DateTimeFormatter http = DateTimeFormatter.RFC_1123_DATE_TIME;
        Instant now = Instant.now();
        Instant later = now.plus(Duration.ofHours(3)).truncatedTo(ChronoUnit.SECONDS);
        return List.of(
                new Wish(
                        "a date",
                        http.format(later.atOffset(ZoneOffset.UTC)),
                        false,
                        (ended, next) -> next.equals(later)),
                new Wish(
                        "a past date",
                        http.format(now.minus(Duration.ofHours(3)).atOffset(ZoneOffset.UTC)),
                        false,
                        bySchedule),
                new Wish("garbage", "soon, perhaps; \\\"never\\\" 7 2026", false, bySchedule),
                new Wish("a negative number", "-30", false, bySchedule),
                new Wish("more digits than a number has", "9".repeat(40), true, (ended, next) -> true),
                new Wish("10 years", Long.toString(Duration.ofDays(3650).toSeconds()), true, (ended, next) -> true));
    }

    @Order(2)
    @TestFactory
    Stream<DynamicTest> what_a_receiver_wishes_is_never_undercut_and_never_believed_without_end() {
        post("wishes", "call.missed");
        return wishes.stream()
                .map(wish -> DynamicTest.dynamicTest(wish.name(), () -> {
                    JsonNode attempt = attempt("wishes", id(wish.name()));
                    JsonNode delivery = product.read("/v1/deliveries?event=wishes&webhook=" + id(wish.name()), KEY)
                            .get("items")
                            .get(0);
                    String reason = delivery.get("reason").asText();
                    assertTrue(reason.startsWith("The receiver answered 503 Service Unavailable"), reason);
                    assertEquals(
                            wish.gaveUp() ? "gave-up" : "waiting",
                            delivery.get("state").asText(),
                            reason);
                    if (wish.gaveUp()) {
                        assertTrue(
                                reason.contains("asked to wait until 203") && reason.contains("too old then"), reason);
                    } else {
                        Instant next = Instant.parse(delivery.get("next").asText());
                        assertTrue(wish.heard().test(ended(attempt), next), () -> next + " after " + attempt);
                    }
                }));
    }

    private static Instant ended(JsonNode attempt) {
        return Instant.parse(attempt.get("startedAt").asText())
                .plusMillis(attempt.get("ms").asLong());
    }

    /** RFC 9112 section 9.2: what comes without a request outstanding is no answer to the next one. */
    @Order(3)
    @Test
    void a_second_answer_is_not_taken_for_that_of_the_next_delivery() {
        for (int n = 1; n <= 3; n++) {
            post("twice-" + n, "call.twice");
            JsonNode attempt = attempt("twice-" + n, "answers-twice");
            assertEquals("delivered", attempt.get("outcome").asText(), attempt::toString);
            assertEquals("ok", attempt.get("body").asText(), attempt::toString);
        }
        assertEquals(3, receivers.get("answers twice").connections(), "none of them is used again");
    }

    /** The same in chunks, whose end the head does not tell. */
    @Order(3)
    @Test
    void a_second_answer_behind_chunks_is_not_taken_for_that_of_the_next_delivery() {
        for (int n = 1; n <= 3; n++) {
            post("chunks-" + n, "call.chunks");
            JsonNode attempt = attempt("chunks-" + n, "answers-twice-in-chunks");
            assertEquals("delivered", attempt.get("outcome").asText(), attempt::toString);
            assertEquals("ok", attempt.get("body").asText(), attempt::toString);
        }
        assertEquals(3, receivers.get("answers twice in chunks").connections(), "none of them is used again");
    }

    /** It is looked at before it is used again, so nothing was sent on it, and no attempt is lost to it. */
    @Order(3)
    @Test
    void a_kept_connection_that_is_reset_between_two_requests_costs_no_attempt() {
        RawReceiver receiver = receivers.get("resets what is kept");
        for (int n = 1; n <= 3; n++) {
            post("kept-" + n, "call.kept");
            JsonNode attempt = attempt("kept-" + n, "resets-what-is-kept");
            assertEquals("delivered", attempt.get("outcome").asText(), attempt::toString);
            answered.release();
            // what was used a moment ago is not looked at
            Awaitility.await().pollDelay(LOOKED_AT_AFTER).until(() -> receiver.open() == 0);
        }
        assertEquals(3, receiver.connections());
        assertEquals(3, receiver.requests().size());
    }

    /** What the misbehaving ones have cost. */
    private record Footprint(long files, long threads, long kilobytes) {

        static Footprint now() {
            System.gc();
            long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            long files = ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                    .getOpenFileDescriptorCount();
            long threads = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> !thread.getName().matches("raw-receiver|HttpClient-.*|vert.x-.*|Attach.*"))
                    .count();
            return new Footprint(files, threads, used / 1024);
        }
    }

    /**
     * Without the large bodies, of which a buffer may keep one. One thing that each of three rounds left behind would be three;
     * less is what the JVM does in the meantime.
     */
    @Order(4)
    @Test
    void memory_sockets_and_threads_return_to_what_they_were() {
        awaitConnectionsDropped();
        Footprint before = Footprint.now();
        List<String> events = List.of("round-1", "round-2", "round-3");
        List<Case> all = cases.stream().filter(one -> one.type().equals(ENDED)).toList();
        List<Case> slowest = all.stream()
                .filter(one -> one.end().reasons().contains(LATE_BODY))
                .toList();
        for (String event : events) {
            rounds++;
            post(event, ENDED);
            // the next round waits for all but those
            all.stream().filter(one -> !slowest.contains(one)).forEach(one -> endsAsExpected(event, one));
        }
        events.forEach(event -> slowest.forEach(one -> endsAsExpected(event, one)));
        awaitConnectionsDropped();
        Awaitility.await().untilAsserted(() -> {
            Footprint after = Footprint.now();
            assertTrue(after.files() <= before.files() + 2, () -> before + " became " + after);
            assertTrue(after.threads() <= before.threads() + 2, () -> before + " became " + after);
            assertTrue(after.kilobytes() < before.kilobytes() + 8 * 1024, () -> before + " became " + after);
        });
    }

    /** No connection to any of them is kept but to those that ended their answers as they should. */
    private void awaitConnectionsDropped() {
        for (Case one : cases) {
            RawReceiver receiver = receivers.get(one.name());
            int most = WELL_ENDED.contains(one.name()) ? 1 : 0;
            Awaitility.await(one.name())
                    .pollDelay(Duration.ZERO)
                    .until(() -> receiver == null || receiver.open() <= most);
        }
    }
}
