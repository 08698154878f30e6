package io.engagementwebhooks.api.account;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.api.StoredCaller;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.ClientAddresses;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.testkit.Vaults;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.auth.Secret;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When links and portal sessions end. */
class PortalSessionExpiryTest {

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T09:00:00Z"));
    private final ApiKey key = ApiKey.of("backend", ApiKey.Role.ADMIN, Secret.of("an-admin-key-of-acme"));
    private final Account acme = new Account("acme", List.of(key), List.of());
    private final Config config = new Config(List.of(acme), Config.Resources.of(List.of()));

    @TempDir
    private Path folder;

    @AutoClose
    private Store store;

    private PortalSessions sessions;

    @BeforeEach
    void open() {
        store = MigratedSqlite.open(folder.resolve("data").resolve("webhooks.db"), clock);
        sessions = new PortalSessions(
                store.sessions(),
                new CallerAuthentication.Guard(
                        () -> config, Optional.empty(), null, null, null, null, clock, ClientAddresses.OF_PEERS),
                Vaults.open(folder.resolve("store.key")),
                clock,
                new SecureRandom());
    }

    private PortalSessions.Portal portal(Duration life) {
        long now = clock.millis();
        StoredCaller creator = StoredCaller.of(new Caller(acme, key));
        return new PortalSessions.Portal(
                sessions.newId(),
                "acme",
                ApiKey.Role.READ,
                creator,
                now,
                now + life.toMillis(),
                null,
                null,
                true,
                null);
    }

    private String created(Duration life) {
        String path = sessions.create(portal(life));
        return path.substring(path.indexOf('=') + 1);
    }

    private boolean lives(PortalSessions.Portal portal) {
        return sessions.find(portal.id()).isPresent();
    }

    @Test
    void a_link_works_once() {
        String link = created(Duration.ofHours(1));
        assertTrue(sessions.ofLink(link).isPresent());
        PortalSessions.Portal portal = sessions.redeem(link).orElseThrow();
        assertTrue(lives(portal));
        assertTrue(sessions.ofLink(link).isEmpty());
        assertTrue(sessions.redeem(link).isEmpty());
        assertTrue(sessions.redeem(portal.id()).isEmpty());
    }

    @Test
    void a_link_ends_after_fifteen_minutes_and_with_its_session() {
        String link = created(Duration.ofHours(1));
        String brief = created(Duration.ofMinutes(1));
        clock.pass(Duration.ofMinutes(1));
        assertTrue(sessions.redeem(brief).isEmpty(), "its session has ended");
        clock.pass(Duration.ofMinutes(14));
        assertTrue(sessions.redeem(link).isEmpty());
        assertEquals(List.of(), sessions.of("acme"), "an unusable one is not listed");
    }

    @Test
    void a_session_ends_at_its_time_and_an_hour_after_its_last_request() {
        PortalSessions.Portal used =
                sessions.redeem(created(Duration.ofHours(2))).orElseThrow();
        PortalSessions.Portal idle =
                sessions.redeem(created(Duration.ofHours(2))).orElseThrow();
        clock.pass(Duration.ofMinutes(59));
        sessions.used(used);
        assertTrue(lives(idle));
        clock.pass(Duration.ofMinutes(1));
        assertFalse(lives(idle));
        assertTrue(lives(used));
        clock.pass(Duration.ofMinutes(58));
        sessions.used(used);
        assertTrue(lives(used));
        clock.pass(Duration.ofMinutes(2));
        assertFalse(lives(used));
        assertEquals(List.of(), sessions.of("acme"));
    }

    @Test
    void an_account_has_a_limited_number_of_which_the_least_recently_used_ends() {
        PortalSessions.Portal first =
                sessions.redeem(created(Duration.ofHours(1))).orElseThrow();
        clock.pass(Duration.ofMillis(1));
        String second = created(Duration.ofHours(1));
        clock.pass(Duration.ofMillis(1));
        for (int i = 2; i < PortalSessions.MOST_OF_AN_ACCOUNT; i++) {
            created(Duration.ofHours(1));
        }
        sessions.used(first);
        created(Duration.ofHours(1));
        assertEquals(PortalSessions.MOST_OF_AN_ACCOUNT, sessions.of("acme").size());
        assertTrue(sessions.redeem(second).isEmpty());
        assertTrue(lives(first));
    }

    @Test
    void an_ended_session_can_be_ended_again() {
        PortalSessions.Portal portal = portal(Duration.ofHours(1));
        sessions.create(portal);
        sessions.end(portal);
        sessions.end(portal);
        assertEquals(List.of(), sessions.of("acme"));
    }
}
