package io.engagementwebhooks.record;

import static io.engagementwebhooks.record.NextStepTest.delivery;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.ShownAttempt;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.webhook.RetrySchedule;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** Properties for any schedule, jitter and {@code Retry-After} (semantics 12 to 14). */
class NextStepPropertiesTest {

    private static final Instant START = Instant.parse("2026-11-24T12:00:00Z");
    private static final long YEAR_MS = Duration.ofDays(365).toMillis();
    private static final Outcome FAILED = Outcome.TryLater.bySchedule("answered 500");

    @Provide
    Arbitrary<List<Duration>> schedules() {
        return Arbitraries.longs()
                .between(1, Duration.ofDays(30).toMillis())
                .map(Duration::ofMillis)
                .list()
                .ofMaxSize(40);
    }

    private static AttemptResult after(Delivery delivery, Outcome outcome, Instant end, double luck) {
        return new NextStep(() -> luck).after(delivery, outcome, new ShownAttempt(end, 1, null, null, null), end);
    }

    private static Outcome askedToWait(Instant until) {
        return new Outcome.TryLater("answered 429", until, true, true);
    }

    @Property
    void n_entries_make_n_plus_one_attempts_never_early_and_at_most_a_tenth_late(
            @ForAll("schedules") List<Duration> gaps,
            @ForAll @IntRange(max = 400) int base,
            @ForAll @DoubleRange(max = 1) double luck) {
        Instant end = START;
        for (int attempt = 1; attempt <= gaps.size(); attempt++) {
            AttemptResult next = after(delivery(gaps, base + attempt, base, Instant.MAX), FAILED, end, luck);
            Duration gap = gaps.get(attempt - 1);
            assertEquals(DeliveryState.WAITING, next.state());
            assertEquals(base + attempt, next.attempt().number());
            assertFalse(next.dueAt().isBefore(end.plus(gap)));
            assertFalse(next.dueAt().isAfter(end.plus(gap).plusMillis(gap.toMillis() / 10 + 1)));
            end = next.dueAt();
        }
        AttemptResult last = after(delivery(gaps, base + gaps.size() + 1, base, Instant.MAX), FAILED, end, luck);
        assertEquals(DeliveryState.GAVE_UP, last.state());
        assertEquals(null, last.dueAt());
    }

    @Property
    void the_span_of_a_schedule_is_its_last_attempt_with_the_largest_jitter(@ForAll("schedules") List<Duration> gaps) {
        RetrySchedule schedule = new RetrySchedule("list", gaps);
        Duration all = Duration.ZERO;
        for (int failed = 1; ; failed++) {
            Optional<Duration> gap = schedule.gapAfter(failed, 0);
            if (gap.isEmpty()) {
                break;
            }
            all = all.plus(gap.get());
        }
        assertEquals(schedule.span(), all);
    }

    @Property
    void retry_after_is_never_undercut_and_never_shortens_the_schedule(
            @ForAll @LongRange(min = 1, max = 30L * 24 * 3600 * 1000) long gapMs,
            @ForAll @LongRange(min = 1, max = 20L * 365 * 24 * 3600 * 1000) long wishMs,
            @ForAll @LongRange(min = 0, max = 2L * 365 * 24 * 3600 * 1000) long lifeMs,
            @ForAll @DoubleRange(max = 1) double luck) {
        Instant until = START.plusMillis(wishMs);
        Instant expires = START.plusMillis(lifeMs);
        List<Duration> gaps = List.of(Duration.ofMillis(gapMs));

        AttemptResult next = after(delivery(gaps, 1, 0, expires), askedToWait(until), START, luck);

        if (next.state() == DeliveryState.WAITING) {
            assertFalse(next.dueAt().isBefore(until));
            assertFalse(next.dueAt().isBefore(START.plusMillis(gapMs)));
            assertFalse(next.dueAt().isAfter(expires));
            Instant bySchedule = START.plusMillis(gapMs + gapMs / 10 + 1);
            assertFalse(next.dueAt().isAfter(until.isAfter(bySchedule) ? until : bySchedule));
        } else {
            assertEquals(DeliveryState.GAVE_UP, next.state());
            boolean tooOld = until.isAfter(expires)
                    || START.plusMillis(gapMs + gapMs / 10 + 1).isAfter(expires);
            assertTrue(tooOld, () -> "it gave up in time: " + next.reason());
        }
    }

    @Property
    void the_hold_of_a_webhook_lasts_as_long_as_retry_after_and_at_most_a_day(
            @ForAll @LongRange(min = 1, max = 10L * 365 * 24 * 3600 * 1000) long wishMs, @ForAll boolean expired) {
        assertTrue(wishMs <= 10 * YEAR_MS);
        Instant until = START.plusMillis(wishMs);
        Delivery delivery = delivery(List.of(Duration.ofHours(1)), 1, 0, expired ? START : Instant.MAX);

        Instant hold = after(delivery, askedToWait(until), START, 0).holdWebhookUntil();

        Instant latest = START.plus(Duration.ofHours(24));
        assertEquals(until.isBefore(latest) ? until : latest, hold);
    }

    @Property
    void an_unsent_attempt_is_not_counted_and_waits(
            @ForAll("schedules") List<Duration> gaps,
            @ForAll @LongRange(min = 0, max = 30L * 24 * 3600 * 1000) long untilMs,
            @ForAll @LongRange(min = 0, max = 30L * 24 * 3600 * 1000) long lifeMs) {
        Instant until = START.plusMillis(untilMs);
        Instant expires = START.plusMillis(lifeMs);
        AttemptResult next = after(delivery(gaps, 1, 0, expires), new Outcome.NotSent("no token", until), START, 0);

        assertEquals(null, next.attempt());
        boolean tooOld = until.isAfter(expires);
        assertEquals(tooOld ? DeliveryState.GAVE_UP : DeliveryState.WAITING, next.state());
        assertEquals(tooOld ? null : until, next.dueAt());
    }
}
