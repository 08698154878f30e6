package io.engagementwebhooks.api.inbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Test inboxes. A separate product: its egress rules allow no address that is not public (semantics 27 and 28). */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InboxApiTest {

    private static final String ADMIN = "acme-admin-key-00000";
    private static final String OTHER = "other-admin-key-0000";
    private static final String CONFIG =
            """
            accounts:
              - id: acme
                apiKeys: [{name: staff, role: admin, key: acme-admin-key-00000}]
                signingKeys:
                  - {id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}
                  - {id: k2, privateKey: whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==}
              - id: other
                apiKeys: [{name: staff, role: admin, key: other-admin-key-0000}]
            """;

    private RunningProduct product;

    @BeforeAll
    void start(@TempDir Path folder) {
        product = RunningProduct.start(folder, CONFIG, "webhooks.egress.allow=");
    }

    @AfterAll
    void stop() {
        product.close();
    }

    private JsonNode create() {
        HttpResponse<String> created = product.post("/v1/inboxes", ADMIN, "application/json", "");
        assertEquals(201, created.statusCode(), created.body());
        return RunningProduct.json(created);
    }

    private JsonNode requests(JsonNode inbox) {
        return product.read("/v1/inboxes/" + inbox.get("id").asText(), ADMIN).get("requests");
    }

    private HttpResponse<String> webhook(String name, String url, String delivery) {
        return product.post(
                "/v1/webhooks",
                ADMIN,
                "application/json",
                "{\"name\": \"%s\", \"events\": [\"%s\"], \"delivery\": {\"url\": \"%s\"%s}}"
                        .formatted(name, name, url, delivery));
    }

    private void send(String type) {
        product.postEvent(
                ADMIN, "{\"id\": \"%1$s\", \"source\": \"/t\", \"type\": \"%1$s\", \"data\": {}}".formatted(type));
    }

    private HttpResponse<String> direct(JsonNode inbox, String body, String... headers) {
        URI url = URI.create(inbox.get("url").asText());
        HttpRequest.Builder request = HttpRequest.newBuilder(product.url(url.getPath()));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return product.send(
                request.POST(HttpRequest.BodyPublishers.ofString(body)).build());
    }

    @Test
    void a_webhook_delivers_to_a_test_inbox_without_any_setting_and_its_signatures_are_right() {
        for (String signature : new String[] {"standard", "rfc9421", "both"}) {
            JsonNode inbox = create();
            String type = "signed." + signature;
            HttpResponse<String> saved =
                    webhook(type, inbox.get("url").asText(), ", \"signature\": \"" + signature + "\"");
            assertEquals(201, saved.statusCode(), saved.body());
            send(type);
            product.awaitDeliveries(ADMIN, type, 1, "delivered");
            JsonNode request = requests(inbox).get(0);
            assertEquals("POST", request.get("method").asText());
            assertTrue(request.at("/signature/valid").asBoolean(), request.toString());
            assertTrue(request.get("body").asText().contains(type));
        }
    }

    @Test
    void a_signature_in_another_form_is_judged_as_the_webhook_of_the_inbox_defines_it() {
        JsonNode inbox = create();
        HttpResponse<String> saved = webhook(
                "signed.custom",
                inbox.get("url").asText(),
                ", \"signature\": \"none\", \"signing\": {\"custom\": {\"key\": \"k1\", \"header\": \"X-Sign\", \"prefix\":"
                        + " \"sha256=\", \"content\": \"{id}.{body}\"}}");
        assertEquals(201, saved.statusCode(), saved.body());
        send("signed.custom");
        product.awaitDeliveries(ADMIN, "signed.custom", 1, "delivered");
        JsonNode request = requests(inbox).get(0);
        assertFalse(request.get("headers").has("webhook-signature"), request.toString());
        assertEquals(
                "Signed with a key of signing.custom.",
                request.at("/signature/reason").asText(),
                request.toString());
        assertTrue(request.at("/signature/valid").asBoolean());

        String[] headers = {"webhook-id", "webhook-timestamp", "x-sign"};
        String[] sent = new String[2 * headers.length];
        for (int i = 0; i < headers.length; i++) {
            sent[2 * i] = headers[i];
            sent[2 * i + 1] = request.at("/headers/" + headers[i] + "/0").asText();
        }
        direct(inbox, request.get("body").asText() + " ", sent);
        JsonNode changed = requests(inbox).get(0);
        assertFalse(changed.at("/signature/valid").asBoolean(), changed.toString());
        assertTrue(changed.at("/signature/reason").asText().startsWith("X-Sign fits no valid key"), changed.toString());
    }

    @Test
    void only_the_path_of_an_existing_inbox_at_exactly_this_address_is_allowed() {
        URI inbox = URI.create(create().get("url").asText());
        String site = inbox.getScheme() + "://" + inbox.getRawAuthority();
        for (String url : new String[] {
            site + "/v1/events",
            site + "/inbox/",
            site + "/inbox/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            inbox + "/../../v1/events",
            inbox + "/",
            inbox.toString().replace("localhost", "127.0.0.1"),
            inbox.toString().replace(":" + inbox.getPort(), ":" + (inbox.getPort() - 1))
        }) {
            HttpResponse<String> refused = webhook("refused", url, "");
            assertEquals(422, refused.statusCode(), url + " " + refused.body());
        }
    }

    @Test
    void no_key_is_needed_to_send_and_none_is_taken() {
        JsonNode inbox = create();
        assertEquals(
                204,
                direct(inbox, "a=b", "Content-Type", "application/x-www-form-urlencoded")
                        .statusCode());
        assertEquals(
                204,
                direct(inbox, "{}", "Authorization", "Bearer a-key-that-is-not-known")
                        .statusCode());
        assertEquals("{}", requests(inbox).at("/0/body").asText());
        assertEquals("a=b", requests(inbox).at("/1/body").asText());
        String id = inbox.get("id").asText();
        assertEquals(401, product.get("/v1/inboxes/" + id, null).statusCode());
        assertEquals(404, product.get("/v1/inboxes/" + id, OTHER).statusCode());
        assertEquals(
                404,
                product.get("/inbox/" + id.replace(id.charAt(30), 'x') + "x", ADMIN)
                        .statusCode());
    }

    @Test
    void a_wrong_signature_is_shown_with_the_reason() {
        JsonNode inbox = create();
        String now = Long.toString(System.currentTimeMillis() / 1000);
        direct(inbox, "{}");
        direct(inbox, "{}", "webhook-signature", "v1,aa");
        direct(inbox, "{}", "webhook-signature", "v1,aa", "webhook-id", "m", "webhook-timestamp", "1000000000");
        direct(inbox, "{}", "webhook-signature", "v1,aa", "webhook-id", "m", "webhook-timestamp", now);
        JsonNode shown = requests(inbox);
        String[] reasons = {"fits no valid key", "differs from the time", "needs webhook-id", "has no signature"};
        for (int i = 0; i < reasons.length; i++) {
            assertFalse(shown.at("/" + i + "/signature/valid").asBoolean());
            String reason = shown.at("/" + i + "/signature/reason").asText();
            assertTrue(reason.contains(reasons[i]), reason);
        }
    }

    @Test
    void it_responds_with_the_chosen_status_after_the_chosen_delay() {
        JsonNode inbox = create();
        String path = "/v1/inboxes/" + inbox.get("id").asText();
        HttpResponse<String> changed = patch(path, "{\"status\": 503, \"delay\": \"300ms\"}");
        assertEquals(200, changed.statusCode(), changed.body());
        long before = System.nanoTime();
        assertEquals(503, direct(inbox, "{}").statusCode());
        assertTrue(System.nanoTime() - before >= 300_000_000L);
        for (String wrong : new String[] {"{\"status\": 99}", "{\"delay\": \"31s\"}", "{\"status\": \"x\"}"}) {
            assertEquals(422, patch(path, wrong).statusCode());
        }
        assertEquals(
                204, product.send(product.request(path, ADMIN).DELETE().build()).statusCode());
        assertEquals(0, requests(inbox).size());
        assertEquals(204, direct(inbox, "{}").statusCode());
    }

    @Test
    void a_body_of_more_than_64_KiB_is_refused() {
        JsonNode inbox = create();
        assertEquals(204, direct(inbox, "x".repeat(64 * 1024)).statusCode());
        assertEquals(413, direct(inbox, "x".repeat(64 * 1024 + 1)).statusCode());
        assertEquals(1, requests(inbox).size());
    }

    private HttpResponse<String> patch(String path, String body) {
        return product.send(product.request(path, ADMIN)
                .header("Content-Type", "application/json")
                .method("PATCH", HttpRequest.BodyPublishers.ofString(body))
                .build());
    }
}
