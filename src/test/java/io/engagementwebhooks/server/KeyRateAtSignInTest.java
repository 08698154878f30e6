package io.engagementwebhooks.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.auth.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KeyRateAtSignInTest {

    private static final String KEY = "an-admin-key-of-acme";

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T09:00:00Z"));
    private final Config config = new Config(
            List.of(new Account("acme", List.of(ApiKey.of("staff", ApiKey.Role.ADMIN, Secret.of(KEY))), List.of())),
            Config.Resources.of(List.of()));
    private final CallerAuthentication.Guard guard = new CallerAuthentication.Guard(
            () -> config,
            Optional.empty(),
            new FailedKeys(clock),
            new KeyRates(1, clock),
            null,
            null,
            clock,
            ClientAddresses.OF_PEERS);

    private String signIn() {
        return guard.authenticate(KEY, () -> "192.0.2.1").key().name();
    }

    @Test
    void a_sign_in_counts_toward_the_rate_limit_of_its_key() {
        signIn();
        signIn();
        ProblemException refused = assertThrows(ProblemException.class, this::signIn);
        assertEquals(429, refused.problem().status());
        clock.pass(Duration.ofSeconds(1));
        assertEquals("staff", signIn());
    }
}
