package io.engagementwebhooks.store.cluster;

import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.store.query.PendingCount;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions of webhooks that this instance owns. It holds a session lock of each, and the row of a partition names its
 * owner until that one releases it. So a partition whose lock is free, since its session has ended, still has an owner until
 * the owner's row has expired by the clock of the database.
 *
 * <p>This instance stops a tenth earlier than its row expires, by its monotonic or its wall clock, whichever comes first,
 * counted from before the heartbeat. Thread-safe; one thread sends heartbeats.
 */
public final class Partitions implements Ownership {

    private static final Logger LOG = LoggerFactory.getLogger(Partitions.class);
    private static final BitSet NONE = new BitSet();

    /** The former session of this instance, which is silent but still holds its locks. */
    private static final String END_FORMER = "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
            + " WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid()";

    private static final String RENEW =
            "UPDATE instance SET expires_at = clock_timestamp() + ? * interval '1 millisecond' WHERE id = ?";
    private static final String JOIN =
            "INSERT INTO instance (id, expires_at)" + " VALUES (?, clock_timestamp() + ? * interval '1 millisecond')";
    private static final String LIVE = "SELECT id FROM instance WHERE expires_at > clock_timestamp() ORDER BY id";
    private static final String OWNED = "SELECT number FROM partition WHERE owner = ?";

    /** After a start of the server all instances get the time to renew. */
    private static final String FREE =
            "(p.owner IS NULL OR p.owner = ? OR pg_postmaster_start_time() + ? * interval '1 millisecond' < clock_timestamp()"
                    + " AND NOT EXISTS (SELECT 1 FROM instance i WHERE i.id = p.owner"
                    + " AND i.expires_at > clock_timestamp()))";

    /** The subquery's LIMIT is applied first, so that no other partition is locked. */
    private static final String LOCK = "SELECT x.number FROM (SELECT p.number FROM partition p WHERE " + FREE
            + " AND p.number <> ALL (?) ORDER BY p.owner = ? DESC NULLS LAST, p.number LIMIT ?) x"
            + " WHERE pg_try_advisory_lock(hashtext(current_schema()), x.number)";

    /** Skips rows that transactions of outcomes lock: a heartbeat waits for none of them. */
    private static final String CLAIM = "UPDATE partition SET owner = ? FROM (SELECT p.number FROM partition p WHERE "
            + FREE + " AND p.number = ANY (?) FOR NO KEY UPDATE SKIP LOCKED) x"
            + " WHERE partition.number = x.number RETURNING x.number";

    private static final String RELEASE = "UPDATE partition SET owner = NULL FROM (SELECT number FROM partition"
            + " WHERE owner = ? AND number <> ALL (?) FOR NO KEY UPDATE SKIP LOCKED) x"
            + " WHERE partition.number = x.number";

    private static final String UNLOCK = "SELECT pg_advisory_unlock(hashtext(current_schema()), n) FROM unnest(?) n";

    private final String instance;
    private final Duration lease;
    private final Clock clock;
    private final LongSupplier nanos;
    private final PendingCount pending;
    private ClusterListener listener;

    /** The partitions whose lock this instance holds, and whose row names it. */
    private BitSet owned = NONE;

    /** The owned partitions without those that are released once nothing of them is in flight. */
    private volatile BitSet sending = NONE;

    private volatile long renewedNanos;
    private volatile long renewedMillis;
    private volatile boolean isRenewed;
    private BitSet reported = NONE;

    /**
     * @param instance the unique name of this instance
     * @param lease how long it may act without a heartbeat
     */
    public Partitions(String instance, Duration lease, PendingCount pending, Clock clock) {
        this(instance, lease, pending, clock, System::nanoTime);
    }

    /** @param nanos the monotonic clock */
    Partitions(String instance, Duration lease, PendingCount pending, Clock clock, LongSupplier nanos) {
        this.instance = instance;
        this.lease = lease;
        this.pending = pending;
        this.clock = clock;
        this.nanos = nanos;
        this.renewedNanos = nanos.getAsLong();
    }

    void listen(ClusterListener to) {
        listener = to;
    }

    // --- what this instance owns

    private boolean isValid() {
        long most = lease.toMillis() - lease.toMillis() / 10;
        return isRenewed
                && nanos.getAsLong() - renewedNanos < TimeUnit.MILLISECONDS.toNanos(most)
                && clock.millis() - renewedMillis < most;
    }

    private BitSet current() {
        BitSet now = sending;
        return isValid() ? now : NONE;
    }

    @Override
    public boolean owns(int partition) {
        return current().get(partition);
    }

    List<Integer> owned() {
        return numbers(current());
    }

    @Override
    public int partitions() {
        return current().cardinality();
    }

    @Override
    public Optional<Lease> lease() {
        return Optional.of(new Lease(Duration.ofNanos(nanos.getAsLong() - renewedNanos), isValid()));
    }

    // --- heartbeats

    /** A session has begun, which holds no locks: another instance may have owned any partition since the last one. */
    void start(Statements session) throws SQLException {
        own(NONE, 0);
        session.query(END_FORMER, row -> true);
    }

    /** Renews, and takes or releases partitions so that live instances own equal shares. Each statement commits. */
    void beat(Statements session) throws SQLException {
        long nanosBefore = nanos.getAsLong();
        long millisBefore = clock.millis();
        renew(session);
        int share = share(session.query(LIVE, row -> row.getString(1)));
        BitSet locked = owned;
        BitSet stillOwned = set(session.query(OWNED, row -> row.getInt(1), instance));
        stillOwned.and(locked);
        own(stillOwned, share);
        renewedNanos = nanosBefore;
        renewedMillis = millisBefore;
        isRenewed = true;
        // after what leaves may no longer begin
        BitSet inFlight = listener.inFlight();
        BitSet kept = (BitSet) inFlight.clone();
        kept.and(stillOwned);
        kept.or(sending);
        kept.or(claim(session, locked, share - sending.cardinality()));
        release(session, locked, kept, inFlight);
        own(kept, share);
    }

    private void renew(Statements session) throws SQLException {
        if (session.update(RENEW, lease.toMillis(), instance) == 0) {
            session.update(JOIN, instance, lease.toMillis());
            // it was removed as expired, and its count merged
            pending.inDoubt();
        }
    }

    /** Equal shares, the remainder to the first by name. */
    private int share(List<String> live) {
        int place = live.indexOf(instance);
        return PARTITIONS / live.size() + (place < PARTITIONS % live.size() ? 1 : 0);
    }

    /** Takes free partitions: first their locks, then, in a statement that sees every earlier owner, their rows. */
    private BitSet claim(Statements session, BitSet locked, int most) throws SQLException {
        if (most <= 0) {
            return new BitSet();
        }
        long grace = lease.toMillis();
        List<Integer> free = session.query(LOCK, row -> row.getInt(1), instance, grace, values(locked), instance, most);
        BitSet claimed = set(session.query(CLAIM, row -> row.getInt(1), instance, instance, grace, Values.ints(free)));
        BitSet refused = set(free);
        refused.andNot(claimed);
        unlock(session, refused);
        return claimed;
    }

    /** The row alone keeps a partition with requests in flight whose lock was lost with the former session. */
    private void release(Statements session, BitSet locked, BitSet kept, BitSet inFlight) throws SQLException {
        BitSet named = (BitSet) kept.clone();
        named.or(inFlight);
        session.update(RELEASE, instance, values(named));
        BitSet left = (BitSet) locked.clone();
        left.andNot(kept);
        unlock(session, left);
    }

    private static void unlock(Statements session, BitSet partitions) throws SQLException {
        if (!partitions.isEmpty()) {
            session.query(UNLOCK, row -> true, values(partitions));
        }
    }

    private void own(BitSet partitions, int share) {
        owned = partitions;
        sending = set(partitions.stream().limit(share).boxed().toList());
        report();
    }

    /** Reports what this instance may send, if that has changed: also when the lease has expired. */
    void report() {
        BitSet now = current();
        if (!now.equals(reported)) {
            if (isRenewed && !isValid()) {
                LOG.warn("lease.expired: this instance sends nothing until the lease is renewed");
            }
            LOG.info(
                    "instance.partitions instance={} owned={} of={} leaving={}",
                    instance,
                    now.cardinality(),
                    PARTITIONS,
                    owned.cardinality() - sending.cardinality());
            reported = now;
            listener.ownershipChanged(now);
        }
    }

    private static BitSet set(List<Integer> numbers) {
        BitSet set = new BitSet(PARTITIONS);
        numbers.forEach(set::set);
        return set;
    }

    private static List<Integer> numbers(BitSet partitions) {
        return partitions.stream().boxed().toList();
    }

    private static Values.Many values(BitSet partitions) {
        return Values.ints(numbers(partitions));
    }
}
