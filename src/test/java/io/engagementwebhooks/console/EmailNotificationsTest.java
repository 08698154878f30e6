package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.icegreen.greenmail.configuration.GreenMailConfiguration;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** People are notified by e-mail, through a mail server. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EmailNotificationsTest {

    private static final String KEY = "acme-admin-key-mail";
    private static final String OTHER = "globex-admin-key-mail";
    private static final String LIMITED = "initech-admin-key-mail";
    private static final String TEN =
            IntStream.range(0, 10).mapToObj(i -> "ten" + i + "@example.com").collect(Collectors.joining(","));
    private static final String FORM = "/console/settings/notifications/email";

    private final GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP))
            .withConfiguration(
                    GreenMailConfiguration.aConfig().withUser("sender@example.com", "sender", "secret-of-mail"));
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(410));
    private RunningProduct product;

    @BeforeAll
    void start(@TempDir Path folder) {
        mail.start();
        product = RunningProduct.start(
                folder,
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: anna, role: admin, key: acme-admin-key-mail}]
                    webhooks:
                      - {name: crm, events: [call.ended], delivery: {url: "%s", authentication: {type: none}}}
                      - name: all-by-mail
                        events: [call.missed]
                        delivery: {url: "mailto:all@example.com", authentication: {type: custom, destination: email}}
                      - name: own-by-mail
                        events: [webhook.failing]
                        delivery: {url: "mailto:own@example.com", authentication: {type: custom, destination: email}}
                  - id: initech
                    apiKeys: [{name: bill, role: admin, key: initech-admin-key-mail}]
                    webhooks:
                      - name: ten-by-mail
                        events: [webhook.failing]
                        delivery: {url: "mailto:%s", authentication: {type: custom, destination: email}}
                  - id: globex
                    apiKeys: [{name: eve, role: admin, key: globex-admin-key-mail}]
                """
                        .formatted(receiver.url(), TEN),
                "webhooks.mail.host=127.0.0.1",
                "webhooks.mail.port=" + mail.getSmtp().getPort(),
                "webhooks.mail.user=sender",
                "webhooks.mail.password=secret-of-mail",
                "webhooks.mail.from=webhooks@example.com",
                "webhooks.mail.tls=none",
                "webhooks.mail.max-per-hour=30");
    }

    @AfterAll
    void stop() {
        product.close();
        receiver.close();
        mail.stop();
    }

    /** As they are in the mailboxes: one for each address. */
    private List<MimeMessage> to(String address) {
        return Arrays.stream(mail.getReceivedMessages())
                .filter(message -> recipients(message).contains(address))
                .toList();
    }

    private static Set<String> recipients(MimeMessage message) {
        try {
            return Arrays.stream(message.getRecipients(Message.RecipientType.TO))
                    .map(Object::toString)
                    .collect(Collectors.toSet());
        } catch (MessagingException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void people_get_a_message_when_a_webhook_is_disabled() throws Exception {
        Visitor anna = Visitor.signedIn(product, KEY);
        String list = anna.get("/console/settings/notifications").body();
        assertTrue(list.contains("href=\"" + FORM + "\""), list);
        HttpResponse<String> added = anna.post(FORM, "name", "notify-email", "to", "ops@example.com, it@example.com");
        assertEquals(303, added.statusCode(), added.body());
        product.postEvent(KEY, "{\"id\": \"e1\", \"source\": \"/s\", \"type\": \"call.ended\", \"data\": {}}");
        Awaitility.await().until(() -> to("ops@example.com").size() == 2);
        MimeMessage message = to("it@example.com").get(0);
        assertEquals("Webhook crm was disabled", message.getSubject());
        assertEquals(Set.of("ops@example.com", "it@example.com"), recipients(message));
        assertEquals("webhooks@example.com", message.getFrom()[0].toString());
        assertEquals("auto-generated", message.getHeader("Auto-Submitted", null));
        assertTrue(message.getContentType().toLowerCase(Locale.ROOT).contains("utf-8"), message.getContentType());
        String text = GreenMailUtil.getBody(message);
        assertTrue(text.contains("410") && text.contains("webhook notify-email of account acme"), text);

        // the message arrives before its outcome is recorded
        JsonNode delivery = Awaitility.await()
                .until(
                        () -> product.read("/v1/deliveries?webhook=notify-email", KEY)
                                .at("/items/0"),
                        shown -> "delivered".equals(shown.path("status").asText()));
        JsonNode attempt = product.read("/v1/deliveries/" + delivery.get("id").asText() + "/attempts", KEY)
                .at("/items/0");
        assertEquals(
                "mailto:ops@example.com,it@example.com",
                attempt.at("/request/url").asText(),
                attempt.toString());
        assertEquals(
                "Webhook crm was disabled",
                attempt.at("/request/headers/Subject").asText(),
                attempt.toString());
        for (String page : List.of(
                "/console/webhooks",
                "/console/webhooks/notify-email?tab=configuration",
                "/console/builder/notify-email",
                "/console/deliveries/" + delivery.get("id").asText())) {
            HttpResponse<String> shown = anna.get(page);
            assertEquals(200, shown.statusCode(), page);
            assertTrue(shown.body().contains("ops@example.com"), page + shown.body());
        }
    }

    @Test
    void a_test_sends_a_message_that_says_nothing_of_its_event() throws Exception {
        HttpResponse<String> tested = product.post(
                "/v1/webhooks/all-by-mail/test",
                KEY,
                "application/json",
                "{\"event\": {\"id\": \"1\", \"source\": \"/s\", \"type\": \"call.missed\", \"data\": {\"reason\": \"buy it now\"}}}");
        JsonNode result = RunningProduct.json(tested);
        assertEquals("delivered", result.get("outcome").asText(), tested.body());
        MimeMessage message = to("all@example.com").get(0);
        assertEquals("Test of webhook all-by-mail", message.getSubject());
        assertFalse(GreenMailUtil.getWholeMessage(message).contains("buy it now"), "a test's words are ours");
    }

    private JsonNode preview(String webhook) {
        return RunningProduct.json(
                product.post("/v1/webhooks/preview", KEY, "application/json", "{\"webhook\": \"" + webhook + "\"}"));
    }

    @Test
    void a_preview_shows_the_message_or_that_the_event_would_be_skipped() {
        JsonNode message = preview("own-by-mail");
        assertEquals(
                "Webhook ended-calls-to-crm is failing",
                message.at("/request/headers/Subject").asText(),
                message.toString());
        JsonNode skipped = preview("all-by-mail");
        assertTrue(skipped.get("request").isNull(), skipped.toString());
        assertEquals(
                "E-mail is for the product's own events, such as webhook.failing, not for call.missed, so it would be skipped",
                skipped.get("fault").asText(),
                skipped.toString());
    }

    /** Each address counts, and so does a test. */
    @Test
    void above_the_limit_of_its_account_a_test_is_refused_and_a_message_waits() {
        String test = "/v1/webhooks/ten-by-mail/test";
        for (int i = 0; i < 3; i++) {
            JsonNode sent = RunningProduct.json(product.post(test, LIMITED, "application/json", "{}"));
            assertEquals("delivered", sent.get("outcome").asText(), sent.toString());
        }
        HttpResponse<String> refused = product.post(test, LIMITED, "application/json", "{}");
        assertEquals(429, refused.statusCode(), refused.body());
        assertTrue(refused.body().contains("too-many-emails"), refused.body());
        assertTrue(
                refused.headers().firstValueAsLong("Retry-After").orElse(0) > 3_000,
                refused.headers().toString());
        Visitor bill = Visitor.signedIn(product, LIMITED);
        bill.post("/console/webhooks/ten-by-mail/test", "to", "webhook");
        String page = bill.get("/console/webhooks/ten-by-mail").body();
        assertTrue(page.contains("limit of 30 e-mails in an hour"), page);

        HttpResponse<String> sample =
                product.post("/v1/event-types/webhook.failing/sample", LIMITED, "application/json", "");
        String deliveries =
                "/v1/deliveries?event=" + RunningProduct.json(sample).get("id").asText();
        Awaitility.await().until(() -> product.read(deliveries, LIMITED)
                .at("/items/0/reason")
                .asText()
                .contains("limit of 30 e-mails"));
        JsonNode waiting = product.read(deliveries, LIMITED).at("/items/0");
        assertEquals("waiting", waiting.get("state").asText(), waiting.toString());
        assertEquals(0, waiting.get("attemptCount").asInt(), waiting.toString());
        assertTrue(waiting.get("next").isTextual(), waiting.toString());
        assertEquals(30, to("ten0@example.com").size());
    }

    @Test
    void an_event_of_an_account_is_skipped_with_the_reason() {
        product.postEvent(KEY, "{\"id\": \"m1\", \"source\": \"/s\", \"type\": \"call.missed\", \"data\": {}}");
        JsonNode skipped = product.awaitDeliveries(KEY, "m1", 1, "skipped").get(0);
        assertTrue(skipped.get("reason").asText().contains("product's own events"), skipped.toString());
    }

    /** Also those of CVE-2025-7962, whose last bytes are a carriage return and a line feed. */
    @Test
    void addresses_are_refused_that_are_none_or_too_many() {
        Visitor eve = Visitor.signedIn(product, OTHER);
        eve.get(FORM);
        assertTrue(eve.post(FORM, "name", "n", "to", "").body().contains("Enter the E-mail addresses."));
        for (String wrong : List.of(
                "nonsense",
                "a@b.example\r\nBcc: all@b.example",
                "a@b.example\u560d\u560aRCPT",
                "a@b.example,,b@b.example",
                "Anna <a@b.example>",
                "a@b.example?cc=c@b.example",
                IntStream.range(0, 11).mapToObj(i -> "a" + i + "@b.example").collect(Collectors.joining(",")))) {
            HttpResponse<String> refused = eve.post(FORM, "name", "n", "to", wrong);
            assertEquals(422, refused.statusCode(), wrong);
            assertTrue(refused.body().contains("id=\"to-fault\""), refused.body());
        }
        assertEquals(0, product.read("/v1/webhooks", OTHER).get("items").size());
    }
}
