package io.engagementwebhooks.outbox;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.CommitListener;
import io.engagementwebhooks.store.accept.Accepted;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.accept.NewDelivery;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes committed groups from the store to the scheduler. Acquires the lock once before a group is written, to reserve
 * its deliveries, and once after it, for its deliveries and outcomes; more often for an event with many deliveries.
 * Thread-safe.
 */
final class GroupHandOver implements CommitListener {

    private static final Logger LOG = LoggerFactory.getLogger(GroupHandOver.class);

    /** The most deliveries of an event that are reserved or handed over in one acquisition of the lock. */
    static final int AT_ONCE = 500;

    private final WebhookQueues queues;
    private final DueScheduler scheduler;
    private final Reservations reservations;
    private final OwnershipSync sync;
    private final ClusterEventHandler clusterEvents;
    private final CredentialRelease credentialRelease;

    /** Reserved deliveries of the group being written. Guarded by the lock. */
    private final Set<String> reserved = new HashSet<>();

    GroupHandOver(
            WebhookQueues queues,
            DueScheduler scheduler,
            Reservations reservations,
            OwnershipSync sync,
            ClusterEventHandler clusterEvents,
            CredentialRelease credentialRelease) {
        this.queues = queues;
        this.scheduler = scheduler;
        this.reservations = reservations;
        this.sync = sync;
        this.clusterEvents = clusterEvents;
        this.credentialRelease = credentialRelease;
    }

    @Override
    public void storing(List<Intake> intakes) {
        queues.locked(() -> intakes.forEach(intake -> reserve(first(intake))));
        intakes.forEach(intake -> others(intake).forEach(some -> queues.locked(() -> reserve(some))));
    }

    @Override
    public void notStored(List<Intake> intakes) {
        committed(intakes.stream().map(intake -> new Stored(intake, null)).toList(), List.of());
    }

    @Override
    public void committed(List<Stored> stored, List<Ended> ended) {
        List<Runnable> followUps = new ArrayList<>();
        scheduler.change(() -> {
            stored.forEach(each -> runIsolated(() -> stored(each)));
            ended.forEach(each -> runIsolated(() -> completed(each, followUps)));
        });
        stored.forEach(each ->
                others(each.intake()).forEach(some -> runIsolated(() -> scheduler.change(() -> handOver(some, each)))));
        followUps.forEach(GroupHandOver::runIsolated);
    }

    private static List<NewDelivery> first(Intake intake) {
        List<NewDelivery> all = intake.deliveries();
        return all.subList(0, Math.min(AT_ONCE, all.size()));
    }

    private static Stream<List<NewDelivery>> others(Intake intake) {
        List<NewDelivery> all = intake.deliveries();
        return IntStream.rangeClosed(1, (all.size() - 1) / AT_ONCE)
                .mapToObj(i -> all.subList(i * AT_ONCE, Math.min((i + 1) * AT_ONCE, all.size())));
    }

    @Override
    public void canceled(WebhookId webhook, List<String> deliveries) {
        sync.canceled(webhook, deliveries);
    }

    /** Runs a part so that its failure does not affect the others of its group. */
    private static void runIsolated(Runnable part) {
        try {
            part.run();
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            LOG.error("commit.continuation-failed", e);
        }
    }

    private void reserve(List<NewDelivery> deliveries) {
        deliveries.stream()
                .filter(delivery -> delivery.skipReason() == null && delivery.waitField() == null)
                .filter(delivery -> reservations.reserve(delivery.webhook(), delivery.id()))
                .forEach(delivery -> reserved.add(delivery.id()));
    }

    private void stored(Stored event) {
        handOver(first(event.intake()), event);
        if (event.accepted() != null) {
            event.accepted().released().forEach(sync::released);
        }
    }

    private void handOver(List<NewDelivery> deliveries, Stored event) {
        Accepted accepted = event.accepted();
        for (NewDelivery delivery : deliveries) {
            boolean isSendable = accepted != null && !accepted.blocked().contains(delivery.id());
            boolean isReserved = reserved.remove(delivery.id());
            if (isReserved && isSendable) {
                reservations.addReady(newDelivery(delivery, event.intake().event()));
            } else if (isReserved) {
                reservations.release(delivery.webhook(), delivery.id());
            } else if (isSendable && delivery.skipReason() == null) {
                reservations.dueInStore(delivery.webhook(), delivery.dueAt());
            }
        }
    }

    private DueDelivery newDelivery(NewDelivery delivery, Event event) {
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

    private void completed(Ended attempt, List<Runnable> followUps) {
        WebhookId webhook = attempt.result().webhook();
        if (scheduler.completed(attempt.result())) {
            followUps.add(() -> credentialRelease.credentialRepaired(webhook));
        }
        if (attempt.recorded().nextDueAt() != null) {
            scheduler.due(webhook, attempt.recorded().nextDueAt(), 1);
        }
        if (attempt.result().disableReason() != null || !attempt.recorded().hasChanged()) {
            followUps.add(() -> clusterEvents.stateChanged(webhook));
        }
    }
}
