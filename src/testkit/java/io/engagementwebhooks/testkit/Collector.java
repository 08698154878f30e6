package io.engagementwebhooks.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** Takes spans by OTLP over HTTP on loopback, as a collector does, and remembers them. Thread-safe. */
public final class Collector implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<byte[]> bodies = new CopyOnWriteArrayList<>();
    private final List<ExportTraceServiceRequest> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger status = new AtomicInteger(200);

    public Collector() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 64);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/v1/traces", this::take);
        server.start();
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            bodies.add(body);
            if (status.get() == 200) {
                requests.add(ExportTraceServiceRequest.parseFrom(body));
            }
            exchange.sendResponseHeaders(status.get(), -1);
        }
    }

    /** Without the path, which is everywhere the same. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** What it answers from now on; with another status than 200 it takes nothing. */
    public void answer(int status) {
        this.status.set(status);
    }

    /** How often it was asked to take spans. */
    public int asked() {
        return bodies.size();
    }

    /** Who sent spans, and what they are. */
    public List<ExportTraceServiceRequest> requests() {
        return requests;
    }

    public List<Span> spans() {
        return requests.stream()
                .flatMap(request -> request.getResourceSpansList().stream())
                .flatMap(resource -> resource.getScopeSpansList().stream())
                .flatMap(scope -> scope.getSpansList().stream())
                .toList();
    }

    /** The only span for which something is true, once it has come. */
    public Span await(Predicate<Span> which) {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> spans().stream().filter(which).count() == 1);
        return spans().stream().filter(which).findFirst().orElseThrow();
    }

    /** Whether a text stands in what came, byte by byte. */
    public boolean holds(String text) {
        return bodies.stream().anyMatch(body -> new String(body, StandardCharsets.ISO_8859_1).contains(text));
    }

    /** An attribute's value as text; empty: it has none. */
    public static String attribute(Span span, String name) {
        return span.getAttributesList().stream()
                .filter(attribute -> attribute.getKey().equals(name))
                .map(attribute -> text(attribute.getValue()))
                .findFirst()
                .orElse("");
    }

    private static String text(AnyValue value) {
        return value.hasIntValue() ? Long.toString(value.getIntValue()) : value.getStringValue();
    }

    public static String trace(Span span) {
        return hex(span.getTraceId().toByteArray());
    }

    public static String id(Span span) {
        return hex(span.getSpanId().toByteArray());
    }

    /** Empty: it is the first of its trace. */
    public static String parent(Span span) {
        return hex(span.getParentSpanId().toByteArray());
    }

    private static String hex(byte[] id) {
        return HexFormat.of().formatHex(id);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
