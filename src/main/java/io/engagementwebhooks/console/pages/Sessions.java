package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.PortalSessions;
import io.engagementwebhooks.console.Sealed;
import io.engagementwebhooks.console.StoredCaller;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.store.SessionStore;
import io.engagementwebhooks.webhook.Actor;
import io.engagementwebhooks.webhook.Caller;
import io.engagementwebhooks.webhook.config.Vault;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/**
 * Sessions of the console (semantics 52). A session is a sealed cookie, so it outlives a restart and every instance
 * accepts it; the store knows which ids were revoked. It ends after {@link PortalSessions#LONGEST}, after {@link
 * PortalSessions#IDLE} without a request, and with its key or portal session. Thread-safe.
 */
public final class Sessions {

    /** The time of the last use is updated this often. */
    private static final Duration USE_INTERVAL = Duration.ofMinutes(1);

    private static final int ID_BYTES = 16;

    private final SessionStore store;
    private final PortalSessions portals;
    private final CallerAuthentication.Guard guard;
    private final Sealed<Session.Cookie> cookies;
    private final Sealed<String> formTokens;
    private final Clock clock;
    private final SecureRandom random;

    /** @param vault of the store */
    public Sessions(
            SessionStore store,
            PortalSessions portals,
            CallerAuthentication.Guard guard,
            Vault vault,
            Clock clock,
            SecureRandom random) {
        this.store = store;
        this.portals = portals;
        this.guard = guard;
        this.cookies = new Sealed<>(vault.derived("console cookies"), Session.Cookie.class);
        this.formTokens = new Sealed<>(vault.derived("console form tokens"), String.class);
        this.clock = clock;
        this.random = random;
    }

    /** A new session. @param portal its portal session, or null */
    Session begin(Caller caller, PortalSessions.Portal portal, Theme theme) {
        long now = clock.millis();
        long latest = now + PortalSessions.LONGEST.toMillis();
        StoredCaller who = StoredCaller.of(caller);
        Session.Cookie cookie = portal == null
                ? new Session.Cookie(newId(), who, now, now, latest, null, null)
                : new Session.Cookie(
                        portal.id(), who, now, now, Math.min(latest, portal.endsAt()), Session.Way.after(portal), null);
        return new Session(cookie, caller, portal, theme);
    }

    private String newId() {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** The session of a cookie; empty: it is invalid or has ended. Reads the store. */
    Optional<Session> of(String sealed, Theme theme) {
        Session.Cookie cookie = current(sealed).orElse(null);
        Caller caller = cookie == null ? null : caller(cookie).orElse(null);
        if (caller == null) {
            return Optional.empty();
        }
        if (cookie.caller().kind().equals(Actor.PORTAL_SESSION)) {
            return portals.find(cookie.id()).map(portal -> new Session(cookie, caller, portal, theme));
        }
        return store.isRevoked(cookie.id()) ? Optional.empty() : Optional.of(new Session(cookie, caller, null, theme));
    }

    /** Where to go after the session of a cookie, which may have ended. */
    Optional<Session.Way> way(String sealed) {
        return cookies.unseal(sealed).map(Session.Cookie::way);
    }

    /** The user of a cookie. Reads memory only, so the session may be revoked. */
    Optional<Caller> caller(String sealed) {
        return current(sealed).flatMap(this::caller);
    }

    private Optional<Session.Cookie> current(String sealed) {
        Instant now = clock.instant();
        return cookies.unseal(sealed)
                .filter(cookie -> now.toEpochMilli() < cookie.ends())
                .filter(cookie ->
                        now.isBefore(Instant.ofEpochMilli(cookie.used()).plus(PortalSessions.IDLE)));
    }

    /** The user by the current configuration; one of a provider or a portal session has no key there. */
    private Optional<Caller> caller(Session.Cookie cookie) {
        Caller caller = cookie.caller().caller();
        return switch (cookie.caller().kind()) {
            case Actor.USER, Actor.PORTAL_SESSION ->
                guard.config().get().account(caller.account().id()).map(account -> new Caller(account, caller.key()));
            default -> guard.current(caller);
        };
    }

    /** The cookie of a session after a request; empty: the browser has it. */
    Optional<String> update(Session session) {
        Instant now = clock.instant();
        if (!session.differsFromCookie(now.minus(USE_INTERVAL))) {
            return Optional.empty();
        }
        if (session.portal() != null) {
            portals.used(session.portal());
        }
        return Optional.of(cookie(session));
    }

    String cookie(Session session) {
        return cookies.seal(session.cookie(clock.instant()));
    }

    /** How long its cookie is valid. */
    Duration life(Session session) {
        return Duration.between(clock.instant(), session.ends());
    }

    /** Ends a session at every instance. */
    void end(Session session) {
        if (session.portal() == null) {
            store.revoke(session.id(), session.ends());
        } else {
            portals.end(session.portal());
        }
    }

    /** The token of a session's forms, unknown to other sites. No two are equal, so a page's size reveals nothing. */
    String formToken(Session session) {
        return formTokens.seal(session.id());
    }

    boolean isFormToken(Session session, String sent) {
        return formTokens.unseal(sent).filter(session.id()::equals).isPresent();
    }
}
