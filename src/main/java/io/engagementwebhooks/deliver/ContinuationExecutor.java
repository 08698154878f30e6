package io.engagementwebhooks.deliver;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Runs continuations on an executor; on the calling thread once that has shut down, so that none is lost. */
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
