package io.engagementwebhooks.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.RSAPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A strict Salesforce org on loopback: token endpoint, records, platform events, composite, collections, describe and one
 * Apex class. It refuses what the real one refuses, in the real one's shapes. Each rule names the page of Salesforce's
 * documentation that it comes from; here:
 *
 * <ul>
 *   <li>[errors] REST API Developer Guide: Status Codes and Error Responses
 *   <li>[limits] REST API Developer Guide: Limit Info Header; Salesforce Developer Limits: API Request Limits
 *   <li>[locks] Salesforce Help: Record-level Locking; SOAP API Developer Guide: StatusCode UNABLE_TO_LOCK_ROW
 *   <li>[apex] Apex Developer Guide: Apex REST Methods
 * </ul>
 *
 * Thread-safe.
 */
public final class SalesforceStandIn implements AutoCloseable {

    public static final String CLIENT_ID = "3MVG9standin";
    public static final String CLIENT_SECRET = "stand-in secret & more";
    public static final String API_VERSION = "66.0";

    static final String DATA = "/services/data/v" + API_VERSION + "/";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String APEX = "/services/apexrest/calls";
    private static final Duration TOGETHER = Duration.ofMillis(200);

    private final HttpServer server;
    private final SalesforceTokens tokens;
    private final SalesforceRecords records = new SalesforceRecords();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger describes = new AtomicInteger();
    private final List<Map<String, String>> callHeaders = new ArrayList<>();
    private final List<Call> received = new ArrayList<>();
    private final List<String> apexBodies = new ArrayList<>();
    private final List<Failure> failures = new ArrayList<>();
    private final Map<String, Integer> writing = new HashMap<>();
    private final Map<String, Integer> came = new HashMap<>();

    private DoubleSupplier luck = () -> 1;
    private double failing;
    private volatile boolean hangs;
    private volatile boolean loginHangs;
    private volatile boolean tellsNothing;
    private volatile Duration together = TOGETHER;
    private volatile boolean locks;
    private volatile CountDownLatch held = new CountDownLatch(0);
    private int used = 17;
    private int limit = 15_000;

    /**
     * A stored record.
     *
     * @param object API name
     * @param id 18 characters
     * @param fields as they were sent, the external id included
     */
    public record Entry(String object, String id, ObjectNode fields) {}

    private record Failure(Reply reply, boolean token) {}

    private SalesforceStandIn(HttpServer server, String clientSecret) {
        this.server = server;
        this.tokens = new SalesforceTokens(clientSecret);
        server.setExecutor(threads);
        server.createContext("/services/oauth2/token", exchange -> answer(exchange, this::token));
        server.createContext("/", exchange -> answer(exchange, this::api));
    }

    /** Starts one on a free port of 127.0.0.1. */
    public static SalesforceStandIn start() {
        return start(CLIENT_SECRET);
    }

    /** Starts one on a free port of 127.0.0.1 whose connected app has this secret. */
    public static SalesforceStandIn start(String clientSecret) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
            SalesforceStandIn standIn = new SalesforceStandIn(server, clientSecret);
            server.start();
            return standIn;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Login URL and instance URL. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Revokes all tokens issued so far. */
    public void revokeTokens() {
        tokens.revoke();
    }

    /** Makes it act as login.salesforce.com, which refuses client credentials. */
    public void becomeSharedLoginHost() {
        tokens.onSharedHost();
    }

    /** Accepts assertions for this user. */
    public void acceptJwt(RSAPublicKey key, String user, String audience, Clock clock) {
        tokens.acceptJwt(key, user, audience, clock);
    }

    /** Accepts this refresh token; if rotating, once, and returns a new one. */
    public void acceptRefreshToken(String token, boolean rotating) {
        tokens.acceptRefreshToken(token, rotating);
    }

    /** Accepts this user and password. */
    public void acceptPassword(String user, String passwordAndSecurityToken) {
        tokens.acceptPassword(user, passwordAndSecurityToken);
    }

    /** The next n calls of the API fail with one error. */
    public void failNext(int status, String errorCode, int n) {
        failNext(status, errorCode, errorCode + " by request of the test", n);
    }

    /** The next n calls of the API fail with one error and this message. */
    public synchronized void failNext(int status, String errorCode, String message, int n) {
        String body = new Fault(status, errorCode, message).body().toString();
        for (int i = 0; i < n; i++) {
            failures.add(new Failure(new Reply(status, body), false));
        }
    }

    /** The next call of the API is answered with exactly this. */
    public synchronized void answerNext(int status, String body) {
        failures.add(new Failure(new Reply(status, body), false));
    }

    /** The next call of the API is answered with this status, and the connection ends within the body. */
    public synchronized void breakOffNext(int status) {
        failures.add(new Failure(new Reply(status, "{\"id\":\"00T", false), false));
    }

    /** Executes the next API call and closes the connection before the response. */
    public synchronized void dropNextAnswer() {
        failures.add(new Failure(null, false));
    }

    /**
     * Some calls fail from now on: half of them by 503, a quarter without an answer and without effect, a quarter without an
     * answer after the effect.
     *
     * @param share of calls that fail, 0 to 1
     * @param random from 0 to 1
     */
    public synchronized void failAtRandom(double share, DoubleSupplier random) {
        failing = share;
        luck = random;
    }

    /** The next n logins fail. */
    public synchronized void failNextLogin(int status, String error, int n) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("error", error).put("error_description", "by request of the test");
        for (int i = 0; i < n; i++) {
            failures.add(new Failure(new Reply(status, body.toString()), true));
        }
    }

    /** Changes what logins answer. */
    public void changeTokenAnswer(UnaryOperator<ObjectNode> change) {
        tokens.change(change);
    }

    /** From now on calls of the API are never answered. */
    public void hang() {
        hangs = true;
    }

    /** From now on logins are never answered. */
    public void hangLogin() {
        loginHangs = true;
    }

    /** From now on calls of the API wait until they are let go. */
    public void hold() {
        held = new CountDownLatch(1);
    }

    /** Releases held calls. */
    public void letGo() {
        held.countDown();
    }

    /** From now on the connection's user may describe no object. */
    public void tellNothing() {
        tellsNothing = true;
    }

    /** Makes concurrent calls with the same parent record fail by a lock. */
    public void lockParents() {
        lockParents(TOGETHER);
    }

    /** The same. @param together how long a call waits for a conflicting one */
    public void lockParents(Duration together) {
        this.together = together;
        locks = true;
    }

    /** Sets the daily limit of requests. */
    public synchronized void allow(int requests) {
        limit = requests;
    }

    /** What an upsert that updates answers: 200 (since version 46.0) or 204 (before). */
    public void answerUpdatesWith(int status) {
        records.answerUpdatesWith(status);
    }

    /** Stores a record as if another client had written it. */
    public void add(String object, Map<String, String> fields) {
        records.add(object, JSON.valueToTree(fields));
    }

    /** The stored records, in order of creation; platform events too. */
    public List<Entry> records() {
        return records.all();
    }

    /** How many tokens were issued. */
    public int logins() {
        return tokens.issued();
    }

    /** How many calls of the API came in, refused ones included; descriptions of objects are not counted. */
    public int calls() {
        return calls.get();
    }

    /** Number of describe requests. */
    public int describes() {
        return describes.get();
    }

    /** The headers of the calls of the API, names in lower case. */
    public synchronized List<Map<String, String>> callHeaders() {
        return List.copyOf(callHeaders);
    }

    /** One call of the API. @param target path and query as they came */
    public record Call(String method, String target, String body) {}

    /** The calls of the API, refused ones included. */
    public synchronized List<Call> received() {
        return List.copyOf(received);
    }

    /** The requests of the Apex class. */
    public synchronized List<String> apexBodies() {
        return List.copyOf(apexBodies);
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private interface Handler {
        Reply handle(HttpExchange exchange) throws IOException;
    }

    record Reply(int status, String body, boolean whole) {
        Reply(int status, String body) {
            this(status, body, true);
        }
    }

    private void answer(HttpExchange exchange, Handler handler) throws IOException {
        try (exchange) {
            Reply reply;
            try {
                reply = handler.handle(exchange);
            } catch (Fault fault) {
                reply = new Reply(fault.status(), fault.body().toString());
            } catch (SalesforceTokens.Refusal refusal) {
                reply = new Reply(400, refusal.body());
            }
            if (reply != null) {
                write(exchange, reply);
            }
        }
    }

    private void write(HttpExchange exchange, Reply reply) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json;charset=UTF-8");
        exchange.getResponseHeaders().set("Sforce-Limit-Info", usage());
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        long announced = reply.whole() ? body.length : body.length + 100L;
        exchange.sendResponseHeaders(reply.status(), announced == 0 ? -1 : announced);
        exchange.getResponseBody().write(body);
        // later JDKs drop what is not flushed where a body is cut off
        exchange.getResponseBody().flush();
    }

    /** [limits] each answer of the API tells what the org has used of its requests. */
    private synchronized String usage() {
        return "api-usage=" + used + "/" + limit;
    }

    private Reply token(HttpExchange exchange) throws IOException {
        if (loginHangs) {
            return hangUntilClosed();
        }
        Optional<Failure> failure = nextFailure(true);
        if (failure.isPresent()) {
            return failure.get().reply();
        }
        String type = header(exchange, "Content-Type");
        Map<String, String> form = form(body(exchange));
        return new Reply(
                200,
                tokens.grant(exchange.getRequestMethod(), type, form, url()).toString());
    }

    private Reply api(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        if (path.endsWith("/describe")) {
            return describe(exchange, path);
        }
        calls.incrementAndGet();
        rememberHeaders(exchange);
        if (hangs) {
            return hangUntilClosed();
        }
        byte[] body = body(exchange);
        remember(new Call(
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                new String(body, StandardCharsets.UTF_8)));
        awaitLetGo();
        checkToken(exchange);
        count();
        Optional<Failure> failure = nextFailure(false);
        if (failure.isPresent() && failure.get().reply() != null) {
            return failure.get().reply();
        }
        double drawn = draw();
        if (drawn < failing / 2) {
            throw new Fault(503, "SERVER_UNAVAILABLE", "As asked.");
        }
        if (drawn < failing * 3 / 4) {
            return null;
        }
        Reply done = done(exchange, path, body);
        return failure.isPresent() || drawn < failing ? null : done;
    }

    private synchronized double draw() {
        return luck.getAsDouble();
    }

    private Reply describe(HttpExchange exchange, String path) {
        describes.incrementAndGet();
        checkToken(exchange);
        String sobjects = DATA + "sobjects/";
        String name = path.startsWith(sobjects) ? path.substring(sobjects.length(), path.lastIndexOf('/')) : "";
        // [errors] NOT_FOUND: the object does not exist, or the user may not see it
        return SalesforceObjects.named(name)
                .filter(object -> !tellsNothing)
                .map(object -> new Reply(200, SalesforceObjects.describe(object).toString()))
                .orElseThrow(() -> new Fault(404, "NOT_FOUND", "The requested resource does not exist"));
    }

    private Reply done(HttpExchange exchange, String path, byte[] body) throws IOException {
        String method = exchange.getRequestMethod();
        if (path.equals(APEX)) {
            return apex(exchange, body);
        }
        // [errors] NOT_FOUND: the requested resource does not exist; also an unknown API version
        if (!path.startsWith(DATA)) {
            throw new Fault(404, "NOT_FOUND", "The requested resource does not exist");
        }
        String resource = path.substring(DATA.length());
        ObjectNode sent = sent(exchange, body);
        if (resource.equals("composite")) {
            return locked(sent, () -> records.composite(sent));
        }
        if (resource.startsWith("composite/sobjects")) {
            List<String> parts = SalesforceRecords.segments(resource);
            return records.collection(method, parts.subList(2, parts.size()), sent);
        }
        if (!resource.startsWith("sobjects/")) {
            throw new Fault(404, "NOT_FOUND", "The requested resource does not exist");
        }
        List<String> parts = SalesforceRecords.segments(resource.substring("sobjects/".length()));
        return locked(sent, () -> records.single(method, parts, sent));
    }

    /** [apex] an Apex class answers what its author likes; an exception that it throws is a 400 APEX_ERROR. */
    private synchronized Reply apex(HttpExchange exchange, byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        if (text.contains("make it fail")) {
            throw new Fault(400, "APEX_ERROR", "System.NullPointerException: Attempt to de-reference a null object");
        }
        apexBodies.add(text);
        return new Reply(200, "\"taken\"");
    }

    /** [limits] 403 REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded. */
    private synchronized void count() {
        if (used >= limit) {
            throw new Fault(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
        }
        used++;
    }

    /** [locks] who writes a child locks its parents; a second one at the same time does not get them. */
    private Reply locked(ObjectNode sent, Supplier<Reply> write) {
        List<String> parents = new ArrayList<>();
        sent.findValues("WhoId").forEach(id -> parents.add(id.asText()));
        sent.findValues("WhatId").forEach(id -> parents.add(id.asText()));
        sent.findValues("Contact__c").forEach(id -> parents.add(id.asText()));
        if (!locks || parents.isEmpty()) {
            return write.get();
        }
        try {
            lock(parents);
            return write.get();
        } finally {
            unlock(parents);
        }
    }

    private void lock(List<String> parents) {
        synchronized (writing) {
            parents.forEach(parent -> writing.merge(parent, 1, Integer::sum));
            parents.forEach(parent -> came.merge(parent, 1, Integer::sum));
            writing.notifyAll();
            waitForAnother(parents);
            for (String parent : parents) {
                if (writing.get(parent) > 1) {
                    throw new Fault(
                            400,
                            "UNABLE_TO_LOCK_ROW",
                            "unable to obtain exclusive access to this record or 1 records: " + parent);
                }
            }
        }
    }

    /** Waits for a conflicting call. */
    private void waitForAnother(List<String> parents) {
        // the other call may have ended before this thread runs again
        int before = came(parents);
        long end = System.nanoTime() + together.toNanos();
        long left = together.toMillis();
        while (left > 0 && came(parents) == before && parents.stream().allMatch(parent -> writing.get(parent) == 1)) {
            try {
                writing.wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        }
    }

    private int came(List<String> parents) {
        return parents.stream().mapToInt(came::get).sum();
    }

    private void unlock(List<String> parents) {
        synchronized (writing) {
            parents.forEach(parent -> writing.merge(parent, -1, Integer::sum));
        }
    }

    private static ObjectNode sent(HttpExchange exchange, byte[] body) {
        // [errors] 415 UNSUPPORTED_MEDIA_TYPE: the entity is in a format that the method does not support
        if (!header(exchange, "Content-Type").split(";")[0].trim().equals("application/json")) {
            throw new Fault(
                    415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type header specified in HTTP request is not supported");
        }
        if (parsed(new String(body, StandardCharsets.UTF_8)) instanceof ObjectNode fields) {
            return fields;
        }
        // [errors] JSON_PARSER_ERROR: the body is not an object
        throw new Fault(
                400, "JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has no usable one.");
    }

    static JsonNode parsed(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            return JsonNodeFactory.instance.missingNode();
        }
    }

    private void checkToken(HttpExchange exchange) {
        // [errors] 401 INVALID_SESSION_ID: the session ID or OAuth token used has expired or is invalid
        if (!tokens.isGood(header(exchange, "Authorization"))) {
            throw new Fault(401, "INVALID_SESSION_ID", "Session expired or invalid");
        }
    }

    private void awaitLetGo() {
        try {
            held.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Reply hangUntilClosed() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return null;
    }

    private synchronized Optional<Failure> nextFailure(boolean ofToken) {
        Optional<Failure> next =
                failures.stream().filter(failure -> failure.token() == ofToken).findFirst();
        next.ifPresent(failures::remove);
        return next;
    }

    private synchronized void rememberHeaders(HttpExchange exchange) {
        Map<String, String> headers = new LinkedHashMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) ->
                        headers.put(name.toLowerCase(java.util.Locale.ROOT), String.join(", ", values)));
        callHeaders.add(headers);
    }

    private synchronized void remember(Call call) {
        received.add(call);
    }

    private static byte[] body(HttpExchange exchange) throws IOException {
        return exchange.getRequestBody().readAllBytes();
    }

    private static String header(HttpExchange exchange, String name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }

    private static Map<String, String> form(byte[] body) {
        Map<String, String> form = new HashMap<>();
        for (String pair : new String(body, StandardCharsets.UTF_8).split("&")) {
            String[] parts = pair.split("=", 2);
            if (parts.length == 2) {
                form.put(
                        URLDecoder.decode(parts[0], StandardCharsets.UTF_8),
                        URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
            }
        }
        return form;
    }

    /** An error response; the body is an array, even for one error. */
    static final class Fault extends RuntimeException {

        private final int status;
        private final String code;
        private final List<String> fields;

        Fault(int status, String code, String message, String... fields) {
            super(message);
            this.status = status;
            this.code = code;
            this.fields = List.of(fields);
        }

        int status() {
            return status;
        }

        boolean is(String errorCode) {
            return code.equals(errorCode);
        }

        ArrayNode body() {
            ArrayNode body = JsonNodeFactory.instance.arrayNode();
            ObjectNode error = body.addObject();
            error.put("message", getMessage()).put("errorCode", code);
            ArrayNode names = error.putArray("fields");
            fields.forEach(names::add);
            return body;
        }
    }
}
