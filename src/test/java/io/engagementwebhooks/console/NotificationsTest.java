package io.engagementwebhooks.console;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** A chat gets one message when a webhook fails and one when it recovers. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NotificationsTest {

    private static final String KEY = "acme-admin-key-notifications";
    private static final String READ = "acme-read-key-notifications";
    private static final int FAILURES = 20;
    private static final int SUCCESSES = 5;

    private final AtomicBoolean works = new AtomicBoolean();

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(works.get() ? 200 : 500));

    @AutoClose
    private final Receiver chat = new Receiver(got -> new Receiver.Reply(200));

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(
            """
                accounts:
                  - id: acme
                    apiKeys:
                      - {name: anna, role: admin, key: acme-admin-key-notifications}
                      - {name: eve, role: read, key: acme-read-key-notifications}
                    webhooks:
                      - {name: crm, events: [call.ended], retry: [7d], delivery: {url: "%s", authentication: {type: none}}}
                """
                    .formatted(receiver.url()));

    private void events(String prefix, int count, String status) {
        for (int i = 0; i < count; i++) {
            product.postEvent(
                    KEY,
                    "{\"id\": \"" + prefix + i
                            + "\", \"source\": \"/s\", \"type\": \"call.ended\", \"data\": {\"duration\": 5}}");
        }
        for (int i = 0; i < count; i++) {
            product.awaitDeliveries(KEY, prefix + i, 1, status);
        }
    }

    private List<String> messages() {
        return chat.requests().stream().map(NotificationsTest::text).toList();
    }

    private static String text(Receiver.Got got) {
        try {
            JsonNode body = JsonMapper.builder().build().readTree(got.body());
            return body.has("text")
                    ? body.get("text").asText()
                    : body.at("/attachments/0/content/body/0/text").asText();
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new AssertionError(got.body(), e);
        }
    }

    @Test
    void a_chat_gets_one_message_for_a_failure_and_one_for_the_recovery() {
        Visitor anna = Visitor.signedIn(product, KEY);
        String empty = anna.get("/console/settings/notifications").body();
        assertTrue(empty.contains("No notifications yet") && empty.contains("Add Slack"), empty);
        for (String recipe : List.of("slack", "teams")) {
            String path = "/console/settings/notifications/" + recipe;
            String form = anna.get(path).body();
            assertTrue(form.contains("value=\"notify-" + recipe + "\""), form);
            HttpResponse<String> added =
                    anna.post(path, "name", "notify-" + recipe, "to", chat.url().toString());
            assertEquals(303, added.statusCode(), added.body());
        }
        String list = anna.get("/console/settings/notifications").body();
        String id = product.webhookId(KEY, "notify-slack");
        assertTrue(list.contains("href=\"/console/webhooks/" + id + "\">notify-slack</a>"), list);
        assertTrue(list.contains("<code>webhook.disabled</code>"), list);

        events("fails-", FAILURES, "waiting");
        await().until(() -> messages().size() == 2);
        for (String message : messages()) {
            assertTrue(message.startsWith("Webhook crm is failing. "), message);
            assertTrue(message.contains("500") && message.contains("deliveries queued"), message);
        }
        events("fails-on-", 2, "waiting");
        works.set(true);
        events("works-", SUCCESSES, "delivered");
        await().until(() -> messages().size() == 4);
        assertTrue(
                messages().subList(2, 4).stream()
                        .allMatch(message -> message.startsWith("Webhook crm has recovered. ")),
                messages().toString());
    }

    @Test
    void errors_are_beside_their_fields_and_role_read_adds_nothing() {
        Visitor anna = Visitor.signedIn(product, KEY);
        anna.get("/console/settings/notifications/slack");
        String missing = anna.post("/console/settings/notifications/slack", "name", "x", "to", "")
                .body();
        assertTrue(missing.contains("Enter the Webhook URL."), missing);
        HttpResponse<String> wrong = anna.post("/console/settings/notifications/slack", "name", "x", "to", "nonsense");
        assertEquals(422, wrong.statusCode());
        assertTrue(wrong.body().contains("id=\"to-fault\""), wrong.body());
        assertEquals(404, anna.get("/console/settings/notifications/pigeon").statusCode());
        Visitor eve = Visitor.signedIn(product, READ);
        assertFalse(eve.get("/console/settings/notifications").body().contains("Add Slack"));
        assertEquals(
                422,
                eve.post(
                                "/console/settings/notifications/slack",
                                "name",
                                "y",
                                "to",
                                chat.url().toString())
                        .statusCode());
    }
}
