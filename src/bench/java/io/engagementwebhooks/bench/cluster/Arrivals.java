package io.engagementwebhooks.bench.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/** The requests that came to the receivers. Each is answered after a while, so that some are always in flight. Thread-safe. */
final class Arrivals implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** A request. @param nanos when it came */
    record Arrival(String webhook, String message, String event, String key, long number, long nanos) {}

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Duration latency;
    private final List<Arrival> all = new ArrayList<>();

    Arrivals(Duration latency) throws IOException {
        this.latency = latency;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 512);
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode event = JSON.readTree(exchange.getRequestBody());
            Arrival arrival = new Arrival(
                    exchange.getRequestURI().getPath().substring(1),
                    exchange.getRequestHeaders().getFirst("webhook-id"),
                    event.path("id").asText(),
                    event.path("data").path("key").asText(),
                    event.path("data").path("number").asLong(),
                    System.nanoTime());
            synchronized (all) {
                all.add(arrival);
            }
            LockSupport.parkNanos(latency.toNanos());
            exchange.sendResponseHeaders(200, -1);
        }
    }

    private List<Arrival> snapshot() {
        synchronized (all) {
            return List.copyOf(all);
        }
    }

    /** Forgets what came: a new round begins. */
    void clear() {
        synchronized (all) {
            all.clear();
        }
    }

    /** The events that have come. */
    Set<String> events() {
        Set<String> events = new HashSet<>();
        snapshot().forEach(arrival -> events.add(arrival.event()));
        return events;
    }

    /** The messages that came again after a time although they had come before it. */
    long repeated(long sinceNanos) {
        Set<String> known = new HashSet<>();
        long repeated = 0;
        for (Arrival arrival : snapshot()) {
            if (!known.add(arrival.message()) && arrival.nanos() - sinceNanos >= 0) {
                repeated++;
            }
        }
        return repeated;
    }

    /** The most messages that were in flight at a time: that came within the latency before it. */
    long inFlight(long atNanos) {
        return snapshot().stream()
                .filter(arrival -> atNanos - arrival.nanos() >= 0 && atNanos - arrival.nanos() <= latency.toNanos())
                .count();
    }

    /** The longest pause between arrivals of one webhook that ends after a time. */
    Duration longestPause(long sinceNanos) {
        Map<String, Long> last = new HashMap<>();
        long longest = 0;
        for (Arrival arrival : snapshot()) {
            Long before = last.put(arrival.webhook(), arrival.nanos());
            if (before != null && arrival.nanos() - sinceNanos >= 0) {
                longest = Math.max(longest, arrival.nanos() - before);
            }
        }
        return Duration.ofNanos(longest);
    }

    /** The messages of a webhook that came for the first time after a later one of their key. */
    long outOfOrder(String webhook) {
        Set<String> known = new HashSet<>();
        Map<String, Long> highest = new HashMap<>();
        long wrong = 0;
        for (Arrival arrival : snapshot()) {
            if (arrival.webhook().equals(webhook) && known.add(arrival.message())) {
                long most = highest.merge(arrival.key(), arrival.number(), Math::max);
                wrong += arrival.number() < most ? 1 : 0;
            }
        }
        return wrong;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
