package io.engagementwebhooks.deliver.email;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.LimitReachedException;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.testkit.SampleWebhook;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.DeliveryMethod;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.Authentication;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

/** The message for Camel's mail component. */
class EmailBuildingTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    private static final MailServer SERVER = new MailServer(
            "mail.b.example", 25, "", Optional.empty(), "webhooks@b.example", MailServer.Encryption.NONE, 10);

    private final EmailBuilding step = new EmailBuilding(SERVER, new SettableClock(NOW));

    private static Delivery delivery(String source, String data) {
        Webhook webhook = SampleWebhook.of(
                "acme",
                "calls",
                new Target.Email(List.of("ops@b.example", "it@b.example")),
                new Authentication.Custom(Target.Email.DESTINATION, new Authentication.None()),
                DeliveryMethod.DEFAULT_TIMEOUT);
        Event event = new Event(
                new EventIdentity("acme", source, "1"),
                "webhook.failing",
                null,
                NOW,
                ("{\"data\": " + data + "}").getBytes(StandardCharsets.UTF_8),
                new byte[32]);
        return new Delivery("01JD0000000000000000000000", webhook, event, null, 1, NOW);
    }

    private Exchange built(Delivery delivery) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        DeliveryContext.put(exchange, delivery);
        exchange.getMessage().setHeader("mail.smtp.host", "evil.example");
        exchange.getMessage().setHeader("Bcc", "all@evil.example");
        step.process(exchange);
        return exchange;
    }

    /** CVE-2026-46584 and CVE-2026-85314 of camel-mail: such headers would change the session. */
    @Test
    void no_header_stays_but_those_of_the_email() {
        Exchange exchange = built(delivery(Event.SYSTEM_SOURCE, "{\"webhook\": \"crm\"}"));
        assertEquals(
                Set.of("From", "To", "Subject", "Content-Type", "Auto-Submitted"),
                exchange.getMessage().getHeaders().keySet());
        assertEquals("ops@b.example, it@b.example", exchange.getMessage().getHeader("To"));
    }

    @Test
    void what_others_wrote_ends_no_line() {
        Exchange exchange = built(
                delivery(
                        Event.SYSTEM_SOURCE,
                        "{\"webhook\": \"crm\\r\\nBcc: all@evil.example\", \"reason\": \"no\\u2028.\\r\\nDeliveries queued: 9\"}"));
        String subject = exchange.getMessage().getHeader("Subject", String.class);
        assertEquals("Webhook crm Bcc: … is failing", subject);
        String text = exchange.getMessage().getBody(String.class);
        assertTrue(text.contains("\nReason: no . Deliveries queued: 9\n"), text);
        assertFalse(text.contains("\r"), text);
    }

    @Test
    void an_email_above_the_limit_is_not_built_and_one_that_was_not_sent_does_not_count() {
        Delivery failing = delivery(Event.SYSTEM_SOURCE, "{\"webhook\": \"crm\"}");
        Exchange unsent = built(failing);
        DeliveryContext.end(unsent, new Outcome.NotSent("no server", NOW));
        unsent.getExchangeExtension().handoverCompletions().forEach(completion -> completion.onComplete(unsent));
        for (int i = 0; i < 5; i++) {
            Exchange sent = built(failing);
            DeliveryContext.end(sent, new Outcome.Delivered(""));
            sent.getExchangeExtension().handoverCompletions().forEach(completion -> completion.onComplete(sent));
        }
        LimitReachedException above = assertThrows(LimitReachedException.class, () -> built(failing));
        assertEquals(NOW.plus(Duration.ofHours(1)), above.until());
        assertTrue(above.getMessage().contains("10 e-mails in an hour"), above.getMessage());
    }

    @Test
    void an_email_that_cannot_be_built_does_not_count() {
        Delivery faulty = delivery(Event.SYSTEM_SOURCE, "no JSON");
        for (int i = 0; i < SERVER.maxPerHour(); i++) {
            RuntimeException failure = assertThrows(RuntimeException.class, () -> built(faulty));
            assertFalse(failure instanceof LimitReachedException, failure.toString());
        }
        built(delivery(Event.SYSTEM_SOURCE, "{\"webhook\": \"crm\"}"));
    }

    @Test
    void an_event_of_a_caller_is_skipped() {
        Exchange exchange = built(delivery("/calls", "{}"));
        assertInstanceOf(Outcome.Skipped.class, DeliveryContext.outcome(exchange));
        assertTrue(exchange.getMessage().getHeaders().isEmpty());
    }
}
