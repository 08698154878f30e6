package io.engagementwebhooks.console.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SessionsTest {

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T09:00:00Z"));
    private final Sessions sessions = new Sessions(clock, new SecureRandom());

    private static Caller caller(String account, String key) {
        ApiKey apiKey = new ApiKey(key, ApiKey.Role.ADMIN, ApiKey.hash(account + key), null);
        return new Caller(new Account(account, List.of(apiKey), List.of()), apiKey);
    }

    private String signIn(String account, String key) {
        return sessions.begin(caller(account, key), Optional::of).id();
    }

    private boolean isSignedIn(String id) {
        return sessions.of(id).isPresent();
    }

    @Test
    void an_account_with_many_sessions_ends_none_of_another() {
        String other = signIn("beta", "staff");
        for (int i = 0; i < 10_100; i++) {
            signIn("acme", "key-" + i / Sessions.MOST_OF_A_KEY);
        }
        assertTrue(isSignedIn(other));
    }

    @Test
    void one_sign_in_above_the_limit_ends_the_least_recently_used_session() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < Sessions.MOST_OF_AN_ACCOUNT; i++) {
            all.add(signIn("acme", "key-" + i / Sessions.MOST_OF_A_KEY));
        }
        assertTrue(isSignedIn(all.get(0)), "which is a use of it");

        String more = signIn("acme", "another");

        assertEquals(
                List.of(all.get(1)), all.stream().filter(id -> !isSignedIn(id)).toList());
        assertTrue(isSignedIn(more));
    }

    @Test
    void a_session_ends_after_two_hours_without_a_request_and_twelve_in_all() {
        String idle = signIn("acme", "idle");
        String used = signIn("acme", "used");
        for (int i = 1; i < 12; i++) {
            clock.pass(Sessions.LONGEST.dividedBy(12));
            assertTrue(isSignedIn(used), i + " hours");
        }
        assertFalse(isSignedIn(idle));
        clock.pass(Sessions.LONGEST.dividedBy(12));
        assertFalse(isSignedIn(used));
    }
}
