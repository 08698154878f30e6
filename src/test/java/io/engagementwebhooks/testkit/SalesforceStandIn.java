package io.engagementwebhooks.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.engagementwebhooks.testkit.SalesforceObjects.Field;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * A strict Salesforce org on loopback: token endpoint, create and upsert. It refuses what the real one refuses, in the
 * real one's shapes. Each rule names the page of Salesforce's documentation that it comes from:
 *
 * <ul>
 *   <li>[token] OAuth 2.0 Client Credentials Flow, and OAuth 2.0 Error Codes, Salesforce Help
 *   <li>[rest] REST API Developer Guide: Create a Record, Insert or Update (Upsert) a Record Using an External ID
 *   <li>[errors] REST API Developer Guide: Status Codes and Error Responses; SOAP API Developer Guide: StatusCode
 *   <li>[objects] Object Reference: Task, Lead; Field Types
 * </ul>
 *
 * Thread-safe.
 */
public final class SalesforceStandIn implements AutoCloseable {

    public static final String CLIENT_ID = "3MVG9standin";
    public static final String CLIENT_SECRET = "stand-in secret & more";
    public static final String API_VERSION = "62.0";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ORG_ID = "00D000000000062EAA";
    private static final String DATA = "/services/data/v" + API_VERSION + "/sobjects/";

    private final HttpServer server;
    private final String clientSecret;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger issued = new AtomicInteger();
    private final AtomicInteger calls = new AtomicInteger();
    private final List<Entry> records = new ArrayList<>();
    private final List<Map<String, String>> callHeaders = new ArrayList<>();
    private final List<Failure> failures = new ArrayList<>();

    private String token;
    private UnaryOperator<ObjectNode> tokenAnswer = answer -> answer;
    private volatile boolean hangs;
    private volatile boolean loginHangs;
    private volatile int updateStatus = 200;

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
        this.clientSecret = clientSecret;
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

    /** From now on the tokens issued so far are refused. */
    public synchronized void revokeTokens() {
        token = null;
    }

    /** The next n calls of the API fail with one error. */
    public synchronized void failNext(int status, String errorCode, int n) {
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

    /** The next n logins fail. */
    public synchronized void failNextLogin(int status, String error, int n) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("error", error).put("error_description", "by request of the test");
        for (int i = 0; i < n; i++) {
            failures.add(new Failure(new Reply(status, body.toString()), true));
        }
    }

    /** Changes what logins answer. */
    public synchronized void changeTokenAnswer(UnaryOperator<ObjectNode> change) {
        tokenAnswer = change;
    }

    /** From now on calls of the API are never answered. */
    public void hang() {
        hangs = true;
    }

    /** From now on logins are never answered. */
    public void hangLogin() {
        loginHangs = true;
    }

    /** What an upsert that updates answers: 200 (since version 46.0) or 204 (before). */
    public void answerUpdatesWith(int status) {
        updateStatus = status;
    }

    /** What is stored, in the order it was written first. */
    public synchronized List<Entry> records() {
        return List.copyOf(records);
    }

    /** How many tokens were issued. */
    public int logins() {
        return issued.get();
    }

    /** How many calls of the API came in, refused ones included. */
    public int calls() {
        return calls.get();
    }

    /** The headers of the calls of the API, names in lower case. */
    public synchronized List<Map<String, String>> callHeaders() {
        return List.copyOf(callHeaders);
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

    private record Reply(int status, String body, boolean whole) {
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
            }
            if (reply != null) {
                write(exchange, reply);
            }
        }
    }

    private static void write(HttpExchange exchange, Reply reply) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json;charset=UTF-8");
        exchange.getResponseHeaders().set("Sforce-Limit-Info", "api-usage=18/15000");
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        long announced = reply.whole() ? body.length : body.length + 100L;
        exchange.sendResponseHeaders(reply.status(), announced == 0 ? -1 : announced);
        exchange.getResponseBody().write(body);
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
        // [token] POST, form-encoded; parameters in any other body are not seen
        if (!exchange.getRequestMethod().equals("POST")
                || !type.split(";")[0].trim().equals("application/x-www-form-urlencoded")
                || !"client_credentials".equals(form.get("grant_type"))) {
            return tokenFault("unsupported_grant_type", "grant type not supported");
        }
        // [token] invalid_client_id: client identifier invalid
        if (!CLIENT_ID.equals(form.get("client_id"))) {
            return tokenFault("invalid_client_id", "client identifier invalid");
        }
        // [token] invalid_client: invalid client credentials
        if (!clientSecret.equals(form.get("client_secret"))) {
            return tokenFault("invalid_client", "invalid client credentials");
        }
        return new Reply(200, issue().toString());
    }

    private static Reply tokenFault(String error, String description) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        return new Reply(
                400,
                body.put("error", error).put("error_description", description).toString());
    }

    /** [token] access_token, signature, instance_url, id, token_type, issued_at; no expires_in. */
    private synchronized ObjectNode issue() {
        token = "00D000000000062!token" + issued.incrementAndGet();
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.put("access_token", token);
        answer.put("signature", "c2lnbmF0dXJl");
        answer.put("instance_url", url().toString());
        answer.put("id", "https://login.salesforce.com/id/" + ORG_ID + "/005000000000001AAA");
        answer.put("token_type", "Bearer");
        answer.put("issued_at", "1795512667000");
        return tokenAnswer.apply(answer);
    }

    private Reply api(HttpExchange exchange) throws IOException {
        calls.incrementAndGet();
        rememberHeaders(exchange);
        if (hangs) {
            return hangUntilClosed();
        }
        byte[] body = body(exchange);
        checkToken(exchange);
        Optional<Failure> failure = nextFailure(false);
        if (failure.isPresent()) {
            return failure.get().reply();
        }
        String path = exchange.getRequestURI().getRawPath();
        // [errors] NOT_FOUND: the requested resource does not exist; also an unknown API version
        if (!path.startsWith(DATA)) {
            throw new Fault(404, "NOT_FOUND", "The requested resource does not exist");
        }
        List<String> parts = Arrays.stream(path.substring(DATA.length()).split("/", -1))
                .map(part -> URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8))
                .toList();
        Map<String, Field> fields = SalesforceObjects.fieldsOf(parts.get(0))
                .orElseThrow(() -> new Fault(404, "NOT_FOUND", "The requested resource does not exist"));
        return write(exchange, parts, fields, body);
    }

    private Reply write(HttpExchange exchange, List<String> parts, Map<String, Field> fields, byte[] body)
            throws IOException {
        String method = exchange.getRequestMethod();
        if (parts.size() == 1 && method.equals("POST")) {
            return create(parts.get(0), fields, sent(exchange, body));
        }
        if (parts.size() == 3 && method.equals("PATCH")) {
            return upsert(parts.get(0), fields, parts.get(1), parts.get(2), sent(exchange, body));
        }
        // [errors] METHOD_NOT_ALLOWED, with the methods that are
        throw new Fault(405, "METHOD_NOT_ALLOWED", "HTTP Method '" + method + "' not allowed.");
    }

    /** [rest] 201 with id, success and an empty array of errors. */
    private synchronized Reply create(String object, Map<String, Field> fields, ObjectNode sent) {
        SalesforceObjects.check(object, fields, sent, true);
        fields.values().stream()
                .filter(Field::externalId)
                .filter(field -> sent.hasNonNull(field.name()))
                .forEach(field -> find(
                                object, field.name(), sent.get(field.name()).asText())
                        .ifPresent(other -> {
                            // [errors] DUPLICATE_VALUE: a unique field holds a value that another record has
                            throw new Fault(
                                    400,
                                    "DUPLICATE_VALUE",
                                    "duplicate value found: " + field.name() + " duplicates value on record with id: "
                                            + other.id());
                        }));
        return new Reply(201, store(object, sent).toString());
    }

    /** [rest] 201 when created, 200 (204 before version 46.0) when updated. */
    private synchronized Reply upsert(
            String object, Map<String, Field> fields, String externalId, String value, ObjectNode sent) {
        // [errors] NOT_FOUND: the field does not exist or is no external id
        if (!fields.containsKey(externalId) || !fields.get(externalId).externalId()) {
            throw new Fault(
                    404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: " + externalId);
        }
        // [rest] "Don't specify the external ID field (or Id) in the body": INVALID_FIELD
        if (sent.has(externalId) || sent.has("Id")) {
            throw new Fault(
                    400, "INVALID_FIELD", "The " + externalId + " field should not be specified in the sobject data.");
        }
        Optional<Entry> existing = find(object, externalId, value);
        SalesforceObjects.check(object, fields, sent, existing.isEmpty());
        if (existing.isEmpty()) {
            sent.put(externalId, value);
            return new Reply(201, store(object, sent).put("created", true).toString());
        }
        existing.get().fields().setAll(sent);
        return updateStatus == 204
                ? new Reply(204, "")
                : new Reply(
                        200, success(existing.get().id()).put("created", false).toString());
    }

    private ObjectNode store(String object, ObjectNode fields) {
        String id = String.format("00T%015d", records.size() + 1);
        records.add(new Entry(object, id, fields));
        return success(id);
    }

    private static ObjectNode success(String id) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.put("id", id).put("success", true).putArray("errors");
        return answer;
    }

    private Optional<Entry> find(String object, String field, String value) {
        return records.stream()
                .filter(entry -> entry.object().equals(object))
                .filter(entry -> entry.fields().path(field).asText().equals(value))
                .findFirst();
    }

    private static ObjectNode sent(HttpExchange exchange, byte[] body) throws IOException {
        // [errors] 415 UNSUPPORTED_MEDIA_TYPE: the entity is in a format that the method does not support
        if (!header(exchange, "Content-Type").split(";")[0].trim().equals("application/json")) {
            throw new Fault(
                    415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type header specified in HTTP request is not supported");
        }
        try {
            JsonNode sent = JSON.readTree(body);
            if (sent instanceof ObjectNode fields) {
                return fields;
            }
        } catch (IOException e) {
            // told below
        }
        // [errors] JSON_PARSER_ERROR: the body is not an object
        throw new Fault(
                400, "JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has no usable one.");
    }

    private synchronized void checkToken(HttpExchange exchange) {
        String sent = header(exchange, "Authorization");
        // [errors] 401 INVALID_SESSION_ID: the session ID or OAuth token used has expired or is invalid
        if (token == null || !(sent.equals("Bearer " + token) || sent.equals("OAuth " + token))) {
            throw new Fault(401, "INVALID_SESSION_ID", "Session expired or invalid");
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

    /** An answer that says no; the body is an array, also for one error. */
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
