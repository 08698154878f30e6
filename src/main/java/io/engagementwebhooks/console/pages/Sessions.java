package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.webhook.Caller;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/**
 * Who has signed in, in memory: a restart signs everybody out. A session ends half a day after it began, after two hours
 * in which nothing came, and at once when its key is taken away or ends. Thread-safe.
 */
final class Sessions {

    /** From signing in. */
    static final Duration LONGEST = Duration.ofHours(12);

    /** From the last request. */
    static final Duration IDLE = Duration.ofHours(2);

    /** In all, and of one key: who has one key cannot sign the others out. */
    private static final int MOST = 10_000;

    static final int MOST_OF_A_KEY = 100;
    private static final int ID_BYTES = 32;

    private final Clock clock;
    private final SecureRandom random;
    private final Map<String, Seen> sessions = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Seen> eldest) {
            return size() > MOST;
        }
    };

    private record Seen(Session session, Instant last, Function<Caller, Optional<Caller>> still) {}

    Sessions(Clock clock, SecureRandom random) {
        this.clock = clock;
        this.random = random;
    }

    /** @param still the same caller as things are set up now; empty: he may no longer */
    Session begin(Caller caller, Function<Caller, Optional<Caller>> still) {
        Instant now = clock.instant();
        Session session = new Session(random(), random(), caller, now, new AtomicReference<>());
        synchronized (sessions) {
            sessions.values().removeIf(seen -> isOver(seen, now));
            endEldest(caller);
            sessions.put(session.id(), new Seen(session, now, still));
        }
        return session;
    }

    /** Makes room for one more of a key; the eldest is the one that was used last the longest ago. */
    private void endEldest(Caller caller) {
        List<String> its = sessions.entrySet().stream()
                .filter(entry -> isOf(entry.getValue().session(), caller))
                .map(Map.Entry::getKey)
                .toList();
        its.subList(0, Math.max(0, its.size() - MOST_OF_A_KEY + 1)).forEach(sessions::remove);
    }

    private static boolean isOf(Session session, Caller caller) {
        return session.caller().key().is(caller.key().sha256());
    }

    /** The session of an id, its caller as he is set up now. */
    Optional<Session> of(String id) {
        Instant now = clock.instant();
        Session session;
        Function<Caller, Optional<Caller>> still;
        synchronized (sessions) {
            Seen seen = sessions.get(id);
            if (seen == null || isOver(seen, now)) {
                sessions.remove(id);
                return Optional.empty();
            }
            session = seen.session();
            still = seen.still();
            sessions.put(id, new Seen(session, now, still));
        }
        Optional<Session> current = still.apply(session.caller())
                .map(caller -> new Session(id, session.token(), caller, session.began(), session.notice()));
        if (current.isEmpty()) {
            end(id);
        }
        return current;
    }

    void end(String id) {
        synchronized (sessions) {
            sessions.remove(id);
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
