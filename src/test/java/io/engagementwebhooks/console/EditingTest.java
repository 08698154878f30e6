package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What accounts set up by the API, beside what the file sets up (semantics 24). */
@Timeout(300)
class EditingTest {

    private static final String ADMIN = TwoAccounts.adminKey("acme");
    private static final String READ = TwoAccounts.readKey("acme");

    private Receiver receiver;
    private RunningProduct product;

    @BeforeEach
    void start(@TempDir Path folder) {
        receiver = new Receiver(got -> new Receiver.Reply(204));
        product = RunningProduct.start(folder, TwoAccounts.delivering(receiver.url()));
    }

    @AfterEach
    void stop() {
        product.close();
        receiver.close();
    }

    private HttpResponse<String> send(String method, String path, String key, String etag, String body) {
        HttpRequest.Builder request = product.request(path, key).header("Content-Type", "application/json");
        if (etag != null) {
            request.header("If-Match", etag);
        }
        return product.send(request.method(method, HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    private HttpResponse<String> create(String kind, String body) {
        return send("POST", "/v1/" + kind, ADMIN, null, body.replace('`', '"'));
    }

    private HttpResponse<String> created(String kind, String body) {
        HttpResponse<String> answer = create(kind, body);
        assertEquals(201, answer.statusCode(), answer.body());
        return answer;
    }

    private static String etag(HttpResponse<String> answer) {
        return answer.headers().firstValue("ETag").orElseThrow();
    }

    private String etagOf(String path) {
        return etag(product.get(path, ADMIN));
    }

    private String webhook(String name, String more) {
        return "{`name`: `%s`, `events`: [`call.*`], %s `delivery`: {`url`: `%s`}}"
                .formatted(name, more, receiver.url())
                .replace('`', '"');
    }

    private static void assertProblem(int status, String code, HttpResponse<String> answer) {
        assertEquals(status, answer.statusCode(), answer.body());
        assertEquals(
                "urn:engagement-webhooks:problem:" + code,
                RunningProduct.json(answer).get("type").asText());
    }

    private static JsonNode fault(HttpResponse<String> answer, String pointer) {
        assertProblem(422, "invalid", answer);
        for (JsonNode fault : RunningProduct.json(answer).get("faults")) {
            if (fault.get("pointer").asText().equals(pointer)) {
                return fault;
            }
        }
        throw new AssertionError("no fault at " + pointer + ": " + answer.body());
    }

    @Test
    void a_webhook_that_is_made_gets_the_next_event_and_still_does_after_a_restart() {
        HttpResponse<String> answer = created("webhooks", webhook("made here", ""));
        assertEquals(
                "/v1/webhooks/made%20here",
                answer.headers().firstValue("Location").orElseThrow());
        assertEquals("api", RunningProduct.json(answer).get("managedBy").asText());
        product.postEvent(ADMIN, TwoAccounts.event("one"));
        product.awaitDeliveries(READ, "one", 2, "delivered");
        product.stop();
        product.start();
        product.postEvent(ADMIN, TwoAccounts.event("two"));
        product.awaitDeliveries(READ, "two", 2, "delivered");
        assertEquals(etag(answer), etagOf("/v1/webhooks/made%20here"));
        assertEquals(
                1,
                product
                        .read("/v1/deliveries?event=two", TwoAccounts.readKey("acme"))
                        .get("items")
                        .findValuesAsText("webhook")
                        .stream()
                        .filter("made here"::equals)
                        .count());
    }

    @Test
    void of_two_editors_the_second_is_told_that_it_has_changed_meanwhile() {
        String first = etag(created("webhooks", webhook("shared", "")));
        HttpResponse<String> mine =
                send("PATCH", "/v1/webhooks/shared", ADMIN, first, "{\"condition\": \".data.duration > 5\"}");
        assertEquals(200, mine.statusCode(), mine.body());
        assertTrue(RunningProduct.json(mine).get("condition").asBoolean());
        assertProblem(
                412, "changed-meanwhile", send("PUT", "/v1/webhooks/shared", ADMIN, first, webhook("shared", "")));
        assertProblem(412, "changed-meanwhile", send("DELETE", "/v1/webhooks/shared", ADMIN, first, ""));
        assertProblem(428, "if-match-required", send("PUT", "/v1/webhooks/shared", ADMIN, null, webhook("shared", "")));
        assertEquals(
                204,
                send("DELETE", "/v1/webhooks/shared", ADMIN, etag(mine), "").statusCode());
        assertEquals(404, product.get("/v1/webhooks/shared", READ).statusCode());
        String again = etag(created("webhooks", webhook("shared", "")));
        assertFalse(Set.of(first, etag(mine)).contains(again), "a version is never used twice");
    }

    @Test
    void every_fault_is_told_at_once_with_a_pointer_to_the_field() {
        HttpResponse<String> answer = create(
                "webhooks",
                "{`name`: `calls`, `events`: [], `condition`: `.a |`, `retry`: `sometimes`, `colour`: 1,"
                        + " `delivery`: {`method`: `TRACE`, `headers`: {`Host`: `x`},"
                        + " `authentication`: {`type`: `none`, `user`: `us`}}}");
        for (String pointer : new String[] {
            "/name",
            "/events",
            "/condition",
            "/retry",
            "/colour",
            "/delivery/url",
            "/delivery/method",
            "/delivery/headers/Host",
            "/delivery/authentication/user"
        }) {
            JsonNode fault = fault(answer, pointer);
            assertFalse(fault.get("wayOut").asText().isEmpty());
            assertFalse(fault.get("detail").asText().contains(" line "), fault.toString());
        }
        HttpResponse<String> nobody = create(
                "webhooks",
                "{`name`: `x`, `events`: [`a`], `delivery`: {`url`: `https://h/`, `authentication`: {`type`: `oauth2`,"
                        + " `client`: `nobody`}}}");
        assertTrue(fault(nobody, "/delivery/authentication/client")
                .get("wayOut")
                .asText()
                .contains("known: crm"));
        assertProblem(400, "bad-body", create("webhooks", "[]"));
        assertProblem(400, "bad-body", create("webhooks", ""));
    }

    /** Semantics 10: only the set-up file's values are resolved. */
    @Test
    void what_looks_like_a_placeholder_is_a_text_like_any_other() {
        create(
                "webhooks",
                "{`name`: `literal`, `events`: [`call.*`], `delivery`: {`url`: `%s`, `authentication`: {`type`: `api-key`,"
                                .formatted(receiver.url())
                        + " `header`: `X-Their`, `value`: `{{env:PATH}}`}}}");
        product.postEvent(ADMIN, TwoAccounts.event("one"));
        product.awaitDeliveries(READ, "one", 2, "delivered");
        assertTrue(receiver.requests().stream()
                .anyMatch(got -> String.valueOf(got.headers().get("x-their")).contains("{{env:PATH}}")));
    }

    @Test
    void what_the_file_defines_is_read_only_here_and_its_state_is_not() {
        for (String path : new String[] {
            "/v1/webhooks/calls",
            "/v1/oauth-clients/crm",
            "/v1/connections/sales",
            "/v1/api-keys/staff",
            "/v1/signing-keys/k1"
        }) {
            assertEquals("file", product.read(path, ADMIN).get("managedBy").asText());
            String etag = etagOf(path);
            assertProblem(409, "managed-by-file", send("PUT", path, ADMIN, etag, "{}"));
            assertProblem(409, "managed-by-file", send("PATCH", path, ADMIN, etag, "{}"));
            assertProblem(409, "managed-by-file", send("DELETE", path, ADMIN, etag, ""));
        }
        assertEquals(
                200, send("POST", "/v1/webhooks/calls/pause", ADMIN, null, "").statusCode());
        fault(create("oauth-clients", "{`name`: `crm`}"), "/name");
        assertEquals(
                "***",
                product.read("/v1/oauth-clients/crm", ADMIN)
                        .at("/definition/clientSecret")
                        .asText());
    }

    @Test
    void the_field_by_which_deliveries_are_ordered_is_no_secret() {
        HttpResponse<String> answer = created(
                "webhooks",
                "{`name`: `ordered`, `events`: [`call.ended`], `delivery`: {`url`: `https://x.example.com`, `fifo`:"
                        + " {`key`: `data.contact.id`}}}");
        assertEquals(
                "data.contact.id",
                RunningProduct.json(answer).at("/definition/delivery/fifo/key").asText());
    }

    @Test
    void a_secret_is_never_given_back_and_is_kept_where_its_mask_is_sent() {
        String client =
                "{`name`: `made`, `clientId`: `id`, `clientSecret`: `a-secret-that-is-kept`, `authenticationEndpoint`:"
                        + " `https://auth.example.com`, `scope`: `a`}";
        HttpResponse<String> answer = created("oauth-clients", client);
        assertFalse(answer.body().contains("a-secret-that-is-kept"));
        JsonNode definition = RunningProduct.json(answer).get("definition");
        assertEquals("***", definition.get("clientSecret").asText());
        String path = "/v1/oauth-clients/made";
        HttpResponse<String> changed =
                send("PUT", path, ADMIN, etag(answer), definition.toString().replace("\"a\"", "\"b\""));
        assertEquals(200, changed.statusCode(), changed.body());
        assertEquals("b", RunningProduct.json(changed).get("scope").asText());
        HttpResponse<String> elsewhere =
                send("PATCH", path, ADMIN, etag(changed), "{\"authenticationEndpoint\": \"https://evil.example.com\"}");
        assertTrue(fault(elsewhere, "/clientSecret").get("detail").asText().contains("another server"));
        HttpResponse<String> given = send(
                "PATCH",
                path,
                ADMIN,
                etag(changed),
                "{\"authenticationEndpoint\": \"https://other.example.com\", \"clientSecret\": \"another\"}");
        assertEquals(200, given.statusCode(), given.body());
        fault(
                create(
                        "oauth-clients",
                        client.replace("a-secret-that-is-kept", "***").replace("made", "new")),
                "/clientSecret");
    }

    @Test
    void what_is_in_use_is_not_removed() {
        created(
                "oauth-clients",
                "{`name`: `made`, `clientId`: `id`, `clientSecret`: `secret`, `authenticationEndpoint`:"
                        + " `https://auth.example.com`}");
        created(
                "webhooks",
                "{`name`: `user`, `events`: [`x`], `delivery`: {`url`: `https://h.example.com/`, `authentication`:"
                        + " {`type`: `oauth2`, `client`: `made`}}}");
        String path = "/v1/oauth-clients/made";
        HttpResponse<String> answer = send("DELETE", path, ADMIN, etagOf(path), "");
        assertProblem(409, "in-use", answer);
        assertTrue(answer.body().contains("'user'"), answer.body());
        assertEquals(
                204,
                send("DELETE", "/v1/webhooks/user", ADMIN, etagOf("/v1/webhooks/user"), "")
                        .statusCode());
        assertEquals(204, send("DELETE", path, ADMIN, etagOf(path), "").statusCode());
    }

    @Test
    void an_api_key_is_shown_once_works_at_once_and_no_more_when_it_is_removed() {
        HttpResponse<String> answer = created("api-keys", "{`name`: `new`, `role`: `read`}");
        String key = RunningProduct.json(answer).get("key").asText();
        assertEquals(200, product.get("/v1/webhooks", key).statusCode());
        String path = "/v1/api-keys/new";
        assertFalse(product.get(path, ADMIN).body().contains(key));
        assertEquals(403, send("POST", "/v1/webhooks", key, null, "{}").statusCode());
        HttpResponse<String> raised = send("PATCH", path, ADMIN, etag(answer), "{\"role\": \"admin\"}");
        assertEquals(200, raised.statusCode(), raised.body());
        assertProblem(409, "own-key", send("DELETE", path, key, etag(raised), ""));
        assertProblem(409, "own-key", send("PATCH", path, key, etag(raised), "{\"role\": \"read\"}"));
        product.stop();
        product.start();
        assertEquals(200, product.get(path, key).statusCode());
        assertEquals(204, send("DELETE", path, ADMIN, etagOf(path), "").statusCode());
        assertEquals(401, product.get("/v1/webhooks", key).statusCode());
        fault(create("api-keys", "{`name`: `staff`, `role`: `king`, `key`: `mine`}"), "/key");
        for (String name : List.of("sso:staff", "JMX")) {
            fault(create("api-keys", "{`name`: `" + name + "`, `role`: `admin`}"), "/name");
        }
    }

    @Test
    void a_signing_key_signs_beside_the_files_and_is_rotated_with_a_time_of_grace() {
        HttpResponse<String> answer = created("signing-keys", "{`id`: `m1`}");
        assertTrue(RunningProduct.json(answer).get("secret").asText().startsWith("whsec_"));
        product.postEvent(ADMIN, TwoAccounts.event("one"));
        product.awaitDeliveries(READ, "one", 1, "delivered");
        assertEquals(3, signatures());
        HttpResponse<String> rotated =
                send("POST", "/v1/signing-keys/m1/rotate", ADMIN, etag(answer), "{\"grace\": \"1h\"}");
        assertEquals(201, rotated.statusCode(), rotated.body());
        assertEquals("m2", RunningProduct.json(rotated).get("id").asText());
        assertTrue(product.read("/v1/signing-keys/m1", READ).get("until").isTextual());
        receiver.requests().clear();
        product.postEvent(ADMIN, TwoAccounts.event("two"));
        product.awaitDeliveries(READ, "two", 1, "delivered");
        assertEquals(4, signatures());
    }

    private int signatures() {
        String signature = receiver.requests()
                .get(receiver.requests().size() - 1)
                .headers()
                .get("webhook-signature")
                .get(0);
        return new HashSet<>(java.util.List.of(signature.split(" "))).size();
    }

    @Test
    void a_renamed_webhook_keeps_what_waits_for_it() {
        String etag = etag(created("webhooks", webhook("before", "")));
        send("POST", "/v1/webhooks/before/pause", ADMIN, null, "");
        product.postEvent(ADMIN, TwoAccounts.event("one"));
        product.awaitDeliveries(READ, "one", 2, "delivered", "paused");
        HttpResponse<String> renamed = send("PATCH", "/v1/webhooks/before", ADMIN, etag, "{\"name\": \"after\"}");
        assertEquals(200, renamed.statusCode(), renamed.body());
        assertEquals("paused", RunningProduct.json(renamed).get("state").asText());
        assertEquals(1, RunningProduct.json(renamed).get("waiting").asInt());
        created("webhooks", webhook("before", ""));
        product.stop();
        product.start();
        send("POST", "/v1/webhooks/after/resume", ADMIN, null, "");
        product.awaitDeliveries(READ, "one", 2, "delivered");
        assertEquals(0, product.read("/v1/webhooks/before", READ).get("waiting").asInt());
    }

    @Test
    void who_changed_what_is_noted_without_a_value() {
        created(
                "oauth-clients",
                "{`name`: `made`, `clientId`: `id`, `clientSecret`: `a-secret-that-is-kept`, `authenticationEndpoint`:"
                        + " `https://auth.example.com`}");
        send(
                "PATCH",
                "/v1/oauth-clients/made",
                ADMIN,
                etagOf("/v1/oauth-clients/made"),
                "{\"clientSecret\": \"another-secret\"}");
        send("POST", "/v1/webhooks/calls/pause", ADMIN, null, "");
        JsonNode page = product.read("/v1/audit?limit=2", ADMIN);
        assertEquals("paused", page.at("/items/0/action").asText());
        assertEquals("staff", page.at("/items/0/actor").asText());
        assertEquals("/clientSecret", page.at("/items/1/detail").asText());
        JsonNode second =
                product.read("/v1/audit?limit=2&cursor=" + page.get("next").asText(), ADMIN);
        assertEquals("created", second.at("/items/0/action").asText());
        assertFalse((page + "" + second).contains("secret-that"));
        assertEquals(
                0,
                product.read("/v1/audit", TwoAccounts.adminKey("other"))
                        .get("items")
                        .size());
    }

    @Test
    void a_name_that_no_path_can_hold_is_refused() {
        for (String name : new String[] {".", ".."}) {
            fault(create("webhooks", webhook(name, "")), "/name");
        }
    }

    @Test
    void a_key_that_webhooks_name_is_not_rotated_from_under_them() {
        String etag = etag(created("signing-keys", "{`id`: `m1`}"));
        created(
                "webhooks",
                "{`name`: `names it`, `events`: [`x`], `delivery`: {`url`: `%s`, `signingKeys`: [`m1`]}}"
                        .formatted(receiver.url()));
        HttpResponse<String> rotated = send("POST", "/v1/signing-keys/m1/rotate", ADMIN, etag, "");
        assertProblem(409, "in-use", rotated);
        assertTrue(rotated.body().contains("'names it'"), rotated.body());
    }

    @Test
    void what_changes_of_an_api_key_is_told_and_many_changes_are_told_shortly() {
        created("api-keys", "{`name`: `new`, `role`: `read`}");
        send("PATCH", "/v1/api-keys/new", ADMIN, etagOf("/v1/api-keys/new"), "{\"role\": \"ingest\"}");
        String etag = etag(created("webhooks", webhook("many", "")));
        StringBuilder headers = new StringBuilder("{\"delivery\": {\"headers\": {\"X-0\": \"0\"");
        for (int i = 1; i < 100; i++) {
            headers.append(", \"X-").append(i).append("\": \"a\"");
        }
        etag = etag(send("PATCH", "/v1/webhooks/many", ADMIN, etag, headers + "}}}"));
        send("PATCH", "/v1/webhooks/many", ADMIN, etag, headers.toString().replace("\"a\"", "\"b\"") + "}}}");
        JsonNode entries = product.read("/v1/audit", ADMIN).get("items");
        String many = entries.at("/0/detail").asText();
        assertTrue(many.startsWith("/delivery/headers/X-1, ") && many.endsWith(" and 79 more"), many);
        assertEquals("/role", entries.at("/3/detail").asText());
    }

    /** Whoever reads could try secrets out, since all else that a plain hash is made of is shown. */
    @Test
    void a_tag_of_the_files_definition_says_nothing_about_its_secrets() throws Exception {
        String path = "/v1/oauth-clients/crm";
        String etag = etagOf(path);
        String definition = product.read(path, READ).get("definition").toString();
        for (String secret : new String[] {"a-secret-nobody-sees"}) {
            byte[] guess = definition.replace("***", secret).getBytes(java.nio.charset.StandardCharsets.UTF_8);
            byte[] hash = java.security.MessageDigest.getInstance("SHA-256").digest(guess);
            assertFalse(etag.contains(java.util.HexFormat.of().formatHex(hash, 0, 16)), "the secret is " + secret);
        }
        assertEquals(etag, etagOf(path));
    }
}
