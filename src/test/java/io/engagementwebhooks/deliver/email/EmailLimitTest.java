package io.engagementwebhooks.deliver.email;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** E-mails of an account in any hour. */
class EmailLimitTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final SettableClock clock = new SettableClock(NOW);
    private final EmailLimit limit = new EmailLimit(20, clock);

    private Optional<Instant> acquire(int addresses) {
        return limit.acquire("acme", addresses);
    }

    @Test
    void a_message_counts_for_an_hour_and_once_for_each_address() {
        assertEquals(Optional.empty(), acquire(10));
        clock.pass(MINUTE);
        assertEquals(Optional.empty(), acquire(10));
        clock.pass(MINUTE);
        assertEquals(Optional.of(NOW.plus(Duration.ofHours(1))), acquire(10));
        assertEquals(Optional.of(NOW.plus(Duration.ofHours(1))), acquire(1), "it is not counted");
        clock.pass(Duration.ofMinutes(58).minusMillis(1));
        assertEquals(Optional.of(clock.instant().plus(MINUTE)), acquire(1), "at most once a minute");
        clock.pass(Duration.ofMillis(1));
        assertEquals(Optional.empty(), acquire(10));
        assertEquals(Optional.of(clock.instant().plus(MINUTE)), acquire(1));
        clock.pass(MINUTE);
        assertEquals(Optional.empty(), acquire(1));
    }

    @Test
    void accounts_have_their_limits_apart() {
        acquire(10);
        acquire(10);
        assertEquals(Optional.empty(), limit.acquire("globex", 10));
    }

    @Test
    void a_message_that_was_not_sent_does_not_count() {
        acquire(10);
        acquire(10);
        limit.release("acme", 10);
        assertEquals(Optional.empty(), acquire(10));
    }

    @Test
    void an_account_is_forgotten_an_hour_after_its_last_message() {
        acquire(10);
        limit.acquire("globex", 1);
        limit.acquire("initech", 1);
        limit.release("initech", 1);
        assertEquals(2, limit.accounts());
        clock.pass(Duration.ofHours(1));
        limit.acquire("initech", 1);
        assertEquals(1, limit.accounts());
    }

    @Test
    void a_clock_that_is_set_back_holds_no_message() {
        acquire(10);
        acquire(10);
        clock.pass(Duration.ofDays(-1));
        assertEquals(Optional.empty(), acquire(10));
    }

    @Test
    void a_clock_that_is_set_back_a_little_frees_only_what_is_ahead_of_it() {
        acquire(19);
        clock.pass(MINUTE);
        acquire(1);
        clock.pass(Duration.ofMillis(-2));
        assertEquals(Optional.empty(), acquire(1));
        assertTrue(acquire(1).isPresent());
    }
}
