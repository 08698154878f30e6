package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.ValidationMessage;
import io.engagementwebhooks.api.ApiDocument.Operation;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.outcome.Permissions;
import io.engagementwebhooks.testkit.Documented;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.webhook.WebhookId;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Compares docs/openapi.yaml with the running server. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenApiTest {

    private static final String ADMIN = TwoAccounts.adminKey("acme");

    @AutoClose
    private Receiver receiver;

    @AutoClose
    private RunningProduct product;

    private String text;
    private ApiDocument api;
    private JsonNode document;
    private StrictSchemas schemas;

    @BeforeAll
    void start() {
        receiver = new Receiver(got -> new Receiver.Reply(
                got.body().contains("unlucky") ? 503 : 200, Map.of("X-Receiver", "r"), "as it came"));
        product = RunningProduct.shared(TwoAccounts.delivering(receiver.url()));
        HttpResponse<String> answer = product.get("/v1/openapi.yaml", null);
        assertEquals(200, answer.statusCode());
        assertEquals(
                "application/yaml", answer.headers().firstValue("Content-Type").orElse(""));
        text = answer.body();
        api = ApiDocument.of(text);
        document = api.root();
        schemas = new StrictSchemas(document);
    }

    @Test
    void the_server_serves_the_document_of_the_repository() throws Exception {
        assertEquals(Files.readString(Path.of("docs", "openapi.yaml")), text);
    }

    @Test
    void it_is_valid_openapi() {
        ParseOptions options = new ParseOptions();
        options.setResolve(true);
        SwaggerParseResult result = new OpenAPIV3Parser().readContents(text, null, options);
        assertEquals(List.of(), result.getMessages());
        assertNotNull(result.getOpenAPI());
    }

    @Test
    void no_description_is_split_at_a_comma() {
        document.at("/components/schemas").findParents("type").forEach(schema -> schema.properties()
                .forEach(keyword -> assertFalse(keyword.getValue().isNull(), keyword.getKey())));
    }

    @Test
    void it_has_every_operation_of_the_server_and_no_other() {
        Set<String> served = new TreeSet<>();
        product.camel().getRoutes().forEach(route -> {
            // pages are not operations of the API
            if (route.getEndpoint() instanceof PlatformHttpEndpoint endpoint && !"pages".equals(route.getGroup())) {
                served.add(endpoint.getHttpMethodRestrict() + " " + endpoint.getPath());
            }
        });
        Set<String> described = new TreeSet<>();
        api.operations().forEach(operation -> described.add(operation.toString()));
        assertEquals(served, described);
    }

    private static Set<ValidationMessage> faults(JsonSchema schema, JsonNode value) {
        return schema.validate(value, context -> context.getExecutionConfig().setFormatAssertionsEnabled(true));
    }

    private static void assertValid(JsonSchema schema, JsonNode value) {
        assertEquals(Set.of(), faults(schema, value), value.toString());
    }

    /** Asserts that the document describes this response of the operation. */
    private void assertDescribed(Operation operation, HttpResponse<String> answer) {
        String name = operation + " " + answer.statusCode();
        JsonNode response =
                api.resolved(operation.definition().get("responses").path(Integer.toString(answer.statusCode())));
        assertFalse(response.isMissingNode(), name + " is not described: " + answer.body());
        String type = answer.headers().firstValue("Content-Type").orElse("");
        response.path("headers")
                .fieldNames()
                .forEachRemaining(header ->
                        assertTrue(answer.headers().firstValue(header).isPresent(), name + " lacks " + header));
        if (answer.statusCode() == 204) {
            assertEquals("", answer.body());
            return;
        }
        JsonNode content = response.get("content").path(type);
        assertFalse(content.isMissingNode(), name + " is not described as " + type);
        if (type.endsWith("json")) {
            assertValid(schemas.ofAnswer(content.get("schema")), RunningProduct.json(answer));
        }
    }

    /** With the body of the example if one is needed, for an existing webhook and any version. */
    private HttpResponse<String> call(Operation operation, String key, String path) {
        JsonNode body = operation.definition().path("requestBody");
        boolean sends = body.path("required").asBoolean() && !operation.isSending();
        HttpRequest.Builder request = product.request(path, key);
        if (sends) {
            request.header("Content-Type", "application/json");
        }
        if (api.parameters(operation).stream()
                .anyMatch(p -> p.get("name").asText().equals("If-Match"))) {
            request.header("If-Match", "*");
        }
        return product.send(request.method(
                        operation.method(),
                        sends
                                ? HttpRequest.BodyPublishers.ofString(example(operation, body))
                                : HttpRequest.BodyPublishers.noBody())
                .build());
    }

    private static String example(Operation operation, JsonNode body) {
        JsonNode example = body.at("/content/application~1json/example");
        return operation.path().equals("/v1/replays")
                ? ((ObjectNode) example.deepCopy()).put("webhook", "tasks").toString()
                : example.toString();
    }

    private String path(Operation operation, String delivery) {
        boolean changesDefinition = api.parameters(operation).stream()
                .anyMatch(parameter -> parameter.get("name").asText().equals("If-Match"));
        String name = changesDefinition
                ? "made"
                : TwoAccounts.NAMES.getOrDefault(operation.path().split("/")[2], "");
        return operation
                .path()
                .replace("{account}", product.account("acme"))
                .replace("{id}", id(operation, delivery))
                .replace("{token}", token())
                .replace("{type}", name)
                .replace("{name}", name);
    }

    /** A token by which a receiver may grant permission. */
    private String token() {
        String name = TwoAccounts.NAMES.get("webhooks");
        WebhookId webhook = new WebhookId(product.account("acme"), product.webhookId(ADMIN, name), name);
        String token = "the-token-of-22-letter";
        new Permissions(product.part("store", Store.class).settings()).ask(webhook, "the hash of a URL", token);
        return token;
    }

    /** The id for each operation with one. */
    private String id(Operation operation, String delivery) {
        if (operation.path().endsWith("/portal-sessions/{id}")) {
            return RunningProduct.json(post(
                            "/v1/accounts/" + product.account("acme") + "/portal-sessions", "application/json", "{}"))
                    .get("id")
                    .asText();
        }
        if (operation.path().startsWith("/v1/inboxes/")) {
            return RunningProduct.json(post("/v1/inboxes", "application/json", ""))
                    .get("id")
                    .asText();
        }
        if (operation.path().startsWith("/v1/listen/")) {
            return product.read("/v1/listen", ADMIN).at("/items/0/id").asText();
        }
        if (operation.path().startsWith("/v1/replays/")) {
            return RunningProduct.json(post("/v1/replays", "application/json", "{\"webhook\": \"tasks\"}"))
                    .get("id")
                    .asText();
        }
        if (operation.path().startsWith("/v1/erasures/")) {
            return RunningProduct.json(post("/v1/erasures", "application/json", "{\"subject\": \"none\"}"))
                    .get("id")
                    .asText();
        }
        if (operation.path().startsWith("/v1/events/")) {
            return product.read("/v1/events", ADMIN).at("/items/0/id").asText();
        }
        boolean needsPending = "#/components/responses/NotWaiting"
                .equals(operation.definition().at("/responses/409/$ref").asText());
        return needsPending ? waiting() : delivery;
    }

    private String waiting() {
        String event = "unlucky-" + System.nanoTime();
        product.postEvent(ADMIN, TwoAccounts.event(event));
        product.awaitDeliveries(ADMIN, event, 1, "waiting");
        org.awaitility.Awaitility.await().until(() -> product.read("/v1/deliveries?event=" + event, ADMIN)
                .at("/items/0/outcome")
                .isTextual());
        return product.read("/v1/deliveries?event=" + event, ADMIN)
                .at("/items/0/id")
                .asText();
    }

    /** Creates a resource of each kind that the API can change. */
    private void make() {
        for (String kind : TwoAccounts.NAMES.keySet()) {
            if (product.get("/v1/" + kind + "/made", ADMIN).statusCode() == 404) {
                String example = document.at(
                                "/paths/~1v1~1" + kind + "/post/requestBody/content/application~1json/example")
                        .toString()
                        .replaceFirst("\"(name|id|type)\":\"[^\"]*\"", "\"$1\":\"made\"");
                HttpResponse<String> answer = post("/v1/" + kind, "application/json", example);
                assertEquals(201, answer.statusCode(), answer.body());
            }
        }
    }

    /** A key that may use the operation. */
    private String key(Operation operation) {
        JsonNode security = operation.definition().path("security").path(0);
        return security.has("operatorKey") ? RunningProduct.OPERATOR : ADMIN;
    }

    /** A delivery with an attempt, and others in other states. */
    private String delivery() {
        product.postEvent(ADMIN, TwoAccounts.event("unlucky"));
        product.postEvent(ADMIN, TwoAccounts.event("lucky"));
        product.awaitDeliveries(ADMIN, "unlucky", 1, "waiting", "sending");
        return product.awaitDeliveries(ADMIN, "lucky", 1, "delivered")
                .get(0)
                .get("id")
                .asText();
    }

    @TestFactory
    List<DynamicTest> the_server_answers_as_described() {
        String delivery = delivery();
        make();
        return api.operations().stream()
                .filter(operation -> !operation.isSending())
                .map(operation -> DynamicTest.dynamicTest(operation.toString(), () -> {
                    make();
                    HttpResponse<String> answer = call(operation, key(operation), path(operation, delivery));
                    assertEquals(2, answer.statusCode() / 100, answer.body());
                    assertDescribed(operation, answer);
                }))
                .toList();
    }

    @TestFactory
    List<DynamicTest> the_server_answers_wrong_requests_as_described() {
        String delivery = delivery();
        make();
        return api.operations().stream()
                .filter(operation -> !operation.isPublic())
                .map(operation -> DynamicTest.dynamicTest(operation.toString(), () -> {
                    String path = path(operation, delivery);
                    assertStatus(401, operation, call(operation, null, path));
                    boolean sends = operation.isSending();
                    String wrong = sends ? TwoAccounts.readKey("acme") : TwoAccounts.ingestKey("acme");
                    assertStatus(403, operation, call(operation, wrong, path));
                    if (operation.path().contains("{")) {
                        String none = nowhere(operation);
                        assertStatus(404, operation, call(operation, key(operation), none));
                    }
                    if (!sends) {
                        HttpResponse<String> refused = call(operation, key(operation), path + "?nope=1");
                        assertStatus(400, operation, refused);
                        assertEquals(known(refused), new TreeSet<>(api.query(operation)));
                    }
                    if (Set.of("POST", "PUT", "PATCH").contains(operation.method())) {
                        assertStatus(413, operation, send(operation, path, "application/json", "x".repeat(300 * 1024)));
                        assertStatus(400, operation, send(operation, path, "application/json", "{"));
                        assertStatus(415, operation, send(operation, path, "application/x-www-form-urlencoded", "a=b"));
                        HttpResponse<String> refused = send(operation, path, "application/json", "{\"nope\": 1}");
                        if (detail(refused).contains("no member 'nope'")) {
                            assertStatus(400, operation, refused);
                            assertEquals(known(refused), inBody(operation));
                        }
                    }
                    if (api.parameters(operation).stream()
                            .anyMatch(p -> p.get("name").asText().equals("If-Match"))) {
                        assertEdits(operation, path);
                    }
                }))
                .toList();
    }

    /** The allowed names in a response that refuses a parameter or member. */
    private static Set<String> known(HttpResponse<String> refused) {
        String detail = detail(refused);
        int known = detail.indexOf("known: ");
        return known < 0
                ? Set.of()
                : new TreeSet<>(
                        List.of(detail.substring(known + "known: ".length()).split(", ")));
    }

    private static String detail(HttpResponse<String> refused) {
        return RunningProduct.json(refused).path("detail").asText();
    }

    private Set<String> inBody(Operation operation) {
        Set<String> names = new TreeSet<>();
        api.resolved(operation.definition().at("/requestBody/content/application~1json/schema"))
                .path("properties")
                .fieldNames()
                .forEachRemaining(names::add);
        return names;
    }

    private void assertEdits(Operation operation, String path) {
        assertStatus(428, operation, product.send(bare(operation, path).build()));
        assertStatus(
                412,
                operation,
                product.send(bare(operation, path).header("If-Match", "\"old\"").build()));
        String ofFile = path.replace(
                "/made", "/" + TwoAccounts.NAMES.get(operation.path().split("/")[2]));
        assertStatus(409, operation, call(operation, ADMIN, ofFile));
        if (!operation.method().equals("DELETE")) {
            assertStatus(
                    422,
                    operation,
                    send(
                            operation,
                            path,
                            "application/json",
                            "{\"colour\": 1}".replace("colour", nonsense(operation))));
        }
    }

    private static String nonsense(Operation operation) {
        return operation.path().endsWith("/rotate") ? "grace" : "colour";
    }

    private HttpRequest.Builder bare(Operation operation, String path) {
        return product.request(path, ADMIN).method(operation.method(), HttpRequest.BodyPublishers.noBody());
    }

    private HttpResponse<String> send(Operation operation, String path, String type, String body) {
        return product.send(product.request(path, ADMIN)
                .header("Content-Type", type)
                .header("If-Match", "*")
                .method(operation.method(), HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    @Test
    void public_keys_are_answered_as_described_for_all_parameters() {
        Operation keys = api.operations().stream()
                .filter(operation -> operation.path().equals("/.well-known/jwks.json"))
                .findFirst()
                .orElseThrow();
        HttpResponse<String> first = call(keys, null, keys.path());
        assertStatus(200, keys, first);
        assertStatus(400, keys, call(keys, null, keys.path() + "?nope=1"));
        HttpResponse<String> again = product.send(product.request(keys.path(), null)
                .header("If-None-Match", first.headers().firstValue("ETag").orElseThrow())
                .build());
        assertEquals(304, again.statusCode());
        assertTrue(keys.definition().get("responses").has("304"));
    }

    private HttpResponse<String> post(String path, String type, String body) {
        return product.post(path, ADMIN, type, body);
    }

    private void assertStatus(int status, Operation operation, HttpResponse<String> answer) {
        assertEquals(status, answer.statusCode(), answer.body());
        assertDescribed(operation, answer);
    }

    private Operation sending() {
        return api.operations().stream()
                .filter(operation -> operation.isSending())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void the_examples_of_events_are_taken_as_described_and_again_as_duplicates() {
        Operation sending = sending();
        JsonNode content = sending.definition().get("requestBody").get("content");
        for (int round = 0; round < 2; round++) {
            for (String type :
                    List.of("application/cloudevents+json", "application/cloudevents-batch+json", "application/json")) {
                for (JsonNode example : content.get(type).get("examples")) {
                    JsonNode event = api.resolved(example).get("value");
                    HttpResponse<String> answer = product.post("/v1/events", ADMIN, type, unique(event, type));
                    assertStatus(round == 0 ? 202 : 200, sending, answer);
                }
            }
        }
    }

    /** Each media type sends the examples as separate events. */
    private static String unique(JsonNode event, String type) {
        return event.toString().replace("01J8-", type.hashCode() + "-");
    }

    @Test
    void the_examples_of_binary_mode_are_taken_as_described() {
        Operation sending = sending();
        HttpRequest.Builder request = product.request("/v1/events", ADMIN).header("Content-Type", "text/plain");
        Map<String, String> values = Map.of(
                "ce-specversion", "1.0",
                "ce-id", "binary",
                "ce-source", "/pbx",
                "ce-type", "call.ended",
                "ce-subject", "call/1",
                "ce-time", "2026-11-24T09:31:07Z");
        Set<String> described = new TreeSet<>();
        api.parameters(sending).forEach(parameter -> {
            String name = parameter.get("name").asText();
            described.add(name);
            request.header(name, values.get(name));
        });
        assertEquals(new TreeSet<>(values.keySet()), described);
        assertStatus(
                202,
                sending,
                product.send(request.POST(HttpRequest.BodyPublishers.ofString("any data"))
                        .build()));
    }

    @Test
    void the_same_id_with_other_data_is_answered_as_described() {
        product.postEvent(ADMIN, TwoAccounts.event("reused"));
        assertStatus(
                409,
                sending(),
                product.postEvent(ADMIN, TwoAccounts.event("reused").replace("\"duration\":1", "\"duration\":2")));
    }

    @TestFactory
    List<DynamicTest> every_parameter_that_is_described_is_understood() {
        String delivery = delivery();
        List<DynamicTest> tests = new ArrayList<>();
        for (Operation operation : api.operations()) {
            for (JsonNode parameter : api.parameters(operation)) {
                if (parameter.get("in").asText().equals("query")) {
                    String name = parameter.get("name").asText();
                    tests.add(DynamicTest.dynamicTest(operation.path() + " " + name, () -> {
                        String query =
                                "?" + name + "=" + encoded(value(parameter, operation, path(operation, delivery)));
                        assertStatus(
                                200, operation, call(operation, key(operation), path(operation, delivery) + query));
                    }));
                }
            }
        }
        assertFalse(tests.isEmpty());
        return tests;
    }

    private String value(JsonNode parameter, Operation operation, String path) {
        if (parameter.get("name").asText().equals("cursor")) {
            String list = path.replace(".csv", "");
            JsonNode next = product.read(list + "?limit=1", key(operation)).get("next");
            return next.isNull() ? lastCursor(list) : next.asText();
        }
        if (parameter.get("name").asText().equals("account")) {
            return product.account("acme");
        }
        JsonNode schema = parameter.get("schema");
        return parameter.has("example")
                ? parameter.get("example").asText()
                : schema.has("enum")
                        ? schema.get("enum").get(0).asText()
                        : schema.path("default").asText();
    }

    /** The cursor that a list of one page would give. */
    private String lastCursor(String path) {
        return Cursor.of(path.substring("/v1/".length()) + "\n" + product.account("acme"), "1");
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    @Test
    void every_request_and_response_body_has_an_example() {
        Set<String> without = new TreeSet<>();
        for (Operation operation : api.operations()) {
            Map<String, JsonNode> contents = new TreeMap<>();
            contents.put("request", operation.definition().at("/requestBody/content"));
            operation
                    .definition()
                    .get("responses")
                    .properties()
                    .forEach(response -> contents.put(
                            response.getKey(), api.resolved(response.getValue()).path("content")));
            contents.forEach((where, content) -> content.properties().forEach(type -> {
                if (!type.getValue().has("example") && !type.getValue().has("examples")) {
                    without.add(operation + " " + where + " " + type.getKey());
                }
            }));
        }
        assertEquals(Set.of(), without);
    }

    @Test
    void every_operation_describes_errors_and_throttling() {
        for (Operation operation : api.operations()) {
            JsonNode responses = operation.definition().get("responses");
            for (String status : List.of("500", "503")) {
                assertTrue(responses.has(status), operation + " " + status);
            }
        }
    }

    @TestFactory
    List<DynamicTest> an_operation_whose_route_is_suspended_is_answered_as_described() {
        return api.operations().stream()
                .map(operation -> DynamicTest.dynamicTest(operation.toString(), () -> {
                    String route = route(operation);
                    product.camel().getRouteController().suspendRoute(route);
                    try {
                        assertStatus(503, operation, call(operation, key(operation), nowhere(operation)));
                    } finally {
                        product.camel().getRouteController().resumeRoute(route);
                    }
                }))
                .toList();
    }

    private static String nowhere(Operation operation) {
        return operation
                .path()
                .replace("{account}", "nope")
                .replace("{id}", "nope")
                .replace("{token}", "nope")
                .replace("{type}", "nope")
                .replace("{name}", "nope");
    }

    private String route(Operation operation) {
        return product.camel().getRoutes().stream()
                .filter(route -> route.getEndpoint() instanceof PlatformHttpEndpoint endpoint
                        && endpoint.getPath().equals(operation.path())
                        && operation.method().equalsIgnoreCase(endpoint.getHttpMethodRestrict()))
                .findFirst()
                .orElseThrow()
                .getRouteId();
    }

    @TestFactory
    List<DynamicTest> every_example_is_as_its_schema_says() {
        List<DynamicTest> tests = new ArrayList<>();
        collect(document, "", tests);
        assertTrue(tests.size() > 20, "examples found: " + tests.size());
        return tests;
    }

    private void collect(JsonNode node, String where, List<DynamicTest> tests) {
        if (node.has("schema") && node.get("schema").isObject()) {
            JsonSchema schema = where.contains("/responses/")
                    ? schemas.ofAnswer(node.get("schema"))
                    : schemas.ofRequest(node.get("schema"));
            if (node.has("example")) {
                tests.add(DynamicTest.dynamicTest(where + "/example", () -> assertValid(schema, node.get("example"))));
            }
            node.path("examples")
                    .properties()
                    .forEach(example -> tests.add(DynamicTest.dynamicTest(
                            where + "/" + example.getKey(),
                            () -> assertValid(
                                    schema, api.resolved(example.getValue()).get("value")))));
        }
        if (node.isObject()) {
            node.properties().forEach(field -> collect(field.getValue(), where + "/" + field.getKey(), tests));
        } else {
            for (int i = 0; i < node.size(); i++) {
                collect(node.get(i), where + "/" + i, tests);
            }
        }
    }

    @Test
    void the_page_on_oauth2_shows_the_answer_of_the_documents_example() throws Exception {
        List<String> shown =
                Documented.page(Path.of("docs", "authentication.md")).blocks("json");
        assertEquals(1, shown.size());
        assertEquals(
                document.at("/components/examples/ClientRefused/value"), new ObjectMapper().readTree(shown.get(0)));
    }

    @Test
    void a_response_with_another_member_or_type_would_be_found() {
        JsonSchema accepted = schemas.ofAnswer(document.at("/components/schemas/AcceptedEvent"));
        ObjectNode wrong = new ObjectMapper().createObjectNode().put("id", "x").put("deliveries", "many");
        assertEquals(1, faults(accepted, wrong).size());
        wrong.put("deliveries", 1).put("more", 1);
        assertEquals(1, faults(accepted, wrong).size());
    }

    @Test
    void an_undescribed_member_would_be_found_at_any_depth() {
        assertUndescribed("WebhookWithDefinition", "PausedWebhook", "");
        assertUndescribed("WebhookPage", "WebhookPage", "/items/0");
    }

    private void assertUndescribed(String schema, String example, String within) {
        JsonNode open = document.at("/components/schemas/" + schema);
        JsonNode more =
                document.at("/components/examples/" + example + "/value").deepCopy();
        ((ObjectNode) more.at(within)).put("more", 1);
        assertEquals(Set.of(), faults(schemas.ofRequest(open), more), within);
        assertNotEquals(Set.of(), faults(schemas.ofAnswer(open), more), within);
    }
}
