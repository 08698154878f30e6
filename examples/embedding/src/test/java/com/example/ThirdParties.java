package com.example;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A receiver, a token endpoint, Salesforce and Contentsquare, on a free port of loopback: each takes whatever comes. */
final class ThirdParties implements AutoCloseable {

    private final HttpServer server;
    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();

    private record Request(String path, Map<String, String> headers, String body) {}

    ThirdParties() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::take);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void take(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.get(0)));
        String path = exchange.getRequestURI().getPath();
        requests.add(new Request(path, headers, body));
        String answer = path.endsWith("/token")
                ? "{\"access_token\": \"a-token\", \"token_type\": \"Bearer\", \"expires_in\": 3600, \"instance_url\": \"" + url()
                        + "\", \"endpoint\": \"" + url() + "\", \"id\": \"" + url() + "/id/00D000000000000AAA/005000000000000AAA\", \"project_id\": 1}"
                : "{\"success\": true}";
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /** The headers of the next request to a path with a text in its body; waits for it. */
    Map<String, String> await(String path, String text) throws InterruptedException {
        while (true) {
            Request next = requests.poll(60, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("no request to " + path + " with " + text);
            }
            if (next.path().equals(path) && next.body().contains(text)) {
                return next.headers();
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
