package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.api.ApiDocument.Operation;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Access by role (semantics 1 and 4), and promise 10: accounts do not mix. {@link #MATRIX} has the status that each
 * caller gets for each operation of docs/openapi.yaml. Tests of guessed keys and of the rate limit have their own
 * product, because these limits count by address and process.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessTest {

    /**
     * The status of an operation on a resource of account acme with the body <code>{}</code>: without a key, with an
     * unknown key, with acme's keys of each role, with the admin key of another account, with the operator's.
     */
    private static final String MATRIX =
            """
            METHOD PATH                              none unknown ingest read admin other operator
            POST   /v1/events                        401  401     202    403  202   202   403
            GET    /v1/events                        401  401     403    200  200   200   403
            GET    /v1/events/{id}                   401  401     403    200  200   404   403
            GET    /v1/deliveries                    401  401     403    200  200   200   403
            GET    /v1/deliveries.csv                401  401     403    200  200   200   403
            GET    /v1/deliveries/{id}               401  401     403    200  200   404   403
            GET    /v1/deliveries/{id}/attempts      401  401     403    200  200   404   403
            POST   /v1/deliveries/{id}/replay        401  401     403    403  202   404   403
            POST   /v1/deliveries/{id}/resend        401  401     403    403  400   404   403
            POST   /v1/deliveries/{id}/cancel        401  401     403    403  200   404   403
            POST   /v1/deliveries/{id}/retry         401  401     403    403  409   404   403
            GET    /v1/erasures                      401  401     403    200  200   200   403
            POST   /v1/erasures                      401  401     403    403  422   422   403
            GET    /v1/erasures/{id}                 401  401     403    200  200   404   403
            GET    /v1/replays                       401  401     403    200  200   200   403
            POST   /v1/replays                       401  401     403    403  422   422   403
            GET    /v1/replays/{id}                  401  401     403    200  200   404   403
            POST   /v1/replays/{id}/cancel           401  401     403    403  200   404   403
            GET    /v1/webhooks                      401  401     403    200  200   200   400
            POST   /v1/webhooks                      401  401     403    403  422   422   403
            POST   /v1/webhooks/preview              401  401     403    403  400   400   403
            GET    /v1/webhooks/{name}               401  401     403    200  200   404   403
            PUT    /v1/webhooks/{name}               401  401     403    403  409   404   403
            PATCH  /v1/webhooks/{name}               401  401     403    403  409   404   403
            DELETE /v1/webhooks/{name}               401  401     403    403  409   404   403
            POST   /v1/webhooks/{name}/test          401  401     403    403  200   404   403
            GET    /v1/webhooks/{name}/statistics    401  401     403    200  200   404   403
            POST   /v1/webhooks/{name}/pause         401  401     403    403  200   404   403
            POST   /v1/webhooks/{name}/discard       401  401     403    403  200   404   403
            POST   /v1/webhooks/{name}/resume        401  401     403    403  200   404   403
            POST   /v1/webhooks/{name}/release       401  401     403    403  200   404   403
            POST   /v1/webhooks/{name}/backfill      401  401     403    403  422   404   403
            GET    /v1/oauth-clients                 401  401     403    200  200   200   403
            POST   /v1/oauth-clients                 401  401     403    403  422   422   403
            GET    /v1/oauth-clients/{name}          401  401     403    200  200   404   403
            PUT    /v1/oauth-clients/{name}          401  401     403    403  409   404   403
            PATCH  /v1/oauth-clients/{name}          401  401     403    403  409   404   403
            DELETE /v1/oauth-clients/{name}          401  401     403    403  409   404   403
            POST   /v1/oauth-clients/test            401  401     403    403  400   400   403
            POST   /v1/oauth-clients/{name}/test     401  401     403    403  200   404   403
            GET    /v1/connections                   401  401     403    200  200   200   403
            POST   /v1/connections                   401  401     403    403  422   422   403
            GET    /v1/connections/{name}            401  401     403    200  200   404   403
            PUT    /v1/connections/{name}            401  401     403    403  409   404   403
            PATCH  /v1/connections/{name}            401  401     403    403  409   404   403
            DELETE /v1/connections/{name}            401  401     403    403  409   404   403
            POST   /v1/connections/{name}/test       401  401     403    403  200   404   403
            GET    /v1/signing-keys                  401  401     403    200  200   200   403
            POST   /v1/signing-keys                  401  401     403    403  422   422   403
            GET    /v1/signing-keys/{name}           401  401     403    200  200   404   403
            PUT    /v1/signing-keys/{name}           401  401     403    403  409   404   403
            PATCH  /v1/signing-keys/{name}           401  401     403    403  409   404   403
            DELETE /v1/signing-keys/{name}           401  401     403    403  409   404   403
            POST   /v1/signing-keys/{name}/rotate    401  401     403    403  409   404   403
            GET    /v1/api-keys                      401  401     403    403  200   200   403
            POST   /v1/api-keys                      401  401     403    403  422   422   403
            GET    /v1/api-keys/{name}               401  401     403    403  200   404   403
            PUT    /v1/api-keys/{name}               401  401     403    403  409   404   403
            PATCH  /v1/api-keys/{name}               401  401     403    403  409   404   403
            DELETE /v1/api-keys/{name}               401  401     403    403  409   404   403
            GET    /v1/audit                         401  401     403    403  200   200   403
            GET    /v1/event-types                   401  401     403    200  200   200   403
            POST   /v1/event-types                   401  401     403    403  422   422   403
            GET    /v1/event-types/{type}            401  401     403    200  200   404   403
            PUT    /v1/event-types/{type}            401  401     403    403  409   404   403
            PATCH  /v1/event-types/{type}            401  401     403    403  409   404   403
            DELETE /v1/event-types/{type}            401  401     403    403  409   404   403
            POST   /v1/event-types/{type}/sample     401  401     403    403  202   404   403
            GET    /v1/failures                      401  401     403    200  200   200   403
            GET    /v1/figures                       401  401     403    200  200   200   403
            GET    /v1/listen                        401  401     403    200  200   200   403
            POST   /v1/listen/{id}                   401  401     403    400  400   404   403
            GET    /v1/waiting                       401  401     403    200  200   200   403
            GET    /v1/inboxes                       401  401     403    403  200   200   403
            POST   /v1/inboxes                       401  401     403    403  201   201   403
            GET    /v1/inboxes/{id}                  401  401     403    403  200   404   403
            PATCH  /v1/inboxes/{id}                  401  401     403    403  200   404   403
            DELETE /v1/inboxes/{id}                  401  401     403    403  204   404   403
            GET    /v1/accounts                      401  401     403    403  403   403   200
            GET    /v1/accounts/{account}/portal-sessions      401 401 403 403 200 404 200
            POST   /v1/accounts/{account}/portal-sessions      401 401 403 403 201 404 201
            GET    /v1/accounts/{account}/portal-sessions/{id} 401 401 403 403 200 404 200
            DELETE /v1/accounts/{account}/portal-sessions/{id} 401 401 403 403 204 404 204
            GET    /v1/routes                        401  401     403    200  200   200   200
            GET    /v1/version                       401  401     403    200  200   200   200
            GET    /v1/validations/{token}           404  404     404    404  404   404   404
            POST   /v1/validations/{token}           404  404     404    404  404   404   404
            GET    /v1/openapi.yaml                  200  200     200    200  200   200   200
            GET    /.well-known/jwks.json            200  200     200    200  200   200   200
            """;

    private static final String OURS = "acme";
    private static final String OTHERS = "other";
    private static final String ONLY_OURS = "only-ours";
    private static final String UNKNOWN = "unknown";

    /** The key of each caller of the matrix. */
    private static final Map<String, String> KEYS = new HashMap<>(Map.of(
            UNKNOWN,
            "a-key-that-is-not-known",
            "ingest",
            TwoAccounts.ingestKey(OURS),
            "read",
            TwoAccounts.readKey(OURS),
            "admin",
            TwoAccounts.adminKey(OURS),
            "other",
            TwoAccounts.adminKey(OTHERS),
            "operator",
            RunningProduct.OPERATOR));

    private final ApiDocument document = ApiDocument.ofRepository();
    private final List<Row> matrix = rows();
    private final Receiver receiver =
            new Receiver(got -> new Receiver.Reply(200, Map.of("X-Receiver", "r"), "echo " + got.body()));
    private Resources resources;
    private RunningProduct limited;

    /** An operation, and the status for each caller. */
    private record Row(String method, String path, Map<String, Integer> statuses) {

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    private static List<Row> rows() {
        List<String[]> lines =
                MATRIX.lines().map(line -> line.trim().split("\\s+")).toList();
        String[] callers = lines.get(0);
        return lines.stream()
                .skip(1)
                .map(cells -> new Row(
                        cells[0],
                        cells[1],
                        IntStream.range(2, cells.length)
                                .boxed()
                                .collect(Collectors.toMap(i -> callers[i], i -> Integer.parseInt(cells[i])))))
                .toList();
    }

    /** Two accounts with equally named resources of all kinds; the first has one more of each kind that has names. */
    private final class Resources {

        private final RunningProduct product = RunningProduct.shared(config());
        private final ApiClient ours = new ApiClient(product, TwoAccounts.adminKey(OURS));
        private final ApiClient others = new ApiClient(product, TwoAccounts.adminKey(OTHERS));
        private final String waiting;
        private final String event;
        private final String replay;
        private final String erasure;

        /** Lists of the first account have two pages; each account has its own history. */
        private Resources() {
            for (String webhook : List.of(ONLY_OURS, ONLY_OURS + "-too")) {
                ours.did(webhook, "pause");
            }
            product.postEvent(ours.key(), TwoAccounts.event("waits").replace("call.ended", "of.ours"));
            waiting = product.awaitDeliveries(ours.key(), "waits", 2, "paused")
                    .at("/0/id")
                    .asText();
            for (ApiClient each : List.of(others, ours)) {
                String of = each == ours ? "of-acme" : "of-other";
                for (String event : List.of("first", "second")) {
                    product.postEvent(
                            each.key(), TwoAccounts.event(event).replace("\"duration\":1", "\"of\":\"" + of + "\""));
                    each.idOf(event, "delivered");
                    each.posted(202, "/v1/replays", "{`eventType`: `" + of + "`}");
                    each.posted(202, "/v1/erasures", "{`subject`: `" + of + "`}");
                }
                each.did("calls", "pause");
                each.did("calls", "resume");
            }
            event = ours.read("/v1/events").at("/items/0/id").asText();
            replay = ours.read("/v1/replays").at("/items/0/id").asText();
            erasure = ours.read("/v1/erasures").at("/items/0/id").asText();
        }

        private String config() {
            String url = "\"" + receiver.url().resolve("/of-acme") + "\"";
            String webhook = "      - {name: %s, events: [of.ours], delivery: {url: " + url + "}}\n";
            return TwoAccounts.delivering(receiver.url())
                    .replaceFirst(
                            "    apiKeys:\n", "$0      - {name: only-ours, role: read, key: a-key-of-only-ours-00}\n")
                    .replaceFirst(
                            "    signingKeys:\n",
                            "$0      - {id: only-ours, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}\n")
                    .replaceFirst(
                            "    eventTypes:\n",
                            "$0      - {type: only-ours, schema: {type: object}, sample: {of: acme}}\n")
                    .replaceFirst(
                            "    oauthClients:\n",
                            "$0      - {name: only-ours, clientId: id-of-acme, clientSecret: a-secret-never-shown,"
                                    + " authenticationEndpoint: " + url + "}\n")
                    .replaceFirst(
                            "    connections:\n",
                            "$0      - {name: only-ours, type: salesforce, loginUrl: \""
                                    + receiver.url().resolve("/") + "\""
                                    + ", clientId: id-of-acme, clientSecret: a-secret-never-shown, apiVersion: \"66.0\"}\n")
                    .replaceFirst(
                            "    webhooks:\n",
                            "$0" + webhook.formatted(ONLY_OURS) + webhook.formatted(ONLY_OURS + "-too"));
        }

        private String portal() {
            return ours.posted(201, "/v1/accounts/" + product.account(OURS) + "/portal-sessions", "")
                    .get("id")
                    .asText();
        }

        /** The id in the first account for a path. */
        private String id(String path) {
            if (path.startsWith("/v1/inboxes")) {
                return ours.posted(201, "/v1/inboxes", "").get("id").asText();
            }
            if (path.startsWith("/v1/listen/")) {
                return ours.read("/v1/listen").at("/items/0/id").asText();
            }
            return path.contains("portal-sessions/")
                    ? portal()
                    : path.startsWith("/v1/erasures")
                            ? erasure
                            : path.startsWith("/v1/replays") ? replay : path.startsWith("/v1/events") ? event : waiting;
        }

        /** A resource that only the first account has, for a path in braces. */
        private String ours(String path) {
            return path.replace("{account}", product.account(OURS))
                    .replace("{id}", id(path))
                    .replace("{name}", ONLY_OURS)
                    .replace("{token}", "no-such-token")
                    .replace("{type}", ONLY_OURS);
        }
    }

    @BeforeAll
    void start(@TempDir Path folder) {
        resources = new Resources();
        limited = RunningProduct.start(folder, TwoAccounts.delivering(receiver.url()), "webhooks.ingest.rate-limit=1");
    }

    @AfterAll
    void stop() {
        resources.product.close();
        limited.close();
        receiver.close();
    }

    private static HttpResponse<String> call(RunningProduct product, String method, String path, String key) {
        HttpRequest.Builder request = product.request(path, key);
        return product.send(
                method.equals("GET")
                        ? request.build()
                        : request.header("Content-Type", "application/json")
                                .method(method, HttpRequest.BodyPublishers.ofString("{}"))
                                .build());
    }

    private static void assertProblem(int status, HttpResponse<String> answer) {
        assertEquals(status, answer.statusCode(), answer.body());
        assertEquals(
                "application/problem+json",
                answer.headers().firstValue("Content-Type").orElse(""));
        JsonNode problem = RunningProduct.json(answer);
        assertEquals(status, problem.get("status").asInt());
        assertTrue(problem.get("type").asText().startsWith("urn:engagement-webhooks:problem:"));
        assertFalse(problem.get("detail").asText().isEmpty());
        assertFalse(answer.body().contains("Exception"), answer.body());
    }

    private static void assertStatus(int status, HttpResponse<String> answer) {
        if (status < 400) {
            assertEquals(status, answer.statusCode(), answer.body());
        } else {
            assertProblem(status, answer);
        }
    }

    @Test
    void the_matrix_has_every_operation_of_the_document() {
        assertEquals(
                new TreeSet<>(
                        document.operations().stream().map(Operation::toString).toList()),
                new TreeSet<>(matrix.stream().map(Row::toString).toList()));
    }

    @TestFactory
    Stream<DynamicTest> each_caller_gets_what_the_matrix_says() {
        return matrix.stream().flatMap(row -> row.statuses().entrySet().stream()
                .filter(cell -> !cell.getKey().equals(UNKNOWN)) // unknown keys look like guessing
                .map(cell -> DynamicTest.dynamicTest(
                        row + " by " + cell.getKey(), () -> assertCell(row, cell.getKey(), cell.getValue()))));
    }

    private void assertCell(Row row, String caller, int status) {
        String key = KEYS.get(caller);
        String path = resources.ours(row.path());
        HttpResponse<String> answer = row.toString().equals("POST /v1/events")
                ? resources.product.postEvent(key, TwoAccounts.event("by-" + caller))
                : call(resources.product, row.method(), path, key);
        assertStatus(status, answer);
        assertFalse(key != null && answer.body().contains(key), answer.body());
    }

    /** Semantics 5: failed keys are throttled, a valid one from the same address never is. */
    @Test
    void guessed_keys_are_throttled_and_a_valid_key_from_the_same_address_is_not() {
        int guesses = 0;
        for (Row row : matrix) {
            HttpResponse<String> answer =
                    call(limited, row.method(), row.path().replaceAll("[{}]", ""), KEYS.get(UNKNOWN));
            int status = row.statuses().get(UNKNOWN);
            guesses += status == 401 ? 1 : 0;
            assertStatus(guesses > 20 && status == 401 ? 429 : status, answer);
        }
        HttpResponse<String> slowed = limited.get("/v1/webhooks", "a-guess");
        ApiClient.assertProblem(429, "too-many-failures", slowed);
        int wait = Integer.parseInt(slowed.headers().firstValue("Retry-After").orElseThrow());
        assertTrue(wait >= 1 && wait <= 60, "Retry-After: " + wait);
        assertEquals(200, limited.get("/v1/webhooks", KEYS.get("admin")).statusCode());
        for (int i = 0; i < 50; i++) {
            String answer = limited.get("/v1/webhooks", KEYS.get("admin")).body();
            // the rate limit is separate
            assertFalse(answer.contains("too-many-failures"), answer);
        }
        ApiClient.assertProblem(429, "too-many-failures", limited.get("/v1/webhooks", "another-guess"));
    }

    @Test
    void a_key_above_its_rate_limit_waits_for_retry_after_and_other_keys_do_not() {
        HttpResponse<String> answer = limited.get("/v1/webhooks", KEYS.get("read"));
        for (int i = 0; i < 50 && answer.statusCode() != 429; i++) {
            answer = limited.get("/v1/webhooks", KEYS.get("read"));
        }
        ApiClient.assertProblem(429, "rate-limit", answer);
        assertEquals("1", answer.headers().firstValue("Retry-After").orElse(""));
        assertEquals(200, limited.get("/v1/webhooks", KEYS.get("other")).statusCode());
    }

    /** By id, by name, by cursor, by parameter. */
    @TestFactory
    Stream<DynamicTest> another_account_learns_nothing() {
        Resources fresh = new Resources();
        Awaitility.await()
                .until(() -> fresh.ours.webhook("calls").get("waiting").asInt() == 0);
        return document.operations().stream()
                .filter(operation -> !operation.isSending())
                .map(operation -> DynamicTest.dynamicTest(operation.toString(), () -> assertNothing(fresh, operation)))
                .onClose(fresh.product::close);
    }

    private void assertNothing(Resources of, Operation operation) {
        String path = operation.path();
        if (path.contains("{account}")) {
            String ours = of.ours(path);
            HttpResponse<String> known = call(of.product, operation.method(), ours, of.others.key());
            assertProblem(404, known);
            String unknown = ours.replace(of.product.account(OURS), "no-such-account");
            assertEquals(
                    known.body(),
                    call(of.product, operation.method(), unknown, of.others.key())
                            .body());
        } else if (path.contains("{id}")) {
            String id = of.id(path);
            // ids of events are numbers
            String unknown =
                    id.startsWith("evt_") ? id + "000000" : id.replaceFirst(".$", id.endsWith("0") ? "1" : "0");
            assertIsNotThere(of, operation, id, unknown);
            if (id.startsWith("msg_")) {
                assertIsNotThere(of, operation, id.substring("msg_".length()), unknown.substring("msg_".length()));
            }
        } else if (path.contains("{name}") || path.contains("{type}")) {
            assertIsNotThere(of, operation, ONLY_OURS, "no-such-thing");
            String kind = path.split("/")[2];
            String before = state(of.ours, kind);
            assertNothing(of, operation, path.replaceAll("\\{(name|type)}", TwoAccounts.NAMES.get(kind)));
            assertEquals(before, state(of.ours, kind), "ours of the same name is as it was");
        } else if (operation.definition().path("security").path(0).has("operatorKey")) {
            assertProblem(403, of.others.get(path));
        } else {
            assertNothing(of, operation, path.replace("{token}", "no-such-token"));
        }
    }

    /** Resources of the first account are answered like unknown ones. */
    private static void assertIsNotThere(Resources of, Operation operation, String ours, String unknown) {
        List<String> answers = new ArrayList<>();
        for (String one : List.of(ours, unknown)) {
            HttpResponse<String> answer =
                    call(of.product, operation.method(), operation.path().replaceAll("\\{\\w+}", one), of.others.key());
            assertProblem(404, answer);
            answers.add(answer.body().replace(one, "it"));
        }
        assertEquals(answers.get(1), answers.get(0));
    }

    /** Everything that an administrator reads of a kind, except the last use of the key. */
    private static String state(ApiClient account, String kind) {
        return account.get("/v1/" + kind).body().replaceAll("\"lastUsedAt\":\"[^\"]*\"", "");
    }

    private void assertNothing(Resources of, Operation operation, String path) {
        HttpResponse<String> answer = call(of.product, operation.method(), path, of.others.key());
        assertTrue(answer.statusCode() < 500 && answer.statusCode() != 403, answer.body());
        assertNothing(of, answer);
        for (String parameter : document.query(operation)) {
            assertNothingBy(of, operation, path, parameter);
        }
    }

    /** Ids, names and cursors of the first account as parameter values. */
    private static void assertNothingBy(Resources of, Operation operation, String path, String parameter) {
        String account = of.product.account(OURS);
        List<String> values = new ArrayList<>(
                List.of(account, ONLY_OURS, of.waiting, "../" + account, of.product.account(OTHERS) + "\n" + account));
        boolean isCursor = parameter.equals("cursor");
        if (isCursor) {
            String next = of.ours
                    .read(path.replace(".csv", "") + "?limit=1")
                    .path("next")
                    .asText("");
            assertFalse(next.isEmpty(), "ours must have two pages: " + path);
            values.add(next);
        }
        for (String value : values) {
            HttpResponse<String> answer = call(
                    of.product,
                    operation.method(),
                    path + "?" + parameter + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8),
                    of.others.key());
            assertTrue(Set.of(200, 400, 404).contains(answer.statusCode()), answer.statusCode() + " " + answer.body());
            if (isCursor) {
                assertEquals(400, answer.statusCode(), "a cursor of ours");
            }
            if (answer.statusCode() == 200) {
                assertNothing(of, answer);
            }
        }
    }

    private static void assertNothing(Resources of, HttpResponse<String> answer) {
        for (String part : List.of(of.waiting, "of-acme", ONLY_OURS)) {
            assertFalse(answer.body().contains(part), part + " is in " + answer.body());
        }
    }

    /** Without this the search could find nothing for another reason. */
    @Test
    void an_account_sees_its_own_resources() {
        TwoAccounts.NAMES.forEach((kind, name) -> {
            assertTrue(state(resources.ours, kind).contains(ONLY_OURS), kind);
            assertTrue(state(resources.others, kind).contains(name), kind);
        });
        for (String kind : List.of("webhooks", "oauth-clients", "connections")) {
            assertTrue(state(resources.ours, kind).contains("of-acme"), kind);
        }
        String delivered = resources.ours.idOf("first", "delivered");
        assertTrue(resources.ours.delivery(delivered).toString().contains("of-acme"));
    }

    @Test
    void events_become_the_key_s_account_s() {
        String named = "{\"account\":\"" + resources.product.account(OURS) + "\",\"id\"";
        String event = TwoAccounts.event("sent");
        assertProblem(403, resources.product.postEvent(resources.others.key(), event.replace("{\"id\"", named)));
        resources.others.event("sent");
        resources.others.idOf("sent", "delivered");
        assertEquals(
                0, resources.ours.read("/v1/deliveries?event=sent").get("items").size());
    }

    @Test
    void the_same_identity_in_two_accounts_is_two_events() {
        resources.ours.event("same");
        resources.others.event("same");
        assertNotEquals(resources.ours.idOf("same", "delivered"), resources.others.idOf("same", "delivered"));
    }

    @Test
    void no_answer_holds_a_secret() {
        for (String path : List.of(
                "/v1/webhooks",
                "/v1/oauth-clients",
                "/v1/oauth-clients/crm",
                "/v1/connections",
                "/v1/webhooks/conditioned",
                "/v1/signing-keys",
                "/.well-known/jwks.json")) {
            String body = resources.ours.get(path).body();
            assertFalse(body.contains(TwoAccounts.SECRET), body);
            assertFalse(body.contains(TwoAccounts.QUERY_SECRET), body);
            assertFalse(body.contains(TwoAccounts.SIGNING_SECRET), body);
            assertFalse(body.contains(TwoAccounts.SIGNING_SEED), body);
            assertFalse(body.contains("ingest-key"), body);
        }
    }

    @TestFactory
    Stream<DynamicTest> another_method_gets_405_with_what_is_allowed() {
        Map<String, Set<String>> allowed = new TreeMap<>();
        matrix.forEach(row ->
                allowed.computeIfAbsent(row.path(), path -> new TreeSet<>()).add(row.method()));
        // a webhook may be named preview, an OAuth client test: their operations have the same paths
        allowed.keySet().removeAll(List.of("/v1/webhooks/preview", "/v1/oauth-clients/test"));
        return allowed.entrySet().stream()
                .flatMap(each -> Stream.of("HEAD", "OPTIONS", "DELETE", "PUT", "PATCH", "GET", "POST")
                        .filter(method -> !each.getValue().contains(method))
                        .map(method -> DynamicTest.dynamicTest(
                                method + " " + each.getKey(),
                                () -> assertNotAllowed(method, resources.ours(each.getKey()), each.getValue()))));
    }

    private void assertNotAllowed(String method, String path, Set<String> allowed) {
        HttpResponse<String> answer = resources.product.send(resources
                .product
                .request(path, resources.ours.key())
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build());
        assertEquals(
                String.join(", ", allowed), answer.headers().firstValue("Allow").orElse(""));
        if (method.equals("HEAD")) {
            assertEquals(405, answer.statusCode());
        } else {
            assertProblem(405, answer);
        }
    }

    @TestFactory
    Stream<DynamicTest> an_unknown_path_gets_404() {
        return Stream.of(
                        "/v1",
                        "/v2/deliveries",
                        "/v1/deliveriesx",
                        "/v1/deliveries/x/y",
                        "/v1/deliveries/nope",
                        "/v1/deliveries/msg_",
                        "/v1/deliveries/01jdf2y6t3a9k4e8q7m5n6p0rs",
                        "/v1/deliveries/%00",
                        "/v1/deliveries/%25",
                        "/v1/deliveries/%FF%FE",
                        "/v1/deliveries/..%2Fdeliveries",
                        "/v1/webhooks/%2e%2e/webhooks/calls",
                        "/v1/events/../webhooks/calls",
                        "/v1/webhooks/nope%2F..%2Fcalls",
                        "/v1/webhooks/x/../calls",
                        "/v1/webhooks/./calls",
                        "/v1//webhooks/calls",
                        "/v1/webhooks/CALLS",
                        "/v1/webhooks/calls%20",
                        "/v1/webhooks/%63alls%2561",
                        "/observe/health",
                        "/favicon.ico")
                .map(path -> DynamicTest.dynamicTest(path, () -> assertProblem(404, resources.ours.get(path))));
    }

    @Test
    void a_name_in_a_path_is_decoded_once() {
        assertEquals("calls", resources.ours.webhook("%63alls").get("name").asText());
    }
}
