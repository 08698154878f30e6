package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.cluster.Ownership;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.due.WaitingWebhook;
import io.engagementwebhooks.store.outcome.Permissions;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.webhook.RateLimit;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The interface between ingest and delivery. It stores accepted events first and dispatches due deliveries. A new
 * delivery also continues in memory if that keeps the order. Thread-safe.
 */
public final class Outbox implements AutoCloseable {

    /**
     * The part of the heap for events in memory, approximately. 512 MB are enough for 10 000 requests in flight with
     * events of 1 KB.
     */
    private static final int HEAP_DIVISOR = 6;

    private final Store store;
    private final Clock clock;
    private final BiConsumer<String, Runnable> continuing;
    private final Map<String, Consumer<Throwable>> attempts = new ConcurrentHashMap<>();
    private final int maxInFlight;
    private final long maxEventBytes;
    private final WebhookQueues queues;
    private final DueScheduler scheduler;
    private final Reservations reservations;
    private final DueReader reader;
    private final WaitReasons waitReasons;
    private final OwnershipSync sync;
    private final CredentialRelease credentialRelease;
    private final Acceptance acceptance;
    private final ManualOperations manual;
    private final ClusterEventHandler clusterEvents;

    /**
     * Limits of requests in flight.
     *
     * @param inFlight of the instance
     * @param perWebhook per webhook
     */
    public record Limits(int inFlight, int perWebhook) {}

    /**
     * @param processor processor load from 0 to 1, negative: unknown; see {@link IngestBackpressure}
     * @param continuing runs the rest of an account's route after a commit; may reject it when closed
     * @param threads runs the attempts of an account
     */
    public Outbox(
            Store store,
            Clock clock,
            Limits limits,
            DoubleSupplier processor,
            BiConsumer<String, Runnable> continuing,
            BiConsumer<String, Runnable> threads) {
        this(
                store,
                clock,
                limits,
                continuing,
                threads,
                new ReentrantLock(),
                Runtime.getRuntime().maxMemory() / HEAP_DIVISOR,
                scheduler -> IngestBackpressure.ticking(scheduler, processor, clock));
    }

    /**
     * @param lock the lock of the scheduler
     * @param maxEventBytes limit of events in memory, ready or in flight; see {@link EventMemory}
     */
    Outbox(
            Store store,
            Clock clock,
            Limits limits,
            BiConsumer<String, Runnable> continuing,
            BiConsumer<String, Runnable> threads,
            ReentrantLock lock,
            long maxEventBytes,
            Function<DueScheduler, IngestBackpressure> backpressure) {
        this.store = store;
        this.clock = clock;
        this.continuing = continuing;
        this.maxInFlight = limits.inFlight();
        this.maxEventBytes = maxEventBytes;
        this.queues = new WebhookQueues(store.cluster().ownership(), clock, limits.perWebhook(), maxEventBytes, lock);
        this.scheduler = new DueScheduler(queues, new InFlightBudget(limits.inFlight()), threads);
        this.reservations = new Reservations(queues, scheduler);
        this.reader = new DueReader(store.due(), queues, scheduler);
        Permissions permissions = new Permissions(store.settings());
        this.waitReasons = new WaitReasons(store.deliveries(), permissions, queues, scheduler);
        this.sync = new OwnershipSync(store, queues, scheduler);
        this.acceptance = new Acceptance(store.events(), backpressure.apply(scheduler));
        this.manual = new ManualOperations(store, permissions, scheduler, clock);
        this.credentialRelease = new CredentialRelease(store, scheduler, clock);
        this.clusterEvents = new ClusterEventHandler(sync, scheduler);
        store.listen(new GroupHandOver(queues, scheduler, reservations, sync, clusterEvents, credentialRelease));
    }

    /**
     * Starts to follow changes by other processes on a shared store.
     *
     * @param definitions applies definitions changed by other processes; returns at once
     */
    public void followCluster(Runnable definitions) {
        clusterEvents.onDefinitionsChanged(definitions);
        store.cluster().listen(clusterEvents);
    }

    private Ownership ownership() {
        return store.cluster().ownership();
    }

    /** Starts the dispatch of due deliveries. @param begin begins an attempt; null: none begins */
    void open(Consumer<DueDelivery> begin) {
        List<WebhookState> states = store.outcomes().webhookStates();
        List<WaitingWebhook> waiting = store.due().waitingWebhooks();
        queues.locked(() -> {
            boolean isOpen = queues.isOpen();
            scheduler.open(states, waiting, begin);
            if (!isOpen) {
                reader.start();
            }
        });
    }

    /** Stops the dispatch: deliveries that have not begun stay due in the store. */
    void stop() {
        Thread reading = queues.locked(() -> {
            scheduler.close();
            return reader.stop();
        });
        if (reading != null) {
            DueReader.join(reading);
        }
    }

    /** An attempt has begun. @param failed ends it after an Error of a step, which Camel does not catch */
    void begun(String delivery, Consumer<Throwable> failed) {
        attempts.put(delivery, failed);
    }

    /** Runs the rest of an attempt after an asynchronous wait, on a thread of its account. */
    public void resume(String delivery, Runnable rest) {
        try {
            rest.run();
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            Consumer<Throwable> failed = attempts.get(delivery);
            if (failed == null) {
                throw e;
            }
            failed.accept(e);
        }
    }

    /** The steps of an attempt have ended; it is to be recorded. */
    void ended(String delivery) {
        attempts.remove(delivery);
    }

    /**
     * The first byte of a request is about to be sent, so that the rate limit of its webhook counts it from now.
     *
     * @param delivery its id
     * @param isFirst false: one more request of the same attempt
     */
    public void requestBegins(String delivery, boolean isFirst) {
        scheduler.requestBegins(delivery, isFirst);
    }

    /** An attempt has ended without a record: its delivery is due again after the next start. */
    void abandoned(String delivery) {
        scheduler.abandoned(delivery);
    }

    /** Drops a taken delivery whose outcome was not recorded, and continues with the stored state of its webhook. */
    void fenced(String delivery) {
        WebhookId webhook = scheduler.fenced(delivery);
        if (webhook != null && ownership().owns(webhook)) {
            clusterEvents.stateChanged(webhook);
        }
    }

    /**
     * Whether an attempt that has begun may still send: its webhook is still owned, and none of its pending deliveries was canceled
     * since. Called right before the first byte.
     */
    public boolean maySend(String delivery) {
        return scheduler.maySend(delivery);
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

    /** Stores accepted events with their deliveries. */
    public Acceptance acceptance() {
        return acceptance;
    }

    /** What people do with deliveries by hand. */
    public ManualOperations manual() {
        return manual;
    }

    /** Runs the rest of a route on another thread, since all callers share the one that completes commits. */
    void proceed(List<Intake> intakes, Runnable rest) {
        if (intakes.isEmpty()) {
            rest.run();
            return;
        }
        try {
            continuing.accept(Intake.account(intakes), rest);
        } catch (RejectedExecutionException e) {
            ForkJoinPool.commonPool().execute(rest); // the product is stopping, and the route must complete
        }
    }

    /** The approximate number of due deliveries. */
    public long backlog() {
        return scheduler.backlog(Long.MAX_VALUE).due();
    }

    /** The age of the oldest due delivery among webhooks that may send, approximately. */
    public Duration oldestDueAge() {
        return scheduler
                .oldestDue()
                .map(oldest -> Duration.between(oldest, clock.instant()))
                .orElse(Duration.ZERO);
    }

    /**
     * Releases deliveries that wait for a webhook's repaired credential, one of them first (semantics 14). Those in
     * flight with the old one follow when they have ended.
     */
    public void credentialRepaired(WebhookId webhook) {
        if (!ownership().owns(webhook)) {
            return; // its owner has the same configuration
        }
        scheduler.credentialRepaired(webhook);
        credentialRelease.credentialRepaired(webhook);
    }

    /**
     * The receiver of a webhook permits requests: those that wait for it are due, at its rate if they are sent here.
     *
     * @param rate that it permits; null: any
     */
    public void permitted(WebhookId webhook, RateLimit rate) {
        scheduler.permit(webhook, rate);
        credentialRelease.releaseUnsent(webhook);
    }

    /** Retries unsent deliveries at the start: a credential may have been repaired since the last run. */
    public void retryUnsent() {
        credentialRelease.releaseUnsent();
    }

    /** The number of deliveries of older events that may join the queue of a webhook now; none unless it is owned. */
    int spaceForOlder(WebhookId webhook) {
        return queues.locked(() -> queues.of(webhook).spaceForOlder(clock.instant()));
    }

    /** Signals deliveries of a webhook that another instance made due. */
    void signalDue(WebhookId webhook, Instant since, int many) {
        scheduler.due(webhook, since, many);
    }

    /**
     * Pauses, resumes or disables a webhook. Completes after the commit. Then compares memory with the store, since an
     * outcome may have disabled the webhook.
     */
    public CompletionStage<WebhookState> setState(WebhookId webhook, WebhookState.State state, String reason) {
        return store.outcomes()
                .setState(webhook, state, reason, clock.instant())
                .thenApply(changed -> {
                    sync.stateChanged(changed);
                    clusterEvents.stateChanged(webhook);
                    return changed;
                });
    }

    /** The state of a webhook. */
    public WebhookState state(WebhookId webhook) {
        return scheduler.state(webhook);
    }

    /** The number of these webhooks in each state that occurs. */
    public Map<WebhookState.State, Long> states(Collection<Webhook> webhooks) {
        return webhooks.stream()
                .collect(Collectors.groupingBy(
                        webhook -> state(webhook.id()).state(),
                        () -> new EnumMap<>(WebhookState.State.class),
                        Collectors.counting()));
    }

    /** Whether a delivery is in flight. */
    public boolean isInFlight(WebhookId webhook, String delivery) {
        return scheduler.isInFlight(webhook, delivery);
    }

    /** The deliveries of webhooks that are in flight. */
    public Set<String> inFlight(Collection<WebhookId> webhooks) {
        return scheduler.inFlight(webhooks);
    }

    /** What pending deliveries wait for, by delivery. See {@link WaitReasons}. */
    public Map<String, WaitingFor> waitingFor(Collection<DeliveryRow> deliveries) {
        return waitReasons.of(deliveries);
    }

    @Override
    public void close() {
        clusterEvents.close();
        credentialRelease.close();
        scheduler.closeTimer();
    }

    /** Sets the configured webhooks; deliveries of others stay pending. */
    public void configure(Map<WebhookId, RequestLimit> webhooks) {
        scheduler.configure(webhooks);
    }

    /** The webhook's total paused time, which ages do not include. */
    public Duration pausedTotal(WebhookId webhook) {
        return scheduler.pausedTotal(webhook);
    }

    /** Requests in flight. */
    public long inFlight() {
        return scheduler.inFlight();
    }

    /** The limit of requests in flight. */
    public int maxInFlight() {
        return maxInFlight;
    }

    /** Estimated bytes of events in memory, parsed; once for each delivery that is ready or in flight. */
    public long eventBytes() {
        return queues.eventBytes();
    }

    /**
     * The limit of {@link #eventBytes}. Above half of it, an account that has used up its share waits: its due deliveries
     * stay in the store.
     */
    public long maxEventBytes() {
        return maxEventBytes;
    }
}
