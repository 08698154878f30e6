package io.engagementwebhooks.console.signin;

import io.engagementwebhooks.api.Sealed;
import io.engagementwebhooks.api.StoredCaller;
import io.engagementwebhooks.api.account.PortalSessions;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.console.Pages;
import io.engagementwebhooks.console.Theme;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.definition.SessionStore;
import io.engagementwebhooks.webhook.Actor;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions of the console (semantics 52). A session is a sealed cookie, so it outlives a restart and every instance
 * accepts it; the store knows which ids were revoked. It ends after {@link PortalSessions#LONGEST}, after {@link
 * PortalSessions#IDLE} without a request, and with its key or portal session. Thread-safe.
 */
public final class Sessions {

    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);

    /** The time of the last use is updated this often. */
    private static final Duration USE_INTERVAL = Duration.ofMinutes(1);

    /** Browsers discard a cookie of more than 4,096 bytes, its name included. */
    static final int LONGEST_COOKIE = 3_800;

    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final int ID_BYTES = 16;

    private final SessionStore store;
    private final PortalSessions portals;
    private final CallerAuthentication.Guard guard;
    private final Optional<String> provider;
    private final BooleanSupplier isConfigCurrent;
    private final RevokedIds revoked;
    private final Sealed<Session.Cookie> cookies;
    private final Sealed<String> formTokens;
    private final Clock clock;
    private final SecureRandom random;

    /**
     * @param provider of the settings, see {@link SingleSignOnSettings#provider}
     * @param isConfigCurrent whether the configuration has all changes that are older than 2 s
     * @param vault of the store
     */
    public Sessions(
            SessionStore store,
            PortalSessions portals,
            CallerAuthentication.Guard guard,
            Optional<String> provider,
            BooleanSupplier isConfigCurrent,
            Vault vault,
            Clock clock,
            SecureRandom random) {
        this.store = store;
        this.portals = portals;
        this.guard = guard;
        this.provider = provider;
        this.isConfigCurrent = isConfigCurrent;
        this.revoked = new RevokedIds(store, clock);
        this.cookies = new Sealed<>(vault.derived("console cookies"), Session.Cookie.class);
        this.formTokens = new Sealed<>(vault.derived("console form tokens"), String.class);
        this.clock = clock;
        this.random = random;
    }

    /** A new session. @param portal its portal session, or null */
    public Session begin(Caller caller, PortalSessions.Portal portal, Theme theme) {
        long now = clock.millis();
        long latest = now + PortalSessions.LONGEST.toMillis();
        StoredCaller who = StoredCaller.of(caller);
        Session.Cookie cookie = portal == null
                ? new Session.Cookie(newId(), who, null, by(who), now, now, latest, null, null)
                : new Session.Cookie(
                        portal.id(),
                        who,
                        portal.creator(),
                        null,
                        now,
                        now,
                        Math.min(latest, portal.endsAt()),
                        Session.ReturnLink.after(portal),
                        null);
        return new Session(cookie, caller, portal, theme);
    }

    private String by(StoredCaller who) {
        return who.kind().equals(Actor.USER) ? provider.orElse(null) : null;
    }

    private String newId() {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /**
     * The session of a cookie; empty: it is invalid or has ended. Reads the store.
     *
     * @throws ProblemException 503 while a change of its key may not be known here
     */
    public Optional<Session> of(String sealed, Theme theme) {
        Session.Cookie cookie = current(sealed).orElse(null);
        if (cookie != null && !isConfigCurrent.getAsBoolean()) {
            throw new ProblemException(Problem.unavailable(
                    "store-unavailable", "The store cannot be read now, so no session is accepted. Try again.", RETRY));
        }
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
    public Optional<Session.ReturnLink> returnLink(String sealed) {
        return cookies.unseal(sealed).map(Session.Cookie::returnLink);
    }

    /** The user of a cookie. Reads memory only, which knows of a revocation within 2 s. */
    public Optional<Caller> caller(String sealed) {
        return current(sealed)
                .filter(cookie -> isConfigCurrent.getAsBoolean() && !revoked.has(cookie.id()))
                .flatMap(this::caller);
    }

    /** Reads which sessions other instances have revoked, for {@link Pages#caller}. */
    public void followRevocations() {
        revoked.follow();
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
        return switch (cookie.caller().kind()) {
            case Actor.USER ->
                provider.filter(now -> now.equals(cookie.provider())).flatMap(now -> ofAccount(cookie));
            case Actor.PORTAL_SESSION ->
                guard.current(cookie.creator().caller()).flatMap(creator -> ofAccount(cookie));
            default -> guard.current(cookie.caller().caller());
        };
    }

    private Optional<Caller> ofAccount(Session.Cookie cookie) {
        ApiKey key = cookie.caller().caller().key();
        return guard.config().get().account(cookie.caller().account()).map(account -> new Caller(account, key));
    }

    /** The cookie of a session after a request; empty: the browser has it. */
    public Optional<String> update(Session session) {
        Instant now = clock.instant();
        if (!session.hasOtherNotice() && !session.wasUsedBefore(now.minus(USE_INTERVAL))) {
            return Optional.empty();
        }
        if (session.portal() != null) {
            tryStore("console.use-not-stored", () -> portals.used(session.portal()));
        }
        return Optional.of(cookie(session));
    }

    /** Its notice is cut as far as the cookie needs. */
    public String cookie(Session session) {
        int longest = Session.LONGEST_NOTICE;
        String sealed = cookies.seal(session.cookie(clock.instant(), longest));
        while (sealed.length() > LONGEST_COOKIE && longest > 0) {
            longest /= 2;
            sealed = cookies.seal(session.cookie(clock.instant(), longest));
        }
        return sealed;
    }

    /** How long its cookie is valid. */
    public Duration life(Session session) {
        return Duration.between(clock.instant(), session.ends());
    }

    /** Ends a session at every instance. @return false: the store refused, so a copy of its cookie stays valid */
    public boolean end(Session session) {
        return tryStore("console.session-not-revoked", () -> {
            if (session.portal() == null) {
                Caller caller = session.caller();
                store.revoke(caller.account().id(), holder(caller), session.id(), session.ends());
            } else {
                portals.end(session.portal());
            }
        });
    }

    /** Identifies the key or the provider's user whose revoked ids are limited. */
    static String holder(Caller caller) {
        return HexFormat.of().formatHex(caller.key().sha256());
    }

    /** @return false: the store refused */
    private static boolean tryStore(String failure, Runnable write) {
        try {
            write.run();
            return true;
        } catch (StoreException | CompletionException e) {
            LOG.warn("{} reason=\"{}\"", failure, Causes.unwrapped(e).getMessage());
            return false;
        }
    }

    /** The token of a session's forms, unknown to other sites. No two are equal, so a page's size reveals nothing. */
    public String formToken(Session session) {
        return formTokens.seal(session.id());
    }

    public boolean isFormToken(Session session, String sent) {
        return formTokens.unseal(sent).filter(session.id()::equals).isPresent();
    }
}
