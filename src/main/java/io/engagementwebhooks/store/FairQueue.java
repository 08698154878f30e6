package io.engagementwebhooks.store;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Queues writes for the next transaction, per account. Accounts are served by deficit round robin over the size of
 * their writes, and a transaction's size is bounded: a write waits for one transaction at most, however much other
 * accounts write. Writes of one account keep their order. Thread-safe; one consumer.
 */
public final class FairQueue<W extends FairQueue.Write> {

    /** The account of the product's own writes. */
    public static final String PRODUCT = "";

    /** The most writes in a transaction. */
    static final int MAX_WRITES = 1024;

    /** The most rows in a transaction of several writes; they take some tens of milliseconds. */
    static final int MAX_ROWS = 2 * MAX_WRITES;

    /** Rows that an account may write per round. */
    private static final int QUANTUM = 128;

    /** Bytes that count as one more row. */
    private static final int BYTES_OF_ROW = 4096;

    /** A write in the queue. */
    public interface Write {
        /** The account, or {@link #PRODUCT}. */
        String account();

        /** Approximate size in rows, at least 1; see {@link FairQueue#rows}. */
        int rows();
    }

    /** The queued writes of an account and its deficit counter. */
    private static final class Account<W> {
        private final Queue<W> writes = new ArrayDeque<>();
        private long deficit;
        /** The last group with a write of this account. */
        private long group = -1;
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notEmpty = lock.newCondition();
    private final Map<String, Account<W>> accounts = new HashMap<>();

    /** Accounts with queued writes, the next one first. */
    private final ArrayDeque<Account<W>> rotation = new ArrayDeque<>();

    private int size;
    private long groups;
    private boolean closed;

    /** The size of a write in rows; long values count as more rows. */
    public static int rows(int rows, long bytes) {
        return (int) Math.min(Integer.MAX_VALUE / 2, Math.max(1, rows + bytes / BYTES_OF_ROW));
    }

    /** Adds a write at the end of its account's queue. @return false: the queue is closed */
    public boolean add(W write) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            Account<W> account = accounts.computeIfAbsent(write.account(), id -> new Account<>());
            if (account.writes.isEmpty()) {
                // an account in the group that is being written keeps its deficit
                account.deficit = account.group == groups ? account.deficit : QUANTUM;
                rotation.add(account);
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
     * Moves queued writes into a group as its transaction has space, and waits for the first.
     *
     * @param group the writes of a transaction so far
     * @param nanos the longest wait
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
            Account<W> account = rotation.peek();
            if (account.deficit <= 0 && rotation.size() > 1) {
                account.deficit += QUANTUM;
                rotation.add(rotation.remove());
                continue;
            }
            int more = account.writes.peek().rows();
            boolean hasSpace = group.size() < MAX_WRITES && rows + more <= MAX_ROWS;
            if (!hasSpace && !group.isEmpty()) {
                return;
            }
            group.add(account.writes.remove());
            account.group = groups;
            size--;
            rows += more;
            // a deficit from writing alone is dropped, except for the last write
            account.deficit = (account.deficit > 0 ? account.deficit : QUANTUM) - more;
            if (account.writes.isEmpty()) {
                rotation.remove();
            }
        }
    }

    /** Whether the queue is closed and empty. */
    public boolean isDrained() {
        lock.lock();
        try {
            return closed && size == 0;
        } finally {
            lock.unlock();
        }
    }

    /** Rejects further writes. Queued ones can still be taken; a waiting consumer returns. */
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
