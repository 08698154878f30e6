package io.engagementwebhooks.console.signin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.api.StoredCaller;
import io.engagementwebhooks.api.account.PortalSessions;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.console.RefusedWrites;
import io.engagementwebhooks.console.Theme;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.ClientAddresses;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.testkit.Vaults;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.Actor;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.auth.Secret;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    private Optional<String> provider = Optional.empty();
    private boolean isConfigCurrent = true;
    private PortalSessions portals;
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
        portals = new PortalSessions(store.sessions(), guard, key, clock, random);
        return new Sessions(store.sessions(), portals, guard, provider, () -> isConfigCurrent, key, clock, random);
    }

    private static ApiKey key(ApiKey.Role role, String secret) {
        return ApiKey.of("staff", role, Secret.of(secret));
    }

    private static Config with(ApiKey... keys) {
        return new Config(List.of(new Account("acme", List.of(keys), List.of())), Config.Resources.of(List.of()));
    }

    private Session signedIn() {
        return sessions.begin(admin(), null, Theme.SYSTEM);
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

    @ParameterizedTest
    @ValueSource(strings = {"€", "😀", "a😀"})
    void a_long_notice_is_cut_so_that_the_browser_keeps_the_cookie(String text) {
        for (Session session : List.of(signedIn(), inPortal())) {
            session.inform(text.repeat(10_000), "/console/webhooks/any", "Show");
            String cookie = sessions.cookie(session);
            assertTrue(cookie.length() <= Sessions.LONGEST_COOKIE, "" + cookie.length());
            assertTrue(found(cookie).orElseThrow().takeNotice().text().startsWith(text));
        }
    }

    /** With the longest URL. */
    private Session inPortal() {
        String link = portals.create(portal("https://app.example.com/" + "r".repeat(976)));
        PortalSessions.Portal portal =
                portals.redeem(link.substring(link.indexOf('=') + 1)).orElseThrow();
        return sessions.begin(portal.caller(config.account("acme").orElseThrow()), portal, Theme.SYSTEM);
    }

    private PortalSessions.Portal portal(String renew) {
        long now = clock.millis();
        return new PortalSessions.Portal(
                "ps_" + random.nextLong(),
                "acme",
                ApiKey.Role.READ,
                StoredCaller.of(admin()),
                now,
                now + PortalSessions.LONGEST.toMillis(),
                null,
                renew,
                true,
                null);
    }

    private Caller admin() {
        return new Caller(config.account("acme").orElseThrow(), KEY);
    }

    @Test
    @SuppressWarnings("try")
    void a_portal_session_is_used_while_the_store_refuses_changes() throws SQLException {
        String cookie = sessions.cookie(inPortal());
        clock.pass(Duration.ofMinutes(2));
        try (RefusedWrites full = new RefusedWrites(folder.resolve("data").resolve("webhooks.db"), "portal_session")) {
            assertTrue(sessions.update(found(cookie).orElseThrow()).isPresent());
            assertFalse(sessions.end(found(cookie).orElseThrow()));
        }
        assertTrue(sessions.end(found(cookie).orElseThrow()));
        assertTrue(found(cookie).isEmpty());
    }

    private static Caller user(Account account) {
        Actor actor = new Actor(Actor.USER, "alice", "sso:alice");
        return new Caller(account, new ApiKey("sso:alice", ApiKey.Role.ADMIN, ApiKey.hash("alice"), null, actor));
    }

    @Test
    void a_user_of_a_provider_is_signed_out_when_the_settings_name_another_or_none() {
        provider = Optional.of("https://idp.example.com console");
        Sessions before = instance(vault);
        String cookie = before.cookie(before.begin(user(config.account("acme").orElseThrow()), null, Theme.SYSTEM));
        assertTrue(instance(vault).of(cookie, Theme.SYSTEM).isPresent());
        for (Optional<String> after : List.of(
                Optional.<String>empty(),
                Optional.of("https://other.example.com console"),
                Optional.of("https://idp.example.com other"))) {
            provider = after;
            assertTrue(instance(vault).of(cookie, Theme.SYSTEM).isEmpty(), after::toString);
            assertTrue(instance(vault).caller(cookie).isEmpty(), after::toString);
        }
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
    void no_session_is_accepted_while_changes_of_the_configuration_may_be_unknown() {
        String cookie = sessions.cookie(signedIn());
        isConfigCurrent = false;
        ProblemException refused = assertThrows(ProblemException.class, () -> found(cookie));
        assertEquals(503, refused.problem().status());
        assertTrue(sessions.caller(cookie).isEmpty());
        assertTrue(found("").isEmpty(), "not signed in");
        isConfigCurrent = true;
        assertTrue(found(cookie).isPresent());
        assertTrue(sessions.caller(cookie).isPresent());
    }

    @Test
    void memory_of_an_account_is_for_its_users_until_their_session_is_revoked_at_any_instance() {
        Sessions other = instance(vault);
        Session session = signedIn();
        String cookie = sessions.cookie(session);
        Session portal = inPortal();
        String framed = sessions.cookie(portal);
        String stays = sessions.cookie(signedIn());
        sessions.followRevocations();
        for (String each : List.of(cookie, framed, stays)) {
            assertTrue(sessions.caller(each).isPresent());
        }
        other.end(session);
        other.end(portal);
        sessions.followRevocations();
        assertTrue(sessions.caller(cookie).isEmpty());
        assertTrue(sessions.caller(framed).isEmpty());
        assertTrue(sessions.caller(stays).isPresent());
    }

    @Test
    void memory_of_an_account_is_for_no_portal_session_whose_key_was_deleted() {
        String framed = sessions.cookie(inPortal());
        config = with(key(ApiKey.Role.ADMIN, "another-key-of-acme"));
        assertTrue(found(framed).isEmpty());
        assertTrue(sessions.caller(framed).isEmpty());
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
