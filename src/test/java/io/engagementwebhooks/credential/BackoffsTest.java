package io.engagementwebhooks.credential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class BackoffsTest {

    private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");

    private final Backoffs<String> backoffs = new Backoffs<>(Duration.ofMinutes(5));

    @Test
    void the_pause_of_a_key_doubles_until_it_succeeds_and_others_have_none() {
        fail("a", NOW);
        assertEquals(Duration.ofSeconds(20), fail("a", NOW.plusSeconds(10)).length());
        assertTrue(backoffs.pause("b", NOW).isEmpty());

        backoffs.succeeded("a");

        assertEquals(Duration.ofSeconds(10), fail("a", NOW.plusSeconds(11)).length());
    }

    @Test
    void a_key_that_is_left_alone_is_forgotten() {
        fail("a", NOW);
        fail("b", NOW.plusSeconds(310));
        assertFalse(backoffs.isFailing("a"));

        fail("c", NOW.plusSeconds(615));

        assertTrue(backoffs.isFailing("b"));
    }

    @Test
    void a_failure_of_another_kind_does_not_shorten_a_pause() {
        Backoff backoff = new Backoff();
        Duration five = Duration.ofMinutes(5);
        backoff.failed(NOW, "refused", new BackoffSchedule(five, five), Duration.ZERO);
        backoff.failed(
                NOW.plusSeconds(1), "no answer", new BackoffSchedule(Duration.ofSeconds(10), five), Duration.ZERO);
        assertEquals(
                NOW.plus(five), backoff.pause(NOW.plusSeconds(20)).orElseThrow().until());
    }

    private Backoff.Pause fail(String key, Instant at) {
        return backoffs.failed(
                key, at, "refused", new BackoffSchedule(Duration.ofSeconds(10), Duration.ofMinutes(1)), Duration.ZERO);
    }
}
