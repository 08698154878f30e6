package io.engagementwebhooks.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A token endpoint on loopback with one client, whose credentials it accepts in exactly one way. It can be slow, down,
 * return any response, and revoke tokens. Thread-safe.
 */
public final class StrictTokenServer implements AutoCloseable {

    /** The accepted form of the client's credentials. */
    public enum Way {
        /** In the Authorization header, form-encoded first (RFC 6749 section 2.3.1). */
        BASIC,
        /** In the Authorization header, unencoded. */
        RAW_BASIC,
        /** In the form. */
        FORM
    }

    private final String clientId;
    private final String clientSecret;
    private final Way way;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger requests = new AtomicInteger();
    private final Set<String> valid = ConcurrentHashMap.newKeySet();
    private final Queue<Answer> next = new ConcurrentLinkedQueue<>();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile String lastForm = "";
    private volatile long life = 3600;

    private record Answer(int status, String body, Map<String, String> headers) {}

    public StrictTokenServer(String clientId, String clientSecret, Way way) {
        this.clientId = clientId;
        this.clientSecret = clientSecret;
        this.way = way;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 512);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/oauth2/token", this::serve);
        server.start();
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/oauth2/token");
    }

    /** Number of token requests. */
    public int requests() {
        return requests.get();
    }

    /** The form of the last request, as it came. */
    public String lastForm() {
        return lastForm;
    }

    /** Whether a token is valid here. */
    public boolean knows(String token) {
        return valid.contains(token);
    }

    /** Revokes all tokens. */
    public void revokeAll() {
        valid.clear();
    }

    /** {@code expires_in} of tokens from now on. */
    public void life(long seconds) {
        life = seconds;
    }

    /** Sets the response to the next request. */
    public void answer(int status, String body) {
        answer(status, body, Map.of());
    }

    /** As {@link #answer(int, String)}, with headers. */
    public void answer(int status, String body, Map<String, String> headers) {
        next.add(new Answer(status, body, headers));
    }

    /** Holds every request from now on until {@link #release()}. */
    public void hold() {
        gate = new CountDownLatch(1);
    }

    public void release() {
        gate.countDown();
    }

    @Override
    public void close() {
        release();
        server.stop(0);
        threads.shutdownNow();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            requests.incrementAndGet();
            lastForm = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            gate.await();
            Answer prepared = next.poll();
            reply(exchange, prepared != null ? prepared : judge(exchange, form(lastForm)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Answer judge(HttpExchange exchange, Map<String, String> form) {
        boolean proper = exchange.getRequestMethod().equals("POST")
                && exchange.getRequestHeaders()
                        .getFirst("Content-Type")
                        // a charset may follow
                        .matches("application/x-www-form-urlencoded(;.*)?")
                && "client_credentials".equals(form.get("grant_type"));
        if (!proper) {
            return new Answer(400, "{\"error\":\"invalid_request\"}", Map.of());
        }
        if (!authenticated(exchange.getRequestHeaders().getFirst("Authorization"), form)) {
            return new Answer(401, "{\"error\":\"invalid_client\"}", Map.of());
        }
        String token = "token-" + requests.get() + "-" + System.nanoTime();
        valid.add(token);
        return new Answer(
                200,
                "{\"access_token\":\"" + token + "\",\"token_type\":\"Bearer\",\"expires_in\":" + life + "}",
                Map.of());
    }

    private boolean authenticated(String header, Map<String, String> form) {
        if (way == Way.FORM) {
            return header == null
                    && clientId.equals(form.get("client_id"))
                    && clientSecret.equals(form.get("client_secret"));
        }
        if (header == null || !header.startsWith("Basic ") || form.containsKey("client_secret")) {
            return false;
        }
        String pair = new String(Base64.getDecoder().decode(header.substring(6)), StandardCharsets.UTF_8);
        if (way == Way.RAW_BASIC) {
            return pair.equals(clientId + ":" + clientSecret);
        }
        String[] parts = pair.split(":", -1);
        return parts.length == 2
                && decoded(parts[0]).equals(clientId)
                && decoded(parts[1]).equals(clientSecret);
    }

    private static Map<String, String> form(String text) {
        Map<String, String> form = new LinkedHashMap<>();
        for (String pair : text.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                form.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
            }
        }
        return form;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static void reply(HttpExchange exchange, Answer answer) throws IOException {
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        answer.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }
}
