package io.engagementwebhooks.store;

import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.ledger.Background.Transient;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Causes;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs stored jobs step by step on one thread. They continue after a crash. Of several instances one runs each job.
 * Thread-safe.
 *
 * @param <J> a job
 */
public abstract class JobRunner<J> implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(JobRunner.class);

    /** Time between polls without a signal, for jobs of an instance that has ended. */
    private static final Duration POLL = Duration.ofSeconds(1);

    private final Duration tick;
    private final Background background;
    private volatile boolean isSignaled = true;
    private int idle;

    /**
     * @param thread its name
     * @param tick time between steps
     */
    protected JobRunner(String thread, Duration tick) {
        this.tick = tick;
        this.background = new Background(thread);
    }

    /** The running jobs that this instance runs. */
    protected abstract List<J> running();

    /** Runs the next step of a job. @return whether it has ended */
    protected abstract boolean step(J job);

    /** The keys and values that identify a job in the log. */
    protected abstract String label(J job);

    /** Continues earlier jobs and runs new ones. */
    public void start() {
        background.every(tick, this::tick);
    }

    /** Signals a new job. */
    public void started() {
        isSignaled = true;
    }

    /** Polls, or waits for the next signal. */
    public final void tick() {
        if (!isSignaled && ++idle % (POLL.toMillis() / tick.toMillis()) != 0) {
            return;
        }
        isSignaled = false; // before the poll: a job that starts in between signals again
        List<J> running = running();
        isSignaled |= !running.isEmpty();
        running.forEach(this::tryStep);
    }

    /** A failing job does not block the others, which may belong to other accounts. */
    private void tryStep(J job) {
        try {
            if (step(job)) {
                LOG.info("job.ended {}", label(job));
            }
        } catch (RuntimeException e) {
            Throwable cause = Causes.unwrapped(e);
            if (cause instanceof Transient || cause instanceof BudgetExceededException) {
                LOG.warn("job.failed {}: retried later: {}", label(job), cause.getMessage());
            } else {
                LOG.error("job.failed {}: retried later", label(job), e);
            }
        }
    }

    @Override
    public void close() {
        background.close();
    }
}
