package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.store.Ownership;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions of webhooks that this instance owns, under a lease that it renews at a third of its duration. Live instances own
 * equal shares: one with too many releases some once their deliveries in flight have ended, one with too few takes free partitions
 * and those of expired leases. A partition's epoch rises with each new owner; an attempt belongs to the epoch in which it began.
 *
 * <p>Leases expire by the clock of the database. This instance treats its own as expired a tenth earlier, by its own clock and
 * counted from before the renewal, so that it stops before another one begins. Thread-safe.
 */
final class Leases implements Ownership, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Leases.class);
    private static final Duration WATCH = Duration.ofMillis(100);
    private static final String LIVE =
            "SELECT id, ceil(extract(epoch FROM expires_at - clock_timestamp()) * 1000)::bigint FROM instance"
                    + " WHERE expires_at > clock_timestamp() ORDER BY id";

    /** Is notified of changes of ownership. */
    interface Listener {
        /** The owned partitions have changed, or the lease has expired or recovered. */
        void ownershipChanged();

        /** Partitions were released or requested: the other instances should renew now. */
        void poll();

        /** This instance was removed as expired and has joined again. */
        void rejoined();
    }

    private record Held(long[] epochs, BitSet leaving) {
        static final Held NONE = new Held(new long[PARTITIONS], new BitSet());

        boolean mayBegin(int partition) {
            return epoch(partition) != 0;
        }

        long epoch(int partition) {
            return leaving.get(partition) ? 0 : epochs[partition];
        }
    }

    /** The partition and epoch in which an attempt began. */
    record AttemptEpoch(int partition, long epoch) {
        boolean isOf(Map<Integer, Long> epochs) {
            Long now = epochs.get(partition);
            return now != null && now == epoch;
        }
    }

    private final String instance;
    private final Duration lease;
    private final Connecting connecting;
    private final Dialect dialect;
    private final Clock clock;
    private final Map<String, AttemptEpoch> begun = new ConcurrentHashMap<>();
    private final AtomicIntegerArray inFlight = new AtomicIntegerArray(PARTITIONS);
    private final Background ticking = new Background("leases");
    /** A separate thread, which sees the lease expire while a renewal waits for the database. */
    private final Background watching = new Background("lease-watch");

    private final AtomicBoolean isTickScheduled = new AtomicBoolean();
    private volatile Held held = Held.NONE;
    private volatile long renewedNanos = System.nanoTime();
    private volatile long renewedMillis;
    private volatile boolean renewed;
    private volatile Listener listener;
    private boolean wasValid;
    private long nextTickAt;
    private BitSet lastLeaving = new BitSet();
    private Statements statements;
    private boolean closed;
    private Instant failedSince;
    private volatile Long config;

    /**
     * @param instance the unique name of this instance
     * @param lease how long it may act without a renewal
     */
    Leases(String instance, Duration lease, Connecting connecting, Dialect dialect, Clock clock) {
        this.instance = instance;
        this.lease = lease;
        this.connecting = connecting;
        this.dialect = dialect;
        this.clock = clock;
    }

    /** Starts to acquire this instance's share of the partitions. */
    void start(Listener whom) {
        listener = whom;
        tick();
        wasValid = isValid();
        watching.every(WATCH, this::watch);
    }

    /** The generation of this instance's configuration file, published with each renewal. */
    void generation(long generation) {
        config = generation;
    }

    /** Renews soon, if started: the instances have changed. */
    void poll() {
        if (listener != null && isTickScheduled.compareAndSet(false, true)) {
            ticking.after(Duration.ZERO, this::tick);
        }
    }

    private boolean isValid() {
        long most = lease.toMillis() - lease.toMillis() / 10;
        // two clocks: the monotonic one may stop while the machine is suspended, the wall clock may be set
        return renewed
                && System.nanoTime() - renewedNanos < TimeUnit.MILLISECONDS.toNanos(most)
                && clock.millis() - renewedMillis < most;
    }

    @Override
    public int partitions() {
        return owned().size();
    }

    @Override
    public Optional<Lease> lease() {
        return Optional.of(new Lease(Duration.ofNanos(System.nanoTime() - renewedNanos), isValid()));
    }

    @Override
    public long epoch(WebhookId webhook) {
        return isValid() ? held.epoch(Ownership.partition(webhook)) : 0;
    }

    @Override
    public ToLongFunction<WebhookId> asOfNow() {
        Held now = isValid() ? held : Held.NONE;
        return webhook -> now.epoch(Ownership.partition(webhook));
    }

    boolean owns(int partition) {
        return isValid() && held.epochs()[partition] != 0;
    }

    /** The partitions whose deliveries this instance may send. */
    List<Integer> owned() {
        Held now = held;
        List<Integer> owned = new ArrayList<>(PARTITIONS);
        for (int i = 0; i < PARTITIONS && isValid(); i++) {
            if (now.mayBegin(i)) {
                owned.add(i);
            }
        }
        return owned;
    }

    @Override
    public boolean begin(WebhookId webhook, String delivery, long epoch) {
        int partition = Ownership.partition(webhook);
        // counted first: a leaving partition is released once nothing is in flight
        inFlight.incrementAndGet(partition);
        Held now = held;
        if (isValid() && epoch != 0 && now.epoch(partition) == epoch) {
            AttemptEpoch former = begun.put(delivery, new AttemptEpoch(partition, epoch));
            if (former != null) {
                inFlight.decrementAndGet(former.partition());
            }
            return true;
        }
        inFlight.decrementAndGet(partition);
        return false;
    }

    @Override
    public boolean maySend(String delivery) {
        AttemptEpoch begun = this.begun.get(delivery);
        return begun != null && isValid() && held.epochs()[begun.partition()] == begun.epoch();
    }

    /** The epoch in which an attempt began; one that never began counts as beginning now. */
    AttemptEpoch begun(WebhookId webhook, String delivery) {
        AttemptEpoch begun = this.begun.get(delivery);
        int partition = Ownership.partition(webhook);
        return begun != null ? begun : new AttemptEpoch(partition, held.epochs()[partition]);
    }

    @Override
    public void ended(String delivery) {
        AttemptEpoch begun = this.begun.remove(delivery);
        if (begun != null
                && inFlight.decrementAndGet(begun.partition()) == 0
                && held.leaving().get(begun.partition())) {
            poll();
        }
    }

    /** Reports when the lease expires and when it is valid again: partitions are owned only while it is valid. */
    private void watch() {
        boolean valid = isValid();
        if (valid != wasValid) {
            wasValid = valid;
            if (!valid) {
                LOG.warn("lease.expired: this instance sends nothing until the lease is renewed");
            }
            listener.ownershipChanged();
        }
    }

    private synchronized void tick() {
        isTickScheduled.set(false);
        if (closed) {
            return;
        }
        long next = renewIntervalMs();
        try {
            if (statements == null) {
                statements = new Statements(connecting.connect(), dialect);
                // the time-out leaves time for another connection before the lease expires
                statements.connection().setNetworkTimeout(Runnable::run, networkMs());
            }
            next = Math.min(next, renew());
            if (failedSince != null) {
                LOG.info(
                        "lease.recovered seconds={}",
                        Duration.between(failedSince, clock.instant()).toSeconds());
                failedSince = null;
            }
        } catch (SQLException e) {
            if (failedSince == null) {
                failedSince = clock.instant();
                LOG.warn("lease.not-renewed: {}; retrying", e.getMessage());
            }
            drop();
            next = Math.min(next, 500);
        } catch (RuntimeException e) {
            LOG.error("lease.not-renewed", e);
            drop();
        }
        next = Math.max(10, next);
        nextTickAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(next - 1);
        ticking.after(Duration.ofMillis(next), this::tickIfDue);
    }

    long renewIntervalMs() {
        return lease.toMillis() / 3;
    }

    private int networkMs() {
        return (int) Math.min(5_000, Math.max(2_500, lease.toMillis() * 2 / 5));
    }

    /** Skips a scheduled renewal that comes too early after another. */
    private void tickIfDue() {
        if (System.nanoTime() - nextTickAt >= 0) {
            tick();
        }
    }

    private void drop() {
        // the list of leaving partitions may not have been published
        lastLeaving = null;
        if (statements != null) {
            try {
                statements.connection().close();
            } catch (SQLException e) {
                LOG.debug("the broken connection cannot be closed", e);
            }
            statements = null;
        }
    }

    /** @return milliseconds until the next renewal, at most */
    private long renew() throws SQLException {
        long nanos = System.nanoTime();
        long millis = clock.millis();
        // serialized: an instance that renews too late must see which partitions it lost
        dialect.lock(statements, List.of(Hashes.lock("leases")));
        int known = statements.update(
                "UPDATE instance SET expires_at = clock_timestamp() + ? * interval '1 millisecond', config = CAST(? AS bigint)"
                        + " WHERE id = ? AND expires_at > clock_timestamp()",
                lease.toMillis(),
                config,
                instance);
        if (known == 0) {
            statements.update(
                    "INSERT INTO instance (id, expires_at, config)"
                            + " VALUES (?, clock_timestamp() + ? * interval '1 millisecond', CAST(? AS bigint))"
                            + " ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at, config = excluded.config",
                    instance,
                    lease.toMillis(),
                    config);
        }
        Map<String, Long> live = live();
        Map<Integer, Long> mine = ownedEpochs();
        int share = fairShare(List.copyOf(live.keySet()));
        BitSet leaving = leaving(mine, share);
        // published before the in-flight counters are read, so that no attempt begins in between
        held = new Held(held.epochs(), leaving);
        List<Integer> free = leaving.stream()
                .filter(partition -> inFlight.get(partition) == 0)
                .boxed()
                .toList();
        release(free);
        free.forEach(mine::remove);
        int taken = 0;
        if (mine.size() < share) {
            Map<Integer, Long> more = acquire(share - mine.size());
            taken = more.size();
            mine.putAll(more);
        }
        removeExpired();
        statements.connection().commit();
        // the expiry may not have been reported yet
        boolean hadEnded = !isValid();
        boolean moved = publish(mine, leaving) | hadEnded;
        renewedNanos = nanos;
        renewedMillis = millis;
        renewed = true;
        if (known == 0) {
            listener.rejoined();
        }
        if (known == 0 || !free.isEmpty()) {
            listener.poll();
        }
        if (moved) {
            LOG.info(
                    "instance.partitions instance={} owned={} of={} instances={} taken={} released={} leaving={}",
                    instance,
                    mine.size(),
                    PARTITIONS,
                    live.size(),
                    taken,
                    free.size(),
                    held.leaving().cardinality());
            listener.ownershipChanged();
        }
        long nextExpiry = live.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(instance))
                .mapToLong(Map.Entry::getValue)
                .min()
                .orElse(Long.MAX_VALUE - 20);
        return Math.min(lease.toMillis() / 3, nextExpiry + 20);
    }

    /** The live instances in name order, with the milliseconds until the lease of each expires. */
    private Map<String, Long> live() throws SQLException {
        Map<String, Long> live = new LinkedHashMap<>();
        statements.query(LIVE, row -> live.put(row.getString(1), row.getLong(2)));
        return live;
    }

    private Map<Integer, Long> ownedEpochs() throws SQLException {
        Map<Integer, Long> mine = new HashMap<>();
        statements.query(
                "SELECT number, epoch FROM partition WHERE owner = ?",
                row -> mine.put(row.getInt(1), row.getLong(2)),
                instance);
        return mine;
    }

    /** The number of partitions for this instance: equal shares, the remainder to the first by name. */
    private int fairShare(List<String> live) {
        int place = live.indexOf(instance);
        return PARTITIONS / live.size() + (place < PARTITIONS % live.size() ? 1 : 0);
    }

    /** The partitions to release; those that are leaving already stay so. */
    private BitSet leaving(Map<Integer, Long> mine, int share) {
        BitSet before = held.leaving();
        BitSet leaving = new BitSet();
        mine.keySet().stream()
                .sorted((one, other) -> Boolean.compare(before.get(other), before.get(one)))
                .limit(Math.max(0, mine.size() - share))
                .forEach(leaving::set);
        return leaving;
    }

    private void release(List<Integer> partitions) throws SQLException {
        if (!partitions.isEmpty()) {
            statements.update(
                    "UPDATE partition SET owner = NULL WHERE owner = ? AND number = ANY (?)",
                    instance,
                    Values.ints(partitions));
        }
    }

    private Map<Integer, Long> acquire(int count) throws SQLException {
        Map<Integer, Long> acquired = new HashMap<>();
        statements.query(
                "UPDATE partition SET owner = ?, epoch = epoch + 1 WHERE number IN (SELECT p.number FROM partition p"
                        + " WHERE p.owner IS NULL OR NOT EXISTS (SELECT 1 FROM instance i WHERE i.id = p.owner"
                        + " AND i.expires_at > clock_timestamp())"
                        // no instance could renew while the server was down: all get the time to do so
                        + " AND pg_postmaster_start_time() + ? * interval '1 millisecond' < clock_timestamp()"
                        + " LIMIT ? FOR UPDATE SKIP LOCKED) RETURNING number, epoch",
                row -> acquired.put(row.getInt(1), row.getLong(2)),
                instance,
                lease.toMillis(),
                count);
        return acquired;
    }

    /** Removes instances whose lease has expired and that own no partition. */
    private void removeExpired() throws SQLException {
        List<String> dead = statements.query(
                "DELETE FROM instance i WHERE i.expires_at < clock_timestamp()"
                        + " AND NOT EXISTS (SELECT 1 FROM partition p WHERE p.owner = i.id) RETURNING i.id",
                row -> row.getString(1));
        for (String each : dead) {
            PendingCount.merge(statements, each);
        }
    }

    private boolean publish(Map<Integer, Long> mine, BitSet leaving) {
        Held before = held;
        long[] epochs = new long[PARTITIONS];
        mine.forEach((partition, epoch) -> epochs[partition] = epoch);
        BitSet still = (BitSet) leaving.clone();
        leaving.stream().filter(partition -> epochs[partition] == 0).forEach(still::clear);
        held = new Held(epochs, still);
        boolean moved = !Arrays.equals(before.epochs(), epochs) || !still.equals(lastLeaving);
        lastLeaving = still;
        return moved;
    }

    /** Releases all partitions. Attempts in flight are recorded by then, or the next owner sends them again. */
    @Override
    public void close() {
        watching.close();
        ticking.close();
        synchronized (this) {
            closed = true;
            held = Held.NONE;
            renewed = false;
            try {
                if (listener == null) {
                    return;
                }
                if (statements == null) {
                    statements = new Statements(connecting.connect(), dialect);
                }
                statements.update("UPDATE partition SET owner = NULL WHERE owner = ?", instance);
                statements.update("DELETE FROM instance WHERE id = ?", instance);
                PendingCount.merge(statements, instance);
                statements.connection().commit();
                listener.poll();
            } catch (SQLException e) {
                LOG.warn(
                        "partitions.not-released: other instances take them when the lease expires: {}",
                        e.getMessage());
            } finally {
                drop();
            }
        }
    }
}
