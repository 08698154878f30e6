package io.engagementwebhooks.deliver;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Runs continuations after a wait. After its threads have stopped it runs them on the calling thread, since none may
 * be lost.
 */
public final class ContinuationExecutor implements Executor {

    private final Executor threads;

    public ContinuationExecutor(Executor threads) {
        this.threads = threads;
    }

    @Override
    public void execute(Runnable next) {
        try {
            threads.execute(next);
        } catch (RejectedExecutionException e) {
            next.run();
        }
    }
}
