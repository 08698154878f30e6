package io.engagementwebhooks.outbox;

import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.store.ReplayJob;
import io.engagementwebhooks.store.ReplayJobs;
import io.engagementwebhooks.store.ReplayJobs.Again;
import io.engagementwebhooks.store.ReplayJobs.Found;
import io.engagementwebhooks.store.ReplayJobs.Match;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries replays of many deliveries out, by one thread: a few of each job at a time, as many in a second as the job says.
 * A step and how far it is are written together, so that a job goes on after a kill and sends nothing again twice.
 * Thread-safe.
 */
public final class ReplayRunner implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReplayRunner.class);
    private static final Duration TICK = Duration.ofMillis(200);
    private static final int TICKS_PER_SECOND = 5;
    /** Deliveries that are looked at in one step at most. */
    private static final int LOOK = 5_000;

    private final ReplayJobs jobs;
    private final Outbox outbox;
    private final Predicate<WebhookId> isSetUp;
    private final Clock clock;
    private final Map<String, Integer> owed = new HashMap<>();
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, task -> {
        Thread made = new Thread(task, "replays");
        made.setDaemon(true);
        return made;
    });
    private volatile boolean mayRun = true;

    /** @param isSetUp whether there is somewhere to send what is of a webhook */
    public ReplayRunner(ReplayJobs jobs, Outbox outbox, Predicate<WebhookId> isSetUp, Clock clock) {
        this.jobs = jobs;
        this.outbox = outbox;
        this.isSetUp = isSetUp;
        this.clock = clock;
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Goes on with what ran before, and takes up what is started. */
    public void start() {
        thread.scheduleWithFixedDelay(this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** A job was started. */
    public void started() {
        mayRun = true;
    }

    /** What throws is not run again by the executor. */
    private void tick() {
        if (!mayRun) {
            return;
        }
        try {
            mayRun = false; // before it looks: one that is started meanwhile says so again
            List<ReplayJob> running = jobs.running();
            if (!running.isEmpty()) {
                mayRun = true;
            }
            running.forEach(this::step);
        } catch (StoreException | CompletionException e) {
            mayRun = true;
            LOG.warn("replays cannot go on, trying again: {}", e.getMessage());
        } catch (RuntimeException e) {
            mayRun = true;
            LOG.error("replays cannot go on, trying again", e);
        }
    }

    private void step(ReplayJob job) {
        int tokens = owed.merge(job.id(), job.perSecond(), Integer::sum);
        int most = tokens / TICKS_PER_SECOND;
        if (most == 0) {
            return;
        }
        owed.put(job.id(), tokens % TICKS_PER_SECOND);
        Found found = jobs.find(job.filter(), job.position(), job.upto(), LOOK, most);
        List<Match> again = found.deliveries().stream()
                .filter(match -> !match.waits() && isSetUp.test(match.webhook()))
                .toList();
        Instant now = clock.instant();
        int due = jobs.step(
                        job,
                        again.stream().map(match -> again(job, match, now)).toList(),
                        found.position(),
                        found.deliveries().size() - again.size(),
                        found.end(),
                        now)
                .toCompletableFuture()
                .join();
        if (due > 0) {
            again.stream()
                    .collect(java.util.stream.Collectors.groupingBy(
                            Match::webhook, java.util.stream.Collectors.summingInt(match -> 1)))
                    .forEach(outbox::areDue);
        }
        if (found.end() || due < 0) {
            owed.remove(job.id());
            LOG.info("replay.ended job={} account={}", job.id(), job.filter().account());
        }
    }

    private static Again again(ReplayJob job, Match match, Instant now) {
        return new Again(
                match.id(),
                job.newIds() ? UlidCreator.getMonotonicUlid(now.toEpochMilli()).toString() : null);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
