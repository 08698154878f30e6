package io.engagementwebhooks.store.erase;

import io.engagementwebhooks.store.JobRunner;
import io.engagementwebhooks.store.Store;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Runs erasures, half of the time, so that ingest is not held up. Of several instances the owner of the first partition
 * runs them. Thread-safe.
 */
public final class ErasureRunner extends JobRunner<Erasure> {

    /** Time of a step that finds nothing, and of the rest after it. */
    private static final Duration STEP = Duration.ofMillis(50);

    private final Store store;

    public ErasureRunner(Store store) {
        super("erasures", STEP);
        this.store = store;
    }

    @Override
    protected List<Erasure> running() {
        return store.cluster().ownership().owns(0) ? store.erasures().running() : List.of();
    }

    @Override
    protected boolean step(Erasure erasure) {
        long begin = System.nanoTime();
        return step(store, erasure, () -> System.nanoTime() - begin < STEP.toNanos());
    }

    @Override
    protected String label(Erasure erasure) {
        return "erasure=" + erasure.id() + " account=" + erasure.account();
    }

    /** Runs the next step of an erasure. @return whether it has ended */
    public static boolean step(Store store, Erasure erasure, BooleanSupplier hasTime) {
        if (!store.erasures().step(erasure, hasTime)) {
            return false;
        }
        store.erasures().end(erasure, store.clean()).toCompletableFuture().join();
        return true;
    }
}
