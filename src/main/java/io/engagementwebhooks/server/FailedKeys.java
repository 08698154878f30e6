package io.engagementwebhooks.server;

import io.engagementwebhooks.ledger.LruMap;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * Limits guesses of keys and sign-in codes. An address that presented too many unknown ones within a minute gets 429;
 * valid ones from it still pass. An IPv6 /64 counts as one address. Memory is bounded: a flood of addresses evicts
 * those that failed least recently. Thread-safe.
 */
public final class FailedKeys {

    private static final int MAX_FAILURES = 20;
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int MAX_ADDRESSES = 10_000;
    private static final int NETWORK_BYTES = 8;

    private final Clock clock;
    private final Map<String, Count> counts = new LruMap<>(MAX_ADDRESSES);

    private record Count(Instant since, int failures) {}

    public FailedKeys(Clock clock) {
        this.clock = clock;
    }

    /**
     * Records an unknown key or code.
     *
     * @param address the client's literal address
     * @return how long the address must wait, or empty: it may retry
     */
    public Optional<Duration> failed(String address) {
        return count(network(address));
    }

    /** Whether an address must wait. */
    public synchronized boolean isBlocked(String address) {
        Count count = counts.get(network(address));
        return count != null && !hasEnded(count, clock.instant()) && count.failures() > MAX_FAILURES;
    }

    private synchronized Optional<Duration> count(String network) {
        Instant now = clock.instant();
        Count before = counts.get(network);
        Count count = before == null || hasEnded(before, now)
                ? new Count(now, 1)
                : new Count(before.since(), before.failures() + 1);
        counts.put(network, count);
        return count.failures() <= MAX_FAILURES
                ? Optional.empty()
                : Optional.of(Duration.between(now, count.since().plus(WINDOW)));
    }

    private static boolean hasEnded(Count count, Instant now) {
        // a window in the future: the clock was set back
        return now.isBefore(count.since()) || !now.isBefore(count.since().plus(WINDOW));
    }

    /** The number of networks in memory. */
    synchronized int size() {
        return counts.size();
    }

    /** The /64 of an IPv6 address, or the IPv4 address, also if written as IPv6. */
    static String network(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        try {
            InetAddress parsed = InetAddress.getByName(address);
            return parsed instanceof Inet6Address
                    ? HexFormat.of().formatHex(Arrays.copyOf(parsed.getAddress(), NETWORK_BYTES))
                    : parsed.getHostAddress();
        } catch (UnknownHostException e) {
            return address;
        }
    }
}
