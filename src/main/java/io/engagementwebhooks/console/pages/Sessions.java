package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.PortalSessions;
import io.engagementwebhooks.webhook.Caller;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Browser sessions, in memory: a restart ends them. A session ends after twelve hours, after two hours without a
 * request, and with its key. The number per key and per account is limited; one more ends the least recently used
 * session of that key or account. So no account ends another's sessions, and memory is bounded. Thread-safe.
 */
final class Sessions {

    /** From the sign-in. */
    static final Duration LONGEST = Duration.ofHours(12);

    /** From the last request. */
    static final Duration IDLE = PortalSessions.IDLE;

    static final int MOST_OF_A_KEY = 100;

    static final int MOST_OF_AN_ACCOUNT = 1_000;

    private static final int ID_BYTES = 32;

    private final Clock clock;
    private final SecureRandom random;

    /** By account and id, least recently used first. */
    private final Map<String, Map<String, Seen>> sessions = new HashMap<>();

    private final Map<String, String> accountOf = new HashMap<>();
    private Instant lastSweep = Instant.EPOCH;

    private record Seen(Session session, Instant last, Function<Caller, Optional<Caller>> still) {}

    Sessions(Clock clock, SecureRandom random) {
        this.clock = clock;
        this.random = random;
    }

    /** @param still the same caller by the current configuration; empty: no longer allowed */
    Session begin(Caller caller, Function<Caller, Optional<Caller>> still) {
        return begin(caller, still, null);
    }

    /** As above. @param portal its portal session, or null */
    Session begin(Caller caller, Function<Caller, Optional<Caller>> still, PortalSessions.Portal portal) {
        Instant now = clock.instant();
        Session session = new Session(random(), random(), caller, now, portal, new AtomicReference<>(), Theme.SYSTEM);
        synchronized (sessions) {
            sweep(now);
            String account = caller.account().id();
            Collection<Seen> others = sessions.getOrDefault(account, Map.of()).values();
            evict(others, seen -> isOver(seen, now), 0);
            evict(others, seen -> isOf(seen.session(), caller), MOST_OF_A_KEY - 1);
            evict(others, seen -> true, MOST_OF_AN_ACCOUNT - 1);
            sessions.computeIfAbsent(account, id -> new LinkedHashMap<>(16, 0.75f, true))
                    .put(session.id(), new Seen(session, now, still));
            accountOf.put(session.id(), account);
        }
        return session;
    }

    /** Ends the least recently used matching sessions until a number is left. */
    private void evict(Collection<Seen> ofAccount, Predicate<Seen> which, int left) {
        List<String> ids = ofAccount.stream()
                .filter(which)
                .map(seen -> seen.session().id())
                .toList();
        ids.subList(0, Math.max(0, ids.size() - left)).forEach(this::end);
    }

    /** Removes accounts without a session. */
    private void sweep(Instant now) {
        if (Duration.between(lastSweep, now).abs().compareTo(IDLE) >= 0) {
            lastSweep = now;
            for (Map<String, Seen> ofAccount : List.copyOf(sessions.values())) {
                evict(ofAccount.values(), seen -> isOver(seen, now), 0);
            }
        }
    }

    private static boolean isOf(Session session, Caller caller) {
        return session.caller().key().is(caller.key().sha256());
    }

    /** The session of an id, with its caller by the current configuration. */
    Optional<Session> of(String id) {
        Instant now = clock.instant();
        Seen seen;
        synchronized (sessions) {
            String account = accountOf.get(id);
            if (account == null) {
                return Optional.empty();
            }
            Map<String, Seen> ofAccount = sessions.get(account);
            seen = ofAccount.get(id);
            if (isOver(seen, now)) {
                end(id);
                return Optional.empty();
            }
            ofAccount.put(id, new Seen(seen.session(), now, seen.still()));
        }
        Session session = seen.session();
        Optional<Session> current = seen.still()
                .apply(session.caller())
                .map(caller -> new Session(
                        id,
                        session.token(),
                        caller,
                        session.began(),
                        session.portal(),
                        session.notice(),
                        session.theme()));
        if (current.isEmpty()) {
            end(id);
        }
        return current;
    }

    void end(String id) {
        synchronized (sessions) {
            String account = accountOf.remove(id);
            if (account != null) {
                Map<String, Seen> ofAccount = sessions.get(account);
                ofAccount.remove(id);
                if (ofAccount.isEmpty()) {
                    sessions.remove(account);
                }
            }
        }
    }

    private static boolean isOver(Seen seen, Instant now) {
        return !now.isBefore(seen.session().began().plus(LONGEST))
                || !now.isBefore(seen.last().plus(IDLE));
    }

    private String random() {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
