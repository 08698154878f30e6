package io.engagementwebhooks.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.ext.web.Router;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Counts the requests that bring events by the status of their response. Thread-safe. */
public final class IngestRequests {

    /** Instead of a status: the connection was closed before there was a response. */
    private static final String CLOSED = "closed";

    private final Supplier<MeterRegistry> meters;
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();

    /** @param meters asked when the first request is counted */
    public IngestRequests(Supplier<MeterRegistry> meters) {
        this.meters = meters;
    }

    /** Counts what a router serves from now on, whichever handler answers it. */
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

    /** A request was answered before a router saw it. */
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
