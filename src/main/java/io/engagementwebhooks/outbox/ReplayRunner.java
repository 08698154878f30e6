package io.engagementwebhooks.outbox;

import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.cluster.Ownership;
import io.engagementwebhooks.store.query.ReplayJob;
import io.engagementwebhooks.store.query.ReplayJobs;
import io.engagementwebhooks.store.query.ReplayJobs.Found;
import io.engagementwebhooks.store.query.ReplayJobs.Match;
import io.engagementwebhooks.store.query.ReplayJobs.ReplayItem;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs replay jobs on one thread, at the rate of each job. A step and the job's position are committed together, so
 * that a job continues after a crash and repeats nothing. Of several instances the owner of the first partition runs the
 * jobs. Thread-safe.
 */
public final class ReplayRunner implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReplayRunner.class);
    private static final Duration TICK = Duration.ofMillis(200);
    private static final int TICKS_PER_SECOND = 5;
    /** The most deliveries to examine in one step. */
    private static final int MAX_EXAMINED = 5_000;

    /** Ticks between polls without a signal, for jobs of an instance that has ended. */
    private static final int TICKS_PER_POLL = 5;

    private final Ownership ownership;
    private final ReplayJobs jobs;
    private final Outbox outbox;
    private final Predicate<WebhookId> isConfigured;
    private final BooleanSupplier hasSpace;
    private final Clock clock;
    private final Map<String, Integer> tokens = new HashMap<>();
    /** Deliveries to examine in the next step, by job. */
    private final Map<String, Integer> examineCounts = new HashMap<>();

    private final Background background = new Background("replays");
    private volatile boolean isSignaled = true;
    private int idle;

    /**
     * @param isConfigured whether a webhook is configured
     * @param hasSpace whether the backlog has space: replays must leave space for new events of all accounts
     */
    public ReplayRunner(
            Store store, Outbox outbox, Predicate<WebhookId> isConfigured, BooleanSupplier hasSpace, Clock clock) {
        this.ownership = store.cluster().ownership();
        this.jobs = store.replays();
        this.outbox = outbox;
        this.isConfigured = isConfigured;
        this.hasSpace = hasSpace;
        this.clock = clock;
    }

    /** Continues earlier jobs and runs new ones. */
    public void start() {
        background.every(TICK, this::tick);
    }

    /** Signals a new job. */
    public void jobStarted() {
        isSignaled = true;
    }

    /** Whether a matching delivery can be replayed. */
    public boolean isReplayable(Match match) {
        return match.replayable() && isConfigured.test(match.webhook());
    }

    void tick() {
        if (!isSignaled && ++idle % TICKS_PER_POLL != 0) {
            return;
        }
        try {
            isSignaled = false; // before the poll: a job that starts in between signals again
            List<ReplayJob> running = ownership.owns(0) ? jobs.running() : List.of();
            if (!running.isEmpty()) {
                isSignaled = true;
            }
            if (running.isEmpty() || hasSpace.getAsBoolean()) {
                Set<String> ids = running.stream().map(ReplayJob::id).collect(Collectors.toSet());
                tokens.keySet().retainAll(ids); // without canceled jobs
                examineCounts.keySet().retainAll(ids);
                running.forEach(this::tryStep);
            }
        } catch (RuntimeException e) {
            isSignaled = true;
            throw e;
        }
    }

    /** A failing job does not block the others, which may belong to other accounts. */
    private void tryStep(ReplayJob job) {
        try {
            step(job);
        } catch (RuntimeException e) {
            if (e instanceof StoreException || e instanceof CompletionException) {
                LOG.warn("replay.failed job={}: retried later: {}", job.id(), e.getMessage());
            } else {
                LOG.error("replay.failed job={}: retried later", job.id(), e);
            }
        }
    }

    private void step(ReplayJob job) {
        int available = tokens.merge(job.id(), job.perSecond(), Integer::sum);
        int max = available / TICKS_PER_SECOND;
        if (max == 0) {
            return;
        }
        tokens.put(job.id(), available % TICKS_PER_SECOND);
        int examine = Math.max(max, examineCounts.getOrDefault(job.id(), MAX_EXAMINED));
        Found found = jobs.find(job.filter(), job.position(), job.maxId(), examine, max);
        // where nearly all match, fewer need to be examined
        examineCounts.put(
                job.id(), found.deliveries().size() == max ? examine / 2 : Math.min(MAX_EXAMINED, 2 * examine));
        List<Match> replayable =
                found.deliveries().stream().filter(this::isReplayable).toList();
        Instant now = clock.instant();
        int due = jobs.step(
                        job,
                        replayable.stream().map(match -> again(job, match, now)).toList(),
                        found.position(),
                        found.deliveries().size() - replayable.size(),
                        found.end(),
                        now)
                .toCompletableFuture()
                .join();
        if (due > 0) {
            replayable.stream()
                    .collect(Collectors.groupingBy(Match::webhook, Collectors.summingInt(match -> 1)))
                    .forEach((webhook, many) -> outbox.signalDue(webhook, now, many));
        }
        if (found.end() && due >= 0) {
            LOG.info("replay.ended job={} account={}", job.id(), job.filter().account());
        }
    }

    private static ReplayItem again(ReplayJob job, Match match, Instant now) {
        return new ReplayItem(
                match.id(),
                job.newIds() ? UlidCreator.getMonotonicUlid(now.toEpochMilli()).toString() : null);
    }

    @Override
    public void close() {
        background.close();
    }
}
