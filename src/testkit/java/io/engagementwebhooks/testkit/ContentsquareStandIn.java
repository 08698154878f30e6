package io.engagementwebhooks.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.engagementwebhooks.testkit.ContentsquareStandIn.Field.Type;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/**
 * Contentsquare's token service and Enrichment API on a loopback port, as strict as the documentation says the real one
 * is: a request accepted here is valid for Contentsquare. Each rule names the documentation page it comes from; where
 * the documentation is silent the rule says "stand-in". Thread-safe.
 */
public final class ContentsquareStandIn implements AutoCloseable {

    /** The default credentials. */
    public static final String CLIENT_ID = "cs-client";

    public static final String CLIENT_SECRET = "cs-secret-of-the-stand-in";

    /** The documentation's worked example, a phone call ("Definitions"). */
    public static final List<Field> CALL_SCHEMA = List.of(
            new Field("answered", Type.BOOL, true),
            new Field("call_duration", Type.INT, false),
            new Field("call_center_name", Type.STRING, true),
            new Field("call_score", Type.FLOAT, true),
            new Field("call_started_at", Type.DATETIME, true));

    private static final int BODY_LIMIT = 1024 * 1024;
    private static final Set<String> TOKEN_MEMBERS =
            Set.of("client_id", "client_secret", "grant_type", "scope", "project_id");
    private static final Set<String> BATCH_MEMBERS = Set.of("integrationVersion", "projectId", "enrichments");
    private static final Set<String> RECORD_MEMBERS =
            Set.of("userId", "sessionNumber", "enrichmentNumber", "enrichment");
    private static final DateTimeFormatter DATETIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'").withResolverStyle(ResolverStyle.STRICT);

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    /** One field of the integration's schema ("Creating integrations"). */
    public record Field(String name, Type type, boolean optional) {
        /** The schema's types. */
        public enum Type {
            STRING,
            INT,
            FLOAT,
            BOOL,
            DATETIME
        }
    }

    /** A request to another path of the API, which no documentation limits: it needs a token and nothing else. */
    public record Own(String method, String target, Headers headers, String body) {}

    /** What an enrichment is stored under; the same key again overwrites ("Updating an enrichment"). */
    public record Key(long projectId, String userId, long sessionNumber, int enrichmentNumber) {}

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "contentsquare-stand-in");
        thread.setDaemon(true);
        return thread;
    });
    private final CountDownLatch closed = new CountDownLatch(1);

    private final String clientId;
    private final String clientSecret;
    private final Map<String, Field> schema = new LinkedHashMap<>();

    // guarded by this
    private final Set<String> validTokens = new HashSet<>();
    private final Map<Key, JsonNode> accepted = new LinkedHashMap<>();
    private final List<JsonNode> tokenRequests = new ArrayList<>();
    private final List<JsonNode> batches = new ArrayList<>();
    private final List<Headers> batchHeaders = new ArrayList<>();
    private final Deque<Canned> tokenFaults = new ArrayDeque<>();
    private final Deque<Canned> enrichmentFaults = new ArrayDeque<>();
    private final Map<String, Object> tokenAnswerChanges = new HashMap<>();
    private final List<Own> ownRequests = new ArrayList<>();
    private long onlyProject;
    private String poison;
    private DoubleSupplier luck = () -> 1;
    private double failing;
    private final Map<Key, Integer> writes = new HashMap<>();
    private int acceptedBatches;
    private String newestToken;
    private long hungSince;

    private final Map<String, Integer> refusals = new ConcurrentHashMap<>();

    /** A fault to answer with once: a status and body, or no proper answer at all. */
    private record Canned(Kind kind, int status, String body, Map<String, String> headers) {
        enum Kind {
            ANSWER,
            SLOW,
            HANG,
            DRIP,
            RESET
        }
    }

    /** A stand-in on a free port, with {@link #CLIENT_ID}, {@link #CLIENT_SECRET} and {@link #CALL_SCHEMA}. */
    public ContentsquareStandIn() throws IOException {
        this(0, CLIENT_ID, CLIENT_SECRET, CALL_SCHEMA);
    }

    /**
     * @param port on the loopback address; 0 for a free one
     */
    public ContentsquareStandIn(int port, String clientId, String clientSecret, List<Field> schema) throws IOException {
        this.clientId = Objects.requireNonNull(clientId);
        this.clientSecret = Objects.requireNonNull(clientSecret);
        schema.forEach(field -> this.schema.put(field.name(), field));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 0);
        server.createContext("/v1/oauth/token", exchange -> answer(exchange, this::token));
        server.createContext("/", exchange -> answer(exchange, this::own));
        server.createContext("/v1/enrichments", exchange -> answer(exchange, this::enrichments));
        server.setExecutor(threads);
        server.start();
    }

    // ---- where it is, what it got

    /** The value of option {@code tokenUrl}. */
    public URI tokenUrl() {
        return URI.create(endpoint() + "/v1/oauth/token");
    }

    /** The endpoint in its token responses; its suffix is {@code 127.0.0.1}. */
    public String endpoint() {
        return "http://127.0.0.1:" + port();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** Accepted enrichments, in the order of first arrival. */
    public synchronized Map<Key, JsonNode> accepted() {
        return new LinkedHashMap<>(accepted);
    }

    /** Bodies of all token requests that were JSON, refused ones too. */
    public synchronized List<JsonNode> tokenRequests() {
        return List.copyOf(tokenRequests);
    }

    /** Bodies of all enrichment requests that were JSON, refused ones too. */
    public synchronized List<JsonNode> batches() {
        return List.copyOf(batches);
    }

    /** Their headers, in the same order. */
    public synchronized List<Headers> batchHeaders() {
        return List.copyOf(batchHeaders);
    }

    /** Accepted requests to other paths. */
    public synchronized List<Own> ownRequests() {
        return List.copyOf(ownRequests);
    }

    /** How often each enrichment was written, overwriting included. */
    public synchronized Map<Key, Integer> writes() {
        return Map.copyOf(writes);
    }

    public synchronized int acceptedBatches() {
        return acceptedBatches;
    }

    /** Number of responses by error code. */
    public Map<String, Integer> refusals() {
        return Map.copyOf(refusals);
    }

    // ---- how it is to behave

    /** Refuses enrichments of this user, and batches with one. */
    public synchronized void refuse(String user) {
        poison = user;
    }

    /** Restricts the credentials to one project; 0, the default: any. */
    public synchronized void onlyProject(long project) {
        onlyProject = project;
    }

    /**
     * Enrichment requests fail at random: half of them with 503, a quarter by a connection that closes before anything
     * is read, a quarter by one that closes after all was taken, which is the worst of them.
     *
     * @param share the part of requests that fail, 0 to 1
     * @param random from 0 to 1
     */
    public synchronized void failAtRandom(double share, DoubleSupplier random) {
        failing = share;
        luck = random;
    }

    /** Delays the next n responses to enrichment requests. */
    public synchronized void slowNext(int n, Duration time) {
        add(enrichmentFaults, n, new Canned(Canned.Kind.SLOW, (int) time.toMillis(), "", Map.of()));
    }

    /** Takes back all tokens issued so far; the answer is that of an expired one ("Authentication"). */
    public synchronized void revokeTokens() {
        validTokens.clear();
    }

    /** The last issued token, to check that no log contains it. */
    public synchronized String newestToken() {
        return newestToken;
    }

    /**
     * Sets a member of the next token responses, or removes it if the value is null, until
     * {@link #answerTokensAsUsual()}.
     */
    public synchronized void changeTokenAnswers(String member, Object value) {
        tokenAnswerChanges.put(member, value);
    }

    public synchronized void answerTokensAsUsual() {
        tokenAnswerChanges.clear();
    }

    /** The next n enrichment requests are answered with this status. */
    public void failNext(int n, int status) {
        answerNext(n, status, "{\"success\":false,\"errorMessage\":\"as asked\",\"errorCode\":\"STAND_IN\"}", Map.of());
    }

    /** The next n enrichment requests are answered with this. */
    public synchronized void answerNext(int n, int status, String body, Map<String, String> headers) {
        add(enrichmentFaults, n, new Canned(Canned.Kind.ANSWER, status, body, headers));
    }

    /** The next n enrichment requests are never answered. */
    public synchronized void hangNext(int n) {
        add(enrichmentFaults, n, new Canned(Canned.Kind.HANG, 0, "", Map.of()));
    }

    /** {@link System#nanoTime()} of the last request without a response. */
    public synchronized long hungSince() {
        return hungSince;
    }

    /** The next n enrichment requests get a status line, and then a body that comes byte by byte and never ends. */
    public synchronized void dripNext(int n) {
        add(enrichmentFaults, n, new Canned(Canned.Kind.DRIP, 200, "", Map.of()));
    }

    /** The connection of the next n enrichment requests is closed without an answer. */
    public synchronized void resetNext(int n) {
        add(enrichmentFaults, n, new Canned(Canned.Kind.RESET, 0, "", Map.of()));
    }

    /** The next n token requests are answered with this. */
    public synchronized void answerNextTokenRequests(int n, int status, String body, Map<String, String> headers) {
        add(tokenFaults, n, new Canned(Canned.Kind.ANSWER, status, body, headers));
    }

    /** The next n token requests are never answered. */
    public synchronized void hangNextTokenRequests(int n) {
        add(tokenFaults, n, new Canned(Canned.Kind.HANG, 0, "", Map.of()));
    }

    private static void add(Deque<Canned> faults, int n, Canned fault) {
        for (int i = 0; i < n; i++) {
            faults.add(fault);
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    // ---- token service

    private String token(HttpExchange exchange) throws IOException, Refusal {
        JsonNode request = json(exchange);
        synchronized (this) {
            tokenRequests.add(request);
        }
        play(exchange, tokenFaults);
        // "Authentication": the credentials stand in the body and nowhere else
        if (exchange.getRequestHeaders().containsKey("Authorization")) {
            throw new Refusal(400, "INVALID_REQUEST", "The token request has no Authorization header.");
        }
        // stand-in: an unknown member is an error
        onlyKnown(request, TOKEN_MEMBERS, "token request");
        // "Authentication": the one grant type
        if (!"client_credentials".equals(request.path("grant_type").textValue())) {
            throw new Refusal(400, "UNSUPPORTED_GRANT_TYPE", "grant_type must be client_credentials.");
        }
        // "Authentication": account-level credentials name the project by its number
        if (request.has("project_id") && !request.get("project_id").isIntegralNumber()) {
            throw new Refusal(400, "INVALID_REQUEST", "project_id must be a number.");
        }
        // "Authentication"
        if (!clientId.equals(request.path("client_id").textValue())
                || !clientSecret.equals(request.path("client_secret").textValue())) {
            throw new Refusal(401, "INVALID_CLIENT", "Unknown client or wrong secret.");
        }
        return issue(request).toString();
    }

    private synchronized ObjectNode issue(JsonNode request) {
        newestToken = "stand-in." + UUID.randomUUID() + ".token";
        validTokens.add(newestToken);
        ObjectNode answer = JSON.createObjectNode()
                .put("access_token", newestToken)
                .put("endpoint", endpoint())
                .put("expires_in", 3600)
                .put("token_type", "bearer")
                .put("scope", request.path("scope").asText("enrichment"));
        if (request.has("project_id")) {
            answer.set("project_id", request.get("project_id"));
        }
        tokenAnswerChanges.forEach((member, value) -> {
            if (value == null) {
                answer.remove(member);
            } else {
                answer.set(member, JSON.valueToTree(value));
            }
        });
        return answer;
    }

    // ---- Enrichment API

    private String enrichments(HttpExchange exchange) throws IOException, Refusal {
        JsonNode batch = json(exchange);
        synchronized (this) {
            batches.add(batch);
            batchHeaders.add(exchange.getRequestHeaders());
        }
        play(exchange, enrichmentFaults);
        double drawn = draw();
        if (drawn < failing / 2) {
            throw new Refusal(503, "UNAVAILABLE", "As asked.");
        } else if (drawn < failing * 3 / 4) {
            exchange.close();
            throw new Played();
        }
        authorize(exchange);
        onlyKnown(batch, BATCH_MEMBERS, "batch");
        // "Sending enrichment data batches": one batch is one project and one version of the integration
        long project = whole(batch, "projectId", 1, Long.MAX_VALUE);
        whole(batch, "integrationVersion", 1, Integer.MAX_VALUE);
        // "Authentication": project-level credentials are those of one project
        if (onlyProject != 0 && project != onlyProject) {
            throw new Refusal(403, "FORBIDDEN_PROJECT", "The token is not valid for this project.");
        }
        JsonNode records = batch.path("enrichments");
        if (!records.isArray() || records.isEmpty()) {
            throw new Refusal(400, "INVALID_BATCH", "enrichments must be a list with something in it.");
        }
        // "Sending enrichment data batches": one record that is rejected rejects the batch, so nothing is kept yet
        Map<Key, JsonNode> checked = new LinkedHashMap<>();
        for (JsonNode each : records) {
            Key key = key(project, each);
            // stand-in: which of the two would win is not documented
            if (checked.put(key, each.get("enrichment")) != null) {
                throw new Refusal(400, "INVALID_BATCH", "The batch holds the same enrichment twice.");
            }
        }
        synchronized (this) {
            // "Updating an enrichment": the same number of the same session overwrites
            accepted.putAll(checked);
            checked.keySet().forEach(key -> writes.merge(key, 1, Integer::sum));
            acceptedBatches++;
        }
        if (drawn < failing) {
            exchange.close();
            throw new Played();
        }
        return "{\"success\":true}";
    }

    private synchronized double draw() {
        return failing == 0 ? 1 : luck.getAsDouble();
    }

    /** stand-in: other paths accept any body, with a token. */
    private String own(HttpExchange exchange) throws IOException, Refusal {
        byte[] body = exchange.getRequestBody().readNBytes(BODY_LIMIT);
        play(exchange, enrichmentFaults);
        authorize(exchange);
        synchronized (this) {
            ownRequests.add(new Own(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    exchange.getRequestHeaders(),
                    new String(body, StandardCharsets.UTF_8)));
        }
        return "{\"success\":true}";
    }

    private void authorize(HttpExchange exchange) throws Refusal {
        // "Sending enrichment data batches": the token as a bearer token
        List<String> given = exchange.getRequestHeaders().getOrDefault("Authorization", List.of());
        if (given.size() != 1 || !given.get(0).startsWith("Bearer ")) {
            throw new Refusal(401, "UNAUTHORIZED", "A bearer token is required.");
        }
        // "Authentication": code and text of an expired or revoked token
        synchronized (this) {
            if (!validTokens.contains(given.get(0).substring("Bearer ".length()))) {
                throw new Refusal(401, "JWT_EXPIRED", "Auth token is expired.");
            }
        }
    }

    private Key key(long project, JsonNode each) throws Refusal {
        onlyKnown(each, RECORD_MEMBERS, "enrichment");
        String user = each.path("userId").textValue();
        if (user == null || user.isBlank()) {
            throw new Refusal(400, "INVALID_ENRICHMENT", "userId must be a text.");
        }
        synchronized (this) {
            if (user.equals(poison)) {
                throw new Refusal(400, "INVALID_ENRICHMENT", "As asked.");
            }
        }
        long session = whole(each, "sessionNumber", 0, Long.MAX_VALUE);
        // "Definitions": at most three enrichments of a session, numbered 1 to 3, 1 where there is no number
        int number = each.has("enrichmentNumber") ? (int) whole(each, "enrichmentNumber", 1, 3) : 1;
        check(each.path("enrichment"));
        return new Key(project, user, session, number);
    }

    /** "Creating integrations": the schema decides what an enrichment holds. */
    private void check(JsonNode enrichment) throws Refusal {
        onlyKnown(enrichment, schema.keySet(), "schema");
        for (Field field : schema.values()) {
            JsonNode value = enrichment.get(field.name());
            if (value != null) {
                check(field, value);
            } else if (!field.optional()) {
                throw new Refusal(400, "MISSING_FIELD", "Field " + field.name() + " is required.");
            }
        }
    }

    private static void check(Field field, JsonNode value) throws Refusal {
        // "Creating integrations": the types and their ranges
        boolean fits =
                switch (field.type()) {
                    case STRING -> value.isTextual() && bytes(value.textValue()) <= 50;
                    case INT -> value.isIntegralNumber() && value.canConvertToInt();
                    case FLOAT -> value.isNumber() && Double.isFinite(value.doubleValue());
                    case BOOL -> value.isBoolean();
                    case DATETIME -> value.isTextual() && isDateTime(value.textValue());
                };
        if (!fits) {
            throw new Refusal(400, "INVALID_FIELD", "Field " + field.name() + " is no " + field.type() + ".");
        }
    }

    /** YYYY-MM-DDThh:mm:ssZ, without a fraction. */
    private static boolean isDateTime(String text) {
        try {
            LocalDateTime.parse(text, DATETIME);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static long whole(JsonNode node, String name, long least, long most) throws Refusal {
        JsonNode value = node.path(name);
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < least
                || value.longValue() > most) {
            throw new Refusal(400, "INVALID_REQUEST", name + " must be a whole number from " + least + " to " + most);
        }
        return value.longValue();
    }

    private static void onlyKnown(JsonNode node, Set<String> known, String what) throws Refusal {
        if (!node.isObject()) {
            throw new Refusal(400, "INVALID_REQUEST", "The " + what + " must be an object.");
        }
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                throw new Refusal(400, "UNKNOWN_FIELD", "Unknown to the " + what + ": " + name);
            }
        }
    }

    // ---- HTTP

    private interface Handler {
        String answer(HttpExchange exchange) throws IOException, Refusal;
    }

    /** An answer other than 200; the JSON of "Authentication"'s example. */
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1;

        private final int status;
        private final String code;

        Refusal(int status, String code, String message) {
            super(message);
            this.status = status;
            this.code = code;
        }

        String body() {
            return JSON.createObjectNode()
                    .put("success", false)
                    .put("errorMessage", getMessage())
                    .put("errorCode", code)
                    .toString();
        }
    }

    /** Ends the handling of a request that has been answered already, or gets no response. */
    private static final class Played extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private void answer(HttpExchange exchange, Handler handler) throws IOException {
        try (exchange) {
            answerOrRefuse(exchange, handler);
        } catch (Played e) {
            // the client is gone
        }
    }

    private void answerOrRefuse(HttpExchange exchange, Handler handler) throws IOException {
        try {
            String context = exchange.getHttpContext().getPath();
            if (context.equals("/")) {
                send(exchange, 200, handler.answer(exchange), Map.of());
                return;
            }
            if (!exchange.getRequestURI().getRawPath().equals(context)) {
                throw new Refusal(404, "NOT_FOUND", "No such path.");
            }
            if (!"POST".equals(exchange.getRequestMethod())) {
                throw new Refusal(405, "METHOD_NOT_ALLOWED", "POST only.");
            }
            send(exchange, 200, handler.answer(exchange), Map.of());
        } catch (Refusal refusal) {
            refusals.merge(refusal.code, 1, Integer::sum);
            send(exchange, refusal.status, refusal.body(), Map.of());
        }
    }

    private static JsonNode json(HttpExchange exchange) throws IOException, Refusal {
        // "Authentication" and "Sending enrichment data batches": the body is JSON and says so
        String type = Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Content-Type"), "");
        if (!type.split(";")[0].strip().equalsIgnoreCase("application/json")) {
            throw new Refusal(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type must be application/json.");
        }
        byte[] body = exchange.getRequestBody().readNBytes(BODY_LIMIT + 1);
        if (body.length > BODY_LIMIT) {
            // stand-in: the real limit is not documented
            throw new Refusal(413, "TOO_LARGE", "The body is too large.");
        }
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new Refusal(400, "INVALID_JSON", "The body is not JSON.");
        }
    }

    private static void send(HttpExchange exchange, int status, String body, Map<String, String> headers)
            throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        headers.forEach(exchange.getResponseHeaders()::set);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
    }

    private void play(HttpExchange exchange, Deque<Canned> faults) throws IOException {
        Canned fault;
        synchronized (this) {
            fault = faults.poll();
        }
        if (fault == null) {
            return;
        }
        if (fault.kind() == Canned.Kind.SLOW) {
            isClosedWithin(Duration.ofMillis(fault.status()));
            return;
        }
        switch (fault.kind()) {
            case SLOW -> throw new IllegalStateException("it is answered as usual");
            case ANSWER -> send(exchange, fault.status(), fault.body(), fault.headers());
            case HANG -> {
                hang();
                isClosedWithin(Duration.ofHours(1));
            }
            case DRIP -> drip(exchange);
            case RESET -> exchange.close();
        }
        throw new Played();
    }

    private synchronized void hang() {
        hungSince = System.nanoTime();
    }

    private void drip(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        OutputStream body = exchange.getResponseBody();
        do {
            body.write(' ');
            body.flush();
        } while (!isClosedWithin(Duration.ofMillis(20)));
    }

    private boolean isClosedWithin(Duration time) {
        try {
            return closed.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
