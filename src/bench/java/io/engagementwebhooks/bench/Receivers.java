package io.engagementwebhooks.bench;

import io.engagementwebhooks.testkit.Certificates;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.KeyCertOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509KeyManager;

/**
 * The receivers and the token endpoints: it notes when every event arrives. It listens at every loopback address, so that
 * each receiver may have its own. A receiver's number is the last part of its path.
 */
final class Receivers implements AutoCloseable {

    private static final byte[] MARK = "\"id\":\"b-".getBytes(StandardCharsets.US_ASCII);
    private static final String TOKENS = "/oauth2/";
    private static final String LATE = "/late";

    /** What a receiver does. */
    enum Manner {
        ANSWERS,
        FAILS,
        HANGS
    }

    private final Vertx vertx;
    private final LongAdder begun = new LongAdder();
    private final LongAdder arrived = new LongAdder();
    private final LongAdder lateTokens = new LongAdder();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger mostInFlight = new AtomicInteger();
    private final String scheme;
    private final HttpServer server;
    private volatile EventTimes events;
    private volatile IntFunction<Duration> latency = receiver -> Duration.ZERO;
    private volatile Duration tokenLatency = Duration.ZERO;
    private volatile IntFunction<Manner> manners = receiver -> Manner.ANSWERS;

    Receivers(Vertx vertx, EventTimes events) {
        this(vertx, events, "http", new HttpServerOptions());
    }

    private Receivers(Vertx vertx, EventTimes events, String scheme, HttpServerOptions options) {
        this.vertx = vertx;
        this.events = events;
        this.scheme = scheme;
        this.server = vertx.createHttpServer(options)
                .requestHandler(this::handle)
                .listen(0, "0.0.0.0")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    /** The same over TLS 1.3, with a certificate by an authority. */
    static Receivers overTls(Vertx vertx, EventTimes events, Certificates authority) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(authority.serverStore("127.0.0.1", 1), new char[0]);
        HttpServerOptions options = new HttpServerOptions()
                .setSsl(true)
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
                .setKeyCertOptions(KeyCertOptions.wrap((X509KeyManager) keys.getKeyManagers()[0]));
        return new Receivers(vertx, events, "https", options);
    }

    String url() {
        return scheme + "://127.0.0.1:" + server.actualPort();
    }

    /** A token endpoint that takes {@link #tokenLatency}. */
    String lateTokenUrl() {
        return url() + LATE;
    }

    /** The URL of a receiver that has its own address. */
    String url(int receiver) {
        return "http://127.1." + receiver / 250 + "." + (receiver % 250 + 1) + ":" + server.actualPort() + "/hook/"
                + receiver;
    }

    /** From now on. */
    void behave(IntFunction<Manner> each) {
        manners = each;
    }

    /** How long those that answer take, from now on. */
    void latency(Duration time) {
        latency(receiver -> time);
    }

    /** The same by receiver. */
    void latency(IntFunction<Duration> each) {
        latency = each;
    }

    /** How long the late token endpoint takes, from now on. */
    void tokenLatency(Duration time) {
        tokenLatency = time;
    }

    private void handle(HttpServerRequest request) {
        long at = System.nanoTime();
        if (request.path().startsWith(TOKENS)) {
            token(request);
        } else if (request.path().startsWith(LATE + TOKENS)) {
            lateTokens.increment();
            after(tokenLatency, () -> token(request));
        } else {
            begun.increment();
            request.body().onSuccess(body -> answer(request, body.getBytes(), at));
        }
    }

    private static void token(HttpServerRequest request) {
        request.response()
                .putHeader("Content-Type", "application/json")
                .end("{\"access_token\":\"bench-token\",\"token_type\":\"Bearer\",\"expires_in\":3600}");
    }

    private void after(Duration time, Runnable end) {
        if (time.isZero()) {
            end.run();
        } else {
            vertx.setTimer(time.toMillis(), timer -> end.run());
        }
    }

    private void answer(HttpServerRequest request, byte[] body, long at) {
        int receiver = receiver(request.path());
        Manner manner = manners.apply(receiver);
        if (manner == Manner.ANSWERS) {
            events.arrived(id(body), at);
            arrived.increment();
            mostInFlight.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
            after(latency.apply(receiver), () -> end(request));
        } else if (manner == Manner.FAILS) {
            request.response().setStatusCode(500).end("no");
        }
    }

    private void end(HttpServerRequest request) {
        inFlight.decrementAndGet();
        request.response().end("ok");
    }

    private static int receiver(String path) {
        int slash = path.lastIndexOf('/');
        return slash > 0 ? Integer.parseInt(path, slash + 1, path.length(), 10) : 0;
    }

    /** The number of the event in a body. */
    static int id(byte[] body) {
        int at = find(body);
        int id = 0;
        while (at < body.length && body[at] != '"') {
            id = id * 10 + body[at++] - '0';
        }
        return id;
    }

    private static int find(byte[] body) {
        for (int i = 0; i <= body.length - MARK.length; i++) {
            int j = 0;
            while (j < MARK.length && body[i + j] == MARK[j]) {
                j++;
            }
            if (j == MARK.length) {
                return i + MARK.length;
            }
        }
        throw new IllegalStateException("a body without an id arrived");
    }

    /** Deliveries that were taken. */
    long arrived() {
        return arrived.sum();
    }

    /** Requests for deliveries. */
    long begun() {
        return begun.sum();
    }

    /** Requests at the late token endpoint. */
    long lateTokens() {
        return lateTokens.sum();
    }

    /** Of requests that are answered, since it was last asked for. */
    int takeMostInFlight() {
        return mostInFlight.getAndSet(inFlight.get());
    }

    @Override
    public void close() {
        server.close();
    }
}
