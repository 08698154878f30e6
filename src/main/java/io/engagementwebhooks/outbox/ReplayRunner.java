package io.engagementwebhooks.outbox;

import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.cluster.Ownership;
import io.engagementwebhooks.store.query.DeliveryQuery;
import io.engagementwebhooks.store.query.ReplayJob;
import io.engagementwebhooks.store.query.ReplayJobs;
import io.engagementwebhooks.store.query.ReplayJobs.Found;
import io.engagementwebhooks.store.query.ReplayJobs.Match;
import io.engagementwebhooks.store.query.ReplayJobs.ReplayItem;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs replays and backfills on one thread, at the rate of each. They continue after a crash and repeat nothing: a step
 * of a replay and its position are committed together, and a backfill makes no second delivery. Of several instances the
 * owner of the first partition runs replays, and the owner of a webhook its backfills, whose deliveries join its queue
 * after new ones. Thread-safe.
 */
public final class ReplayRunner implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReplayRunner.class);
    private static final Duration TICK = Duration.ofMillis(200);
    private static final int TICKS_PER_SECOND = 5;
    /** The most deliveries to examine in one step. */
    private static final int MAX_EXAMINED = 5_000;

    /** The most steps of a backfill in a tick. */
    private static final int MAX_STEPS = 50;

    /** Ticks between polls without a signal, for jobs of an instance that has ended. */
    private static final int TICKS_PER_POLL = 5;

    private final Ownership ownership;
    private final Store store;
    private final ReplayJobs jobs;
    private final Outbox outbox;
    private final Backfill backfill;
    private final Function<WebhookId, Optional<Webhook>> webhooks;
    private final BooleanSupplier hasSpace;
    private final Clock clock;
    private final Map<String, Integer> tokens = new HashMap<>();
    /** Deliveries to examine in the next step, by job. */
    private final Map<String, Integer> examineCounts = new HashMap<>();

    private final Background background = new Background("replays");
    private volatile boolean isSignaled = true;
    private int idle;

    /**
     * @param webhooks finds a configured webhook
     * @param hasSpace whether the backlog has space: replays must leave space for new events of all accounts
     */
    public ReplayRunner(
            Store store,
            Outbox outbox,
            Backfill backfill,
            Function<WebhookId, Optional<Webhook>> webhooks,
            BooleanSupplier hasSpace,
            Clock clock) {
        this.ownership = store.cluster().ownership();
        this.store = store;
        this.jobs = store.replays();
        this.outbox = outbox;
        this.backfill = backfill;
        this.webhooks = webhooks;
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
        return match.replayable() && webhooks.apply(match.webhook()).isPresent();
    }

    void tick() {
        if (!isSignaled && ++idle % TICKS_PER_POLL != 0) {
            return;
        }
        try {
            isSignaled = false; // before the poll: a job that starts in between signals again
            List<ReplayJob> running =
                    jobs.running().stream().filter(this::isOwned).toList();
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

    private boolean isOwned(ReplayJob job) {
        return job.isBackfill() ? ownership.owns(webhook(job)) : ownership.owns(0);
    }

    private static WebhookId webhook(ReplayJob backfill) {
        DeliveryQuery filter = backfill.filter();
        return new WebhookId(filter.account(), filter.webhook(), filter.webhook());
    }

    /** A failing job does not block the others, which may belong to other accounts. */
    private void tryStep(ReplayJob job) {
        try {
            step(job);
        } catch (RuntimeException e) {
            if (e instanceof StoreException
                    || e instanceof CompletionException
                    || e instanceof BudgetExceededException) {
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
        if (job.isBackfill()) {
            backfill(job, max);
        } else {
            replay(job, max);
        }
    }

    private void replay(ReplayJob job, int max) {
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
        ended(job, found.end() && due >= 0);
    }

    private static void ended(ReplayJob job, boolean isEnd) {
        if (isEnd) {
            LOG.info("replay.ended job={} account={}", job.id(), job.filter().account());
        }
    }

    private void backfill(ReplayJob job, int max) {
        Optional<Webhook> webhook = webhooks.apply(webhook(job));
        if (webhook.isEmpty()) {
            ended(job, advance(job, null, 0, 0, true));
            return;
        }
        ReplayJob current = job;
        int left = max;
        for (int step = 0; step < MAX_STEPS && current != null && left > 0; step++) {
            int most = Math.min(left, space(webhook.get(), left));
            if (most <= 0) {
                return;
            }
            Backfill.Found found = backfill.next(
                    webhook.get(), job.filter(), job.createdAt(), current.position(), most, clock.instant());
            left -= found.intakes().size();
            current = step(current, found);
        }
    }

    /** FIFO order would send what it blocks before new events of the same key. */
    private int space(Webhook webhook, int most) {
        int space = outbox.spaceForOlder(webhook.id());
        return webhook.delivery().fifo().isEmpty() || space <= 0
                ? space
                : space - store.due().blockedCount(webhook.id(), Math.min(space, most));
    }

    /** @return null: there is nothing left to do now */
    private ReplayJob step(ReplayJob job, Backfill.Found found) {
        long made = found.intakes().isEmpty()
                ? 0
                : store.events().accept(found.intakes()).toCompletableFuture().join().stream()
                        .filter(accepted -> !accepted.duplicate())
                        .count();
        String position = String.valueOf(found.position());
        boolean isSame = position.equals(job.position());
        int leftOut = found.leftOut() + found.intakes().size() - (int) made;
        if (isSame && !found.isEnd() || !advance(job, position, (int) made, leftOut, found.isEnd())) {
            return null;
        }
        ended(job, found.isEnd());
        return found.isEnd() ? null : job.at(position);
    }

    private boolean advance(ReplayJob job, String position, int made, int leftOut, boolean isEnd) {
        return jobs.advance(job, position, made, leftOut, isEnd, clock.instant())
                .toCompletableFuture()
                .join();
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
