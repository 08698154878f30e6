package io.engagementwebhooks.deliver.step;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;

/**
 * Runs continuations on an executor; on the common pool once that has shut down, so that none is lost or runs on the caller's
 * thread, which may be the store's writer or an event loop.
 */
public record ContinuationExecutor(Executor threads) implements Executor {

    @Override
    public void execute(Runnable next) {
        try {
            threads.execute(next);
        } catch (RejectedExecutionException e) {
            ForkJoinPool.commonPool().execute(next);
        }
    }
}
