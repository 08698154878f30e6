package io.engagementwebhooks.testkit;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

/** A well-behaved HTTP receiver on loopback that records requests. Thread-safe. */
public final class Receiver implements AutoCloseable {

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Got> requests = new CopyOnWriteArrayList<>();

    /**
     * A request.
     *
     * @param method its method
     * @param target path and query
     * @param headers its headers
     * @param body its body
     */
    public record Got(String method, URI target, Headers headers, String body) {
        public String header(String name) {
            return headers.getFirst(name);
        }
    }

    /**
     * A response.
     *
     * @param status its status
     * @param headers its headers
     * @param body its body
     */
    public record Reply(int status, Map<String, String> headers, String body) {
        public Reply(int status) {
            this(status, Map.of(), "");
        }
    }

    public Receiver(Function<Got, Reply> behaviour) {
        this(null, behaviour);
    }

    /** @param tls the TLS context, or null for plain http */
    public Receiver(SSLContext tls, Function<Got, Reply> behaviour) {
        try {
            InetSocketAddress free = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
            if (tls == null) {
                server = HttpServer.create(free, 512);
            } else {
                HttpsServer secure = HttpsServer.create(free, 512);
                secure.setHttpsConfigurator(new HttpsConfigurator(tls));
                server = secure;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", exchange -> serve(exchange, behaviour));
        server.start();
    }

    /** The URL without TLS. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + port() + "/hooks?x=%2B");
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** The requests, in order. */
    public List<Got> requests() {
        return requests;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void serve(HttpExchange exchange, Function<Got, Reply> behaviour) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            Got got =
                    new Got(exchange.getRequestMethod(), exchange.getRequestURI(), exchange.getRequestHeaders(), body);
            requests.add(got);
            Reply reply = behaviour.apply(got);
            byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
            reply.headers()
                    .forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
