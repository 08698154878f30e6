package io.engagementwebhooks.testkit;

import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.accept.NewDelivery;
import io.engagementwebhooks.store.due.FifoSuccession;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** An event with deliveries, about to be stored, a sample for tests, with methods to replace its parts. Immutable. */
public record SampleIntake(
        String account, String id, String type, String subject, String data, List<NewDelivery> deliveries) {

    /** The source of all of them. */
    public static final String SOURCE = "/calls";

    public SampleIntake {
        deliveries = List.copyOf(deliveries);
    }

    /** An event of account {@code acme} without deliveries. */
    public static SampleIntake event(String id) {
        return new SampleIntake("acme", id, "call.ended", null, "{\"cdr_id\":7}", List.of());
    }

    public SampleIntake of(String otherAccount) {
        return new SampleIntake(otherAccount, id, type, subject, data, deliveries);
    }

    public SampleIntake ofType(String otherType) {
        return new SampleIntake(account, id, otherType, subject, data, deliveries);
    }

    public SampleIntake about(String otherSubject) {
        return new SampleIntake(account, id, type, otherSubject, data, deliveries);
    }

    public SampleIntake with(String otherData) {
        return new SampleIntake(account, id, type, subject, otherData, deliveries);
    }

    /** And a delivery that is due now. */
    public SampleIntake to(String webhook, Clock clock) {
        return to(Ids.webhook(account, webhook), clock);
    }

    /** And a delivery that is due now. */
    public SampleIntake to(WebhookId webhook, Clock clock) {
        return and(new NewDelivery(newId(clock), webhook, null, clock.instant(), clock.instant(), null));
    }

    /** And a delivery that is due now for each of many webhooks. */
    public SampleIntake toEach(Collection<String> webhooks, Clock clock) {
        Instant now = clock.instant();
        List<NewDelivery> more = new ArrayList<>(deliveries);
        webhooks.forEach(webhook ->
                more.add(new NewDelivery(newId(clock), Ids.webhook(account, webhook), null, now, now, null)));
        return new SampleIntake(account, id, type, subject, data, more);
    }

    /** And a delivery that is due later, as one is that waits for its next try. */
    public SampleIntake to(String webhook, Duration later, Clock clock) {
        Instant now = clock.instant();
        return and(new NewDelivery(newId(clock), Ids.webhook(account, webhook), null, now, now.plus(later), null));
    }

    /** And a delivery that is due now, unless others of its key are before it. */
    public SampleIntake inOrder(String key, String webhook, Clock clock) {
        Instant now = clock.instant();
        WebhookId to = Ids.webhook(account, webhook);
        return and(new NewDelivery(newId(clock), to, null, now, now, null, FifoSuccession.key(to, key)));
    }

    /** And a delivery that waits for a field. */
    public SampleIntake waitingFor(String field, Duration atMost, String webhook, Clock clock) {
        Instant now = clock.instant();
        return and(new NewDelivery(newId(clock), Ids.webhook(account, webhook), null, now, now.plus(atMost), field));
    }

    /** And a delivery that is not sent. */
    public SampleIntake skipped(String why, String webhook, Clock clock) {
        Instant now = clock.instant();
        return and(new NewDelivery(newId(clock), Ids.webhook(account, webhook), why, now, now, null));
    }

    private SampleIntake and(NewDelivery delivery) {
        List<NewDelivery> more = new ArrayList<>(deliveries);
        more.add(delivery);
        return new SampleIntake(account, id, type, subject, data, more);
    }

    public static String newId(Clock clock) {
        return UlidCreator.getMonotonicUlid(clock.millis()).toString();
    }

    public String deliveryId() {
        return deliveries.get(0).id();
    }

    public Intake intake() {
        String about = subject == null ? "" : ",\"subject\":\"" + subject + "\"";
        String document = "{\"specversion\":\"1.0\",\"id\":\"" + id + "\",\"source\":\"" + SOURCE + "\",\"type\":\""
                + type + "\"" + about + ",\"data\":" + data + "}";
        return new Intake(
                new Event(
                        new EventIdentity(account, SOURCE, id),
                        type,
                        subject,
                        null,
                        document.getBytes(StandardCharsets.UTF_8),
                        sha256(data)),
                deliveries,
                Set.of());
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
