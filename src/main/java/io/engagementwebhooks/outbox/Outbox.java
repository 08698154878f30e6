package io.engagementwebhooks.outbox;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.Accepted;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.FanOuts;
import io.engagementwebhooks.store.IdentityReusedException;
import io.engagementwebhooks.store.Intake;
import io.engagementwebhooks.store.NewDelivery;
import io.engagementwebhooks.store.Ownership;
import io.engagementwebhooks.store.ReplayJobs;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.WaitingDeliveries.Waiting;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The hand-over between the rooms: what is accepted is a row before it is anything else. A fresh delivery also goes on
 * in memory where that changes no order. Thread-safe.
 */
public final class Outbox implements Store.SettingAside, AutoCloseable {

    /** So many deliveries are written in one transaction. */
    private static final int STEP = 500;

    private final Store store;
    private final DueDeliveries due;
    private final Clock clock;
    private final Releases releases;
    private final Pacing pacing;
    private final FanOutSteps fanOuts;
    private final FromOthers others;
    private final LongAdder accepted = new LongAdder();

    /**
     * @param store where rows are
     * @param due hands out what is due
     * @param clock now
     * @param processor how busy the processor is, from 0 to 1, negative: unknown; see {@link Pacing}
     */
    public Outbox(Store store, DueDeliveries due, Clock clock, DoubleSupplier processor) {
        this(store, due, clock, Pacing.ticking(due, processor, clock));
    }

    Outbox(Store store, DueDeliveries due, Clock clock, Pacing pacing) {
        this.pacing = pacing;
        this.store = store;
        this.due = due;
        this.clock = clock;
        this.releases = new Releases(store, due, this::areDue, clock);
        this.fanOuts = new FanOutSteps(store.fanOuts(), this::insert);
        this.others = new FromOthers(
                store,
                due,
                (webhook, deliveries, reason) ->
                        discardOurs(webhook, deliveries, reason).orElse(0),
                fanOuts::look);
        // what a former process did not come to
        fanOuts.look();
    }

    /**
     * Follows what other processes do to the store, where it is shared, from now on.
     *
     * @param definitions takes over what was set up elsewhere
     */
    public void followOthers(Runnable definitions) {
        others.define(definitions);
        store.cluster().listen(others);
    }

    /** Which deliveries are this process's. */
    private Ownership ownership() {
        return store.cluster().ownership();
    }

    DueDeliveries due() {
        return due;
    }

    /** Stores events with their deliveries, all or none; completes after the commit. See {@link EventStore#accept}. */
    public CompletionStage<List<Accepted>> accept(List<Intake> intakes) {
        return inTurn(intakes, () -> store(intakes));
    }

    /** The same, but what reuses an identity is left out: its exception stands in its place among the answers. */
    CompletionStage<List<Object>> acceptOrSetAside(List<Intake> intakes) {
        return inTurn(intakes, () -> storeOrSetAside(intakes));
    }

    private <T> CompletionStage<T> inTurn(List<Intake> intakes, Supplier<CompletionStage<T>> storing) {
        int deliveries =
                intakes.stream().mapToInt(each -> each.deliveries().size()).sum();
        if (intakes.isEmpty()) {
            return storing.get();
        }
        String account = intakes.get(0).event().account();
        CompletionStage<Void> turn = pacing.turn(account, Math.max(1, deliveries));
        return turn.toCompletableFuture().isDone() ? storing.get() : turn.thenCompose(given -> storing.get());
    }

    /** All in one transaction still: those whose identity is another's are taken out, and the rest is tried again. */
    private CompletionStage<List<Object>> storeOrSetAside(List<Intake> intakes) {
        if (intakes.isEmpty()) {
            return CompletableFuture.completedFuture(new ArrayList<>());
        }
        return store(intakes)
                .<CompletionStage<List<Object>>>handle((answers, failure) -> failure == null
                        ? CompletableFuture.completedFuture(new ArrayList<>(answers))
                        : withoutReused(intakes, cause(failure)))
                .thenCompose(answers -> answers);
    }

    private CompletionStage<List<Object>> withoutReused(List<Intake> intakes, Throwable failure) {
        if (!(failure instanceof IdentityReusedException first)) {
            return CompletableFuture.failedFuture(failure);
        }
        List<IdentityReusedException> reused = first.all();
        List<Intake> others = new ArrayList<>(intakes);
        for (int i = reused.size() - 1; i >= 0; i--) {
            others.remove(reused.get(i).index());
        }
        return storeOrSetAside(others).thenApply(answers -> {
            reused.forEach(each -> answers.add(each.index(), each));
            return answers;
        });
    }

    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private CompletionStage<List<Accepted>> store(List<Intake> intakes) {
        Set<String> reserved = reserve(intakes);
        return store.events().accept(intakes).whenComplete((answers, failure) -> {
            for (int i = 0; i < intakes.size(); i++) {
                boolean stored = failure == null && !answers.get(i).duplicate();
                after(intakes.get(i), stored ? answers.get(i) : null, reserved);
                if (stored) {
                    accepted.increment();
                    answers.get(i).released().forEach(due::look);
                }
            }
        });
    }

    /** Inserts deliveries of fan-outs of one account, and hands on what may go. Returns after the commit. */
    private void insert(List<FanOuts.Pending> parts) {
        List<Intake> intakes = parts.stream().map(FanOuts.Pending::intake).toList();
        String account = intakes.get(0).event().account();
        Set<String> reserved = reserve(intakes);
        store.fanOuts()
                .insert(account, parts)
                .whenComplete((all, failure) -> {
                    for (int i = 0; i < intakes.size(); i++) {
                        FanOuts.Inserted inserted = failure == null ? all.get(i) : null;
                        after(
                                inserted == null ? intakes.get(i) : inserted.intake(),
                                inserted == null ? null : inserted.accepted(),
                                reserved);
                        if (inserted != null && inserted.accepted() != null) {
                            inserted.accepted().released().forEach(due::look);
                        }
                    }
                })
                .toCompletableFuture()
                .join();
    }

    private Set<String> reserve(List<Intake> intakes) {
        Set<String> reserved = new HashSet<>();
        for (Intake intake : intakes) {
            if (!intake.isFanOut()) {
                due.atOnce(() -> reserve(intake, reserved));
            }
        }
        return reserved;
    }

    private void reserve(Intake intake, Set<String> reserved) {
        for (NewDelivery delivery : intake.deliveries()) {
            if (isDue(delivery) && due.reserve(delivery.webhook(), delivery.id())) {
                reserved.add(delivery.id());
            }
        }
    }

    private static boolean isDue(NewDelivery delivery) {
        return delivery.skipped() == null && delivery.waitField() == null;
    }

    /** @param accepted null: it was not stored, or is a duplicate */
    private void after(Intake intake, Accepted accepted, Set<String> reserved) {
        due.atOnce(() -> handOver(intake, accepted, reserved));
        if (accepted != null && accepted.fannedOut()) {
            fanOuts.look();
        }
    }

    private void handOver(Intake intake, Accepted accepted, Set<String> reserved) {
        boolean isThere = accepted != null && !accepted.fannedOut();
        for (NewDelivery delivery : intake.deliveries()) {
            boolean goes = isThere && !accepted.behind().contains(delivery.id());
            if (reserved.contains(delivery.id())) {
                if (goes) {
                    due.handOver(fresh(delivery, intake.event()));
                } else {
                    due.release(delivery.webhook(), delivery.id());
                }
            } else if (goes && delivery.skipped() == null) {
                due.dueFirst(delivery.webhook(), delivery.dueAt());
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
                due.pausedTotal(delivery.webhook()),
                delivery.dueAt(),
                false,
                null,
                delivery.fifoKey());
    }

    /** Whether so many events of an account wait for delivery to keep up that a further one would wait too long. */
    public boolean isBackedUp(String account) {
        return pacing.isFull(account);
    }

    /** Whether events are stored only as fast as deliveries are sent at the moment. */
    public boolean isPacing() {
        return pacing.isPacing();
    }

    /** How many requests have had to wait for delivery to keep up, since the start. */
    public long paced() {
        return pacing.paced();
    }

    /** How many events were stored, since the start; duplicates are not. */
    public long accepted() {
        return accepted.sum();
    }

    /** How many deliveries are due, as far as is known. */
    public long backlog() {
        return due.backlog().due();
    }

    /** For how long the delivery has waited for its turn that waits the longest, of webhooks that may send; as far as is known. */
    public Duration longestDue() {
        Instant oldest = due.oldestDue();
        return oldest == null ? Duration.ZERO : Duration.between(oldest, clock.instant());
    }

    /** A delivery that was taken has ended its try and was recorded. */
    void finished(String delivery, TryRecording.Ended ended) {
        boolean wasBeforeRepair = due.finished(delivery, ended.result(), ended.slowDown());
        if (ended.next() != null) {
            due.due(ended.result().webhook(), ended.next());
        }
        if (ended.result().disableWebhook() != null) {
            others.changed(ended.result().webhook());
        }
        if (wasBeforeRepair) {
            releases.repaired(ended.result().webhook());
        }
    }

    /**
     * The credential of a webhook was repaired: what waits because of it is due now, one of them first (semantics 14).
     * What is in flight with the old credential follows when it has ended.
     */
    public void repaired(WebhookId webhook) {
        if (!ownership().owns(webhook)) {
            return; // its owner follows the same set-up
        }
        due.repaired(webhook);
        releases.repaired(webhook);
    }

    /** At the start, when nobody knows what has changed meanwhile: what could not be sent is tried again. */
    public void tryUnsentAgain() {
        releases.unsent();
    }

    /** Makes a delivery due now; see {@link ReplayJobs#replay}. */
    public CompletionStage<ReplayJobs.Replayed> replay(WebhookId webhook, String id, String newId) {
        Instant now = clock.instant();
        return store.replays().replay(webhook.account(), id, newId, now).thenApply(replayed -> {
            if (replayed == ReplayJobs.Replayed.DUE) {
                due.dueAgainstHold(webhook);
            }
            return replayed;
        });
    }

    /** What a person did with deliveries that wait. @param more whether there are more that were not looked at */
    public record Handled(int deliveries, boolean more) {}

    /**
     * Discards the waiting deliveries of a webhook, but for those that are being sent, in small steps.
     *
     * @param until when to stop and leave the rest for another call
     */
    public Handled discard(WebhookId webhook, String reason, Instant until) {
        int all = 0;
        Handled some;
        do {
            // once more, since the end of one may have brought forward the next of its FIFO key
            some = inSteps(
                    webhook,
                    until,
                    deliveries -> discard(
                            webhook, deliveries.stream().map(Waiting::id).toList(), reason));
            all += some.deliveries();
        } while (some.deliveries() > 0 && !some.more());
        return new Handled(all, some.more());
    }

    /** By whom the webhook belongs to: nobody else knows what is being sent. @return as {@link #discardOurs} */
    private OptionalInt discard(WebhookId webhook, List<String> deliveries, String reason) {
        return ownership().owns(webhook)
                ? discardOurs(webhook, deliveries, reason)
                : OptionalInt.of(ended(store.waitingDeliveries().letDiscard(webhook, deliveries, reason)));
    }

    /** @return how many; empty: nobody can say now which of them are being sent */
    private OptionalInt discardOurs(WebhookId webhook, List<String> deliveries, String reason) {
        Optional<List<String>> aside = due.setAside(webhook, deliveries);
        if (aside.isEmpty()) {
            return OptionalInt.empty();
        }
        List<String> free = new ArrayList<>();
        try {
            for (String delivery : aside.get()) {
                if (ownership().begin(webhook, delivery)) {
                    free.add(delivery);
                }
            }
            return OptionalInt.of(ended(store.waitingDeliveries().discard(webhook, free, reason, clock.instant())));
        } finally {
            free.forEach(ownership()::ended);
            due.giveBack(webhook, aside.get());
        }
    }

    private static int ended(CompletionStage<Integer> writing) {
        try {
            return writing.toCompletableFuture().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof StoreException store ? store : e;
        }
    }

    /** Makes the waiting deliveries of a webhook due now, in small steps; see {@link #discard}. */
    public Handled makeDue(WebhookId webhook, Instant until) {
        Instant now = clock.instant();
        return inSteps(webhook, until, deliveries -> {
            List<String> later = deliveries.stream()
                    .filter(delivery -> delivery.dueAt().isAfter(now))
                    .map(Waiting::id)
                    .toList();
            int changed = ended(store.waitingDeliveries().makeDue(webhook, later, now, false));
            if (changed > 0) {
                areDue(webhook, now, changed);
            }
            return OptionalInt.of(changed);
        });
    }

    /** @param step answers how many, or nothing: it cannot go on now */
    private Handled inSteps(WebhookId webhook, Instant until, Function<List<Waiting>, OptionalInt> step) {
        int handled = 0;
        Waiting after = Waiting.FIRST;
        while (clock.instant().isBefore(until)) {
            List<Waiting> some = store.waitingDeliveries().of(webhook, after, STEP);
            if (some.isEmpty()) {
                return new Handled(handled, false);
            }
            OptionalInt done = step.apply(some);
            if (done.isEmpty()) {
                return new Handled(handled, true);
            }
            handled += done.getAsInt();
            after = some.get(some.size() - 1);
        }
        return new Handled(handled, true);
    }

    /** Discards one delivery. @return false if it is being sent, or waits no more */
    public boolean discardOne(WebhookId webhook, String delivery, String reason) {
        return discard(webhook, List.of(delivery), reason).orElse(0) == 1;
    }

    /** Makes a waiting delivery due now, whatever its receiver asked for; its schedule goes on from where it is. */
    public void retryNow(WebhookId webhook, String delivery) {
        Instant now = clock.instant();
        ended(store.waitingDeliveries().makeDue(webhook, List.of(delivery), now, true));
        due.dueAgainstHold(webhook);
    }

    /** Several of a webhook are due since a time, by somebody else's writing. */
    void areDue(WebhookId webhook, Instant since, int many) {
        due.due(webhook, since, many);
    }

    /**
     * Pauses, resumes or disables a webhook. Completes after the commit. An outcome may disable it at the same time, so memory
     * is compared with the store afterwards.
     */
    public CompletionStage<WebhookState> setState(WebhookId webhook, WebhookState.State state, String reason) {
        return store.outcomes()
                .setState(webhook, state, reason, clock.instant())
                .thenApply(changed -> {
                    due.changed(changed);
                    others.changed(webhook);
                    return changed;
                });
    }

    @Override
    public boolean setAside(WebhookId webhook, String delivery) {
        return due.setAside(webhook, delivery);
    }

    @Override
    public void giveBack(WebhookId webhook, String delivery) {
        due.giveBack(webhook, delivery);
    }

    /** How things stand with a webhook. */
    public WebhookState state(WebhookId webhook) {
        return due.state(webhook);
    }

    /** How many of these webhooks are in each state; those that there are none of are left out. */
    public Map<WebhookState.State, Long> states(Collection<Webhook> webhooks) {
        return due.states(webhooks);
    }

    /** Whether a delivery is being sent at this moment. */
    public boolean isInFlight(WebhookId webhook, String delivery) {
        return due.isInFlight(webhook, delivery);
    }

    @Override
    public void close() {
        others.close();
        fanOuts.close();
        releases.close();
    }

    /** As {@link #define(Map)}, without limits: for tests. */
    public void define(Set<WebhookId> webhooks) {
        due.define(webhooks);
    }

    /** Says which webhooks there are; deliveries of others wait until theirs returns. */
    public void define(Map<WebhookId, DueDeliveries.Limit> webhooks) {
        due.define(webhooks);
    }
}
