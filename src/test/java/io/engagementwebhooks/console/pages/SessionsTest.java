package io.engagementwebhooks.console.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.console.PortalSessions;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.ClientAddresses;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.testkit.Vaults;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Secret;
import io.engagementwebhooks.webhook.config.Vault;
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

/** Semantics 52. */
class SessionsTest {

    private static final ApiKey KEY = key(ApiKey.Role.ADMIN, "an-admin-key-of-acme");

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T09:00:00Z"));
    private final SecureRandom random = new SecureRandom();

    @TempDir
    private Path folder;

    @AutoClose
    private Store store;

    private Vault vault;
    private Config config = with(KEY);
    private Sessions sessions;

    @BeforeEach
    void open() {
        store = MigratedSqlite.open(folder.resolve("data").resolve("webhooks.db"), clock);
        vault = Vaults.open(folder.resolve("store.key"));
        sessions = instance(vault);
    }

    private Sessions instance(Vault key) {
        CallerAuthentication.Guard guard = new CallerAuthentication.Guard(
                () -> config, Optional.empty(), null, null, null, null, clock, ClientAddresses.OF_PEERS);
        PortalSessions portals = new PortalSessions(store.sessions(), guard, key, clock, random);
        return new Sessions(store.sessions(), portals, guard, key, clock, random);
    }

    private static ApiKey key(ApiKey.Role role, String secret) {
        return ApiKey.of("staff", role, Secret.of(secret));
    }

    private static Config with(ApiKey... keys) {
        return Config.empty().with(new Account("acme", List.of(keys), List.of()));
    }

    private Session signedIn() {
        return sessions.begin(new Caller(config.account("acme").orElseThrow(), KEY), null, Theme.SYSTEM);
    }

    private Optional<Session> found(String cookie) {
        return sessions.of(cookie, Theme.SYSTEM);
    }

    @Test
    void a_session_ends_after_an_hour_without_a_request_and_eight_in_all() {
        String idle = sessions.cookie(signedIn());
        String used = idle;
        for (int half = 1; half < 16; half++) {
            clock.pass(Duration.ofMinutes(30));
            used = sessions.update(found(used).orElseThrow()).orElseThrow();
        }
        assertTrue(found(idle).isEmpty());
        assertTrue(sessions.caller(idle).isEmpty());
        clock.pass(Duration.ofMinutes(30));
        assertTrue(found(used).isEmpty());
    }

    @Test
    void the_browser_gets_a_new_cookie_once_a_minute_and_with_each_notice() {
        String cookie = sessions.cookie(signedIn());
        clock.pass(Duration.ofMinutes(1));
        Session session = found(cookie).orElseThrow();
        assertTrue(sessions.update(session).isEmpty());
        session.inform("Saved.");
        Session next = found(sessions.update(session).orElseThrow()).orElseThrow();
        assertTrue(sessions.update(next).isEmpty());
        assertEquals("Saved.", next.takeNotice().text());
        Session last = found(sessions.update(next).orElseThrow()).orElseThrow();
        assertEquals(null, last.takeNotice());
        clock.pass(Duration.ofMillis(60_001));
        assertTrue(sessions.update(found(cookie).orElseThrow()).isPresent());
    }

    @Test
    void a_long_notice_fits_into_the_cookie() {
        Session session = signedIn();
        session.inform("€".repeat(10_000));
        assertTrue(sessions.cookie(session).length() < 3_500);
    }

    @Test
    void a_changed_or_foreign_cookie_is_refused() {
        Session session = signedIn();
        String cookie = sessions.cookie(session);
        assertTrue(found(cookie).isPresent());
        char last = cookie.charAt(cookie.length() / 2);
        String changed = cookie.substring(0, cookie.length() / 2)
                + (last == 'A' ? 'B' : 'A')
                + cookie.substring(cookie.length() / 2 + 1);
        Sessions foreign = instance(Vaults.open(folder.resolve("another.key")));
        for (String refused : List.of(
                "",
                "a",
                "no base64!",
                session.id(),
                changed,
                cookie.substring(1),
                foreign.cookie(session),
                sessions.formToken(session))) {
            assertTrue(found(refused).isEmpty(), refused);
            assertTrue(sessions.caller(refused).isEmpty(), refused);
        }
        assertTrue(foreign.of(cookie, Theme.SYSTEM).isEmpty());
    }

    @Test
    void every_instance_on_the_store_accepts_a_session_and_refuses_it_at_once_after_it_ended() {
        Sessions other = instance(vault);
        Session session = signedIn();
        String cookie = sessions.cookie(session);
        Session another = signedIn();
        assertEquals(session.id(), other.of(cookie, Theme.SYSTEM).orElseThrow().id());
        other.end(session);
        assertTrue(found(cookie).isEmpty());
        assertTrue(found(sessions.cookie(another)).isPresent(), "no other session ends");
        other.end(session);
    }

    @Test
    void a_session_ends_with_its_key_its_role_and_its_account() {
        String cookie = sessions.cookie(signedIn());
        for (Config changed : List.of(
                with(),
                with(key(ApiKey.Role.READ, "an-admin-key-of-acme")),
                with(key(ApiKey.Role.ADMIN, "another-key-of-that-name")),
                Config.empty())) {
            config = changed;
            assertTrue(found(cookie).isEmpty());
            assertTrue(sessions.caller(cookie).isEmpty());
        }
        config = with(KEY);
        assertTrue(found(cookie).isPresent());
    }

    @Test
    void no_session_is_accepted_while_the_store_cannot_be_read() {
        String cookie = sessions.cookie(signedIn());
        store.close();
        assertThrows(StoreException.class, () -> found(cookie));
    }

    @Test
    void a_form_token_belongs_to_one_session_and_no_two_are_equal() {
        Session session = signedIn();
        String token = sessions.formToken(session);
        assertNotEquals(token, sessions.formToken(session));
        assertTrue(sessions.isFormToken(session, token));
        assertFalse(sessions.isFormToken(signedIn(), token));
        assertFalse(sessions.isFormToken(session, session.id()));
        assertFalse(sessions.isFormToken(session, sessions.cookie(session)));
    }
}
