package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.ledger.FatalErrors;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Completes callers' writes after their commits, in the order of the commits, on one thread beside the writer. The code that callers
 * attach runs there. Where it blocks, on the store itself perhaps, it would keep all other callers waiting, the one it waits for
 * included: so another thread takes over. Thread-safe.
 */
final class CommitCallbackExecutor {

    private static final Logger LOG = LoggerFactory.getLogger(CommitCallbackExecutor.class);
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long LONGEST_CLOSE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final Runnable END = () -> {};

    private final BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    private volatile Worker worker;

    CommitCallbackExecutor() {
        startAnother();
    }

    void add(Collection<? extends Runnable> callbacks) {
        queue.addAll(callbacks);
    }

    /** Checks whether the thread is blocked; to be called a few times a second. */
    void check() {
        Worker now = worker;
        if (now.isHeldUp() && !queue.isEmpty()) {
            StackTraceElement[] stack = now.getStackTrace();
            startAnother();
            LOG.debug("commit-callbacks.taken-over stack={}", (Object) stack);
            blockingStep(stack)
                    .ifPresent(step -> LOG.warn(
                            "commit-callbacks.blocked at={}: a step of a route waits on the thread on which routes continue"
                                    + " after a commit, so another thread takes over; put a 'threads' step before it",
                            step));
        }
    }

    /**
     * Where a step of a route waits: the first frame outside the JDK. Empty where code of the product waits, for one of its
     * locks perhaps: no step is to blame.
     */
    static Optional<StackTraceElement> blockingStep(StackTraceElement[] stack) {
        List<StackTraceElement> callers = Stream.of(stack)
                .filter(frame -> !isOf(frame, "java.", "jdk.", "sun."))
                .toList();
        return callers.stream()
                .filter(frame -> isOf(frame, "io.engagementwebhooks.", "org.apache.camel."))
                .findFirst()
                .filter(asker -> isOf(asker, "org.apache.camel."))
                .map(asker -> callers.get(0));
    }

    private static boolean isOf(StackTraceElement frame, String... packages) {
        return Stream.of(packages).anyMatch(frame.getClassName()::startsWith);
    }

    /** It is known before it runs: a worker that is not the one known ends. */
    private void startAnother() {
        worker = new Worker();
        worker.start();
    }

    /** Completes what is left, then ends. */
    void close() throws InterruptedException {
        queue.add(END);
        long begin = System.nanoTime();
        while (worker.isAlive() && System.nanoTime() - begin < LONGEST_CLOSE_NANOS) {
            worker.join(100);
            check();
        }
    }

    private final class Worker extends Thread {

        private volatile long begun;

        Worker() {
            super("store-callbacks");
            setDaemon(true);
        }

        /** Whether it has waited for something for a while, rather than worked. */
        boolean isHeldUp() {
            long since = begun;
            return since != 0 && System.nanoTime() - since > PATIENCE_NANOS && getState() != State.RUNNABLE;
        }

        @Override
        public void run() {
            try {
                for (Runnable callback = queue.take(); callback != END; callback = queue.take()) {
                    begun = System.nanoTime() | 1;
                    run(callback);
                    begun = 0;
                    if (worker != this) {
                        return;
                    }
                }
            } catch (InterruptedException e) {
                LOG.debug("interrupted");
            }
        }

        private void run(Runnable callback) {
            try {
                callback.run();
            } catch (RuntimeException | Error e) {
                FatalErrors.check(e);
                // thrown on, it would end the thread
                LOG.error("what follows a commit failed", e);
            }
        }
    }
}
