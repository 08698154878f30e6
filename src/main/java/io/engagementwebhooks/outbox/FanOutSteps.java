package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.store.FanOuts;
import io.engagementwebhooks.store.StoreException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Inserts the deliveries of fan-outs on one thread, some hundreds per step, round robin over accounts. A step waits
 * for its commit, so at most one step is in the writer's queue. Thread-safe.
 */
final class FanOutSteps implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FanOutSteps.class);
    private static final int DELIVERIES = 500;
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final FanOuts fanOuts;
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final Background background = new Background("outbox-fan-out");

    FanOutSteps(FanOuts fanOuts) {
        this.fanOuts = fanOuts;
    }

    /** Signals that there may be parts to insert. Returns at once; once closed, the next start inserts them. */
    void signal() {
        if (scheduled.compareAndSet(false, true)) {
            background.retrying(this::insertAll);
        }
    }

    private void insertAll() {
        scheduled.set(false);
        Set<String> failed = new HashSet<>();
        List<String> accounts = fanOuts.accounts();
        while (!accounts.isEmpty() && !background.isClosed()) {
            for (String account : accounts) {
                insertStep(account, failed);
            }
            accounts = fanOuts.accounts();
            accounts.removeAll(failed);
        }
        if (!failed.isEmpty()) {
            background.after(RETRY, this::signal);
        }
    }

    private void insertStep(String account, Set<String> failed) {
        try {
            List<FanOuts.Pending> parts = background.isClosed() ? List.of() : fanOuts.next(account, DELIVERIES);
            if (!parts.isEmpty()) {
                fanOuts.insert(account, parts).toCompletableFuture().join();
            }
        } catch (RuntimeException e) {
            report(account, e);
            failed.add(account);
        }
    }

    private void report(String account, RuntimeException failure) {
        if (background.isClosed()) {
            LOG.debug("closed: the next start inserts the remaining parts", failure);
        } else if (failure instanceof StoreException || failure instanceof CompletionException) {
            LOG.warn(
                    "fan-out.postponed account={} ms={} reason=\"{}\"",
                    account,
                    RETRY.toMillis(),
                    failure.getMessage());
        } else {
            LOG.error("fan-out.failed account={} ms={}", account, RETRY.toMillis(), failure);
        }
    }

    @Override
    public void close() {
        background.stop();
    }
}
