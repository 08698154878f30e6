package io.engagementwebhooks.outbox;

import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.store.ReplayJob;
import io.engagementwebhooks.store.ReplayJobs;
import io.engagementwebhooks.store.ReplayJobs.Again;
import io.engagementwebhooks.store.ReplayJobs.Found;
import io.engagementwebhooks.store.ReplayJobs.Match;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
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
 * that a job continues after a crash and repeats nothing. Of several instances one runs the jobs, and another takes
 * over when it ends. Thread-safe.
 */
public final class ReplayRunner implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReplayRunner.class);
    private static final Duration TICK = Duration.ofMillis(200);
    private static final int TICKS_PER_SECOND = 5;
    /** The most deliveries to examine in one step. */
    private static final int LOOK = 5_000;

    /** Ticks between polls without a signal, for jobs of an instance that has ended. */
    private static final int TICKS_BETWEEN_LOOKS = 5;

    private static final String CLAIM = "replays";

    /** Time after which another instance takes over the jobs of a crashed one. */
    private static final Duration LONGEST_CLAIM = Duration.ofSeconds(6);

    /** How long this instance uses a claim: well within its expiry. */
    private static final Duration CLAIM_TIME = Duration.ofSeconds(3);

    private final Store store;
    private final ReplayJobs jobs;
    private final Outbox outbox;
    private final Predicate<WebhookId> isConfigured;
    private final BooleanSupplier hasRoom;
    private final Clock clock;
    private final Map<String, Integer> owed = new HashMap<>();
    /** Deliveries to examine in the next step, by job. */
    private final Map<String, Integer> looks = new HashMap<>();

    private final Background background = new Background("replays");
    private volatile boolean mayRun = true;
    private int idle;
    private boolean isOurs;
    private long claimedNanos;

    /**
     * @param isConfigured whether a webhook is configured
     * @param hasRoom whether the backlog has room: replays must leave room for new events of all accounts
     */
    public ReplayRunner(
            Store store, Outbox outbox, Predicate<WebhookId> isConfigured, BooleanSupplier hasRoom, Clock clock) {
        this.store = store;
        this.jobs = store.replays();
        this.outbox = outbox;
        this.isConfigured = isConfigured;
        this.hasRoom = hasRoom;
        this.clock = clock;
    }

    /** Continues earlier jobs and runs new ones. */
    public void start() {
        background.every(TICK, this::tick);
    }

    /** Signals a new job. */
    public void started() {
        mayRun = true;
    }

    /** Whether a matching delivery can be replayed. */
    public boolean takes(Match match) {
        return match.replayable() && isConfigured.test(match.webhook());
    }

    void tick() {
        if (!mayRun && ++idle % TICKS_BETWEEN_LOOKS != 0) {
            return;
        }
        try {
            mayRun = false; // before the poll: a job that starts in between signals again
            List<ReplayJob> running = jobs.running();
            if (running.isEmpty()) {
                giveBack();
            } else if (!hasRoom.getAsBoolean()) {
                mayRun = true;
            } else if (claim()) {
                mayRun = true;
                Set<String> ids = running.stream().map(ReplayJob::id).collect(Collectors.toSet());
                owed.keySet().retainAll(ids); // without canceled jobs
                looks.keySet().retainAll(ids);
                running.forEach(this::stepUnlessItFails);
            }
        } catch (RuntimeException e) {
            mayRun = true;
            throw e;
        }
    }

    /** A failing job does not block the others, which may belong to other accounts. */
    private void stepUnlessItFails(ReplayJob job) {
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

    /** Claims the jobs for this instance, if no other one has them. */
    private boolean claim() {
        if (isOurs && System.nanoTime() - claimedNanos < CLAIM_TIME.toNanos()) {
            return true;
        }
        giveBack();
        claimedNanos = System.nanoTime();
        isOurs = store.cluster().claim(CLAIM, LONGEST_CLAIM);
        if (!isOurs) {
            owed.clear();
        }
        return isOurs;
    }

    private void giveBack() {
        if (isOurs) {
            isOurs = false;
            store.cluster().giveBack(CLAIM, null);
        }
    }

    private void step(ReplayJob job) {
        int tokens = owed.merge(job.id(), job.perSecond(), Integer::sum);
        int most = tokens / TICKS_PER_SECOND;
        if (most == 0) {
            return;
        }
        owed.put(job.id(), tokens % TICKS_PER_SECOND);
        int look = Math.max(most, looks.getOrDefault(job.id(), LOOK));
        Found found = jobs.find(job.filter(), job.position(), job.upto(), look, most);
        // where nearly all match, fewer need to be examined
        looks.put(job.id(), found.deliveries().size() == most ? look / 2 : Math.min(LOOK, 2 * look));
        List<Match> again = found.deliveries().stream().filter(this::takes).toList();
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
                    .collect(Collectors.groupingBy(Match::webhook, Collectors.summingInt(match -> 1)))
                    .forEach((webhook, many) -> outbox.areDue(webhook, now, many));
        }
        if (found.end() && due >= 0) {
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
        background.close();
        try {
            if (background.awaitEnd(LONGEST_CLAIM)) {
                giveBack();
            }
        } catch (StoreException e) {
            LOG.debug("another instance takes over when the claim expires", e);
        }
    }
}
