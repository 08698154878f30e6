package io.engagementwebhooks.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.ext.web.Router;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Counts ingest requests by the status of their response. Thread-safe. */
public final class IngestRequests {

    /** In place of a status: the connection was closed before the response. */
    private static final String CLOSED = "closed";

    private final Supplier<MeterRegistry> meters;
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();

    /** @param meters called for the first request */
    public IngestRequests(Supplier<MeterRegistry> meters) {
        this.meters = meters;
    }

    /** Starts to count a router's requests, whichever handler answers. */
    public void count(Router router) {
        // a series that begins with its first count has no rate before it
        Stream.of("200", "202", "400", "401", "403", "409", "413", "429", "500", "503", CLOSED)
                .forEach(this::counter);
        router.route(RouterProblems.INGEST).order(Integer.MIN_VALUE).handler(context -> {
            context.addEndHandler(ended -> answered(
                    ended.succeeded() ? Integer.toString(context.response().getStatusCode()) : CLOSED));
            context.next();
        });
    }

    /** Counts a request that was answered before the router. */
    public void answered(int status) {
        answered(Integer.toString(status));
    }

    private void answered(String status) {
        Counter known = counters.get(status);
        (known == null ? counter(status) : known).increment();
    }

    private Counter counter(String status) {
        return counters.computeIfAbsent(status, each -> Counter.builder("webhooks.ingest.requests")
                .description("Requests with events by the status of the response; closed: the connection was closed"
                        + " before it")
                .tag("status", each)
                .register(meters.get()));
    }
}
