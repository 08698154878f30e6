package io.engagementwebhooks.operate.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.Batch;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.auth.Secret;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExpiringCredentialsTest {

    private static final Duration DAY = Duration.ofDays(1);

    private final SettableClock clock = new SettableClock(Instant.parse("2027-10-01T12:00:00Z"));
    private final ExpiringCredentials ages = new ExpiringCredentials(
            () -> config(connection("old", LocalDate.parse("2026-11-01")), connection("unknown", null)), null, clock);

    private static Config config(ContentsquareConnection... connections) {
        return new Config(List.of(), Config.Resources.of(List.of(connections)));
    }

    private static ContentsquareConnection connection(String name, LocalDate createdOn) {
        return new ContentsquareConnection(
                "acme",
                name,
                ContentsquareConnection.DEFAULT_TOKEN_URL,
                "id",
                Secret.of("secret"),
                "",
                null,
                1,
                "contentsquare.com",
                List.of(),
                new Batch(50, Duration.ofMillis(20)),
                createdOn);
    }

    @Test
    void there_is_no_warning_until_30_days_before_expiry() {
        assertEquals(List.of(), ages.warnings());

        clock.pass(DAY);

        assertEquals(
                List.of(
                        "the credentials of Contentsquare connection 'old' of account 'acme' expire on 2027-11-01, in 30"
                                + " days: have new ones made there, and change 'createdOn' with them"),
                ages.warnings());
    }

    @Test
    void the_warning_is_logged_once_a_day() {
        clock.pass(DAY);
        assertEquals(1, ages.logDaily().size());
        clock.pass(Duration.ofHours(1));
        assertEquals(0, ages.logDaily().size());

        clock.pass(DAY);

        assertEquals(1, ages.logDaily().size());
    }

    @Test
    void an_expired_credential_is_reported_with_its_date() {
        clock.pass(DAY.multipliedBy(40));

        assertTrue(
                ages.warnings().get(0).contains("expired on 2027-11-01"),
                ages.warnings().toString());
    }
}
