package io.engagementwebhooks.outbox;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.Accepted;
import io.engagementwebhooks.store.DeliveryRow;
import io.engagementwebhooks.store.IdentityReusedException;
import io.engagementwebhooks.store.Intake;
import io.engagementwebhooks.store.Ownership;
import io.engagementwebhooks.store.ReplayJobs;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.WaitingDeliveries.Waiting;
import io.engagementwebhooks.store.WaitingWebhook;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The interface between the rooms: it stores accepted events first and hands out due deliveries. A new delivery also
 * continues in memory if the order stays the same. Thread-safe.
 */
public final class Outbox implements Store.SettingAside, AutoCloseable {

    /** Number of deliveries written in one transaction. */
    private static final int STEP = 500;

    /** Events that wait in memory take no more than this part of it, about. */
    private static final int PART_OF_HEAP = 8;

    private final Store store;
    private final Clock clock;
    private final BiConsumer<String, Runnable> continuing;
    private final int mostInFlight;
    private final WebhookQueues queues;
    private final WorkQueue work;
    private final DueScheduler scheduler;
    private final Reservations reservations;
    private final DueReader reader;
    private final WaitReasons waitReasons;
    private final OwnershipSync sync;
    private final CredentialRelease releases;
    private final IngestBackpressure pacing;
    private final FanOutSteps fanOuts;
    private final ClusterEventHandler others;
    private final LongAdder accepted = new LongAdder();

    /**
     * How much an instance sends at once.
     *
     * @param inFlight requests in flight at most
     * @param perWebhook those to one webhook
     */
    public record Limits(int inFlight, int perWebhook) {}

    /**
     * @param store where rows are
     * @param clock now
     * @param processor how busy the processor is, from 0 to 1, negative: unknown; see {@link IngestBackpressure}
     * @param continuing runs the rest of an account's route after a commit; may reject it when it is closed
     */
    public Outbox(
            Store store,
            Clock clock,
            Limits limits,
            DoubleSupplier processor,
            BiConsumer<String, Runnable> continuing) {
        this(
                store,
                clock,
                limits,
                continuing,
                new ReentrantLock(),
                Runtime.getRuntime().maxMemory() / PART_OF_HEAP,
                scheduler -> IngestBackpressure.ticking(scheduler, processor, clock));
    }

    /**
     * @param lock guards the scheduler
     * @param mostBytes of events in memory, ready or in flight; see {@link EventMemory}
     */
    Outbox(
            Store store,
            Clock clock,
            Limits limits,
            BiConsumer<String, Runnable> continuing,
            ReentrantLock lock,
            long mostBytes,
            Function<DueScheduler, IngestBackpressure> pacing) {
        this.store = store;
        this.clock = clock;
        this.continuing = continuing;
        this.mostInFlight = limits.inFlight();
        this.queues = new WebhookQueues(store.cluster().ownership(), clock, limits.perWebhook(), mostBytes, lock);
        this.work = new WorkQueue(clock);
        this.scheduler = new DueScheduler(queues, new InFlightBudget(limits.inFlight()), work);
        this.reservations = new Reservations(queues, scheduler);
        this.reader = new DueReader(store.due(), queues, scheduler);
        this.waitReasons = new WaitReasons(store.deliveries(), queues, scheduler);
        this.sync = new OwnershipSync(store, queues, scheduler);
        this.pacing = pacing.apply(scheduler);
        this.releases = new CredentialRelease(store, scheduler, clock);
        this.fanOuts = new FanOutSteps(store.fanOuts());
        this.others = new ClusterEventHandler(
                sync,
                scheduler,
                (webhook, deliveries, reason) ->
                        discardOurs(webhook, deliveries, reason).orElse(0),
                fanOuts::look);
        store.listen(new GroupHandOver(queues, scheduler, reservations, sync, new GroupHandOver.FollowUp() {
            @Override
            public void fannedOut() {
                fanOuts.look();
            }

            @Override
            public void disabled(WebhookId webhook) {
                others.changed(webhook);
            }

            @Override
            public void unsentBeforeRepair(WebhookId webhook) {
                releases.repaired(webhook);
            }
        }));
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

    /** Starts the dispatch of due deliveries. @return the number of this opening, for {@link #take} */
    long open() {
        List<WebhookState> states = store.outcomes().webhookStates();
        List<WaitingWebhook> waiting = store.due().waitingWebhooks();
        return queues.locked(() -> {
            boolean isOpen = queues.isOpen();
            long opening = scheduler.open(states, waiting);
            if (!isOpen) {
                reader.start();
            }
            return opening;
        });
    }

    /** Stops handing out: what has not begun stays due in the store, and threads that wait for work return. */
    void stop() {
        Thread reading = queues.locked(() -> {
            scheduler.close();
            return reader.stop();
        });
        if (reading != null) {
            DueReader.join(reading);
        }
    }

    /** See {@link WorkQueue#take}. */
    Work take(long opening, Work done) throws InterruptedException {
        return work.take(opening, done);
    }

    /** An attempt has ended and cannot be recorded: its delivery is due again after the next start. */
    void abandoned(String delivery) {
        scheduler.abandoned(delivery);
    }

    /** Another process owns a delivery that was taken: this one neither sends nor records it. */
    void fenced(String delivery) {
        scheduler.fenced(delivery);
    }

    /** The threads that deliver, for attempts that have waited without one. */
    public DeliveryThreads threads() {
        return scheduler;
    }

    // the parts, for tests

    DueScheduler scheduler() {
        return scheduler;
    }

    WebhookQueues queues() {
        return queues;
    }

    Reservations reservations() {
        return reservations;
    }

    OwnershipSync sync() {
        return sync;
    }

    /** Stores events with their deliveries, all or none; completes after the commit. See {@link io.engagementwebhooks.store.EventStore#accept}. */
    public CompletionStage<List<Accepted>> accept(List<Intake> intakes) {
        int deliveries =
                intakes.stream().mapToInt(each -> each.deliveries().size()).sum();
        if (intakes.isEmpty()) {
            return store(intakes);
        }
        String account = intakes.get(0).event().account();
        CompletionStage<Void> turn = pacing.turn(account, Math.max(1, deliveries));
        return turn.toCompletableFuture().isDone() ? store(intakes) : turn.thenCompose(given -> store(intakes));
    }

    /**
     * The same for events of several accounts, but what reuses an identity is left out: its exception stands in its place among
     * the answers. It does not wait for the turn of an account, since others would wait with it: {@link #isBehind} tells
     * beforehand whether it would have to.
     */
    CompletionStage<List<Object>> acceptEach(List<Intake> intakes) {
        Map<String, Integer> deliveries = new HashMap<>();
        intakes.forEach(each -> deliveries.merge(
                each.event().account(), Math.max(1, each.deliveries().size()), Integer::sum));
        // a store that fails charges no account: the same records come again
        return storeOrSetAside(intakes).thenApply(stored -> {
            pacing.takeInAdvance(deliveries);
            return stored;
        });
    }

    /** Runs the rest of a route: the thread on which the store answers is everybody's. */
    void proceed(List<Intake> intakes, Runnable rest) {
        if (intakes.isEmpty()) {
            rest.run();
            return;
        }
        try {
            continuing.accept(Intake.account(intakes), rest);
        } catch (RejectedExecutionException e) {
            rest.run(); // the product stops, and nothing may be lost
        }
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
        return store.events()
                .accept(intakes)
                .whenComplete((answers, failure) -> accepted.add(
                        failure != null
                                ? 0
                                : answers.stream()
                                        .filter(answer -> !answer.duplicate())
                                        .count()));
    }

    /** Whether back-pressure would delay a further event of an account too long. */
    public boolean isBackedUp(String account) {
        return pacing.isFull(account);
    }

    /** Whether events of an account were stored in advance of their turn, so that further ones have to wait. */
    public boolean isBehind(String account) {
        return pacing.isBehind(account);
    }

    /** Whether events are stored only as fast as deliveries are sent at the moment. */
    public boolean isThrottling() {
        return pacing.isThrottling();
    }

    /** How many requests have had to wait for delivery to keep up, since the start. */
    public long throttled() {
        return pacing.throttled();
    }

    /** How many events were stored, since the start; duplicates are not. */
    public long accepted() {
        return accepted.sum();
    }

    /** How many deliveries are due, as far as is known. */
    public long backlog() {
        return scheduler.backlog().due();
    }

    /** For how long the delivery has waited for its turn that waits the longest, of webhooks that may send; as far as is known. */
    public Duration longestDue() {
        return scheduler
                .oldestDue()
                .map(oldest -> Duration.between(oldest, clock.instant()))
                .orElse(Duration.ZERO);
    }

    /**
     * The credential of a webhook was repaired: deliveries that wait for it are due now, one of them first (semantics 14).
     * What is in flight with the old credential follows when it has ended.
     */
    public void repaired(WebhookId webhook) {
        if (!ownership().owns(webhook)) {
            return; // its owner follows the same configuration
        }
        scheduler.repaired(webhook);
        releases.repaired(webhook);
    }

    /** At the start, changes since the last run are unknown: retries what could not be sent. */
    public void tryUnsentAgain() {
        releases.unsent();
    }

    /** Makes a delivery due now; see {@link ReplayJobs#replay}. */
    public CompletionStage<ReplayJobs.Replayed> replay(WebhookId webhook, String id, String newId) {
        Instant now = clock.instant();
        return store.replays().replay(webhook.account(), id, newId, now).thenApply(replayed -> due(webhook, replayed));
    }

    /** Sends an edited event to the webhook of a delivery; see {@link ReplayJobs#resend}. */
    public CompletionStage<ReplayJobs.Replayed> resend(WebhookId webhook, String id, String newId, Event edited) {
        Instant now = clock.instant();
        return store.replays()
                .resend(webhook.account(), id, newId, edited, now)
                .thenApply(resent -> due(webhook, resent));
    }

    private ReplayJobs.Replayed due(WebhookId webhook, ReplayJobs.Replayed replayed) {
        if (replayed == ReplayJobs.Replayed.DUE) {
            scheduler.dueAgainstHold(webhook);
        }
        return replayed;
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

    /** By the owner of the webhook: only the owner knows which deliveries are in flight. @return as {@link #discardOurs} */
    private OptionalInt discard(WebhookId webhook, List<String> deliveries, String reason) {
        return ownership().owns(webhook)
                ? discardOurs(webhook, deliveries, reason)
                : OptionalInt.of(ended(store.waitingDeliveries().letDiscard(webhook, deliveries, reason)));
    }

    /** @return how many; empty: it is unknown now which of them are in flight */
    private OptionalInt discardOurs(WebhookId webhook, List<String> deliveries, String reason) {
        Optional<List<String>> aside = reservations.reserveWaiting(webhook, deliveries);
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
            reservations.releaseWaiting(webhook, aside.get());
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

    /** @param step returns a count, or empty: it cannot continue now */
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

    /** Makes a queued delivery due now, even before its Retry-After; its retry schedule continues. */
    public void retryNow(WebhookId webhook, String delivery) {
        Instant now = clock.instant();
        ended(store.waitingDeliveries().makeDue(webhook, List.of(delivery), now, true));
        scheduler.dueAgainstHold(webhook);
    }

    /** Several of a webhook are due since a time, written by another instance. */
    void areDue(WebhookId webhook, Instant since, int many) {
        scheduler.due(webhook, since, many);
    }

    /**
     * Pauses, resumes or disables a webhook. Completes after the commit. An outcome may disable it at the same time, so memory
     * is compared with the store afterwards.
     */
    public CompletionStage<WebhookState> setState(WebhookId webhook, WebhookState.State state, String reason) {
        return store.outcomes()
                .setState(webhook, state, reason, clock.instant())
                .thenApply(changed -> {
                    sync.changed(changed);
                    others.changed(webhook);
                    return changed;
                });
    }

    @Override
    public boolean setAside(WebhookId webhook, String delivery) {
        return reservations.reserveWaiting(webhook, delivery);
    }

    @Override
    public void giveBack(WebhookId webhook, String delivery) {
        reservations.releaseWaiting(webhook, List.of(delivery));
    }

    /** How things stand with a webhook. */
    public WebhookState state(WebhookId webhook) {
        return scheduler.state(webhook);
    }

    /** How many of these webhooks are in each state; those that there are none of are left out. */
    public Map<WebhookState.State, Long> states(Collection<Webhook> webhooks) {
        return webhooks.stream()
                .collect(Collectors.groupingBy(
                        webhook -> state(webhook.id()).state(),
                        () -> new EnumMap<>(WebhookState.State.class),
                        Collectors.counting()));
    }

    /** Whether a delivery is being sent at this moment. */
    public boolean isInFlight(WebhookId webhook, String delivery) {
        return scheduler.isInFlight(webhook, delivery);
    }

    /** The deliveries of some webhooks that are being sent at this moment. */
    public Set<String> inFlight(Collection<WebhookId> webhooks) {
        return scheduler.inFlight(webhooks);
    }

    /** What deliveries wait for at this moment, by delivery, of those that have not ended. See {@link WaitReasons}. */
    public Map<String, WaitingFor> waitingFor(Collection<DeliveryRow> deliveries) {
        return waitReasons.of(deliveries);
    }

    @Override
    public void close() {
        others.close();
        fanOuts.close();
        releases.close();
    }

    /** Says which webhooks there are; deliveries of others wait until theirs returns. */
    public void define(Map<WebhookId, RequestLimit> webhooks) {
        scheduler.configure(webhooks);
    }

    /** The webhook's total pause until now, which ages do not count. */
    public Duration pausedTotal(WebhookId webhook) {
        return scheduler.pausedTotal(webhook);
    }

    /** Requests in flight. */
    public long inFlight() {
        return scheduler.inFlight();
    }

    /** Requests in flight at most. */
    public int mostInFlight() {
        return mostInFlight;
    }
}
