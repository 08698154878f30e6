package io.engagementwebhooks.outbox;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.Accepted;
import io.engagementwebhooks.store.CommitListener;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.Intake;
import io.engagementwebhooks.store.NewDelivery;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves groups of commits between the store and the scheduler. It acquires the lock once before a group is written,
 * to reserve its deliveries, and once after it, for the deliveries and the outcomes. Thread-safe.
 */
final class GroupHandOver implements CommitListener {

    private static final Logger LOG = LoggerFactory.getLogger(GroupHandOver.class);

    private final WebhookQueues queues;
    private final DueScheduler scheduler;
    private final Reservations reservations;
    private final OwnershipSync sync;
    private final FollowUp followUp;

    /** Deliveries of the groups being written that have a place in memory. Guarded by the lock. */
    private final Set<String> reserved = new HashSet<>();

    /** What follows from a group beside the scheduler; none of it may take long. */
    interface FollowUp {

        /** Deliveries of fan-outs are to be inserted. */
        void fannedOut();

        /** An attempt disabled a webhook. */
        void disabled(WebhookId webhook);

        /** An attempt sent nothing, with a credential that has been repaired since. */
        void unsentBeforeRepair(WebhookId webhook);
    }

    GroupHandOver(
            WebhookQueues queues,
            DueScheduler scheduler,
            Reservations reservations,
            OwnershipSync sync,
            FollowUp followUp) {
        this.queues = queues;
        this.scheduler = scheduler;
        this.reservations = reservations;
        this.sync = sync;
        this.followUp = followUp;
    }

    @Override
    public void storing(List<Intake> intakes) {
        queues.locked(() -> intakes.stream()
                .filter(intake -> !intake.isFanOut())
                .flatMap(intake -> intake.deliveries().stream())
                .filter(delivery -> delivery.skipped() == null && delivery.waitField() == null)
                .filter(delivery -> reservations.reserve(delivery.webhook(), delivery.id()))
                .forEach(delivery -> reserved.add(delivery.id())));
    }

    @Override
    public void notStored(List<Intake> intakes) {
        queues.locked(() -> intakes.forEach(intake -> alone(() -> handOver(intake, null))));
    }

    @Override
    public void committed(List<Stored> stored, List<Ended> ended) {
        List<Runnable> following = new ArrayList<>();
        scheduler.change(() -> {
            stored.forEach(each -> alone(() -> stored(each, following)));
            ended.forEach(each -> alone(() -> completed(each, following)));
        });
        following.forEach(GroupHandOver::alone);
    }

    /** What fails for one of a group must cost none of the others. */
    private static void alone(Runnable part) {
        try {
            part.run();
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            LOG.error("commit.continuation-failed", e);
        }
    }

    private void stored(Stored event, List<Runnable> following) {
        handOver(event.intake(), event.accepted());
        if (event.accepted() == null) {
            return;
        }
        event.accepted().released().forEach(sync::dueElsewhere);
        if (event.accepted().fannedOut()) {
            following.add(followUp::fannedOut);
        }
    }

    /** @param answer null: it was not stored, or is a duplicate */
    private void handOver(Intake intake, Accepted answer) {
        boolean isThere = answer != null && !answer.fannedOut();
        for (NewDelivery delivery : intake.deliveries()) {
            boolean goes = isThere && !answer.behind().contains(delivery.id());
            boolean isReserved = reserved.remove(delivery.id());
            if (isReserved && goes) {
                reservations.handOver(fresh(delivery, intake.event()));
            } else if (isReserved) {
                reservations.release(delivery.webhook(), delivery.id());
            } else if (goes && delivery.skipped() == null) {
                reservations.dueInStore(delivery.webhook(), delivery.dueAt());
            }
        }
    }

    private DueDelivery fresh(NewDelivery delivery, Event event) {
        return new DueDelivery(
                delivery.id(),
                delivery.webhook(),
                event,
                null,
                0,
                0,
                delivery.acceptedAt(),
                scheduler.pausedTotal(delivery.webhook()),
                delivery.dueAt(),
                false,
                null,
                delivery.fifoKey());
    }

    private void completed(Ended attempt, List<Runnable> following) {
        WebhookId webhook = attempt.result().webhook();
        if (scheduler.completed(attempt.result())) {
            following.add(() -> followUp.unsentBeforeRepair(webhook));
        }
        if (attempt.recorded().next() != null) {
            scheduler.due(webhook, attempt.recorded().next(), 1);
        }
        if (attempt.result().disableWebhook() != null) {
            following.add(() -> followUp.disabled(webhook));
        }
    }
}
