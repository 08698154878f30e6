package io.engagementwebhooks.api.inbox;

import io.engagementwebhooks.ledger.SharedBudget;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What the test inboxes of this process received in the last 24 hours, in memory. Each account has its own limits: of
 * memory, of inboxes, of requests a second. An account without memory loses its own oldest requests. Thread-safe.
 */
public final class Inboxes {

    /** How long a request is kept, and an inbox that is not used. */
    static final Duration KEPT = Duration.ofHours(24);

    /** Limit of inboxes of an account; one more removes the one unused for longest. */
    static final int MOST_OF_ACCOUNT = 100;

    /** Limit of an account's requests in a second. */
    static final int MOST_PER_SECOND = 20;

    private static final long LEAST_MEMORY = 16L << 20;
    private static final long PART_OF_HEAP = 32;
    private static final long MEMORY_OF_ACCOUNT = 4L << 20;
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Clock clock;
    private final SharedBudget memory;
    private final Map<String, OfAccount> accounts = new HashMap<>();

    public Inboxes(Clock clock) {
        this(
                clock,
                new SharedBudget(
                        Math.max(LEAST_MEMORY, Runtime.getRuntime().maxMemory() / PART_OF_HEAP), MEMORY_OF_ACCOUNT));
    }

    /** @param memory bytes of requests */
    Inboxes(Clock clock, SharedBudget memory) {
        this.clock = clock;
        this.memory = memory;
    }

    /** The inbox of an id; an empty one if it was not used. */
    synchronized Inbox of(String account, String id) {
        return of(account).expired().inbox(id);
    }

    /** The used inboxes of an account, the one used last at the end. */
    synchronized List<Inbox> all(String account) {
        return List.copyOf(of(account).expired().inboxes.values());
    }

    /** Creates or changes an inbox, but not its requests. */
    synchronized Inbox change(String account, String id, UnaryOperator<Inbox> change) {
        OfAccount all = of(account);
        return all.put(change.apply(all.inbox(id)), 0);
    }

    /** Forgets what an inbox received, and its response. */
    synchronized void clear(String account, String id) {
        of(account).remove(id);
    }

    /**
     * Keeps a request.
     *
     * @throws ProblemException 429 above the account's rate, 503 without memory; nothing is kept
     */
    synchronized Inbox received(String account, String id, ReceivedRequest request) {
        OfAccount all = of(account);
        all.count();
        reserve(all, request.size());
        return all.put(all.inbox(id).with(request), request.size());
    }

    /** Removes what is older than {@link #KEPT}. */
    public synchronized void expire() {
        accounts.values().removeIf(all -> all.expired().inboxes.isEmpty());
    }

    private OfAccount of(String account) {
        return accounts.computeIfAbsent(account, OfAccount::new);
    }

    /** An account at its limit loses its oldest requests; if all memory is used, the account that uses most. */
    private void reserve(OfAccount of, long bytes) {
        while (!of.share.tryAcquire(bytes)) {
            OfAccount loser = memory.used() + bytes > memory.limit()
                    ? Collections.max(accounts.values(), Comparator.comparingLong(each -> each.share.inUse()))
                    : of;
            if (!loser.removeOldest()) {
                throw new ProblemException(Problem.unavailable(
                        "no-memory", "There is no memory for this request now. Please try again.", RETRY));
            }
        }
    }

    /** The inboxes of one account. */
    private final class OfAccount {

        private final SharedBudget.Share share;

        /** The one used last at the end. */
        private final Map<String, Inbox> inboxes = new LinkedHashMap<>();

        private long second;
        private int inSecond;

        private OfAccount(String account) {
            share = memory.of(account);
        }

        private Inbox inbox(String id) {
            Inbox known = inboxes.get(id);
            return known == null ? Inbox.empty(id, clock.instant()) : known;
        }

        /** @param reserved bytes reserved for it in addition */
        private Inbox put(Inbox changed, long reserved) {
            Inbox before = inboxes.remove(changed.id());
            share.release((before == null ? 0 : before.size()) + reserved - changed.size());
            inboxes.put(changed.id(), changed);
            if (inboxes.size() > MOST_OF_ACCOUNT) {
                remove(inboxes.keySet().iterator().next());
            }
            return changed;
        }

        private void remove(String id) {
            Inbox removed = inboxes.remove(id);
            if (removed != null) {
                share.release(removed.size());
            }
        }

        private void count() {
            long now = clock.instant().getEpochSecond();
            inSecond = now == second ? inSecond + 1 : 1;
            second = now;
            if (inSecond > MOST_PER_SECOND) {
                throw new ProblemException(Problem.tooMany(
                        "rate-limit",
                        "the test inboxes of an account take " + MOST_PER_SECOND + " requests a second",
                        RETRY));
            }
        }

        /** @return false: there is no request */
        private boolean removeOldest() {
            Optional<Inbox> first = inboxes.values().stream()
                    .filter(inbox -> !inbox.requests().isEmpty())
                    .findFirst();
            first.ifPresent(inbox -> replace(inbox, inbox.withoutOldest()));
            return first.isPresent();
        }

        /** Keeps the order of use. */
        private void replace(Inbox before, Inbox after) {
            share.release(before.size() - after.size());
            inboxes.put(after.id(), after);
        }

        private OfAccount expired() {
            Instant oldest = clock.instant().minus(KEPT);
            for (Inbox inbox : new ArrayList<>(inboxes.values())) {
                if (inbox.usedAt().isAfter(oldest)) {
                    replace(inbox, inbox.since(oldest));
                } else {
                    remove(inbox.id());
                }
            }
            return this;
        }
    }
}
