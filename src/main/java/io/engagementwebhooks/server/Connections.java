package io.engagementwebhooks.server;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/**
 * Limits the open connections of a server. At the limit a new one replaces the oldest unauthenticated one; one address
 * (an IPv6 /64) has a quarter of the limit for such. If all are authenticated, the account with the most, and more than
 * its share, loses one.
 *
 * <p>A replaced connection stays open until its event loop closes it. A quarter of the limit is extra capacity for these:
 * an address uses a quarter of it, and fewer the less of it is left. Connections beyond that are refused, so that a
 * flood affects the address that it comes from.
 *
 * <p>Thread-safe; a lock is acquired when a connection is opened, closed or first authenticated, and for each
 * unauthenticated request.
 */
public final class Connections {

    private static final int DIVISOR = 4;

    /** Descriptors for outgoing calls, files and the database. */
    private static final long OTHER_DESCRIPTORS = 256;

    private static final long BYTES_OF_CONNECTION = 64 << 10;

    /** During the handshake. */
    private static final long BYTES_OF_TLS_CONNECTION = 256 << 10;

    private static final long MIN = 64;
    private static final long MAX = 65_536;

    private final int limit;
    private final int limitOfAddress;
    private final ClientAddresses addresses;
    private final UnauthenticatedBudget unauthenticatedBudget;

    /** Unauthenticated connections, in the order of opening. */
    private final ByAddress unauthenticated = new ByAddress();

    /** Unauthenticated connections with memory, in the order of its first use. */
    private final ByAddress withMemory = new ByAddress();

    /** Replaced connections that are still open; in none of the other sets. */
    private final ByAddress closing = new ByAddress();

    private final Map<String, Set<Connection>> byAccount = new HashMap<>();
    private int open;
    private final LongAdder evicted = new LongAdder();
    private final LongAdder refused = new LongAdder();

    /**
     * @param limit the most open connections, above 0
     * @param addresses trusted proxies, which are not limited by address
     * @param unauthenticated the memory of unauthenticated connections
     */
    public Connections(int limit, ClientAddresses addresses, UnauthenticatedBudget unauthenticated) {
        if (limit < 1) {
            throw new IllegalArgumentException("a server needs at least 1 connection, not " + limit);
        }
        this.limit = limit;
        this.limitOfAddress = Math.max(1, limit / DIVISOR);
        this.addresses = addresses;
        this.unauthenticatedBudget = unauthenticated;
    }

    /**
     * The default limit: at most 65,536, one connection per 64 KiB of heap, or 256 KiB with TLS; and at most half of
     * the file descriptors without those for other uses, or a quarter of all if there are few.
     *
     * @param descriptors the limit of file descriptors, or -1: unknown
     * @param heap the maximum heap in bytes
     * @param tls whether the server terminates TLS
     */
    public static int limitFor(long descriptors, long heap, boolean tls) {
        long byHeap = heap / (tls ? BYTES_OF_TLS_CONNECTION : BYTES_OF_CONNECTION);
        long byDescriptors = descriptors < 0 ? MAX : Math.max(descriptors / 4, (descriptors - OTHER_DESCRIPTORS) / 2);
        return (int) Math.min(byDescriptors, Math.max(MIN, Math.min(MAX, byHeap)));
    }

    /** The limit. */
    public int limit() {
        return limit;
    }

    /** The number of open connections. */
    public synchronized int open() {
        return open;
    }

    /** The number of authenticated ones, without those being closed. */
    public synchronized int authenticated() {
        return open - unauthenticated.all.size() - closing.all.size();
    }

    /** The number of unauthenticated ones. */
    public synchronized int unauthenticated() {
        return unauthenticated.all.size();
    }

    /** The number of replaced ones since the start. */
    public long evicted() {
        return evicted.sum();
    }

    /** The number of refused ones since the start. */
    public long refused() {
        return refused.sum();
    }

    /**
     * Admits a new connection; null: it must be closed. Called by the acceptor's thread, which registers the channel
     * with an event loop before the next call.
     */
    Connection admit(Channel channel) {
        Connection connection = new Connection(this, channel, network(channel));
        Connection victim;
        synchronized (this) {
            boolean replaces = mustReplace(connection.address());
            victim = replaces ? connectionToReplace(connection.address()) : null;
            if (replaces && victim == null || !hasSpace(connection.address())) {
                refused.increment();
                return null;
            }
            if (victim != null) {
                startClosing(victim);
            }
            open++;
            unauthenticated.add(connection);
        }
        if (victim != null) {
            victim.close();
        }
        return connection;
    }

    /**
     * Closes the unauthenticated connection that has used memory the longest.
     *
     * @param ofItsAddress whether to close one of the same address
     * @return false: there is none
     */
    boolean evictFor(Connection connection, boolean ofItsAddress) {
        Connection victim;
        synchronized (this) {
            victim = (ofItsAddress ? withMemory.of(connection.address()) : withMemory.all)
                    .stream().filter(other -> other != connection).findFirst().orElse(null);
            if (victim == null) {
                return false;
            }
            startClosing(victim);
        }
        victim.close();
        return true;
    }

    /** Called when a connection begins to use memory. */
    synchronized void memoryUsed(Connection connection) {
        if (unauthenticated.all.contains(connection)) {
            withMemory.add(connection);
        }
    }

    synchronized void memoryReleased(Connection connection) {
        withMemory.remove(connection);
    }

    void authenticated(Connection connection, String account) {
        synchronized (this) {
            if (forget(connection)) {
                connection.account(account);
                byAccount.computeIfAbsent(account, id -> new LinkedHashSet<>()).add(connection);
            }
        }
    }

    void closed(Connection connection) {
        synchronized (this) {
            open--;
            if (!closing.remove(connection)) {
                forget(connection);
            }
        }
    }

    /** The memory of an unauthenticated connection. */
    RequestMemory memory(Connection connection) {
        return unauthenticatedBudget.memory(connection.address());
    }

    private String network(Channel channel) {
        if (!(channel.remoteAddress() instanceof InetSocketAddress remote) || remote.getAddress() == null) {
            return null;
        }
        InetAddress address = remote.getAddress();
        return addresses.isProxy(address) ? null : FailedKeys.network(address.getHostAddress());
    }

    private boolean forget(Connection connection) {
        String account = connection.account();
        if (account != null) {
            return remove(byAccount, account, connection);
        }
        withMemory.remove(connection);
        return unauthenticated.remove(connection);
    }

    private static boolean remove(Map<String, Set<Connection>> sets, String key, Connection connection) {
        Set<Connection> set = sets.get(key);
        boolean was = set != null && set.remove(connection);
        if (set != null && set.isEmpty()) {
            sets.remove(key);
        }
        return was;
    }

    private void startClosing(Connection victim) {
        forget(victim);
        closing.add(victim);
        evicted.increment();
    }

    /** Whether a new connection must replace one. */
    private boolean mustReplace(String address) {
        return isAddressFull(address) || open - closing.all.size() >= limit;
    }

    private boolean isAddressFull(String address) {
        return unauthenticated.of(address).size() >= limitOfAddress;
    }

    /** Whether another one fits besides those being closed. */
    private boolean hasSpace(String address) {
        int held = unauthenticated.of(address).size() + closing.of(address).size();
        return held < Math.min(withSpare(limitOfAddress), withSpare(limit) - open);
    }

    private static int withSpare(int limit) {
        return limit + limit / DIVISOR + 1;
    }

    /** The connection to replace, or null. */
    private Connection connectionToReplace(String address) {
        Set<Connection> from = isAddressFull(address) ? unauthenticated.of(address) : unauthenticated.all;
        return from.isEmpty() ? victimOfLargestAccount() : from.iterator().next();
    }

    private Connection victimOfLargestAccount() {
        Collection<Set<Connection>> accounts = byAccount.values();
        Set<Connection> largest =
                accounts.stream().max(Comparator.comparingInt(Set::size)).orElse(Set.of());
        if (largest.size() <= Math.max(1, limit / (accounts.size() + 1))) {
            return null;
        }
        return largest.stream()
                .filter(connection -> !connection.isBusy())
                .findFirst()
                .orElseGet(() -> largest.iterator().next());
    }

    /** Connections, in total and by address. Guarded by the lock of {@link Connections}. */
    private static final class ByAddress {

        private final Set<Connection> all = new LinkedHashSet<>();
        private final Map<String, Set<Connection>> byAddress = new HashMap<>();

        void add(Connection connection) {
            all.add(connection);
            if (connection.address() != null) {
                byAddress
                        .computeIfAbsent(connection.address(), address -> new LinkedHashSet<>())
                        .add(connection);
            }
        }

        boolean remove(Connection connection) {
            if (connection.address() != null) {
                Connections.remove(byAddress, connection.address(), connection);
            }
            return all.remove(connection);
        }

        Set<Connection> of(String address) {
            return byAddress.getOrDefault(address, Set.of());
        }
    }
}
