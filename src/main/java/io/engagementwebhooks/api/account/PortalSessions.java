package io.engagementwebhooks.api.account;

import io.engagementwebhooks.api.Sealed;
import io.engagementwebhooks.api.StoredCaller;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.store.definition.SessionStore;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.Actor;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Portal sessions: access to the console of one account, by a one-time link created for another product. They are
 * stored, so that every instance knows them. A session ends at its time, an hour after its last request, when it is
 * revoked, and with the key that created it. The number per account is limited; one more ends the least recently used
 * session. Thread-safe.
 */
public final class PortalSessions {

    /** Latest end of every session of the console, from the sign-in. */
    public static final Duration LONGEST = Duration.ofHours(8);

    /** From the last request to the end of a session. */
    public static final Duration IDLE = Duration.ofHours(1);

    /** Lifetime of a one-time link. */
    public static final Duration LINK_LASTS = Duration.ofMinutes(15);

    /** Path of a one-time link, without its token. */
    public static final String LINK = "/console/sign-in/link?token=";

    static final int MOST_OF_AN_ACCOUNT = 1_000;

    private static final String PREFIX = "ps_";
    private static final String LISTEN_PREFIX = "listen_";
    private static final String BEARER = "Bearer ";
    private static final int BYTES = 16;

    private final SessionStore store;
    private final CallerAuthentication.Guard guard;
    private final Sealed<Portal> portals;
    private final Sealed<String> links;
    private final Sealed<ListenKey> listenKeys;
    private final Clock clock;
    private final SecureRandom random;

    /**
     * The rights and look of a portal session.
     *
     * @param id its id
     * @param account the only account it sees
     * @param role read or admin
     * @param creator the caller that created it
     * @param createdAt when, in milliseconds since 1970
     * @param endsAt latest end, likewise
     * @param returnTo URL that its pages link back to, or null
     * @param renew URL where its holder gets a new link, or null
     * @param navigation whether the navigation is at the side; false: tabs on top
     * @param theme light or dark; null: the browser's
     */
    public record Portal(
            String id,
            String account,
            ApiKey.Role role,
            StoredCaller creator,
            long createdAt,
            long endsAt,
            String returnTo,
            String renew,
            boolean navigation,
            String theme) {

        /** A URL of the product that embeds it, or null. */
        public String host() {
            return returnTo == null ? renew : returnTo;
        }

        /** The holder of the session in an account. */
        public Caller caller(Account of) {
            return PortalSessions.caller(id, role, of);
        }
    }

    /** What a key of listeners holds. @param id of a portal session */
    private record ListenKey(String id, String account) {}

    /** A portal session and its use. @param signedInAt null: its link was not used */
    record PortalUsage(Portal portal, Instant signedInAt, Instant usedAt) {

        private boolean isOver(Instant now) {
            Instant idle = usedAt.plus(signedInAt == null ? LINK_LASTS : IDLE);
            return now.toEpochMilli() >= portal.endsAt() || !now.isBefore(idle);
        }
    }

    public PortalSessions(
            SessionStore store, CallerAuthentication.Guard guard, Vault vault, Clock clock, SecureRandom random) {
        this.store = store;
        this.guard = guard;
        this.portals = new Sealed<>(vault.derived("portal sessions"), Portal.class);
        this.links = new Sealed<>(vault.derived("portal links"), String.class);
        this.listenKeys = new Sealed<>(vault.derived("portal listen keys"), ListenKey.class);
        this.clock = clock;
        this.random = random;
    }

    /** A new id. */
    String newId() {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Creates a session. @return the path of its link */
    public String create(Portal portal) {
        Instant endsAt = Instant.ofEpochMilli(portal.endsAt());
        SessionStore.PortalSession row =
                new SessionStore.PortalSession(portal.id(), portals.seal(portal), null, clock.instant(), endsAt);
        store.add(portal.account(), row, MOST_OF_AN_ACCOUNT);
        return LINK + links.seal(portal.id());
    }

    /** A session that has not ended. */
    public Optional<Portal> find(String id) {
        return store.portalSession(id).flatMap(this::current).map(PortalUsage::portal);
    }

    /** Sessions of an account that have not ended, newest first. */
    List<PortalUsage> of(String account) {
        return store.portalSessions(account).stream()
                .flatMap(row -> current(row).stream())
                .sorted(Comparator.comparing((PortalUsage used) -> used.portal().createdAt())
                        .reversed())
                .toList();
    }

    private Optional<PortalUsage> current(SessionStore.PortalSession row) {
        Instant now = clock.instant();
        return portals.unseal(row.sealed())
                .map(portal -> new PortalUsage(portal, row.signedInAt(), row.usedAt()))
                .filter(used -> !used.isOver(now))
                .filter(used -> guard.current(used.portal().creator().caller()).isPresent());
    }

    /** The session of an unused link. */
    public Optional<Portal> ofLink(String token) {
        return links.unseal(token)
                .flatMap(store::portalSession)
                .filter(row -> row.signedInAt() == null)
                .flatMap(this::current)
                .map(PortalUsage::portal);
    }

    /** Uses a link. @return empty: it is invalid, was used, or its session has ended */
    public Optional<Portal> redeem(String token) {
        return ofLink(token).filter(portal -> store.redeem(portal.id(), clock.instant()));
    }

    /** Records the use of a session. */
    public void used(Portal portal) {
        store.use(portal.id(), clock.instant());
    }

    /** A key with which the holder of a session listens, and does nothing else, until the session ends. */
    public String listenKey(Portal portal) {
        return LISTEN_PREFIX + listenKeys.seal(new ListenKey(portal.id(), portal.account()));
    }

    /**
     * The holder of a listener's key, who may read. Reads memory only: {@link #find} knows whether the session has ended.
     *
     * @param authorization the values of the header
     */
    public Optional<Caller> ofListenKey(List<String> authorization) {
        String header = authorization.size() == 1 ? authorization.get(0) : "";
        if (!header.startsWith(BEARER + LISTEN_PREFIX)) {
            return Optional.empty();
        }
        return listenKeys
                .unseal(header.substring(BEARER.length() + LISTEN_PREFIX.length()))
                .flatMap(key ->
                        guard.config().get().account(key.account()).map(of -> caller(key.id(), ApiKey.Role.READ, of)));
    }

    private static Caller caller(String id, ApiKey.Role role, Account of) {
        String name = "portal:" + id;
        Actor actor = new Actor(Actor.PORTAL_SESSION, id, name);
        return new Caller(of, new ApiKey(name, role, Sha256.of(id), null, actor));
    }

    /** Ends a session; its link stops working. */
    public void end(Portal portal) {
        store.remove(portal.account(), portal.id());
    }
}
