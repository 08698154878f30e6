package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.ClientAddresses;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Secret;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When links and portal sessions end. */
class PortalSessionExpiryTest {

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T09:00:00Z"));
    private final ApiKey key = ApiKey.of("backend", ApiKey.Role.ADMIN, Secret.of("an-admin-key-of-acme"));
    private final Account acme = new Account("acme", List.of(key), List.of());
    private final Config config = Config.empty().with(acme);
    private final OneTimeLinks links = new OneTimeLinks(clock, new SecureRandom());
    private final PortalSessions sessions = new PortalSessions(
            links,
            new CallerAuthentication.Guard(
                    () -> config, Optional.empty(), null, null, null, null, clock, ClientAddresses.OF_PEERS),
            () -> config,
            clock,
            new SecureRandom());

    private PortalSessions.Portal portal(Duration life) {
        return new PortalSessions.Portal(
                sessions.newId(), "acme", ApiKey.Role.READ, clock.instant().plus(life), null, null, true, null);
    }

    private String created(Duration life) {
        String path = sessions.create(portal(life), new Caller(acme, key));
        return path.substring(path.indexOf('=') + 1);
    }

    @Test
    void a_link_ends_after_fifteen_minutes_and_with_its_session() {
        String link = created(Duration.ofHours(1));
        String brief = created(Duration.ofMinutes(1));
        clock.pass(Duration.ofMinutes(1));
        assertTrue(links.redeem(brief).isEmpty(), "its session has ended");
        clock.pass(Duration.ofMinutes(14));
        assertTrue(links.redeem(link).isEmpty());
        assertEquals(List.of(), sessions.of("acme"), "an unusable one is not listed");
    }

    @Test
    void a_session_ends_at_its_time_and_two_hours_after_its_last_request() {
        OneTimeLinks.SignIn used = links.redeem(created(Duration.ofHours(3))).orElseThrow();
        OneTimeLinks.SignIn idle = links.redeem(created(Duration.ofHours(3))).orElseThrow();
        clock.pass(Duration.ofMinutes(119));
        assertTrue(used.still().apply(used.caller()).isPresent());
        clock.pass(Duration.ofMinutes(1));
        assertFalse(idle.still().apply(idle.caller()).isPresent());
        assertTrue(used.still().apply(used.caller()).isPresent());
        clock.pass(Duration.ofHours(1));
        assertFalse(used.still().apply(used.caller()).isPresent());
        assertEquals(List.of(), sessions.of("acme"));
    }

    @Test
    void an_account_has_a_limited_number_of_which_the_least_recently_used_ends() {
        OneTimeLinks.SignIn first = links.redeem(created(Duration.ofHours(1))).orElseThrow();
        String second = created(Duration.ofHours(1));
        for (int i = 2; i < PortalSessions.MOST_OF_AN_ACCOUNT; i++) {
            created(Duration.ofHours(1));
        }
        assertTrue(first.still().apply(first.caller()).isPresent());
        created(Duration.ofHours(1));
        assertEquals(PortalSessions.MOST_OF_AN_ACCOUNT, sessions.of("acme").size());
        assertTrue(links.redeem(second).isEmpty());
        assertTrue(first.still().apply(first.caller()).isPresent());
    }

    @Test
    void an_ended_session_can_be_ended_again() {
        PortalSessions.Portal portal = portal(Duration.ofHours(1));
        sessions.create(portal, new Caller(acme, key));
        sessions.end(portal);
        sessions.end(portal);
        assertEquals(List.of(), sessions.of("acme"));
    }
}
