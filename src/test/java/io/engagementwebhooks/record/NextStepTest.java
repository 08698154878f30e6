package io.engagementwebhooks.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.ShownAttempt;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.SampleDelivery;
import io.engagementwebhooks.webhook.RetrySchedule;
import io.engagementwebhooks.webhook.Webhook;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The state of a delivery after an attempt (semantics 11 to 14). */
class NextStepTest {

    private static final Instant END = Instant.parse("2026-11-24T12:00:00Z");
    private static final Instant FAR = END.plus(Duration.ofDays(300));
    private static final Outcome FAILED = Outcome.TryLater.bySchedule("answered 500");

    private final NextStep exactly = new NextStep(() -> 0);

    private static Webhook webhook(List<Duration> gaps) {
        Webhook w = new SampleDelivery(URI.create("https://crm.example.com"))
                .delivery()
                .webhook();
        return new Webhook(
                w.id(),
                w.events(),
                w.condition(),
                w.delivery(),
                new RetrySchedule("list", gaps),
                Duration.ofDays(7),
                w.giveUpOn());
    }

    static Delivery delivery(List<Duration> gaps, int attempt, int base, Instant expiresAt) {
        Delivery d = new SampleDelivery(URI.create("https://crm.example.com")).delivery();
        return new Delivery(d.id(), webhook(gaps), d.event(), null, attempt, base, expiresAt);
    }

    private static ShownAttempt shown(Integer status) {
        Answer answer = status == null ? null : new Answer(status, Map.of("server", "x"), new byte[] {1}, "");
        return new ShownAttempt(END.minusMillis(412), 412, answer, "cut", null);
    }

    private AttemptResult after(Delivery delivery, Outcome outcome) {
        return exactly.after(delivery, outcome, shown(500), END);
    }

    private static Outcome askedToWait(Instant until) {
        return new Outcome.TryLater("answered 429 and asked to wait until " + until, until, true, true);
    }

    // --- the schedule (semantics 12)

    @Test
    void entry_k_is_the_delay_from_the_end_of_attempt_k_to_the_next() {
        List<Duration> gaps = List.of(Duration.ofSeconds(5), Duration.ofMinutes(1), Duration.ofHours(2));
        for (int attempt = 1; attempt <= 3; attempt++) {
            AttemptResult result = after(delivery(gaps, attempt, 0, FAR), FAILED);
            assertEquals(DeliveryState.WAITING, result.state());
            assertEquals(END.plus(gaps.get(attempt - 1)), result.dueAt());
            assertEquals(attempt, result.attempt().number());
            assertEquals("try-later", result.attempt().outcome());
        }
    }

    @Test
    void n_entries_make_n_and_one_attempts() {
        List<Duration> gaps = List.of(Duration.ofSeconds(5), Duration.ofMinutes(1));
        AttemptResult result = after(delivery(gaps, 3, 0, FAR), FAILED);
        assertEquals(DeliveryState.GAVE_UP, result.state());
        assertNull(result.dueAt());
        assertEquals("answered 500; that was the last of 3 attempts", result.reason());
        assertEquals("gave-up", result.attempt().outcome());
    }

    // --- Retry-After (semantics 13)

    @Test
    void a_later_retry_after_overrides_the_schedule_and_holds_the_webhook() {
        Instant wish = END.plusSeconds(600);
        AttemptResult result = after(delivery(List.of(Duration.ofSeconds(5)), 1, 0, FAR), askedToWait(wish));
        assertEquals(wish, result.dueAt());
        assertEquals(wish, result.holdWebhookUntil());
    }

    @Test
    void a_retry_after_beyond_the_age_limit_ends_the_delivery_and_holds_the_webhook() {
        Instant wish = END.plus(Duration.ofDays(3));
        Delivery delivery = delivery(List.of(Duration.ofSeconds(5)), 1, 0, END.plus(Duration.ofDays(2)));
        AttemptResult result = after(delivery, askedToWait(wish));
        assertEquals(DeliveryState.GAVE_UP, result.state());
        assertEquals(
                "answered 429 and asked to wait until " + wish + "; this delivery would be too old then",
                result.reason());
        assertEquals(END.plus(Duration.ofDays(1)), result.holdWebhookUntil());
    }

    @Test
    void the_last_attempt_holds_the_webhook_too() {
        AttemptResult result = after(delivery(List.of(), 1, 0, FAR), askedToWait(END.plusSeconds(600)));
        assertEquals(DeliveryState.GAVE_UP, result.state());
        assertEquals(END.plusSeconds(600), result.holdWebhookUntil());
    }

    // --- age (semantics 14)

    @Test
    void a_delivery_ends_if_its_next_attempt_would_exceed_the_age_limit() {
        List<Duration> gaps = List.of(Duration.ofHours(2));
        assertEquals(
                DeliveryState.WAITING,
                after(delivery(gaps, 1, 0, END.plus(Duration.ofHours(2))), FAILED)
                        .state());
        AttemptResult late =
                after(delivery(gaps, 1, 0, END.plus(Duration.ofHours(2)).minusMillis(1)), FAILED);
        assertEquals(DeliveryState.GAVE_UP, late.state());
        assertEquals("answered 500; the next attempt would come after the age limit of 7d", late.reason());
    }

    @Test
    void an_unsent_delivery_stays_pending_without_an_attempt() {
        Outcome waits = new Outcome.NotSent("no token", END.plusSeconds(30));
        AttemptResult result = exactly.after(delivery(List.of(), 1, 0, FAR), waits, shown(null), END);
        assertEquals(DeliveryState.WAITING, result.state());
        assertEquals("no token", result.reason());
        assertEquals(END.plusSeconds(30), result.dueAt());
        assertNull(result.attempt());
    }

    /** Semantics 14. */
    @Test
    void a_delivery_that_is_never_sent_expires_without_an_attempt() {
        Outcome waits = new Outcome.NotSent("no token", END.plusSeconds(30));
        Delivery d = delivery(List.of(Duration.ofSeconds(5)), 1, 0, END.plusSeconds(29));
        Instant since = Instant.parse("2026-01-02T03:04:05Z");
        Delivery old = new Delivery(d.id(), d.webhook(), d.event(), null, 1, 0, null, d.expiresAt(), since, null);
        AttemptResult result = exactly.after(old, waits, shown(null), END);
        assertEquals(DeliveryState.GAVE_UP, result.state());
        assertEquals(
                "no token; nothing could be sent since 2026-01-02T03:04:05Z, and the age limit is 7d", result.reason());
        assertNull(result.attempt());
    }

    private static Delivery ofOurs() {
        Delivery d = delivery(List.of(), 1, 0, END.plusSeconds(29));
        Event event = new Event(
                new EventIdentity("acme", Event.SYSTEM_SOURCE, "1"),
                "webhook.failing",
                null,
                null,
                new byte[0],
                new byte[32]);
        return new Delivery(d.id(), d.webhook(), event, null, 1, 0, d.expiresAt());
    }

    @Test
    void a_test_says_nothing_of_its_webhook() {
        Delivery d = delivery(List.of(), 1, 0, FAR);
        Event test = d.event().asTest("01KBJ3Z1R8JZ7W5N2N6Y8Z4T3M");
        Delivery tested = new Delivery(d.id(), d.webhook(), test, null, 1, 0, d.expiresAt());
        Outcome lasting = new Outcome.NotSent("refused", END.plusSeconds(30), true);
        assertEquals(AttemptResult.Health.TEST, after(tested, lasting).health());
    }

    /** Semantics 14. */
    @Test
    void a_lasting_fault_makes_the_webhook_failing() {
        Delivery young = delivery(List.of(), 1, 0, FAR);
        Delivery old = delivery(List.of(), 1, 0, END.plusSeconds(29));
        Outcome passing = new Outcome.NotSent("down", END.plusSeconds(30));
        Outcome lasting = new Outcome.NotSent("refused", END.plusSeconds(30), true);
        assertEquals(AttemptResult.Health.NONE, after(young, passing).health());
        assertEquals(AttemptResult.Health.FAILING, after(young, lasting).health());
        assertEquals(AttemptResult.Health.FAILING, after(old, passing).health());
    }

    @Test
    void a_delivery_of_a_system_event_does_not_affect_health() {
        List<Outcome> all = List.of(
                new Outcome.NotSent("refused", END, true),
                new Outcome.NotSent("refused", FAR, true),
                new Outcome.Delivered(""),
                Outcome.GaveUp.because("no"),
                FAILED);
        for (Outcome outcome : all) {
            assertEquals(AttemptResult.Health.NONE, after(ofOurs(), outcome).health(), outcome.toString());
        }
    }

    // --- ends

    @Test
    void a_delivered_one_ends_with_the_response() {
        AttemptResult result =
                exactly.after(delivery(List.of(), 1, 0, FAR), new Outcome.Delivered("answer cut"), shown(200), END);
        assertEquals(DeliveryState.DELIVERED, result.state());
        assertEquals(200, result.attempt().status());
        assertEquals("{\"server\":\"x\"}", result.attempt().headers());
        assertEquals("cut", result.attempt().note());
        assertEquals(412, result.attempt().ms());
        assertNull(result.holdWebhookUntil());
        assertNull(result.disableReason());
    }

    @Test
    void a_410_disables_the_webhook_with_the_reason() {
        AttemptResult result =
                exactly.after(delivery(List.of(), 1, 0, FAR), new Outcome.GaveUp("gone", true, true), shown(410), END);
        assertEquals(DeliveryState.GAVE_UP, result.state());
        assertEquals("gone", result.disableReason());
        assertNotNull(result.attempt());
    }

    @Test
    void a_body_that_cannot_be_built_ends_the_delivery_without_an_attempt() {
        AttemptResult result =
                exactly.after(delivery(List.of(), 1, 0, FAR), Outcome.GaveUp.because("bad body"), shown(null), END);
        assertEquals(DeliveryState.GAVE_UP, result.state());
        assertNull(result.attempt());
    }

    @Test
    void a_connection_that_failed_is_an_attempt_without_a_status() {
        AttemptResult result = exactly.after(delivery(List.of(), 1, 0, FAR), FAILED, shown(null), END);
        assertNotNull(result.attempt());
        assertNull(result.attempt().status());
        assertNull(result.attempt().body());
    }
}
