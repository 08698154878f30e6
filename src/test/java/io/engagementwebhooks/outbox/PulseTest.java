package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.AttemptRow;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PulseTest {

    private static final WebhookId WEBHOOK = new WebhookId("acme", "crm");

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T10:00:03Z"));
    private final Pulse pulse = new Pulse(clock);

    private static AttemptRow attempt(String outcome, long ms) {
        return new AttemptRow(1, Instant.EPOCH, ms, outcome, "", null, 200, null, null);
    }

    private Pulse.Step last(String account) {
        List<Pulse.Step> steps = pulse.of(account);
        return steps.get(steps.size() - 1);
    }

    @Test
    void what_happens_is_counted_in_the_step_under_way_and_for_its_account_alone() {
        pulse.accepted("acme");
        pulse.accepted("acme");
        pulse.attempted(WEBHOOK, attempt("delivered", 20));
        pulse.attempted(WEBHOOK, attempt("try-later", 4000));
        Pulse.Step step = last("acme");
        assertEquals(Instant.parse("2026-11-24T10:00:00Z"), step.from());
        assertEquals(2, step.events());
        assertEquals(1, step.delivered());
        assertEquals(1, step.failed());
        assertEquals(0, last("other").events());
        assertEquals(Pulse.STEPS, pulse.of("other").size());
    }

    @Test
    void times_are_told_to_a_fifth_and_never_too_short() {
        for (int ms = 1; ms <= 1000; ms++) {
            pulse.attempted(WEBHOOK, attempt("delivered", ms));
        }
        Pulse.Step step = last("acme");
        assertTrue(step.p50() >= 500 && step.p50() <= 600, "p50 " + step.p50());
        assertTrue(step.p99() >= 990 && step.p99() <= 1190, "p99 " + step.p99());
    }

    @Test
    void what_is_older_than_a_quarter_of_an_hour_is_gone() {
        pulse.accepted("acme");
        clock.pass(Duration.ofSeconds((long) Pulse.STEPS * Pulse.STEP_SECONDS));
        assertEquals(0, pulse.of("acme").stream().mapToLong(Pulse.Step::events).sum());
        pulse.accepted("acme");
        assertEquals(1, pulse.of("acme").stream().mapToLong(Pulse.Step::events).sum());
    }

    @Test
    void a_webhook_fails_until_an_attempt_delivers() {
        pulse.attempted(WEBHOOK, attempt("try-later", 5));
        pulse.attempted(WEBHOOK, attempt("gave-up", 5));
        assertEquals(2, pulse.failing("acme").get(0).attempts());
        assertEquals(List.of(), pulse.failing("other"));
        pulse.attempted(WEBHOOK, attempt("delivered", 5));
        assertEquals(List.of(), pulse.failing("acme"));
    }

    @Test
    void memory_stays_bounded_however_many_accounts_there_are() {
        pulse.accepted("idle");
        clock.pass(Duration.ofMinutes(1));
        for (int i = 0; i < 2 * Pulse.ACCOUNTS; i++) {
            pulse.accepted("account-" + i);
        }
        assertEquals(Pulse.ACCOUNTS, pulse.accounts());
        assertEquals(0, pulse.of("idle").stream().mapToLong(Pulse.Step::events).sum());
    }
}
