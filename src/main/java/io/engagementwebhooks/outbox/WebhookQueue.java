package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.AttemptKind;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The virtual queue of one webhook: what of it is in memory, how much may be in flight, and when the store has more. While
 * first attempts and retries both wait, each have half of the places in flight. Guarded by the lock of {@link WebhookQueues}.
 */
final class WebhookQueue {

    private final long number;
    private final WebhookId webhook;
    private final Map<AttemptKind, SubQueue> subQueues = new EnumMap<>(AttemptKind.class);
    private final ReservationIndex reservations = new ReservationIndex();
    private final RunState state;
    private final AimdLimit limit;
    private final RateLimiter rate = new RateLimiter();
    private SubQueue reading;
    private long readEpoch;
    private AttemptKind lastRead = AttemptKind.RETRIES;
    private AttemptKind lastTaken = AttemptKind.RETRIES;
    private long wakeAt = DueCursor.NEVER;
    private long turnAt = DueCursor.NEVER;
    private long behind;
    private long behindBefore;
    private int unsentInARow;

    /**
     * @param number tells queues apart that are due at the same time
     * @param largest requests in flight at most
     */
    WebhookQueue(WebhookId webhook, long number, int largest) {
        this.webhook = webhook;
        this.number = number;
        this.state = new RunState(webhook);
        this.limit = new AimdLimit(largest);
        for (AttemptKind share : AttemptKind.values()) {
            subQueues.put(share, new SubQueue(this, share));
        }
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

    SubQueue of(AttemptKind share) {
        return subQueues.get(share);
    }

    Collection<SubQueue> subQueues() {
        return subQueues.values();
    }

    /** @param configured null: there is no such webhook */
    void configure(RequestLimit configured) {
        state.configured(configured != null);
        if (configured != null) {
            rate.configure(configured);
        }
    }

    /** Takes a state that no attempt of this process made. */
    void change(WebhookState changed) {
        if (state.change(changed)) {
            limit.restart();
        }
    }

    /** Takes the state as it was read, unless it is known already. */
    void restore(WebhookState read) {
        if (!state.isKnown()) {
            change(read);
        }
    }

    /** Sets another epoch of ownership, after the return of ready deliveries. */
    void epoch(long now) {
        if (state.isOwned() && state.epoch() != now) {
            reservations.endEpoch();
        }
        state.epoch(now);
    }

    /** Whether there is no such webhook, and nothing is known of it that is not so of any. */
    boolean isDisposable() {
        return !state.isConfigured()
                && reservations.isEmpty()
                && behind == 0
                && dueInStore() == DueCursor.NEVER
                && state.isInitial();
    }

    // --- what may be sent

    /** Whether something of a share can be taken, and it is its turn. */
    boolean canTake(SubQueue from, Instant now) {
        return from.hasReady() && hasPlace(now) && isTurnOf(from) && mayBeginAt(now) <= now.toEpochMilli();
    }

    /** Whether another request may be in flight; its rate may forbid it still. */
    boolean hasPlace(Instant now) {
        return hasPlace(0, now);
    }

    private boolean hasPlace(int unstarted, Instant now) {
        return inFlight() - unstarted < allowed() && state.isOpen(now);
    }

    /** When its rate lets it begin one, in ms since 1970; a time that is not after {@code now}: now. */
    long mayBeginAt(Instant now) {
        return rate.mayBeginAt(now.toEpochMilli());
    }

    /** Whether that is for its receiver's sake, and not by its configured limit. */
    boolean isLimitedByReceiver(Instant now) {
        return rate.isLimitedByReceiver(now.toEpochMilli());
    }

    /** While both wait, the share that has fewer in flight. */
    private boolean isTurnOf(SubQueue from) {
        int more = from.inFlight() - from.other().inFlight();
        return !from.other().hasReady() || more < 0 || more == 0 && lastTaken != from.share();
    }

    /** Until when it waits for nothing but its rate; {@link DueCursor#NEVER}: it does not. */
    long turnAfter(Instant now) {
        long at = mayBeginAt(now);
        boolean isLimited = at > now.toEpochMilli() && hasPlace(now) && hasReady();
        return isLimited ? at : DueCursor.NEVER;
    }

    boolean hasReady() {
        return subQueues.values().stream().anyMatch(SubQueue::hasReady);
    }

    /** When its rate lets it begin again, if that is known. */
    long turnAt() {
        return turnAt;
    }

    void turnAt(long at) {
        turnAt = at;
    }

    /** How many requests may be in flight. */
    int allowed() {
        return state.isProbing() ? 1 : limit.get();
    }

    int inFlight() {
        return of(AttemptKind.FIRST_ATTEMPTS).inFlight()
                + of(AttemptKind.RETRIES).inFlight();
    }

    /**
     * How many deliveries could be sent now if a thread had the time for them. A delivery that waits for its receiver, or for its rate for
     * more than ten seconds, or was tried without a token or a route lately, could not.
     *
     * @param unstarted deliveries in flight that wait for a thread
     */
    long sendable(int unstarted, Instant now) {
        boolean mayBegin = unsentInARow < allowed()
                && hasPlace(unstarted, now)
                && !state.isProbing()
                && mayBeginAt(now) <= now.toEpochMilli();
        return mayBegin ? (long) Math.min(ready() + behind + unstarted, rate.deliveriesIn(10)) : 0;
    }

    private int ready() {
        return subQueues.values().stream().mapToInt(SubQueue::ready).sum();
    }

    DueDelivery take(SubQueue from, Instant now) {
        lastTaken = from.share();
        rate.begin(now.toEpochMilli());
        return from.take();
    }

    /**
     * How an attempt ended.
     *
     * @param slowDown whether the receiver is overloaded
     * @param answered whether it answered
     * @param status its response's, or null
     * @param ms how long it took
     */
    record Ending(boolean slowDown, boolean answered, Integer status, long ms) {}

    /** An attempt has ended and is recorded. @param taken from where it was taken */
    void completed(String delivery, SubQueue taken, Ending ending, Instant now) {
        boolean wasProbing = state.isProbing();
        boolean wasFull = inFlight() >= allowed();
        state.timedOut(!ending.answered() && (state.hasTimedOut() || ending.slowDown()));
        reservations.release(delivery);
        taken.ended();
        limit.ended();
        if (ending.slowDown()) {
            if (ending.status() != null) {
                rate.refused(ending.status(), limit.get() == 1, now.toEpochMilli());
            }
            limit.cut(inFlight());
        } else if (ending.answered()) {
            rate.taken(now.toEpochMilli());
            if (!wasProbing && (wasFull || !rate.keepsPlacesEmpty())) {
                limit.grow(ending.ms(), wasFull);
            }
            state.answered(now);
        }
    }

    /** An attempt has ended without a record of it. */
    void abandoned(String delivery, SubQueue taken) {
        taken.ended();
        reservations.abandon(delivery);
    }

    /** An attempt has ended. @param unsent whether it sent nothing and the delivery waits on */
    void ended(boolean unsent) {
        unsentInARow = unsent ? unsentInARow + 1 : 0;
    }

    /** After a repair of its credential: one probe goes first, and requests in flight used the old one. */
    void repaired() {
        state.probe();
        reservations.repaired(subQueues.values().stream()
                .flatMap(each -> each.readyIds().stream())
                .toList());
    }

    // --- what is in memory

    /**
     * How many more of a share may be in memory: one round ahead of what may be in flight, and of those that wait for its rate
     * no more than goes in a second, since memory is shared.
     */
    int room(SubQueue of) {
        return (int) Math.min(2 * allowed(), of.inFlight() + rate.deliveriesIn(1)) - of.reserved();
    }

    /** With so few ready the reader should read more. */
    double few() {
        return Math.min(allowed(), rate.deliveriesIn(1)) / 2;
    }

    /** Whether the reader should read more of a share that the store has some of. */
    boolean isRunningLow() {
        return subQueues.values().stream()
                .anyMatch(each -> each.cursor().due() != DueCursor.NEVER && each.isRunningLow());
    }

    /** Adds a delivery that was reserved or read; it can be taken. */
    void add(DueDelivery delivery) {
        SubQueue to = of(delivery.share());
        reservations.reserve(delivery.id(), to);
        to.add(delivery);
    }

    /** Removes the given deliveries from the ready ones so that they can be closed in the store; they stay reserved. */
    List<DueDelivery> removeReady(Set<String> deliveries) {
        List<DueDelivery> removed = new ArrayList<>();
        subQueues.values().forEach(each -> each.remove(deliveries, removed));
        return removed;
    }

    /** Removes ready deliveries, which stay due in the store. */
    List<DueDelivery> removeReady() {
        List<DueDelivery> removed = new ArrayList<>();
        subQueues.values().forEach(each -> removed.addAll(each.removeAll()));
        removed.forEach(delivery -> reservations.release(delivery.id()));
        return removed;
    }

    // --- reading

    /**
     * The shares that the reader is to read now: what is due and has room, first that which was not read last.
     *
     * <p>Until it has ended, no place is reserved in the share: what is accepted then would overtake older deliveries, and might
     * be read as well.
     */
    List<SubQueue> toRead(Instant now) {
        return Stream.of(lastRead.other(), lastRead)
                .map(this::of)
                .filter(each -> each.cursor().due() <= now.toEpochMilli() && room(each) > 0)
                .toList();
    }

    void startReading(SubQueue part) {
        reading = part;
        reservations.startReading();
        lastRead = part.share();
        behindBefore = behind;
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

    /** Whether read deliveries may be sent; otherwise another process owns them. */
    boolean isOwnedAsRead() {
        return readEpoch == state.epoch();
    }

    /** About how many of its rows are due in the store and not in memory. */
    long behind() {
        return behind;
    }

    /** @return the change of the known number */
    long behind(long many) {
        long change = Math.max(0, many) - behind;
        behind += change;
        return change;
    }

    /** How many became due since the reading began. */
    long behindSince() {
        return behind - behindBefore;
    }

    /** When the reader is to read something of it, as far as is known. */
    long dueInStore() {
        return Math.min(
                of(AttemptKind.FIRST_ATTEMPTS).cursor().due(),
                of(AttemptKind.RETRIES).cursor().due());
    }

    /** Time of the next read of deliveries due later. */
    long dueAfter(Instant now) {
        return subQueues.values().stream()
                .mapToLong(each -> each.cursor().due())
                .filter(due -> due > now.toEpochMilli())
                .min()
                .orElse(DueCursor.NEVER);
    }

    /** When the oldest delivery became due that is ready or in the store, as far as is known; {@link DueCursor#NEVER}: none. */
    long oldestDue() {
        return Math.min(
                dueInStore(),
                subQueues.values().stream()
                        .mapToLong(SubQueue::oldestReady)
                        .min()
                        .orElse(DueCursor.NEVER));
    }

    /** When the reader will read it next. */
    long wakeAt() {
        return wakeAt;
    }

    void wakeAt(long at) {
        wakeAt = at;
    }
}
