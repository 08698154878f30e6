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
 * The open connections of one server, which are bounded. At the limit a new one takes the place of the oldest that has not
 * authenticated yet, so that strangers keep no caller out; one address (an IPv6 /64) has a quarter of the places for such.
 * Where all have authenticated, the account that has the most, and more than its share, loses one.
 *
 * <p>A connection that is closed for another stays open until its event loop closes it. A quarter of the limit is room for
 * these: an address uses a quarter of it, and the less of it is left, the fewer connections an address may have to get another.
 * What exceeds that is refused, so that a flood costs the address it comes from.
 *
 * <p>Thread-safe; a lock is taken when a connection is opened, closed or authenticated for the first time, and per request only
 * of strangers.
 */
public final class Connections {

    private static final int PARTS = 4;

    /** For calls that leave, files and the database. */
    private static final long OTHER_DESCRIPTORS = 256;

    private static final long BYTES_OF_CONNECTION = 64 << 10;

    /** While it shakes hands, more than later. */
    private static final long BYTES_OF_TLS_CONNECTION = 256 << 10;

    private static final long FEWEST = 64;
    private static final long MOST = 65_536;

    private final int limit;
    private final int limitOfAddress;
    private final ClientAddresses addresses;
    private final UnauthenticatedBudget strangersMemory;

    /** In the order in which they were opened. */
    private final ByAddress unauthenticated = new ByAddress();

    /** In the order in which they began to hold memory. */
    private final ByAddress holders = new ByAddress();

    /** Those that were closed for another and are open still: in none of the other sets. */
    private final ByAddress closing = new ByAddress();

    private final Map<String, Set<Connection>> byAccount = new HashMap<>();
    private int open;
    private final LongAdder evicted = new LongAdder();
    private final LongAdder refused = new LongAdder();

    /**
     * @param limit how many there may be at a time, above 0
     * @param addresses whose connections are not limited by address, since they are those of many clients
     * @param unauthenticated memory of what has not authenticated
     */
    public Connections(int limit, ClientAddresses addresses, UnauthenticatedBudget unauthenticated) {
        if (limit < 1) {
            throw new IllegalArgumentException("a server needs room for at least 1 connection, not " + limit);
        }
        this.limit = limit;
        this.limitOfAddress = Math.max(1, limit / PARTS);
        this.addresses = addresses;
        this.strangersMemory = unauthenticated;
    }

    /**
     * How many a process can have: half of the file descriptors, the rest being for calls that leave, files and the
     * database, and one for each 64 KiB of heap, or 256 KiB with TLS; from 64 to 65 536.
     *
     * @param descriptors how many file descriptors it may have, or -1: not known
     * @param heap bytes that the heap may have
     * @param tls whether the server speaks TLS itself
     */
    public static int limitFor(long descriptors, long heap, boolean tls) {
        long byHeap = heap / (tls ? BYTES_OF_TLS_CONNECTION : BYTES_OF_CONNECTION);
        long byDescriptors = descriptors < 0 ? MOST : (descriptors - OTHER_DESCRIPTORS) / 2;
        return (int) Math.max(FEWEST, Math.min(MOST, Math.min(byHeap, byDescriptors)));
    }

    /** How many there may be. */
    public int limit() {
        return limit;
    }

    /** How many there are. */
    public synchronized int open() {
        return open;
    }

    /** How many of them have authenticated, without those that are being closed. */
    public synchronized int authenticated() {
        return open - unauthenticated.all.size() - closing.all.size();
    }

    /** How many of them have not authenticated. */
    public synchronized int unauthenticated() {
        return unauthenticated.all.size();
    }

    /** How many were closed for another, since the start. */
    public long evicted() {
        return evicted.sum();
    }

    /** How many were not taken, since the start. */
    public long refused() {
        return refused.sum();
    }

    /**
     * Takes a new connection, or returns null if there is no room; then it is to be closed. The acceptor's thread calls this,
     * and gives the channel its event loop before the next call.
     */
    Connection admit(Channel channel) {
        Connection connection = new Connection(this, channel, network(channel));
        Connection victim;
        synchronized (this) {
            boolean replaces = isFull(connection.address());
            victim = replaces ? victim(connection.address()) : null;
            if (replaces && victim == null || !hasRoom(connection.address())) {
                refused.increment();
                return null;
            }
            if (victim != null) {
                closes(victim);
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
     * Ends the other one that has not authenticated and holds memory for longest.
     *
     * @param ofItsAddress only one that comes from the same address
     * @return false: there is none
     */
    boolean evictFor(Connection connection, boolean ofItsAddress) {
        Connection victim;
        synchronized (this) {
            victim = (ofItsAddress ? holders.of(connection.address()) : holders.all)
                    .stream().filter(other -> other != connection).findFirst().orElse(null);
            if (victim == null) {
                return false;
            }
            closes(victim);
        }
        victim.close();
        return true;
    }

    /** It holds memory from now on. */
    synchronized void holdsMemory(Connection connection) {
        if (unauthenticated.all.contains(connection)) {
            holders.add(connection);
        }
    }

    synchronized void holdsNoMemory(Connection connection) {
        holders.remove(connection);
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

    /** Memory of what a caller without a key holds. */
    RequestMemory memory(Connection connection) {
        return strangersMemory.memory(connection.address());
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
        holders.remove(connection);
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

    private void closes(Connection victim) {
        forget(victim);
        closing.add(victim);
        evicted.increment();
    }

    /** Whether one has to end for a new one. */
    private boolean isFull(String address) {
        return hasItsShare(address) || open - closing.all.size() >= limit;
    }

    private boolean hasItsShare(String address) {
        return unauthenticated.of(address).size() >= limitOfAddress;
    }

    /** Whether one more may be open until those that are being closed are. */
    private boolean hasRoom(String address) {
        int held = unauthenticated.of(address).size() + closing.of(address).size();
        return held < Math.min(withRoom(limitOfAddress), withRoom(limit) - open);
    }

    private static int withRoom(int limit) {
        return limit + limit / PARTS + 1;
    }

    /** Which one is to end for a new one, or null: none. */
    private Connection victim(String address) {
        Set<Connection> from = hasItsShare(address) ? unauthenticated.of(address) : unauthenticated.all;
        return from.isEmpty() ? ofLargestAccount() : from.iterator().next();
    }

    private Connection ofLargestAccount() {
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

    /** Connections, all and by address. Guarded by the lock of {@link Connections}. */
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
