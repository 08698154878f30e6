package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.erase.Erasure;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs erasures on one thread, half of the time, so that ingest is not held up. They continue after a crash. Of several
 * instances the owner of the first partition runs them. Thread-safe.
 */
public final class ErasureRunner implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ErasureRunner.class);

    /** Time of a step that finds nothing, and of the rest after it. */
    private static final Duration STEP = Duration.ofMillis(50);

    /** Ticks between polls without a signal, for erasures of an instance that has ended. */
    private static final int TICKS_PER_POLL = 20;

    private final Store store;
    private final Background background = new Background("erasures");
    private volatile boolean isSignaled = true;
    private int idle;

    public ErasureRunner(Store store) {
        this.store = store;
    }

    /** Continues earlier erasures and runs new ones. */
    public void start() {
        background.every(STEP, this::tick);
    }

    /** Signals a new erasure. */
    public void started() {
        isSignaled = true;
    }

    void tick() {
        if (!isSignaled && ++idle % TICKS_PER_POLL != 0) {
            return;
        }
        isSignaled = false; // before the poll: an erasure that starts in between signals again
        List<Erasure> running =
                store.cluster().ownership().owns(0) ? store.erasures().running() : List.of();
        running.forEach(this::tryStep);
        isSignaled |= !running.isEmpty();
    }

    /** A failing erasure does not block the others, which may belong to other accounts. */
    private void tryStep(Erasure erasure) {
        long begin = System.nanoTime();
        try {
            if (step(store, erasure, () -> System.nanoTime() - begin < STEP.toNanos())) {
                LOG.info("erasure.ended erasure={} account={}", erasure.id(), erasure.account());
            }
        } catch (StoreException | CompletionException e) {
            LOG.warn("erasure.failed erasure={}: retried: {}", erasure.id(), e.getMessage());
        }
    }

    /** Runs the next step of an erasure. @return whether it has ended */
    public static boolean step(Store store, Erasure erasure, BooleanSupplier hasTime) {
        if (!store.erasures().step(erasure, hasTime)) {
            return false;
        }
        store.erasures().end(erasure, store.clean()).toCompletableFuture().join();
        return true;
    }

    @Override
    public void close() {
        background.close();
    }
}
