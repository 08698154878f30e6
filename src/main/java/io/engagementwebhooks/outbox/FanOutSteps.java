package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.FanOuts;
import io.engagementwebhooks.store.StoreException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Inserts the deliveries of fan-outs by one thread, in steps of some hundreds, a step of each account in turn. A step waits for
 * its commit, so that one at most is among what others write. Thread-safe.
 */
final class FanOutSteps implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FanOutSteps.class);
    private static final int DELIVERIES = 500;
    private static final long RETRY_MS = 1_000;

    private final FanOuts fanOuts;
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final ScheduledExecutorService thread = thread();

    FanOutSteps(FanOuts fanOuts) {
        this.fanOuts = fanOuts;
    }

    private static ScheduledExecutorService thread() {
        ScheduledThreadPoolExecutor one = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "outbox-fan-out");
            thread.setDaemon(true);
            return thread;
        });
        one.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return one;
    }

    /** There may be parts to insert. Returns at once. */
    void look() {
        if (scheduled.compareAndSet(false, true)) {
            schedule(0);
        }
    }

    private void schedule(long delayMs) {
        try {
            thread.schedule(this::insertAll, delayMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("closed: the next start inserts what is left");
        }
    }

    private void insertAll() {
        scheduled.set(false);
        Set<String> failed = new HashSet<>();
        try {
            List<String> accounts = fanOuts.accounts();
            while (!accounts.isEmpty() && !thread.isShutdown()) {
                for (String account : accounts) {
                    insertSome(account, failed);
                }
                accounts = fanOuts.accounts();
                accounts.removeAll(failed);
            }
        } catch (RuntimeException e) {
            report("all", e);
            failed.add("");
        }
        if (!failed.isEmpty() && scheduled.compareAndSet(false, true)) {
            schedule(RETRY_MS);
        }
    }

    private void insertSome(String account, Set<String> failed) {
        try {
            List<FanOuts.Pending> parts = thread.isShutdown() ? List.of() : fanOuts.next(account, DELIVERIES);
            if (!parts.isEmpty()) {
                fanOuts.insert(account, parts).toCompletableFuture().join();
            }
        } catch (RuntimeException e) {
            report(account, e);
            failed.add(account);
        }
    }

    private void report(String account, RuntimeException failure) {
        if (thread.isShutdown()) {
            LOG.debug("closed: the next start inserts what is left", failure);
        } else if (failure instanceof StoreException || failure instanceof CompletionException) {
            LOG.warn("fan-out.postponed account={} ms={} reason=\"{}\"", account, RETRY_MS, failure.getMessage());
        } else {
            LOG.error("fan-out.failed account={} ms={}", account, RETRY_MS, failure);
        }
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
