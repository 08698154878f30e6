package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Definitions of the API beside those of the file (semantics 24); {@link DefinitionsRestartTest} restarts the product. */
@Timeout(300)
class DefinitionServiceTest {

    private static final String ADMIN = TwoAccounts.adminKey("acme");
    private static final String READ = TwoAccounts.readKey("acme");

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(TwoAccounts.delivering(receiver.url()));

    private final ApiClient acme = new ApiClient(product, ADMIN);

    private String webhook(String name, String more) {
        return "{`name`: `%s`, `events`: [`call.*`], %s `delivery`: {`url`: `%s`}}"
                .formatted(name, more, receiver.url())
                .replace('`', '"');
    }

    private static JsonNode fault(HttpResponse<String> answer, String pointer) {
        ApiClient.assertProblem(422, "invalid", answer);
        for (JsonNode fault : RunningProduct.json(answer).get("faults")) {
            if (fault.get("pointer").asText().equals(pointer)) {
                return fault;
            }
        }
        throw new AssertionError("no fault at " + pointer + ": " + answer.body());
    }

    @Test
    void a_condition_that_is_never_true_and_a_macro_of_another_language_are_refused_with_the_way_out() {
        HttpResponse<String> answer =
                acme.post("/v1/webhooks", webhook("slips", "`condition`: `.data.state = \\\"x\\\"`,"));
        assertTrue(fault(answer, "/condition").get("detail").asText().endsWith("never true; compare with =="));
        String tried = "{\"definition\": " + webhook("slips", "`condition`: `.data.state = \\\"x\\\"`,") + "}";
        HttpResponse<String> previewed = acme.post("/v1/webhooks/preview", tried);
        assertEquals(422, previewed.statusCode(), previewed.body());
        assertTrue(previewed.body().contains("never true; compare with =="), previewed.body());
        String headers = webhook("slips", "").replace("{\"url\"", "{\"headers\": {\"X-A\": \"{{ data.x }}\"}, \"url\"");
        answer = acme.post("/v1/webhooks", headers);
        assertTrue(
                fault(answer, "/delivery/headers/X-A").get("detail").asText().contains("write {data.x}, in one pair"));
    }

    @Test
    void a_new_webhook_gets_the_next_event() {
        HttpResponse<String> answer = acme.created("webhooks", webhook("made here", ""));
        assertEquals(
                "/v1/webhooks/made%20here",
                answer.headers().firstValue("Location").orElseThrow());
        assertEquals("api", RunningProduct.json(answer).get("managedBy").asText());
        acme.event("one");
        assertEquals(
                List.of("calls", "made here"),
                acme.awaitDeliveries("one", 2, "delivered").findValuesAsText("webhook").stream()
                        .sorted()
                        .toList());
    }

    @Test
    void of_two_editors_the_second_gets_an_edit_conflict() {
        String first = ApiClient.etag(acme.created("webhooks", webhook("shared", "")));
        HttpResponse<String> mine =
                acme.send("PATCH", "/v1/webhooks/shared", first, "{\"condition\": \".data.duration > 5\"}");
        assertEquals(200, mine.statusCode(), mine.body());
        assertEquals(
                ".data.duration > 5",
                RunningProduct.json(mine).at("/definition/condition").asText());
        ApiClient.assertProblem(
                412, "edit-conflict", acme.send("PUT", "/v1/webhooks/shared", first, webhook("shared", "")));
        ApiClient.assertProblem(412, "edit-conflict", acme.send("DELETE", "/v1/webhooks/shared", first, ""));
        ApiClient.assertProblem(
                428, "if-match-required", acme.send("PUT", "/v1/webhooks/shared", null, webhook("shared", "")));
        assertEquals(
                204,
                acme.send("DELETE", "/v1/webhooks/shared", ApiClient.etag(mine), "")
                        .statusCode());
        assertEquals(404, product.get("/v1/webhooks/shared", READ).statusCode());
        String again = ApiClient.etag(acme.created("webhooks", webhook("shared", "")));
        assertFalse(Set.of(first, ApiClient.etag(mine)).contains(again), "a version is never used twice");
    }

    @Test
    void all_errors_are_reported_at_once_with_a_pointer_to_the_field() {
        HttpResponse<String> answer = acme.create(
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
        HttpResponse<String> unknown = acme.create(
                "webhooks",
                "{`name`: `x`, `events`: [`a`], `delivery`: {`url`: `https://h/`, `authentication`: {`type`: `oauth2`,"
                        + " `client`: `unknown`}}}");
        assertTrue(fault(unknown, "/delivery/authentication/client")
                .get("wayOut")
                .asText()
                .contains("known: crm"));
        ApiClient.assertProblem(400, "bad-body", acme.create("webhooks", "[]"));
        ApiClient.assertProblem(400, "bad-body", acme.create("webhooks", ""));
    }

    /** Semantics 10: only values of the configuration file are resolved. */
    @Test
    void what_looks_like_a_placeholder_is_a_text_like_any_other() {
        acme.create(
                "webhooks",
                "{`name`: `literal`, `events`: [`call.*`], `delivery`: {`url`: `%s`, `authentication`: {`type`: `api-key`,"
                                .formatted(receiver.url())
                        + " `header`: `X-Their`, `value`: `{{env:PATH}}`}}}");
        acme.event("one");
        acme.awaitDeliveries("one", 2, "delivered");
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
            assertEquals("file", acme.read(path).get("managedBy").asText());
            String etag = acme.etagOf(path);
            ApiClient.assertProblem(409, "managed-by-file", acme.send("PUT", path, etag, "{}"));
            ApiClient.assertProblem(409, "managed-by-file", acme.send("PATCH", path, etag, "{}"));
            ApiClient.assertProblem(409, "managed-by-file", acme.send("DELETE", path, etag, ""));
        }
        assertEquals(
                200, acme.send("POST", "/v1/webhooks/calls/pause", null, "").statusCode());
        fault(acme.create("oauth-clients", "{`name`: `crm`}"), "/name");
        assertEquals(
                "***",
                acme.read("/v1/oauth-clients/crm")
                        .at("/definition/clientSecret")
                        .asText());
    }

    @Test
    void the_field_by_which_deliveries_are_ordered_is_no_secret() {
        HttpResponse<String> answer = acme.created(
                "webhooks",
                "{`name`: `ordered`, `events`: [`call.ended`], `delivery`: {`url`: `https://x.example.com`, `fifo`:"
                        + " {`key`: `data.contact.id`}}}");
        assertEquals(
                "data.contact.id",
                RunningProduct.json(answer).at("/definition/delivery/fifo/key").asText());
    }

    @Test
    void a_secret_is_never_returned_and_is_kept_if_its_mask_is_sent() {
        String client =
                "{`name`: `made`, `clientId`: `id`, `clientSecret`: `a-secret-that-is-kept`, `authenticationEndpoint`:"
                        + " `https://auth.example.com`, `scope`: `a`}";
        HttpResponse<String> answer = acme.created("oauth-clients", client);
        assertFalse(answer.body().contains("a-secret-that-is-kept"));
        JsonNode definition = RunningProduct.json(answer).get("definition");
        assertEquals("***", definition.get("clientSecret").asText());
        String path = "/v1/oauth-clients/made";
        HttpResponse<String> changed = acme.send(
                "PUT", path, ApiClient.etag(answer), definition.toString().replace("\"a\"", "\"b\""));
        assertEquals(200, changed.statusCode(), changed.body());
        assertEquals("b", RunningProduct.json(changed).at("/definition/scope").asText());
        HttpResponse<String> elsewhere = acme.send(
                "PATCH", path, ApiClient.etag(changed), "{\"authenticationEndpoint\": \"https://evil.example.com\"}");
        assertTrue(fault(elsewhere, "/clientSecret").get("detail").asText().contains("another server"));
        HttpResponse<String> given = acme.send(
                "PATCH",
                path,
                ApiClient.etag(changed),
                "{\"authenticationEndpoint\": \"https://other.example.com\", \"clientSecret\": \"another\"}");
        assertEquals(200, given.statusCode(), given.body());
        fault(
                acme.create(
                        "oauth-clients",
                        client.replace("a-secret-that-is-kept", "***").replace("made", "new")),
                "/clientSecret");
    }

    @Test
    void a_resource_in_use_cannot_be_deleted() {
        acme.created(
                "oauth-clients",
                "{`name`: `made`, `clientId`: `id`, `clientSecret`: `secret`, `authenticationEndpoint`:"
                        + " `https://auth.example.com`}");
        acme.created(
                "webhooks",
                "{`name`: `user`, `events`: [`x`], `delivery`: {`url`: `https://h.example.com/`, `authentication`:"
                        + " {`type`: `oauth2`, `client`: `made`}}}");
        String path = "/v1/oauth-clients/made";
        HttpResponse<String> answer = acme.change("DELETE", path, "");
        ApiClient.assertProblem(409, "in-use", answer);
        assertTrue(answer.body().contains("'user'"), answer.body());
        acme.delete("/v1/webhooks/user");
        acme.delete(path);
    }

    @Test
    void an_api_key_is_shown_once_and_works_until_it_is_deleted() {
        HttpResponse<String> answer = acme.created("api-keys", "{`name`: `new`, `role`: `read`}");
        String key = RunningProduct.json(answer).get("key").asText();
        assertEquals(200, product.get("/v1/webhooks", key).statusCode());
        String path = "/v1/api-keys/new";
        assertFalse(acme.get(path).body().contains(key));
        ApiClient its = new ApiClient(product, key);
        assertEquals(403, its.create("webhooks", "{}").statusCode());
        HttpResponse<String> raised = acme.send("PATCH", path, ApiClient.etag(answer), "{\"role\": \"admin\"}");
        assertEquals(200, raised.statusCode(), raised.body());
        ApiClient.assertProblem(409, "own-key", its.send("DELETE", path, ApiClient.etag(raised), ""));
        ApiClient.assertProblem(
                409, "own-key", its.send("PATCH", path, ApiClient.etag(raised), "{\"role\": \"read\"}"));
        assertEquals(200, product.get(path, key).statusCode());
        acme.delete(path);
        assertEquals(401, product.get("/v1/webhooks", key).statusCode());
        fault(acme.create("api-keys", "{`name`: `staff`, `role`: `king`, `key`: `mine`}"), "/key");
        for (String name : List.of("sso:staff", "JMX", "operator", "portal:ps_1", "system", "a\\ud800b")) {
            fault(acme.create("api-keys", "{`name`: `" + name + "`, `role`: `admin`}"), "/name");
        }
    }

    @Test
    void a_signing_key_signs_beside_the_files_and_is_rotated_with_a_grace_period() {
        HttpResponse<String> answer = acme.created("signing-keys", "{`id`: `m1`}");
        assertTrue(RunningProduct.json(answer).get("secret").asText().startsWith("whsec_"));
        acme.event("one");
        acme.awaitDeliveries("one", 1, "delivered");
        assertEquals(3, signatures());
        HttpResponse<String> rotated =
                acme.send("POST", "/v1/signing-keys/m1/rotate", ApiClient.etag(answer), "{\"grace\": \"1h\"}");
        assertEquals(201, rotated.statusCode(), rotated.body());
        assertEquals("m2", RunningProduct.json(rotated).get("id").asText());
        assertTrue(product.read("/v1/signing-keys/m1", READ).get("until").isTextual());
        receiver.requests().clear();
        acme.event("two");
        acme.awaitDeliveries("two", 1, "delivered");
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
    void the_audit_log_names_changes_without_values() {
        acme.created(
                "oauth-clients",
                "{`name`: `made`, `clientId`: `id`, `clientSecret`: `a-secret-that-is-kept`, `authenticationEndpoint`:"
                        + " `https://auth.example.com`}");
        acme.send(
                "PATCH",
                "/v1/oauth-clients/made",
                acme.etagOf("/v1/oauth-clients/made"),
                "{\"clientSecret\": \"another-secret\"}");
        acme.did("calls", "pause");
        JsonNode page = acme.read("/v1/audit?limit=2");
        assertEquals("paused", page.at("/items/0/action").asText());
        assertEquals("staff", page.at("/items/0/actor").asText());
        assertEquals("api-key", page.at("/items/0/actorKind").asText());
        assertEquals(acme.read("/v1/api-keys/staff").get("id"), page.at("/items/0/actorId"));
        assertEquals("/clientSecret", page.at("/items/1/detail").asText());
        JsonNode second =
                acme.read("/v1/audit?limit=2&cursor=" + page.get("next").asText());
        assertEquals("created", second.at("/items/0/action").asText());
        assertFalse((page + "" + second).contains("secret-that"));
        assertEquals(
                0,
                product.read("/v1/audit", TwoAccounts.adminKey("other"))
                        .get("items")
                        .size());
    }

    @Test
    void a_name_that_shows_something_else_is_refused_when_it_is_made_and_when_it_is_changed() {
        for (String name : new String[] {"", "a\\ud800b", "a\\u202eb", "e\\u0301"}) {
            fault(acme.create("webhooks", webhook(name, "")), "/name");
        }
        String etag = ApiClient.etag(acme.created("webhooks", webhook("seen", "")));
        HttpResponse<String> renamed = acme.send("PATCH", "/v1/webhooks/seen", etag, "{\"name\": \"e\\u0301\"}");
        assertEquals("write it as \u00e9", fault(renamed, "/name").get("wayOut").asText());
        assertEquals(
                200,
                acme.send("PATCH", "/v1/webhooks/seen", etag, "{\"name\": \"\u00e9\"}")
                        .statusCode());
    }

    @Test
    void a_name_that_no_path_can_hold_is_refused() {
        for (String name : new String[] {".", ".."}) {
            fault(acme.create("webhooks", webhook(name, "")), "/name");
        }
    }

    @Test
    void a_key_that_webhooks_name_is_not_rotated() {
        String etag = ApiClient.etag(acme.created("signing-keys", "{`id`: `m1`}"));
        acme.created(
                "webhooks",
                "{`name`: `names it`, `events`: [`x`], `delivery`: {`url`: `%s`, `signingKeys`: [`m1`]}}"
                        .formatted(receiver.url()));
        HttpResponse<String> rotated = acme.send("POST", "/v1/signing-keys/m1/rotate", etag, "");
        ApiClient.assertProblem(409, "in-use", rotated);
        assertTrue(rotated.body().contains("'names it'"), rotated.body());
    }

    @Test
    void the_audit_log_names_changed_members_and_shortens_long_lists() {
        acme.created("api-keys", "{`name`: `new`, `role`: `read`}");
        acme.change("PATCH", "/v1/api-keys/new", "{\"role\": \"ingest\"}");
        String etag = ApiClient.etag(acme.created("webhooks", webhook("many", "")));
        StringBuilder headers = new StringBuilder("{\"delivery\": {\"headers\": {\"X-0\": \"0\"");
        for (int i = 1; i < 100; i++) {
            headers.append(", \"X-").append(i).append("\": \"a\"");
        }
        etag = ApiClient.etag(acme.send("PATCH", "/v1/webhooks/many", etag, headers + "}}}"));
        acme.send("PATCH", "/v1/webhooks/many", etag, headers.toString().replace("\"a\"", "\"b\"") + "}}}");
        JsonNode entries = acme.read("/v1/audit").get("items");
        String many = entries.at("/0/detail").asText();
        assertTrue(many.startsWith("/delivery/headers/X-1, ") && many.endsWith(" and 79 more"), many);
        assertEquals("/role", entries.at("/3/detail").asText());
    }

    /** Role read could test guessed secrets, because everything else in a plain hash is shown. */
    @Test
    void an_etag_of_the_files_definition_reveals_no_secret() throws Exception {
        String path = "/v1/oauth-clients/crm";
        String etag = acme.etagOf(path);
        String definition = product.read(path, READ).get("definition").toString();
        for (String secret : new String[] {"a-secret-never-shown"}) {
            byte[] guess = definition.replace("***", secret).getBytes(java.nio.charset.StandardCharsets.UTF_8);
            byte[] hash = java.security.MessageDigest.getInstance("SHA-256").digest(guess);
            assertFalse(etag.contains(java.util.HexFormat.of().formatHex(hash, 0, 16)), "the secret is " + secret);
        }
        assertEquals(etag, acme.etagOf(path));
    }
}
