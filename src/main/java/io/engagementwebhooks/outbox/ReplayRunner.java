package io.engagementwebhooks.outbox;

import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.store.JobRunner;
import io.engagementwebhooks.store.Store;
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
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Runs replays and backfills on one thread, at the rate of each. They continue after a crash and repeat nothing: a step
 * of a replay and its position are committed together, and a backfill makes no second delivery. Of several instances the
 * owner of the first partition runs replays, and the owner of a webhook its backfills, whose deliveries join its queue
 * after new ones. Thread-safe.
 */
public final class ReplayRunner extends JobRunner<ReplayJob> {

    private static final Duration TICK = Duration.ofMillis(200);
    private static final int TICKS_PER_SECOND = 5;
    /** The most deliveries to examine in one step. */
    private static final int MAX_EXAMINED = 5_000;

    /** The most steps of a backfill in a tick. */
    private static final int MAX_STEPS = 50;

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
        super("replays", TICK);
        this.ownership = store.cluster().ownership();
        this.store = store;
        this.jobs = store.replays();
        this.outbox = outbox;
        this.backfill = backfill;
        this.webhooks = webhooks;
        this.hasSpace = hasSpace;
        this.clock = clock;
    }

    /** Whether a matching delivery can be replayed. */
    public boolean isReplayable(Match match) {
        return match.replayable() && webhooks.apply(match.webhook()).isPresent();
    }

    @Override
    protected List<ReplayJob> running() {
        List<ReplayJob> running = jobs.running().stream().filter(this::isOwned).toList();
        Set<String> ids = running.stream().map(ReplayJob::id).collect(Collectors.toSet());
        tokens.keySet().retainAll(ids); // without canceled jobs
        examineCounts.keySet().retainAll(ids);
        return running;
    }

    @Override
    protected String label(ReplayJob job) {
        return "replay=" + job.id() + " account=" + job.filter().account();
    }

    private boolean isOwned(ReplayJob job) {
        return job.isBackfill() ? ownership.owns(webhook(job)) : ownership.owns(0);
    }

    private static WebhookId webhook(ReplayJob backfill) {
        DeliveryQuery filter = backfill.filter();
        return new WebhookId(filter.account(), filter.webhook(), filter.webhook());
    }

    @Override
    protected boolean step(ReplayJob job) {
        if (!hasSpace.getAsBoolean()) {
            return false;
        }
        int available = tokens.merge(job.id(), job.perSecond(), Integer::sum);
        int max = available / TICKS_PER_SECOND;
        if (max == 0) {
            return false;
        }
        tokens.put(job.id(), available % TICKS_PER_SECOND);
        return job.isBackfill() ? backfill(job, max) : replay(job, max);
    }

    private boolean replay(ReplayJob job, int max) {
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
        return found.end() && due >= 0;
    }

    private boolean backfill(ReplayJob job, int max) {
        Optional<Webhook> webhook = webhooks.apply(webhook(job));
        if (webhook.isEmpty()) {
            return advance(job, null, 0, 0, true);
        }
        ReplayJob current = job;
        int left = max;
        for (int step = 0; step < MAX_STEPS && left > 0; step++) {
            int most = Math.min(left, space(webhook.get(), left));
            if (most <= 0) {
                return false;
            }
            Backfill.Found found = backfill.next(
                    webhook.get(), job.filter(), job.createdAt(), current.position(), most, clock.instant());
            left -= found.intakes().size();
            String position = String.valueOf(found.position());
            if (!stored(current, found, position)) {
                return false;
            }
            if (found.isEnd()) {
                return true;
            }
            current = current.at(position);
        }
        return false;
    }

    /** FIFO order would send what it blocks before new events of the same key. */
    private int space(Webhook webhook, int most) {
        int space = outbox.spaceForOlder(webhook.id());
        return webhook.delivery().fifo().isEmpty() || space <= 0
                ? space
                : space - store.due().blockedCount(webhook.id(), Math.min(space, most));
    }

    /** Stores the deliveries, then the position. @return false: there is nothing left to do now */
    private boolean stored(ReplayJob job, Backfill.Found found, String position) {
        long made = found.intakes().isEmpty()
                ? 0
                : store.events().accept(found.intakes()).toCompletableFuture().join().stream()
                        .filter(accepted -> !accepted.duplicate())
                        .count();
        int leftOut = found.leftOut() + found.intakes().size() - (int) made;
        boolean isMoved = found.isEnd() || !position.equals(job.position());
        return isMoved && advance(job, position, (int) made, leftOut, found.isEnd());
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
}
