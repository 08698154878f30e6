package io.engagementwebhooks.deliver;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Runs what comes after a wait; where its threads are gone, on the thread that says so, for nothing may be lost. */
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
