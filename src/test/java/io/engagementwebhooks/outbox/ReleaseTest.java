package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.store.due.AttemptKind;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.webhook.Batch;
import io.engagementwebhooks.webhook.RateLimit;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Releases 100 000 deliveries of a disabled webhook to a receiver with a capacity of fifty a second, simulated by the
 * millisecond.
 */
class ReleaseTest {

    private static final WebhookId CRM = Ids.webhook("acme", "crm");
    private static final Instant START = Instant.parse("2026-11-24T12:00:00Z");
    private static final int WAITING = 100_000;
    private static final int SECONDS = 120;
    private static final int PER_SECOND = 50;
    private static final double AT_ONCE = 10;

    private final WebhookQueue queue = new WebhookQueue(CRM, 0, 256);
    private final Deque<Flight> inFlight = new ArrayDeque<>();
    private final int[] sent = new int[SECONDS];
    private final int[] refused = new int[SECONDS];
    private RequestLimit limit = RequestLimit.NONE;
    private double space = AT_ONCE;

    /** Decides which requests fail, at any rate; null: those above the capacity. */
    private Random fails;

    private int added;
    private int largest;

    private record Flight(DueDelivery delivery, boolean refused, long answersAt) {}

    private static DueDelivery delivery(int number) {
        Event event = new Event(
                new EventIdentity("acme", "/s", "e" + number), "call.ended", null, null, new byte[0], new byte[0]);
        return new DueDelivery("d" + number, CRM, event, null, 0, 0, START, Duration.ZERO, START, false, null, null);
    }

    private void resume() {
        queue.state().owned(true);
        queue.configure(limit);
        queue.state().disable("410", START);
        queue.change(new WebhookState(CRM, WebhookState.State.ACTIVE, null, START, null, Duration.ZERO, true));
    }

    /** @param status of a refusal @param latency of an answer, in ms */
    private void run(int status, int latency) {
        resume();
        for (long ms = 0; ms < SECONDS * 1_000L; ms++) {
            Instant now = START.plusMillis(ms);
            space = Math.min(AT_ONCE, space + PER_SECOND / 1_000.0);
            answer(ms, status, now);
            while (added < WAITING && queue.space(queue.of(AttemptKind.FIRST_ATTEMPTS)) > 0) {
                queue.add(delivery(added++));
            }
            while (queue.canTake(queue.of(AttemptKind.FIRST_ATTEMPTS), now)) {
                send(queue.take(queue.of(AttemptKind.FIRST_ATTEMPTS), now), ms, latency);
            }
            largest = Math.max(largest, inFlight.size());
        }
    }

    private void answer(long ms, int status, Instant now) {
        while (!inFlight.isEmpty() && inFlight.peek().answersAt() <= ms) {
            Flight flight = inFlight.remove();
            WebhookQueue.Ending ending =
                    new WebhookQueue.Ending(flight.refused(), true, flight.refused() ? status : 204, 10);
            queue.completed(flight.delivery().id(), queue.of(AttemptKind.FIRST_ATTEMPTS), ending, now);
            if (!flight.refused()) {
                queue.state().succeeded();
            }
        }
    }

    private void send(DueDelivery delivery, long ms, int latency) {
        boolean isRefused = fails == null ? space < 1 : fails.nextDouble() < 0.2;
        space -= isRefused ? 0 : 1;
        sent[(int) (ms / 1_000)]++;
        refused[(int) (ms / 1_000)] += isRefused ? 1 : 0;
        inFlight.add(new Flight(delivery, isRefused, ms + latency));
    }

    private static int sum(int[] counts, int from) {
        int sum = 0;
        for (int second = from; second < counts.length; second++) {
            sum += counts[second];
        }
        return sum;
    }

    private int most(int from) {
        int most = 0;
        for (int second = from; second < SECONDS; second++) {
            most = Math.max(most, sent[second]);
        }
        return most;
    }

    @ParameterizedTest
    @CsvSource({"429,1", "429,5", "429,30", "503,1", "503,5"})
    void the_learned_rate_stays_near_the_capacity_of_the_receiver(int status, int latency) {
        run(status, latency);
        assertTrue(sent[0] <= 2 * PER_SECOND, sent[0] + " in the first second");
        assertTrue(most(5) <= 1.3 * PER_SECOND, most(5) + " in a second");
        double share = 100.0 * sum(refused, 0) / sum(sent, 0);
        assertTrue(share <= 3, share + " % refused");
        int taken = sum(sent, 60) - sum(refused, 60);
        assertTrue(taken >= 0.7 * 60 * PER_SECOND, taken + " taken in a minute");
    }

    @Test
    void a_receiver_that_fails_at_any_rate_is_not_slowed_to_a_standstill() {
        fails = new Random(1);
        run(503, 5);
        assertTrue(sum(sent, 60) >= 60 * PER_SECOND / 2, sum(sent, 60) + " sent in the second minute");
    }

    @ParameterizedTest
    @CsvSource({"1", "30"})
    void with_a_rate_limit_nothing_is_refused(int latency) {
        limit = new RequestLimit(
                new Batch(1, Duration.ZERO), RateLimit.of("50/s").orElseThrow());
        run(429, latency);
        assertEquals(0, sum(refused, 0));
        assertTrue(sum(sent, 0) >= 0.98 * SECONDS * PER_SECOND, sum(sent, 0) + " sent");
    }

    @Test
    void the_first_request_is_alone_until_its_response() {
        resume();
        queue.add(delivery(1));
        queue.add(delivery(2));
        queue.take(queue.of(AttemptKind.FIRST_ATTEMPTS), START);
        assertFalse(queue.canTake(queue.of(AttemptKind.FIRST_ATTEMPTS), START.plusSeconds(60)));
        queue.completed(
                "d1",
                queue.of(AttemptKind.FIRST_ATTEMPTS),
                new WebhookQueue.Ending(false, true, 204, 10),
                START.plusSeconds(60));
        queue.state().succeeded();
        assertTrue(queue.canTake(queue.of(AttemptKind.FIRST_ATTEMPTS), START.plusSeconds(60)));
    }
}
