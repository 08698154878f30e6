package io.engagementwebhooks.outbox;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The workers of one start. While some are held up by receivers that say nothing, others stand in for them, up to a number,
 * and leave when they are not needed any more. Thread-safe.
 */
final class Crew {

    /** So many stand-ins for each worker at most. */
    private static final int MOST_STAND_INS = 4;

    private final int workers;
    private final Executor threads;
    private final Consumer<BooleanSupplier> work;
    private final AtomicInteger hired = new AtomicInteger();
    private volatile int wanted;

    /**
     * @param workers how many there are at least
     * @param work what each does as long as it is to stay
     */
    Crew(int workers, Executor threads, Consumer<BooleanSupplier> work) {
        this.workers = workers;
        this.threads = threads;
        this.work = work;
        this.wanted = workers;
    }

    /** @param heldUp how many are held up at this moment */
    void standInFor(int heldUp) {
        wanted = workers + Math.min(heldUp, MOST_STAND_INS * workers);
        while (hired.get() < wanted) {
            hired.incrementAndGet();
            try {
                threads.execute(() -> work.accept(this::stays));
            } catch (RejectedExecutionException stopped) {
                return;
            }
        }
    }

    /** Asked by each worker after each delivery: one of too many leaves. */
    private boolean stays() {
        for (int now = hired.get(); now > wanted; now = hired.get()) {
            if (hired.compareAndSet(now, now - 1)) {
                return false;
            }
        }
        return true;
    }

    /** For tests. */
    int size() {
        return hired.get();
    }
}
