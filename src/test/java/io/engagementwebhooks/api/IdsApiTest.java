package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Resources have ids, and are found by id or name (semantics 39). */
@Timeout(120)
class IdsApiTest {

    private static final Map<String, String> PREFIXES = Map.of(
            "webhooks",
            "wh_",
            "oauth-clients",
            "oc_",
            "connections",
            "cn_",
            "api-keys",
            "key_",
            "signing-keys",
            "sk_",
            "event-types",
            "et_");

    /** A definition per kind, without its name. */
    private static final Map<String, String> DEFINITIONS = Map.of(
            "webhooks",
            "`events`: [`never.happens`], `delivery`: {`url`: `https://crm.example.com`}",
            "oauth-clients",
            "`clientId`: `a`, `clientSecret`: `b`, `authenticationEndpoint`: `https://auth.example.com`",
            "connections",
            "`type`: `salesforce`, `loginUrl`: `https://acme.my.salesforce.com`, `clientId`: `a`, `clientSecret`: `b`,"
                    + " `apiVersion`: `66.0`",
            "api-keys",
            "`role`: `read`",
            "signing-keys",
            "`scheme`: `v1`",
            "event-types",
            "`schema`: {}, `sample`: {}");

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(TwoAccounts.delivering(receiver.url()));

    private final ApiClient acme = new ApiClient(product, TwoAccounts.adminKey("acme"));
    private final ApiClient other = new ApiClient(product, TwoAccounts.adminKey("other"));

    private static String idOf(String kind, JsonNode view) {
        String id = view.get(kind.equals("signing-keys") ? "uid" : "id").asText();
        assertTrue(id.matches(PREFIXES.get(kind) + "[0-7][0-9A-HJKMNP-TV-Z]{25}"), id);
        return id;
    }

    private static String nameKey(String kind) {
        return switch (kind) {
            case "signing-keys" -> "id";
            case "event-types" -> "type";
            default -> "name";
        };
    }

    private static String nameOf(String kind, JsonNode view) {
        return view.get(nameKey(kind)).asText();
    }

    @Test
    void a_resource_of_the_file_is_shown_by_id_to_its_account_only() {
        TwoAccounts.NAMES.forEach((kind, name) -> {
            String id = idOf(kind, acme.read("/v1/" + kind + "/" + name));
            assertEquals(name, nameOf(kind, acme.read("/v1/" + kind + "/" + id)));
            ApiClient.assertProblem(404, "not-found", other.get("/v1/" + kind + "/" + id));
            ApiClient.assertProblem(409, "managed-by-file", acme.send("DELETE", "/v1/" + kind + "/" + id, "*", ""));
        });
    }

    @Test
    void a_resource_of_the_api_is_changed_by_id_and_keeps_the_id_when_it_is_created_again() {
        DEFINITIONS.forEach((kind, definition) -> {
            String key = nameKey(kind);
            String body = "{`" + key + "`: `made`, " + definition + "}";
            String id = idOf(kind, RunningProduct.json(acme.created(kind, body)));
            String path = "/v1/" + kind + "/" + id;
            HttpResponse<String> changed = acme.change("PATCH", path, "{}");
            assertEquals(200, changed.statusCode(), changed.body());
            assertEquals(id, idOf(kind, RunningProduct.json(changed)));
            acme.delete(path);
            assertEquals(404, acme.get("/v1/" + kind + "/made").statusCode());
            assertEquals(404, acme.get(path).statusCode());
            assertEquals(id, idOf(kind, RunningProduct.json(acme.created(kind, body))));
        });
    }

    @Test
    void a_name_that_looks_like_an_id_is_refused() {
        DEFINITIONS.forEach((kind, definition) -> {
            String key = nameKey(kind);
            HttpResponse<String> refused = acme.create(kind, "{`" + key + "`: `oc_made`, " + definition + "}");
            ApiClient.assertProblem(422, "invalid", refused);
            JsonNode fault = RunningProduct.json(refused).at("/faults/0");
            assertEquals("/" + key, fault.path("pointer").asText());
            assertTrue(fault.path("wayOut").asText().contains("not with 'wh_'"), fault.toString());
        });
    }

    @Test
    void filters_take_the_id_or_the_name_of_a_webhook() {
        String id = idOf("webhooks", acme.webhook("calls"));
        acme.event("e1");
        String delivery = acme.idOf("e1", "delivered");
        JsonNode byId = acme.read("/v1/deliveries?webhook=" + id).get("items");
        assertEquals(delivery, byId.get(0).get("id").asText());
        assertEquals("calls", byId.get(0).get("webhook").asText());
        assertEquals(id, byId.get(0).get("webhookId").asText());
        assertEquals(byId, acme.read("/v1/deliveries?webhook=calls").get("items"));
        assertTrue(other.read("/v1/deliveries?webhook=" + id).get("items").isEmpty());

        for (String webhook : new String[] {id, "calls"}) {
            JsonNode started = acme.posted(202, "/v1/replays", "{`webhook`: `" + webhook + "`}");
            assertEquals("calls", started.get("webhook").asText());
            assertEquals(id, started.get("webhookId").asText());
            assertEquals(1, started.get("matched").asInt());
            // a delivery that is being replayed does not match
            String replay = "/v1/replays/" + started.get("id").asText();
            Awaitility.await()
                    .until(() -> acme.read(replay).get("state").asText().equals("done"));
            acme.idOf("e1", "delivered");
        }

        acme.did(id, "pause");
        acme.event("e2");
        Awaitility.await().until(() -> acme.webhook(id).get("waiting").asInt() > 0);
        // replayed deliveries may become pending between two reads
        Awaitility.await().untilAsserted(() -> {
            JsonNode waiting =
                    acme.read("/v1/waiting?webhook=" + id).get("items").get(0);
            assertEquals("calls", waiting.get("webhook").asText());
            assertEquals(
                    waiting, acme.read("/v1/waiting?webhook=calls").get("items").get(0));
        });
    }
}
