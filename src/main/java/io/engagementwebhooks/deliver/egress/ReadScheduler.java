package io.engagementwebhooks.deliver.egress;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Shares the time of an event loop among accounts (deficit round robin). In one iteration of the loop it reads an
 * account's connections for a millisecond; what else has arrived waits for the next iteration, after the other
 * accounts. An account that is alone waits for nothing. For the event loop only.
 */
final class ReadScheduler {

    /** The time of an account in one iteration. */
    private static final long QUANTUM_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** The largest debt: a pause of the whole process is not the account's. */
    private static final long MAX_DEBT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** The cost of a read before its bytes arrive here. */
    private static final long READ_NANOS = TimeUnit.MICROSECONDS.toNanos(10);

    private final LongSupplier nanoTime;
    private final Map<String, Account> accounts = new HashMap<>();

    ReadScheduler(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    Account of(String account) {
        return accounts.computeIfAbsent(account, id -> new Account());
    }

    /** The connections of one account. */
    final class Account {

        private final Queue<Runnable> waiting = new ArrayDeque<>();
        private long credit = QUANTUM_NANOS;
        private boolean isScheduled;

        /** Runs a read now, or once earlier ones have run and the account's time allows it. */
        void execute(EventExecutor loop, Runnable read) {
            waiting.add(read);
            if (!isScheduled) {
                runWaiting(loop);
            }
        }

        private void runWaiting(EventExecutor loop) {
            try {
                while (credit > 0 && !waiting.isEmpty()) {
                    run(waiting.remove());
                }
            } finally {
                if (credit <= 0 || !waiting.isEmpty()) {
                    continueNextIteration(loop);
                }
            }
        }

        private void run(Runnable read) {
            long begun = nanoTime.getAsLong();
            try {
                read.run();
            } finally {
                credit = Math.max(-MAX_DEBT_NANOS, credit - READ_NANOS - (nanoTime.getAsLong() - begun));
            }
        }

        /** A scheduled task runs after the loop has polled all connections again; a plain one may run before. */
        private void continueNextIteration(EventExecutor loop) {
            isScheduled = true;
            loop.schedule(() -> beginIteration(loop), 0, TimeUnit.NANOSECONDS);
        }

        private void beginIteration(EventExecutor loop) {
            isScheduled = false;
            credit = Math.min(QUANTUM_NANOS, credit + QUANTUM_NANOS);
            runWaiting(loop);
        }
    }
}
