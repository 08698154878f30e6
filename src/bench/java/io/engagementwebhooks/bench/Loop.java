package io.engagementwebhooks.bench;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/** Sends events to a process: in a closed loop on some connections, or at a fixed rate. */
final class Loop implements AutoCloseable {

    private static final long PAUSE_AFTER_FAILURE_MS = 20;

    private final Vertx vertx;
    private final HttpClient client;
    private final Map<String, RequestOptions> options = new ConcurrentHashMap<>();
    private final IntFunction<String> keys;
    private final int port;
    private final EventTimes events;
    private final int connections;
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();

    Loop(Vertx vertx, int port, EventTimes events, int connections) {
        this(vertx, port, events, connections, kind -> BenchConfig.KEY);
    }

    /** @param keys the API key by an event's kind */
    Loop(Vertx vertx, int port, EventTimes events, int connections, IntFunction<String> keys) {
        this.vertx = vertx;
        this.port = port;
        this.keys = keys;
        this.events = events;
        this.connections = connections;
        this.client = vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(connections));
    }

    private RequestOptions options(String key) {
        return options.computeIfAbsent(key, each -> new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost("127.0.0.1")
                .setPort(port)
                .setURI("/v1/events")
                .putHeader("Authorization", "Bearer " + each)
                .putHeader("Content-Type", "application/cloudevents+json"));
    }

    long accepted() {
        return accepted.sum();
    }

    /** Number of responses other than 2xx, and of missing ones. */
    long refused() {
        return refused.sum();
    }

    /** Whether all requests have their responses. */
    boolean isAllAnswered() {
        return accepted() + refused() >= events.sentCount();
    }

    /** The next event on each connection goes out when the last one was answered. @return open until all have ended */
    CountDownLatch closed(Duration time) {
        return closed(time, connections);
    }

    /** The same on some of the connections. */
    CountDownLatch closed(Duration time, int some) {
        CountDownLatch done = new CountDownLatch(some);
        long until = System.nanoTime() + time.toNanos();
        for (int i = 0; i < some; i++) {
            again(until, done);
        }
        return done;
    }

    private void again(long until, CountDownLatch done) {
        long now = System.nanoTime();
        int id = now < until ? events.next(now) : -1;
        if (id < 0) {
            done.countDown();
            return;
        }
        send(id).onComplete(answer -> {
            if (answer.succeeded() && answer.result()) {
                again(until, done);
            } else {
                vertx.setTimer(PAUSE_AFTER_FAILURE_MS, pause -> again(until, done));
            }
        });
    }

    /** One at each moment, however long answers take: a request that waits to be sent has begun to wait. */
    void open(int perSecond, Duration time) {
        long begin = System.nanoTime();
        long interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
        long all = time.toNanos() / interval;
        for (long i = 0; i < all; i++) {
            long at = begin + i * interval;
            for (long now = System.nanoTime(); now < at; now = System.nanoTime()) {
                LockSupport.parkNanos(at - now);
            }
            int id = events.next(at);
            if (id < 0) {
                throw new IllegalStateException("more events than this run has numbers for");
            }
            send(id);
        }
    }

    /** One event now. @return whether it was accepted */
    boolean one() {
        return send(events.next(System.nanoTime()))
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private Future<Boolean> send(int id) {
        return client.request(options(keys.apply(events.kind(id))))
                .compose(request -> request.send(events.body(id)))
                .compose(response -> noted(id, response))
                .onFailure(failure -> refused.increment());
    }

    private Future<Boolean> noted(int id, HttpClientResponse response) {
        boolean isAccepted = response.statusCode() / 100 == 2;
        if (isAccepted) {
            events.accepted(id, System.nanoTime());
            accepted.increment();
        } else {
            refused.increment();
        }
        return response.end().map(isAccepted);
    }

    @Override
    public void close() {
        client.close();
    }
}
