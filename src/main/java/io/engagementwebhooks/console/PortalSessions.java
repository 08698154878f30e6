package io.engagementwebhooks.console;

import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.webhook.Actor;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import io.engagementwebhooks.webhook.Config;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Portal sessions: access to the console of one account, by a one-time link created for another product. They are kept
 * in memory of this instance: a restart ends them. A session ends at its time, two hours after its last request, when
 * it is revoked, and with the key that created it. The number per account is limited; one more ends the least recently
 * used session. Thread-safe.
 */
public final class PortalSessions {

    /** From the last request to the end of a session. */
    public static final Duration IDLE = Duration.ofHours(2);

    static final Duration LONGEST = Duration.ofHours(12);

    static final int MOST_OF_AN_ACCOUNT = 1_000;

    private static final String PREFIX = "ps_";
    private static final int BYTES = 16;

    private final OneTimeLinks links;
    private final CallerAuthentication.Guard guard;
    private final Supplier<Config> config;
    private final Clock clock;
    private final SecureRandom random;

    /** By account and id, least recently used first. */
    private final Map<String, Map<String, Kept>> sessions = new HashMap<>();

    private Instant lastSweep = Instant.EPOCH;

    /**
     * The rights and look of a portal session.
     *
     * @param id its id
     * @param account the only account it sees
     * @param role read or admin
     * @param expiresAt latest end
     * @param returnTo URL that its pages link back to, or null
     * @param renew URL where its holder gets a new link, or null
     * @param navigation whether the navigation is at the side; false: tabs on top
     * @param theme light or dark; null: the browser's
     */
    public record Portal(
            String id,
            String account,
            ApiKey.Role role,
            Instant expiresAt,
            String returnTo,
            String renew,
            boolean navigation,
            String theme) {

        /** A URL of the product that embeds it, or null. */
        public String host() {
            return returnTo == null ? renew : returnTo;
        }
    }

    /** A portal session and its use. */
    record Kept(Portal portal, Caller creator, Instant createdAt, Instant signedInAt, Instant lastUsedAt) {

        private Kept used(Instant now) {
            return new Kept(portal, creator, createdAt, signedInAt == null ? now : signedInAt, now);
        }

        private boolean isOver(Instant now) {
            Instant idle = signedInAt == null ? createdAt.plus(OneTimeLinks.LASTS) : lastUsedAt.plus(IDLE);
            return !now.isBefore(portal.expiresAt()) || !now.isBefore(idle);
        }
    }

    public PortalSessions(
            OneTimeLinks links,
            CallerAuthentication.Guard guard,
            Supplier<Config> config,
            Clock clock,
            SecureRandom random) {
        this.links = links;
        this.guard = guard;
        this.config = config;
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
    String create(Portal portal, Caller creator) {
        Instant now = clock.instant();
        synchronized (this) {
            sweep(now);
            Map<String, Kept> ofAccount =
                    sessions.computeIfAbsent(portal.account(), id -> new LinkedHashMap<>(16, 0.75f, true));
            List<Kept> all = List.copyOf(ofAccount.values());
            all.subList(0, Math.max(0, all.size() - MOST_OF_AN_ACCOUNT + 1)).forEach(kept -> end(kept.portal()));
            ofAccount.put(portal.id(), new Kept(portal, creator, now, null, null));
        }
        return links.offer(portal.id(), () -> signIn(portal));
    }

    /** Removes ended sessions of all accounts, from time to time. */
    private void sweep(Instant now) {
        if (Duration.between(lastSweep, now).abs().compareTo(OneTimeLinks.LASTS) >= 0) {
            lastSweep = now;
            sessions.values().forEach(ofAccount -> ofAccount.values().removeIf(kept -> kept.isOver(now)));
            sessions.values().removeIf(Map::isEmpty);
        }
    }

    private Optional<OneTimeLinks.SignIn> signIn(Portal portal) {
        String name = "portal:" + portal.id();
        Actor actor = new Actor(Actor.PORTAL_SESSION, portal.id(), name);
        ApiKey key = new ApiKey(name, portal.role(), Sha256.of(portal.id()), portal.expiresAt(), actor);
        return config.get()
                .account(portal.account())
                .map(account -> new Caller(account, key))
                .flatMap(caller -> still(caller, portal))
                .map(caller -> new OneTimeLinks.SignIn(caller, now -> still(now, portal), Optional.of(portal)));
    }

    /** The caller by the current configuration, and records the use of the session; empty: it has ended. */
    private Optional<Caller> still(Caller caller, Portal portal) {
        Instant now = clock.instant();
        synchronized (this) {
            Map<String, Kept> ofAccount = sessions.getOrDefault(portal.account(), Map.of());
            Kept kept = ofAccount.get(portal.id());
            if (kept == null || !lives(kept, now)) {
                return Optional.empty();
            }
            ofAccount.put(portal.id(), kept.used(now));
        }
        return config.get().account(portal.account()).map(account -> new Caller(account, caller.key()));
    }

    private boolean lives(Kept kept, Instant now) {
        return !kept.isOver(now) && guard.current(kept.creator()).isPresent();
    }

    /** Sessions of an account that have not ended, newest first. */
    synchronized List<Kept> of(String account) {
        Instant now = clock.instant();
        return sessions.getOrDefault(account, Map.of()).values().stream()
                .filter(kept -> lives(kept, now))
                .sorted(Comparator.comparing(Kept::createdAt).reversed())
                .toList();
    }

    /** Ends a session; its link stops working. */
    public synchronized void end(Portal portal) {
        links.withdraw(portal.id());
        sessions.computeIfPresent(portal.account(), (account, kept) -> {
            kept.remove(portal.id());
            return kept.isEmpty() ? null : kept;
        });
    }
}
