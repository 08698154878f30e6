package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.Ownership;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.TryResult;
import io.engagementwebhooks.store.WaitingWebhook;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands out due deliveries, a turn for each webhook, so that a slow receiver holds back only itself. Thread-safe.
 *
 * <p>The rows of the store are the truth: memory holds one round of each webhook ahead, and a fresh delivery is handed
 * on in memory only where nothing older of its webhook is due. A delivery in memory is not read again; one that is lost
 * with the process is still a due row.
 */
public final class DueDeliveries {

    private static final Logger LOG = LoggerFactory.getLogger(DueDeliveries.class);
    private static final int LARGEST_READ = 64;
    private static final int MOST_IN_MEMORY = 4096;
    private static final int MOST_COUNTED = 20_000;
    private static final int STATES_IN_A_TURN = 1_000;
    private static final Duration STORE_RETRY = Duration.ofSeconds(1);
    private static final Duration LONGEST_READING = Duration.ofSeconds(1);

    /** The reader looks at the clock at least so often, since clocks are set. */
    private static final long LONGEST_SLEEP_MS = 1_000;

    private final Store store;
    private final Ownership ownership;
    private final Clock clock;
    private final int largestCap;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition takeable = lock.newCondition();
    private final Condition readable = lock.newCondition();
    private final Condition notReading = lock.newCondition();
    private final Map<WebhookId, Lane> lanes = new HashMap<>();
    private final Deque<Lane> ring = new ArrayDeque<>();

    /** Those with slow receivers, which wait for room in the small lane. */
    private final Deque<Lane> slowRing = new ArrayDeque<>();

    private final SmallLane smallLane = new SmallLane();

    /** What is in flight, the oldest first. */
    private final Map<String, Flight> inFlight = new LinkedHashMap<>();

    /** The lanes that the reader will look at, each once, in the order of time. */
    private final NavigableSet<Lane> wakes =
            new TreeSet<>(Comparator.<Lane>comparingLong(Lane::wakeAt).thenComparingLong(Lane::number));

    private Set<WebhookId> defined = Set.of();
    private long lanesMade;
    private int inMemory;
    private long behind;
    private final LastTenSeconds ended = new LastTenSeconds();
    private boolean open;
    private long openings;
    private Thread reader;
    private Lane beingRead;

    /**
     * How delivery keeps up.
     *
     * @param due how many are due, as far as is known
     * @param sendable how many of them could be sent now; not counted where there are not more than was sent lately
     * @param sentLately tries that ended in the last ten seconds
     * @param sentInASecond the most that ended in one of these
     */
    record Backlog(long due, long sendable, long sentLately, long sentInASecond) {}

    /** A delivery in flight, since when. */
    private record Flight(Lane lane, long sinceNanos) {

        long nanos() {
            return System.nanoTime() - sinceNanos;
        }
    }

    /** What the reader is about to read. */
    private record Reading(Lane lane, WebhookId webhook, Instant now, int limit, Set<String> held, long behind) {}

    /**
     * @param store where due rows are
     * @param clock now
     * @param largestCap how many requests to one webhook may be in flight at most
     */
    public DueDeliveries(Store store, Clock clock, int largestCap) {
        this.store = store;
        this.ownership = store.ownership();
        this.clock = clock;
        this.largestCap = largestCap;
    }

    /** Starts handing out: what is due in the store is read. @return which start this is, for {@link #takeFor} */
    public long open() {
        List<WebhookState> states = store.webhookStates();
        List<WaitingWebhook> waiting = store.waiting();
        lock.lock();
        try {
            if (open) {
                return openings;
            }
            open = true;
            openings++;
            beingRead = null;
            states.forEach(state -> lane(state.webhook()).stored(state));
            lanes.values().forEach(lane -> lane.owned(ownership.owns(lane.webhook())));
            waiting.forEach(w -> lane(w.webhook()).dueInStore(w.firstDue().toEpochMilli()));
            lanes.values().forEach(this::wakeIfMore);
            reader = new Thread(this::read, "outbox-reader");
            reader.start();
            return openings;
        } finally {
            lock.unlock();
        }
    }

    /** Stops handing out: what is not in flight stays due in the store, and whoever waits gets null. */
    public void close() {
        Thread ending;
        lock.lock();
        try {
            open = false;
            wakes.clear();
            ring.clear();
            slowRing.clear();
            lanes.values().forEach(lane -> {
                lane.inRing(false);
                lane.wakeAt(Lane.NEVER);
                lane.endReading();
                putBack(lane, clock.instant());
            });
            takeable.signalAll();
            readable.signalAll();
            notReading.signalAll();
            ending = reader;
            reader = null;
        } finally {
            lock.unlock();
        }
        if (ending != null) {
            ending.interrupt();
            join(ending);
        }
    }

    private static void join(Thread ending) {
        try {
            ending.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Says which webhooks there are; deliveries of others wait until theirs returns. */
    public void define(Set<WebhookId> webhooks) {
        lock.lock();
        try {
            defined = Set.copyOf(webhooks);
            Instant now = clock.instant();
            lanes.values().forEach(lane -> {
                lane.defined(defined.contains(lane.webhook()));
                putBackUnlessOpen(lane, now);
                wakeIfMore(lane);
            });
        } finally {
            lock.unlock();
        }
    }

    /** Takes the next delivery in turn, waiting for one. @return null if this was closed */
    public DueDelivery take() throws InterruptedException {
        return takeFor(opening());
    }

    private long opening() {
        lock.lock();
        try {
            return openings;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the next delivery in turn, waiting for one.
     *
     * @param opening the start that the caller takes for; who was busy during a stop must not go on after the next start
     * @return null if this was closed since then
     */
    DueDelivery takeFor(long opening) throws InterruptedException {
        lock.lock();
        try {
            while (open && opening == openings) {
                DueDelivery next = next();
                if (next != null) {
                    return next;
                }
                takeable.await();
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the next delivery in turn if there is one now, or null. */
    DueDelivery takeIfAny() {
        lock.lock();
        try {
            return open ? next() : null;
        } finally {
            lock.unlock();
        }
    }

    /** Slow ones get their turn first, as long as their small lane has room: the others have the rest anyway. */
    private DueDelivery next() {
        Instant now = clock.instant();
        DueDelivery next = smallLane.hasRoom() ? next(slowRing, now) : null;
        next = next == null ? next(ring, now) : next;
        // some of the ring may have turned out to be slow
        next = next == null && smallLane.hasRoom() ? next(slowRing, now) : next;
        if (next != null) {
            signalIfTakeable();
        }
        return next;
    }

    private DueDelivery next(Deque<Lane> from, Instant now) {
        for (int turns = from.size(); turns > 0; turns--) {
            Lane lane = from.remove();
            if (!lane.canTake(now)) {
                lane.inRing(false);
            } else if (ringOf(lane) != from) {
                ringOf(lane).add(lane);
            } else {
                return take(lane, now);
            }
        }
        return null;
    }

    private Deque<Lane> ringOf(Lane lane) {
        return lane.isSlow() ? slowRing : ring;
    }

    private DueDelivery take(Lane lane, Instant now) {
        DueDelivery[] next = new DueDelivery[1];
        smallLane.around(lane, () -> next[0] = lane.take());
        inFlight.put(next[0].id(), new Flight(lane, System.nanoTime()));
        inMemory--;
        if (lane.canTake(now)) {
            ringOf(lane).add(lane);
        } else {
            lane.inRing(false);
        }
        if (lane.wantsMore()) {
            wakeIfMore(lane);
        }
        return next[0];
    }

    private void signalIfTakeable() {
        if (!ring.isEmpty() || !slowRing.isEmpty() && smallLane.hasRoom()) {
            takeable.signal();
        }
    }

    /**
     * Looks at what has been in flight for long, so that slow receivers are known before they time out; to be called a few
     * times a second.
     *
     * @param nanos how long is long
     * @return how many have been in flight for so long
     */
    int inFlightFor(long nanos) {
        lock.lock();
        try {
            int many = 0;
            for (Flight flight : inFlight.values()) {
                long age = flight.nanos();
                if (age < nanos) {
                    break;
                }
                many++;
                smallLane.around(flight.lane(), () -> flight.lane().inFlightFor(age));
            }
            return many;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Asks for a place in memory for a delivery that is about to be stored. There is one only if nothing older of its
     * webhook is due and there is room; without one the delivery is read from the store in its turn.
     *
     * @return whether there is one; then {@link #handOver} or {@link #release} must follow
     */
    boolean reserve(WebhookId webhook, String delivery) {
        lock.lock();
        try {
            Lane lane = lane(webhook);
            Instant now = clock.instant();
            boolean granted = open
                    && lane.isOpen(now)
                    && !lane.isReading()
                    && lane.dueInStore() > now.toEpochMilli()
                    && lane.room() > 0
                    && inMemory < MOST_IN_MEMORY;
            if (granted) {
                lane.reserve(delivery);
            }
            return granted;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Keeps a waiting delivery from being taken until it is given back, so that it can be ended in the store.
     *
     * @return false if it is in memory, in flight, or may be being read at this moment
     */
    boolean setAside(WebhookId webhook, String delivery) {
        lock.lock();
        try {
            Lane lane = lane(webhook);
            boolean isFree = !lane.isReading() && !lane.held().contains(delivery);
            if (isFree) {
                lane.reserve(delivery);
            }
            return isFree;
        } finally {
            lock.unlock();
        }
    }

    /**
     * As {@link #setAside(WebhookId, String)}, of several; a reading that is under way is waited for, but not for long.
     *
     * @return those that are kept; the others are in memory or in flight. Empty: it is being read still
     */
    Optional<List<String>> setAside(WebhookId webhook, List<String> deliveries) {
        lock.lock();
        try {
            long nanos = LONGEST_READING.toNanos();
            while (lane(webhook).isReading()) {
                if (nanos <= 0) {
                    return Optional.empty();
                }
                nanos = notReading.awaitNanos(nanos);
            }
            Lane lane = lane(webhook);
            List<String> free = deliveries.stream()
                    .filter(delivery -> !lane.held().contains(delivery))
                    .toList();
            free.forEach(lane::reserve);
            return Optional.of(free);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #giveBack(WebhookId, String)}, of several. */
    void giveBack(WebhookId webhook, List<String> deliveries) {
        lock.lock();
        try {
            Lane lane = lane(webhook);
            deliveries.forEach(lane::release);
            dueInStore(lane, clock.millis());
        } finally {
            lock.unlock();
        }
    }

    /** What was set aside may be taken, if it waits still: the reader may have passed it over meanwhile. */
    void giveBack(WebhookId webhook, String delivery) {
        lock.lock();
        try {
            Lane lane = lane(webhook);
            lane.release(delivery);
            dueInStore(lane, clock.millis());
        } finally {
            lock.unlock();
        }
    }

    /** A delivery with a reserved place was stored and can be taken. */
    void handOver(DueDelivery fresh) {
        lock.lock();
        try {
            Lane lane = lane(fresh.webhook());
            if (open && lane.isOpen(clock.instant())) {
                lane.add(fresh);
                inMemory++;
                enterRing(lane, clock.instant());
            } else {
                lane.release(fresh.id());
                dueMore(lane, fresh.dueAt(), 1);
            }
        } finally {
            lock.unlock();
        }
    }

    /** A delivery with a reserved place was not stored after all. */
    void release(WebhookId webhook, String delivery) {
        lock.lock();
        try {
            Lane lane = lane(webhook);
            lane.release(delivery);
            wakeIfMore(lane);
        } finally {
            lock.unlock();
        }
    }

    /**
     * A delivery that was taken has ended its try and was recorded.
     *
     * @param delivery its id
     * @param result what was recorded
     * @param slowDown whether the receiver is overloaded
     * @return whether it sent nothing with a credential that has been repaired meanwhile: then it is to be released too
     */
    public boolean finished(String delivery, TryResult result, boolean slowDown) {
        lock.lock();
        try {
            Flight flight = inFlight.remove(delivery);
            if (flight == null) {
                return false;
            }
            Lane lane = flight.lane();
            Instant now = clock.instant();
            ended.add(now.toEpochMilli());
            boolean wasBeforeRepair = lane.wasBeforeRepair(delivery);
            boolean tellsOfNow = isAnswered(result) && !wasBeforeRepair;
            smallLane.around(
                    lane, () -> lane.finished(delivery, slowDown, tellsOfNow, largestCap, now, flight.nanos()));
            if (tellsOfNow && result.state() == DeliveryState.DELIVERED && lane.isOpen(now)) {
                lane.arrived();
            }
            apply(lane, result, now);
            putBackUnlessOpen(lane, now);
            if (result.dueAt() != null) {
                dueInStore(lane, result.dueAt().toEpochMilli());
            }
            enterRing(lane, now);
            if (lane.wantsMore()) {
                wakeIfMore(lane);
            }
            signalIfTakeable();
            return wasBeforeRepair && result.dueAt() != null;
        } finally {
            lock.unlock();
        }
    }

    private static boolean isAnswered(TryResult result) {
        return result.attempt() != null
                && (result.attempt().status() != null || result.state() == DeliveryState.DELIVERED);
    }

    /** A delivery that was taken has ended its try, but that cannot be recorded: it is due again after the next start. */
    void lost(String delivery) {
        lock.lock();
        try {
            Flight flight = inFlight.remove(delivery);
            if (flight != null) {
                smallLane.around(flight.lane(), flight.lane()::lost);
                enterRing(flight.lane(), clock.instant());
                signalIfTakeable();
            }
        } finally {
            lock.unlock();
        }
    }

    /** A delivery that was taken is another process's now, or may be: this one neither sends nor records it. */
    void notOurs(String delivery) {
        lock.lock();
        try {
            Flight flight = inFlight.remove(delivery);
            if (flight != null) {
                Lane lane = flight.lane();
                smallLane.around(lane, lane::lost);
                lane.release(delivery);
                dueInStore(lane, clock.millis());
                enterRing(lane, clock.instant());
                signalIfTakeable();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Which webhooks are this process's has changed.
     *
     * @param owned which were ours before what follows was read
     * @param states as they are stored now
     * @param waiting what waits of those that are ours now
     */
    void moved(Predicate<WebhookId> owned, List<WebhookState> states, List<WaitingWebhook> waiting) {
        lock.lock();
        try {
            Instant now = clock.instant();
            for (WebhookState state : states) {
                Lane lane = lane(state.webhook());
                if (lane.isOwned()) {
                    lane.stored(state);
                } else {
                    lane.state(state);
                }
            }
            lanes.values().forEach(lane -> own(lane, lane.isOwned() || owned.test(lane.webhook()), now));
            waiting.forEach(w -> dueInStore(lane(w.webhook()), w.firstDue().toEpochMilli()));
        } finally {
            lock.unlock();
        }
    }

    /** What is not ours any more is not taken up from now on; what is newly ours needs {@link #moved}. */
    void disown() {
        lock.lock();
        try {
            Instant now = clock.instant();
            lanes.values().stream()
                    .filter(lane -> lane.isOwned() && !ownership.owns(lane.webhook()))
                    .forEach(lane -> own(lane, false, now));
        } finally {
            lock.unlock();
        }
    }

    private void own(Lane lane, boolean isOwned, Instant now) {
        lane.owned(isOwned && ownership.owns(lane.webhook()));
        if (!lane.isOwned()) {
            putBack(lane, now);
            behind += lane.behind(0);
        }
        enterRing(lane, now);
        wakeIfMore(lane);
    }

    /** Somebody else may have stored something of a webhook that is due. */
    void look(WebhookId webhook) {
        lock.lock();
        try {
            Lane lane = lane(webhook);
            if (lane.isOwned()) {
                dueInStore(lane, clock.millis());
            }
        } finally {
            lock.unlock();
        }
    }

    private void putBackUnlessOpen(Lane lane, Instant now) {
        if (!lane.isOpen(now)) {
            putBack(lane, now);
        }
    }

    /** What is ready of a lane that may not send stays due in the store. */
    private void putBack(Lane lane, Instant now) {
        int dropped = lane.dropReady();
        inMemory -= dropped;
        if (dropped > 0) {
            behind += lane.behind(lane.behind() + dropped);
            dueInStore(lane, now.toEpochMilli());
        }
    }

    private static void apply(Lane lane, TryResult result, Instant now) {
        if (result.disableWebhook() != null) {
            lane.disable(result.disableWebhook(), now);
        }
        if (result.holdWebhookUntil() != null) {
            lane.hold(result.holdWebhookUntil());
        }
    }

    /** The state of a webhook was changed by a person. */
    void changed(WebhookState state) {
        lock.lock();
        try {
            Lane lane = lane(state.webhook());
            lane.state(state);
            putBackUnlessOpen(lane, clock.instant());
            enterRing(lane, clock.instant());
            wakeIfMore(lane);
        } finally {
            lock.unlock();
        }
    }

    /** A webhook has a new name in the store; what it has in memory and in flight goes with it. */
    void renamed(WebhookId from, WebhookId to) {
        lock.lock();
        try {
            Lane lane = lanes.remove(from);
            if (lane == null) {
                return;
            }
            Lane other = lanes.get(to);
            if (other == null) {
                lane.renamed(to);
                lane.owned(ownership.owns(to));
                lanes.put(to, lane);
                lane.defined(defined.contains(to));
                putBack(lane, clock.instant());
            } else {
                fold(lane, other);
            }
            dueInStore(lanes.get(to), clock.millis());
        } finally {
            lock.unlock();
        }
    }

    private void fold(Lane lane, Lane into) {
        inMemory -= lane.dropReady();
        ring.remove(lane);
        slowRing.remove(lane);
        unwake(lane);
        behind += into.behind(into.behind() + lane.behind()) + lane.behind(0);
        smallLane.forget(lane);
        smallLane.around(into, () -> into.adopt(lane));
        inFlight.replaceAll(
                (delivery, flight) -> flight.lane() == lane ? new Flight(into, flight.sinceNanos()) : flight);
    }

    /** A person wants something sent now: a receiver's wish to wait is overridden, by one probe at first. */
    void dueAgainstHold(WebhookId webhook, Instant at) {
        lock.lock();
        try {
            Lane lane = lane(webhook);
            lane.endHold();
            dueInStore(lane, at.toEpochMilli());
            wakeIfMore(lane);
        } finally {
            lock.unlock();
        }
    }

    /** A webhook's credential was repaired: one delivery probes it before the rest. */
    void repaired(WebhookId webhook) {
        lock.lock();
        try {
            lane(webhook).repaired();
        } finally {
            lock.unlock();
        }
    }

    /** Something of a webhook is due at a time that this did not know of: a replay, a released wait. */
    public void due(WebhookId webhook, Instant at) {
        due(webhook, at, 1);
    }

    /** Several of a webhook are due at a time. */
    void due(WebhookId webhook, Instant at, int many) {
        lock.lock();
        try {
            dueMore(lane(webhook), at, many);
        } finally {
            lock.unlock();
        }
    }

    private void dueMore(Lane lane, Instant at, int many) {
        if (!lane.isOwned()) {
            return; // its owner is told by the store
        }
        if (at.toEpochMilli() <= clock.millis()) {
            behind += lane.behind(lane.behind() + many);
        }
        dueInStore(lane, at.toEpochMilli());
    }

    /** How delivery keeps up with what is due. */
    Backlog backlog() {
        lock.lock();
        try {
            Instant now = clock.instant();
            long sent = ended.sum(now.toEpochMilli());
            long due = inMemory + behind;
            long sendable = 0;
            if (open && due > sent) {
                sendable = lanes.values().stream()
                        .mapToLong(lane -> lane.sendable(now))
                        .sum();
            }
            return new Backlog(due, sendable, sent, ended.most(now.toEpochMilli()));
        } finally {
            lock.unlock();
        }
    }

    /** How things stand with a webhook. */
    public WebhookState state(WebhookId webhook) {
        lock.lock();
        try {
            Lane lane = lanes.get(webhook);
            return lane == null ? WebhookState.active(webhook) : lane.state();
        } finally {
            lock.unlock();
        }
    }

    /**
     * How many of these webhooks are in each state; those that there are none of are left out. Many are asked about in several
     * turns, so that deliveries need not wait for all of them.
     */
    public Map<WebhookState.State, Long> states(Collection<Webhook> webhooks) {
        Map<WebhookState.State, Long> states = new EnumMap<>(WebhookState.State.class);
        Iterator<Webhook> asked = webhooks.iterator();
        while (asked.hasNext()) {
            lock.lock();
            try {
                for (int i = 0; i < STATES_IN_A_TURN && asked.hasNext(); i++) {
                    Lane lane = lanes.get(asked.next().id());
                    states.merge(
                            lane == null
                                    ? WebhookState.State.ACTIVE
                                    : lane.state().state(),
                            1L,
                            Long::sum);
                }
            } finally {
                lock.unlock();
            }
        }
        return states;
    }

    /** The webhook's total pause until now, which ages do not count. */
    public Duration pausedTotal(WebhookId webhook) {
        lock.lock();
        try {
            Lane lane = lanes.get(webhook);
            return lane == null ? Duration.ZERO : lane.pausedTotal(clock.instant());
        } finally {
            lock.unlock();
        }
    }

    /** Whether a delivery is being sent at this moment. */
    public boolean isInFlight(WebhookId webhook, String delivery) {
        lock.lock();
        try {
            Flight flight = inFlight.get(delivery);
            return flight != null && flight.lane().webhook().equals(webhook);
        } finally {
            lock.unlock();
        }
    }

    private Lane lane(WebhookId webhook) {
        return lanes.computeIfAbsent(webhook, id -> {
            Lane lane = new Lane(id, lanesMade++);
            lane.defined(defined.contains(id));
            lane.owned(ownership.owns(id));
            return lane;
        });
    }

    private void enterRing(Lane lane, Instant now) {
        if (open && !lane.inRing() && lane.canTake(now)) {
            lane.inRing(true);
            ringOf(lane).add(lane);
            takeable.signal();
        } else if (lane.inRing()) {
            takeable.signal();
        }
    }

    private void dueInStore(Lane lane, long at) {
        if (lane.dueInStore(at)) {
            wake(lane, at);
        }
    }

    private void wakeIfMore(Lane lane) {
        if (lane.dueInStore() != Lane.NEVER) {
            wake(lane, lane.dueInStore());
        }
    }

    /** Lets the reader look at a lane, once at a time and not before its receiver may be asked again. */
    private void wake(Lane lane, long at) {
        Instant hold = lane.state().holdUntil();
        long then = hold == null ? at : Math.max(at, ceiling(hold));
        if (open && then < lane.wakeAt()) {
            unwake(lane);
            lane.wakeAt(then);
            wakes.add(lane);
            readable.signal();
        }
    }

    private void unwake(Lane lane) {
        if (lane.wakeAt() != Lane.NEVER) {
            wakes.remove(lane);
            lane.wakeAt(Lane.NEVER);
        }
    }

    private static long ceiling(Instant instant) {
        return instant.plusNanos(999_999).toEpochMilli();
    }

    /** Whether all that is due and has room is in memory. */
    boolean isCaughtUp() {
        lock.lock();
        try {
            return beingRead == null && (wakes.isEmpty() || wakes.first().wakeAt() > clock.millis());
        } finally {
            lock.unlock();
        }
    }

    /** Lets the reader look at the clock now. */
    void clockMoved() {
        lock.lock();
        try {
            readable.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The reader: fills lanes from the store when something of theirs is due. */
    private void read() {
        boolean reads = true;
        while (reads) {
            try {
                Reading next = nextToRead();
                reads = next != null;
                if (reads) {
                    fill(next);
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                // whatever it is: without its reader nothing that waits would ever be sent
                LOG.warn("due deliveries cannot be read, trying again in {} s", STORE_RETRY.toSeconds(), e);
                reads = pause();
            }
        }
    }

    private boolean isReader() {
        return open && Thread.currentThread() == reader;
    }

    /** @return false if this was closed meanwhile */
    private boolean pause() {
        lock.lock();
        try {
            long nanos = STORE_RETRY.toNanos();
            while (isReader() && nanos > 0) {
                nanos = readable.awaitNanos(nanos);
            }
            return isReader();
        } catch (InterruptedException e) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    private Reading nextToRead() throws InterruptedException {
        lock.lock();
        try {
            while (isReader()) {
                long now = clock.millis();
                if (wakes.isEmpty()) {
                    readable.await();
                } else if (wakes.first().wakeAt() > now) {
                    long wait = wakes.first().wakeAt() - now;
                    readable.await(Math.min(wait, LONGEST_SLEEP_MS), TimeUnit.MILLISECONDS);
                } else {
                    Reading next = reading(wakes.first(), Instant.ofEpochMilli(now));
                    if (next != null) {
                        return next;
                    }
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** @return null: nothing is to be read now; a lane without room, or one that is paused, is woken when that ends */
    private Reading reading(Lane lane, Instant now) {
        unwake(lane);
        if (lane.dueInStore() > now.toEpochMilli() || lane.isOnHold(now)) {
            wakeIfMore(lane);
            return null;
        }
        int limit = Math.min(LARGEST_READ, Math.min(lane.room(), placesFor(lane)));
        if (limit <= 0 || !lane.isOpen(now)) {
            return null;
        }
        lane.startReading();
        beingRead = lane;
        return new Reading(lane, lane.webhook(), now, limit, Set.copyOf(lane.held()), lane.behind());
    }

    /** However full memory is, a lane that has nothing in it gets one place: it would wait for ever. */
    private int placesFor(Lane lane) {
        int free = MOST_IN_MEMORY - inMemory;
        return lane.held().isEmpty() ? Math.max(1, free) : free;
    }

    private void fill(Reading reading) {
        long now = reading.now().toEpochMilli();
        try {
            List<DueDelivery> due = store.due(reading.webhook(), reading.now(), reading.limit(), reading.held());
            boolean isAll = due.size() < reading.limit();
            countBehind(reading, due.size(), isAll);
            long next = !isAll
                    ? now
                    : store.nextDue(reading.webhook(), reading.now())
                            .map(Instant::toEpochMilli)
                            .orElse(Lane.NEVER);
            filled(reading.lane(), due, next);
        } catch (RuntimeException e) {
            filled(reading.lane(), List.of(), now);
            throw e;
        }
    }

    /** Keeps the number of due rows about right: what became due by the passing of time nobody has told. */
    private void countBehind(Reading reading, int read, boolean isAll) {
        long counted = -1;
        if (!isAll && reading.behind() <= read) {
            counted = store.dueCount(reading.webhook(), reading.now(), MOST_COUNTED)
                    - reading.held().size();
        }
        lock.lock();
        try {
            Lane lane = reading.lane();
            long before = isAll ? 0 : (counted < 0 ? reading.behind() : counted) - read;
            behind += lane.behind(Math.max(0, before) + lane.behindSince());
        } finally {
            lock.unlock();
        }
    }

    private void filled(Lane lane, List<DueDelivery> due, long next) {
        lock.lock();
        try {
            if (!isReader()) {
                return;
            }
            beingRead = null;
            notReading.signalAll();
            boolean isFolded = lanes.get(lane.webhook()) != lane;
            if (isFolded) {
                return;
            }
            due.forEach(lane::add);
            inMemory += due.size();
            lane.endReading();
            Instant now = clock.instant();
            putBackUnlessOpen(lane, now);
            enterRing(lane, now);
            if (next != Lane.NEVER) {
                dueInStore(lane, next);
            }
            if (!lane.isOwned()) {
                behind += lane.behind(0);
            }
        } finally {
            lock.unlock();
        }
    }
}
