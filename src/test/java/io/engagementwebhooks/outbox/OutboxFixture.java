package io.engagementwebhooks.outbox;

import static org.awaitility.Awaitility.await;

import io.engagementwebhooks.store.CommitListener;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.due.WaitingWebhook;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.testkit.InterceptedStore;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** An outbox whose tests take due deliveries, or run its threads' tasks, themselves, and reach its parts. */
public final class OutboxFixture {

    private static final long PLENTY = 64L << 20;

    private final Store store;
    private final QueueLock lock;
    private final Outbox outbox;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private CommitListener listener;

    public OutboxFixture(Store store, Clock clock, int inFlight, int perWebhook) {
        this(store, clock, inFlight, perWebhook, PLENTY);
    }

    OutboxFixture(Store store, Clock clock, int inFlight, int perWebhook, long maxEventBytes) {
        this(
                store,
                clock,
                inFlight,
                perWebhook,
                maxEventBytes,
                scheduler -> IngestBackpressure.ticking(scheduler, () -> -1, clock));
    }

    OutboxFixture(
            Store store,
            Clock clock,
            int inFlight,
            int perWebhook,
            long maxEventBytes,
            Function<DueScheduler, IngestBackpressure> pacing) {
        this(store, clock, new Outbox.Limits(inFlight, perWebhook), new QueueLock(), null, maxEventBytes, pacing);
    }

    /**
     * @param lock guards the scheduler
     * @param threads run attempts
     */
    OutboxFixture(Store store, Clock clock, QueueLock lock, BiConsumer<String, Runnable> threads) {
        this(
                store,
                clock,
                new Outbox.Limits(10_000, 256),
                lock,
                threads,
                PLENTY,
                scheduler -> IngestBackpressure.ticking(scheduler, () -> -1, clock));
    }

    private OutboxFixture(
            Store store,
            Clock clock,
            Outbox.Limits limits,
            QueueLock lock,
            BiConsumer<String, Runnable> threads,
            long maxEventBytes,
            Function<DueScheduler, IngestBackpressure> pacing) {
        this.store = store;
        this.lock = lock;
        Store heard = InterceptedStore.of(store)
                .on("listen", (arguments, real) -> {
                    if (arguments[0] instanceof CommitListener hears) {
                        listener = hears;
                    }
                    return real.proceed();
                })
                .build();
        this.outbox = new Outbox(
                heard,
                clock,
                limits,
                (account, rest) -> rest.run(),
                threads == null ? (account, task) -> tasks.add(task) : threads,
                lock,
                maxEventBytes,
                pacing);
    }

    /** The lock of the queues, which knows the condition that their reader waits for. */
    static class QueueLock extends ReentrantLock {

        private static final long serialVersionUID = 1L;

        private transient Condition readable;

        @Override
        public Condition newCondition() {
            Condition made = super.newCondition();
            readable = readable == null ? made : readable;
            return made;
        }
    }

    public Outbox outbox() {
        return outbox;
    }

    /** Starts without dispatch: deliveries wait until they are taken. */
    public void open() {
        outbox.open(null);
    }

    /** Starts with dispatch: deliveries begin in {@link #runTask}. */
    void open(Consumer<DueDelivery> begin) {
        outbox.open(begin);
    }

    /** Runs the next task of the threads. @return false: there is none */
    boolean runTask() {
        Runnable task = tasks.poll();
        if (task != null) {
            task.run();
        }
        return task != null;
    }

    public void close() {
        outbox.stop();
    }

    /** Webhooks without limits. */
    public void define(Set<WebhookId> webhooks) {
        define(webhooks.stream().collect(Collectors.toMap(webhook -> webhook, webhook -> RequestLimit.NONE)));
    }

    void define(Map<WebhookId, RequestLimit> webhooks) {
        outbox.configure(webhooks);
    }

    /** Writes to the store like another process, without a signal to the outbox. */
    <T> T unheard(Supplier<T> writing) {
        store.listen(CommitListener.NONE);
        try {
            return writing.get();
        } finally {
            store.listen(listener);
        }
    }

    /** The store's commit listener. */
    CommitListener listener() {
        return listener;
    }

    /** Takes the next delivery, or null. */
    public DueDelivery takeIfAny() {
        return outbox.queues().locked(() -> outbox.scheduler().next(account -> true));
    }

    /** Takes the next delivery and waits for one. */
    public DueDelivery take() {
        return await().pollInterval(Duration.ofMillis(1)).until(this::takeIfAny, Objects::nonNull);
    }

    /** The number of dispatched deliveries that wait for a thread. */
    int unstarted() {
        return outbox.scheduler().unstarted().values().stream()
                .mapToInt(count -> count)
                .sum();
    }

    void resume(String delivery, Runnable rest) {
        outbox.resume(delivery, rest);
    }

    /** Waits until all due deliveries with room are in memory. */
    void awaitCaughtUp() {
        clockMoved();
        await().pollInterval(Duration.ofMillis(1)).until(this::isCaughtUp);
    }

    boolean isCaughtUp() {
        return outbox.queues().locked(() -> !outbox.queues().isOpen() || lock.hasWaiters(lock.readable));
    }

    /** Wakes the reader, which looks at the clock at least once a second. */
    void clockMoved() {
        outbox.queues().locked(lock.readable::signalAll);
    }

    void lost(String delivery) {
        outbox.abandoned(delivery);
    }

    public void due(WebhookId webhook, Instant at) {
        due(webhook, at, 1);
    }

    void due(WebhookId webhook, Instant at, int many) {
        outbox.signalDue(webhook, at, many);
    }

    void look(WebhookId webhook) {
        outbox.sync().pollOwned(webhook);
    }

    boolean reserve(WebhookId webhook, String delivery) {
        return outbox.reservations().reserve(webhook, delivery);
    }

    void handOver(DueDelivery fresh) {
        outbox.reservations().addReady(fresh);
    }

    void release(WebhookId webhook, String delivery) {
        outbox.reservations().release(webhook, delivery);
    }

    void repaired(WebhookId webhook) {
        outbox.scheduler().credentialRepaired(webhook);
    }

    public WebhookState state(WebhookId webhook) {
        return outbox.state(webhook);
    }

    Duration pausedTotal(WebhookId webhook) {
        return outbox.pausedTotal(webhook);
    }

    boolean isInFlight(WebhookId webhook, String delivery) {
        return outbox.isInFlight(webhook, delivery);
    }

    DueScheduler.Backlog backlog() {
        return outbox.scheduler().backlog(0);
    }

    long changes() {
        return outbox.sync().changes();
    }

    void changed(WebhookState state) {
        outbox.sync().stateChanged(state);
    }

    void agree(WebhookId webhook) {
        outbox.sync().reconcile(webhook);
    }

    void owned(BitSet partitions) {
        outbox.sync().ownershipChanged(partitions);
    }

    void acquire() {
        outbox.sync().acquire();
    }

    void acquire(BitSet before, long seen, List<WebhookState> states, List<WaitingWebhook> waiting) {
        outbox.sync().acquire(before, seen, states, waiting);
    }
}
