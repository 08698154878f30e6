package io.engagementwebhooks.store;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes that wait for a transaction, in a queue per account. Accounts are served in turn by the size of their writes (deficit
 * round robin), and a transaction's size is bounded, so that however much one account writes, another waits for one
 * transaction at most. Writes of one account keep their order. Thread-safe; one thread takes.
 *
 * @param <W> the writes
 */
public final class FairQueue<W extends FairQueue.Write> {

    /** The account of writes that are the product's own. */
    public static final String PRODUCT = "";

    /** Most writes of a transaction. */
    static final int MOST_WRITES = 1024;

    /** Largest transaction of several writes, in rows: some tens of milliseconds. */
    static final int MOST_ROWS = 2 * MOST_WRITES;

    /** Rows of one turn. */
    private static final int QUANTUM = 128;

    /** So many bytes count as another row. */
    private static final int BYTES_OF_ROW = 4096;

    /** A write in the queue. */
    public interface Write {
        /** The account that it is for, or {@link #PRODUCT}. */
        String account();

        /** About how many rows it writes, at least 1; see {@link FairQueue#rows}. */
        int rows();
    }

    /** The writes of one account that wait, and what it may write before others are served. */
    private static final class Account<W> {
        private final Queue<W> writes = new ArrayDeque<>();
        private long allowance;
        /** The last group that has writes of it. */
        private long group = -1;
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notEmpty = lock.newCondition();
    private final Map<String, Account<W>> accounts = new HashMap<>();

    /** Those that have writes, the next one first. */
    private final ArrayDeque<Account<W>> turns = new ArrayDeque<>();

    private int size;
    private long groups;
    private boolean closed;

    /** The size of a write of some rows, long values counted. */
    public static int rows(int rows, long bytes) {
        return (int) Math.min(Integer.MAX_VALUE / 2, Math.max(1, rows + bytes / BYTES_OF_ROW));
    }

    /** Adds a write behind those of its account. @return false: this is closed */
    public boolean add(W write) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            Account<W> account = accounts.computeIfAbsent(write.account(), id -> new Account<>());
            if (account.writes.isEmpty()) {
                // what is being written now is paid for by waiting
                account.allowance = account.group == groups ? account.allowance : QUANTUM;
                turns.add(account);
            }
            account.writes.add(write);
            if (size++ == 0) {
                notEmpty.signal();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Adds to a group of writes what its transaction has room for, waiting for the first.
     *
     * @param group the writes of a transaction so far
     * @param nanos how long to wait at most
     */
    public void take(Collection<W> group, long nanos) throws InterruptedException {
        lock.lock();
        try {
            for (long left = nanos; size == 0 && left > 0 && !closed; ) {
                left = notEmpty.awaitNanos(left);
            }
            if (size > 0) {
                fill(group);
            }
        } finally {
            lock.unlock();
        }
    }

    private void fill(Collection<W> group) {
        groups += group.isEmpty() ? 1 : 0;
        long rows = 0;
        for (W write : group) {
            rows += write.rows();
        }
        while (size > 0) {
            Account<W> account = turns.peek();
            if (account.allowance <= 0 && turns.size() > 1) {
                account.allowance += QUANTUM;
                turns.add(turns.remove());
                continue;
            }
            int more = account.writes.peek().rows();
            boolean hasRoom = group.size() < MOST_WRITES && rows + more <= MOST_ROWS;
            if (!hasRoom && !group.isEmpty()) {
                return;
            }
            group.add(account.writes.remove());
            account.group = groups;
            size--;
            rows += more;
            // what an account wrote while no other waited is forgiven, but for the last
            account.allowance = (account.allowance > 0 ? account.allowance : QUANTUM) - more;
            if (account.writes.isEmpty()) {
                turns.remove();
            }
        }
    }

    /** Whether this is closed and nothing waits. */
    public boolean isOver() {
        lock.lock();
        try {
            return closed && size == 0;
        } finally {
            lock.unlock();
        }
    }

    /** Accepts no more writes. Queued ones may still be taken, and a thread that waits for more returns. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            notEmpty.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
