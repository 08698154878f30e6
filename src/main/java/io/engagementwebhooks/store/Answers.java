package io.engagementwebhooks.store;

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
 * Tells callers that their writes are committed, in the order of the commits and by one thread, beside the one that
 * writes. What callers do then runs on that thread. One who waits there, for the store itself perhaps, would keep all
 * others from being told, what it waits for included: so another thread takes over while it waits. Thread-safe.
 */
public final class Answers {

    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long LONGEST_CLOSE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final Runnable END = () -> {};

    private final BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    private volatile Worker worker;

    public Answers() {
        startAnother();
    }

    public void add(Collection<? extends Runnable> answers) {
        queue.addAll(answers);
    }

    /** Looks whether somebody waits where all are told; to be called a few times a second. */
    public void look() {
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

    /** Tells all who are to be told, then ends. */
    public void close() throws InterruptedException {
        queue.add(END);
        long begin = System.nanoTime();
        while (worker.isAlive() && System.nanoTime() - begin < LONGEST_CLOSE_NANOS) {
            worker.join(100);
            look();
        }
    }

    private final class Worker extends Thread {

        private volatile long begun;

        Worker() {
            super("store-answers");
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
                for (Runnable answer = queue.take(); answer != END; answer = queue.take()) {
                    begun = System.nanoTime() | 1;
                    tell(answer);
                    begun = 0;
                    if (worker != this) {
                        return;
                    }
                }
            } catch (InterruptedException e) {
                LOG.debug("interrupted");
            }
        }

        private void tell(Runnable answer) {
            try {
                answer.run();
            } catch (RuntimeException | Error e) {
                FatalErrors.check(e);
                // thrown on, it would end the telling
                LOG.error("what follows a commit failed", e);
            }
        }
    }
}
