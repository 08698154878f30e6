package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.due.AttemptKind;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.webhook.RateLimit;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The virtual queue of one webhook: its deliveries in memory, its limits, and its position in the store. While first
 * attempts and retries are both ready, each has half of the concurrency limit. Guarded by the lock of {@link
 * WebhookQueues}.
 */
final class WebhookQueue {

    private final long number;
    private final WebhookId webhook;
    private final List<SubQueue> subQueues =
            List.of(new SubQueue(this, AttemptKind.FIRST_ATTEMPTS), new SubQueue(this, AttemptKind.RETRIES));
    private final ReservationIndex reservations = new ReservationIndex();
    private final RunState state;
    private final AimdLimit limit;
    private final RateLimiter rate = new RateLimiter();
    private SubQueue reading;
    private long readEpoch;
    private AttemptKind lastRead = AttemptKind.RETRIES;
    private AttemptKind lastTaken = AttemptKind.RETRIES;
    private long wakeAt = DueCursor.NEVER;
    private long allowedAt = DueCursor.NEVER;
    private long storeBacklog;
    private long backlogAtReadStart;
    private int consecutiveUnsent;

    /**
     * @param number orders queues that are due at the same time
     * @param maxInFlight the most requests in flight
     */
    WebhookQueue(WebhookId webhook, long number, int maxInFlight) {
        this.webhook = webhook;
        this.number = number;
        this.state = new RunState(webhook);
        this.limit = new AimdLimit(maxInFlight);
    }

    WebhookId webhook() {
        return webhook;
    }

    String account() {
        return webhook.account();
    }

    long number() {
        return number;
    }

    RunState state() {
        return state;
    }

    ReservationIndex reservations() {
        return reservations;
    }

    SubQueue of(AttemptKind kind) {
        return subQueues.get(kind.ordinal());
    }

    List<SubQueue> subQueues() {
        return subQueues;
    }

    /** @param configured null: the webhook is not configured */
    void configure(RequestLimit configured) {
        state.configured(configured != null);
        if (configured != null) {
            rate.configure(configured);
        }
    }

    /** See {@link RateLimiter#permit}. */
    boolean permit(RateLimit limit) {
        return rate.permit(limit);
    }

    /** Sets a state that no attempt of this process caused. */
    void change(WebhookState changed) {
        if (state.change(changed)) {
            limit.restart();
        }
    }

    /** Sets the stored state unless one is known already. */
    void restore(WebhookState read) {
        if (!state.isKnown()) {
            change(read);
        }
    }

    /** Ends the epoch: what is in memory or being read may be outdated. The caller has returned ready deliveries before. */
    void endEpoch() {
        reservations.endEpoch();
        state.endEpoch();
    }

    /** Whether the queue can be evicted: not configured, empty and in its initial state. */
    boolean isDisposable() {
        return !state.isConfigured()
                && reservations.isEmpty()
                && storeBacklog == 0
                && dueInStore() == DueCursor.NEVER
                && state.isInitial();
    }

    // --- what may be sent

    /** Whether a ready delivery of a kind can be taken now. */
    boolean canTake(SubQueue from, Instant now) {
        return from.hasReady() && hasCapacity(now) && isNextKind(from) && mayBeginAt(now) <= now.toEpochMilli();
    }

    /** Whether the concurrency limit allows another request; the rate may still delay it. */
    boolean hasCapacity(Instant now) {
        return hasCapacity(0, now);
    }

    private boolean hasCapacity(int unstarted, Instant now) {
        return inFlight() - unstarted < concurrencyLimit() && state.isOpen(now);
    }

    /**
     * The earliest start of a request by its rate, in ms since 1970. A time that is not after {@code now} means now.
     */
    long mayBeginAt(Instant now) {
        return rate.mayBeginAt(now.toEpochMilli());
    }

    /** Whether the learned rate, not the configured limit, sets that time. */
    boolean isLimitedByReceiver(Instant now) {
        return rate.isLimitedByReceiver(now.toEpochMilli());
    }

    /** Whether a kind is next: the one with fewer in flight if both are ready. */
    private boolean isNextKind(SubQueue from) {
        int more = from.inFlight() - from.other().inFlight();
        return !from.other().hasReady() || more < 0 || more == 0 && lastTaken != from.kind();
    }

    /** Until when it waits only for its rate; {@link DueCursor#NEVER}: it does not. */
    long allowedAfter(Instant now) {
        long at = mayBeginAt(now);
        boolean isLimited = at > now.toEpochMilli() && hasCapacity(now) && hasReady();
        return isLimited ? at : DueCursor.NEVER;
    }

    boolean hasReady() {
        return subQueues.stream().anyMatch(SubQueue::hasReady);
    }

    /** When its rate allows the next request, while it waits for that; else {@link DueCursor#NEVER}. */
    long allowedAt() {
        return allowedAt;
    }

    void allowedAt(long at) {
        allowedAt = at;
    }

    /** The current concurrency limit. */
    int concurrencyLimit() {
        return state.isProbing() ? 1 : limit.get();
    }

    int inFlight() {
        return of(AttemptKind.FIRST_ATTEMPTS).inFlight()
                + of(AttemptKind.RETRIES).inFlight();
    }

    /**
     * The number of deliveries that only lack a thread. Deliveries that wait for the receiver, or for the rate for over
     * ten seconds, or whose last attempts sent nothing, do not count.
     *
     * @param unstarted dispatched deliveries that wait for a thread
     */
    long sendable(int unstarted, Instant now) {
        boolean mayBegin = consecutiveUnsent < concurrencyLimit()
                && hasCapacity(unstarted, now)
                && !state.isProbing()
                && mayBeginAt(now) <= now.toEpochMilli();
        return mayBegin ? (long) Math.min(ready() + storeBacklog + unstarted, rate.deliveriesIn(10)) : 0;
    }

    private int ready() {
        return subQueues.stream().mapToInt(SubQueue::ready).sum();
    }

    /** The number of older events that may join it now: half of its limits stays free for new ones, which go first. */
    int spaceForOlder(Instant now) {
        if (!state.isOpen(now)) {
            return 0;
        }
        double half = Math.min(concurrencyLimit(), rate.deliveriesIn(1)) / 2;
        return (int) (Math.max(1, half) - inFlight() - ready() - storeBacklog);
    }

    DueDelivery take(SubQueue from, Instant now) {
        lastTaken = from.kind();
        rate.begin(now.toEpochMilli());
        return from.take();
    }

    /** See {@link FixedRate#begun}. */
    void begun(long takenAt, long now) {
        rate.begun(takenAt, now);
    }

    /**
     * The end of an attempt.
     *
     * @param slowDown whether the receiver is overloaded
     * @param hasResponse whether it responded
     * @param status the HTTP status, or null
     * @param ms duration in milliseconds
     */
    record Ending(boolean slowDown, boolean hasResponse, Integer status, long ms) {}

    /** An attempt has ended and is recorded. @param taken the sub-queue of the delivery */
    void completed(String delivery, SubQueue taken, Ending ending, Instant now) {
        boolean wasProbing = state.isProbing();
        boolean wasFull = inFlight() >= concurrencyLimit();
        state.timedOut(!ending.hasResponse() && (state.hasTimedOut() || ending.slowDown()));
        reservations.release(delivery);
        taken.ended();
        limit.ended();
        if (ending.slowDown()) {
            if (ending.status() != null) {
                rate.overloaded(ending.status(), limit.get() == 1, now.toEpochMilli());
            }
            limit.cut(inFlight());
        } else if (ending.hasResponse()) {
            rate.accepted(now.toEpochMilli());
            if (!wasProbing && (wasFull || !rate.limitsInFlight())) {
                limit.grow(ending.ms(), wasFull);
            }
            state.responded(now);
        }
    }

    /** An attempt has ended without a record of it. */
    void abandoned(String delivery, SubQueue taken) {
        taken.ended();
        reservations.abandon(delivery);
    }

    /** An attempt has ended. @param unsent whether it sent nothing and the delivery stays pending */
    void ended(boolean unsent) {
        consecutiveUnsent = unsent ? consecutiveUnsent + 1 : 0;
    }

    /** Handles a repaired credential: the next request is a probe, and requests in flight used the old one. */
    void credentialRepaired() {
        state.probe();
        reservations.credentialRepaired(
                subQueues.stream().flatMap(each -> each.readyIds().stream()).collect(Collectors.toSet()));
    }

    // --- what is in memory

    /**
     * How many more deliveries of a kind may be in memory. Twice the concurrency limit, but no more than the rate
     * allows in a second, since memory is shared.
     */
    int space(SubQueue of) {
        return (int) Math.min(2 * concurrencyLimit(), of.inFlight() + rate.deliveriesIn(1)) - of.reserved();
    }

    /** The low-water mark of ready deliveries. */
    double lowWaterMark() {
        return Math.min(concurrencyLimit(), rate.deliveriesIn(1)) / 2;
    }

    /** Whether the reader should read more, and the store may have more. */
    boolean isRunningLow() {
        return subQueues.stream().anyMatch(each -> each.cursor().due() != DueCursor.NEVER && each.isRunningLow());
    }

    /** Adds a ready delivery. */
    void add(DueDelivery delivery) {
        SubQueue to = of(delivery.kind());
        reservations.reserve(delivery.id(), to);
        to.add(delivery);
    }

    /** Removes all ready deliveries, which stay due in the store. */
    List<DueDelivery> removeReady() {
        List<DueDelivery> removed = new ArrayList<>();
        subQueues.forEach(each -> removed.addAll(each.removeAll()));
        removed.forEach(delivery -> reservations.release(delivery.id()));
        return removed;
    }

    // --- reading

    /**
     * The kinds to read now: due and with space, first the one not read last.
     *
     * <p>During a read no slot of the kind is reserved: a new delivery would overtake older ones, and might be read as
     * well.
     */
    List<SubQueue> toRead(Instant now) {
        return Stream.of(lastRead.other(), lastRead)
                .map(this::of)
                .filter(each -> each.cursor().due() <= now.toEpochMilli() && space(each) > 0)
                .toList();
    }

    void startReading(SubQueue part) {
        reading = part;
        reservations.startReading();
        lastRead = part.kind();
        backlogAtReadStart = storeBacklog;
        readEpoch = state.epoch();
    }

    void endReading() {
        reading = null;
        reservations.endReading();
    }

    boolean isReading() {
        return reading != null;
    }

    boolean isReading(SubQueue part) {
        return reading == part;
    }

    /** Whether the epoch is still that of the read; otherwise another process may own the rows. */
    boolean isReadEpochCurrent() {
        return readEpoch == state.epoch();
    }

    /** The approximate number of due rows in the store that are not in memory. */
    long storeBacklog() {
        return storeBacklog;
    }

    /** @return the change */
    long storeBacklog(long count) {
        long change = Math.max(0, count) - storeBacklog;
        storeBacklog += change;
        return change;
    }

    /** The number that became due during the read. */
    long backlogGrowth() {
        return storeBacklog - backlogAtReadStart;
    }

    /** The earliest known due time in the store. */
    long dueInStore() {
        return Math.min(
                of(AttemptKind.FIRST_ATTEMPTS).cursor().due(),
                of(AttemptKind.RETRIES).cursor().due());
    }

    /** Time of the next read of deliveries due later. */
    long dueAfter(Instant now) {
        return subQueues.stream()
                .mapToLong(each -> each.cursor().due())
                .filter(due -> due > now.toEpochMilli())
                .min()
                .orElse(DueCursor.NEVER);
    }

    /** The earliest known due time, ready deliveries included; {@link DueCursor#NEVER}: none. */
    long oldestDue() {
        return Math.min(
                dueInStore(),
                subQueues.stream().mapToLong(SubQueue::oldestReady).min().orElse(DueCursor.NEVER));
    }

    /** Time of the next scheduled read. */
    long wakeAt() {
        return wakeAt;
    }

    void wakeAt(long at) {
        wakeAt = at;
    }
}
