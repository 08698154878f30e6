package io.engagementwebhooks.deliver.email;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Limits the e-mails of each account in any hour. A message counts once for each of its addresses. Counted in memory, so a restart
 * forgets, and each instance counts what it sends itself. Thread-safe.
 */
final class EmailLimit {

    private static final Duration HOUR = Duration.ofHours(1);

    /** Least time between two checks of a waiting message. */
    private static final Duration RETRY = Duration.ofMinutes(1);

    private final int most;
    private final Clock clock;

    /** When each e-mail was counted, by account; without accounts that sent none in the last hour. */
    private final Map<String, Deque<Instant>> counted = new HashMap<>();

    /** @param most e-mails of an account in an hour; at least the addresses of one message */
    EmailLimit(int most, Clock clock) {
        this.most = most;
        this.clock = clock;
    }

    int most() {
        return most;
    }

    /** Counts a message. @return when to try again, if it is above the limit and not counted; empty: it may be sent */
    synchronized Optional<Instant> acquire(String account, int addresses) {
        Instant now = clock.instant();
        counted.values().removeIf(each -> {
            each.removeIf(at -> isOver(at, now));
            return each.isEmpty();
        });
        Deque<Instant> ofAccount = counted.getOrDefault(account, new ArrayDeque<>());
        int above = ofAccount.size() + addresses - most;
        if (above > 0) {
            Instant free = ofAccount.stream()
                    .skip(above - 1L)
                    .findFirst()
                    .orElseThrow()
                    .plus(HOUR);
            Instant earliest = now.plus(RETRY);
            return Optional.of(free.isAfter(earliest) ? free : earliest);
        }
        for (int i = 0; i < addresses; i++) {
            counted.computeIfAbsent(account, first -> new ArrayDeque<>()).addLast(now);
        }
        return Optional.empty();
    }

    private static boolean isOver(Instant at, Instant now) {
        boolean isAhead = at.isAfter(now); // the clock was set back
        return isAhead || !at.plus(HOUR).isAfter(now);
    }

    /** The number of accounts with counted e-mails. */
    synchronized int accounts() {
        return counted.size();
    }

    /** A counted message was not sent. */
    synchronized void release(String account, int addresses) {
        counted.computeIfPresent(account, (same, ofAccount) -> {
            for (int i = 0; i < addresses; i++) {
                ofAccount.pollLast();
            }
            return ofAccount.isEmpty() ? null : ofAccount;
        });
    }
}
