package io.engagementwebhooks.deliver.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.judge.Outcome.Delivered;
import io.engagementwebhooks.deliver.judge.Outcome.GaveUp;
import io.engagementwebhooks.deliver.judge.Outcome.TryLater;
import io.engagementwebhooks.testkit.SampleDelivery;
import io.engagementwebhooks.testkit.SettableClock;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Semantics 11 and 13. */
class AnswerJudgingTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    private final AnswerJudging judging = new AnswerJudging(new SettableClock(NOW));
    private final SampleDelivery sample =
            new SampleDelivery(URI.create("https://crm.example/")).acceptedAt(NOW.minus(Duration.ofDays(1)));

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 202, 204, 299})
    void a_2xx_is_delivered(int status) {
        assertEquals(new Delivered(""), judge(status, null));
    }

    @Test
    void a_note_on_the_response_is_kept_for_a_delivered_attempt() {
        Answer answer = new Answer(200, Map.of(), new byte[0], "answer's body was late");
        assertEquals(
                new Delivered("answer's body was late"),
                judging.judge(answer, answer.note(), sample.delivery(), false));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 404, 418, 500, 501, 302, 308, 999, 102})
    void any_other_status_is_tried_again_by_the_schedule(int status) {
        TryLater later = assertInstanceOf(TryLater.class, judge(status, null));
        assertEquals(TryLater.bySchedule(later.reason()), later);
        assertTrue(later.reason().startsWith("The receiver answered " + status), later.reason());
    }

    @Test
    void reasons_are_plain_words() {
        assertEquals(
                "The receiver answered 500 Internal Server Error",
                judge(500, null).reason());
        assertEquals(
                "The receiver answered 302 Moved Temporarily: redirects are refused",
                judge(302, null).reason());
        assertEquals("The receiver answered 999", judge(999, null).reason());
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 502, 503, 504})
    void an_overloaded_receiver_slows_the_webhook_down(int status) {
        TryLater later = assertInstanceOf(TryLater.class, judge(status, null));
        assertTrue(later.slowDown());
        assertNull(later.notBefore());
    }

    @Test
    void a_410_disables_the_webhook() {
        GaveUp gone = assertInstanceOf(GaveUp.class, judge(410, null));
        assertTrue(gone.disablesWebhook());
    }

    @Test
    void a_410_to_a_test_disables_nothing() {
        assertEquals(
                Outcome.GaveUp.because(
                        "The receiver answered 410 Gone; only a delivery that is not a test disables the webhook"),
                judging.judge(answer(410, null), "", sample.delivery(), true));
    }

    @Test
    void a_status_of_the_give_up_list_is_not_retried() {
        Delivery delivery = sample.givingUpOn(404).delivery();
        assertEquals(
                Outcome.GaveUp.because(
                        "The receiver answered 404 Not Found, after which this webhook does not try again"),
                judging.judge(answer(404, null), "", delivery, false));
    }

    /** Semantics 11. */
    @Test
    void a_status_that_counts_as_success_is_delivered_and_noted() {
        Delivery delivery = sample.succeedingOn(404, 409).delivery();
        assertEquals(
                new Delivered("409 counts as success; answer cut"),
                judging.judge(answer(409, null), "answer cut", delivery, false));
        assertInstanceOf(TryLater.class, judging.judge(answer(400, null), "", delivery, false));
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void retry_after_in_seconds_holds_the_webhook(int status) {
        TryLater later = assertInstanceOf(TryLater.class, judge(status, " 120 "));
        assertEquals(NOW.plusSeconds(120), later.notBefore());
        assertTrue(later.holdsWebhook());
        assertEquals(NOW.plusSeconds(120), later.webhookHeldUntil(NOW));
    }

    @Test
    void retry_after_holds_the_webhook_for_24_hours_at_most_and_its_delivery_longer() {
        TryLater later = assertInstanceOf(TryLater.class, judge(503, "172800"));
        assertEquals(NOW.plus(Duration.ofDays(2)), later.notBefore());
        assertEquals(NOW.plus(Duration.ofHours(24)), later.webhookHeldUntil(NOW));
    }

    @ParameterizedTest
    @ValueSource(strings = {"691200", "99999999999999999999", "Tue, 24 Nov 2099 12:30:00 GMT"})
    void retry_after_beyond_the_maximum_age_still_holds_the_webhook(String value) {
        TryLater outcome = assertInstanceOf(TryLater.class, judge(503, value));
        assertTrue(outcome.reason().contains("asked to wait until 20"), outcome.reason());
        assertEquals(NOW.plus(Duration.ofHours(24)), outcome.webhookHeldUntil(NOW));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-5", "soon", "1.5", "0", "Mon, 23 Nov 2026 12:00:00 GMT"})
    void a_past_negative_or_invalid_retry_after_is_ignored(String value) {
        assertNull(assertInstanceOf(TryLater.class, judge(503, value)).notBefore());
    }

    @Test
    void retry_after_counts_with_429_and_503_alone() {
        assertNull(assertInstanceOf(TryLater.class, judge(500, "120")).notBefore());
    }

    private Outcome judge(int status, String retryAfter) {
        return judging.judge(answer(status, retryAfter), "", sample.delivery(), false);
    }

    private static Answer answer(int status, String retryAfter) {
        Map<String, String> headers = retryAfter == null ? Map.of() : Map.of("retry-after", retryAfter);
        return new Answer(status, headers, new byte[0], "");
    }
}
