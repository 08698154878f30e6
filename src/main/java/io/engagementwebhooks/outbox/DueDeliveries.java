package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.DueSearch;
import io.engagementwebhooks.store.Ownership;
import io.engagementwebhooks.store.Share;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.TryResult;
import io.engagementwebhooks.store.TurnRing;
import io.engagementwebhooks.store.WaitingWebhook;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.DeliveryMethod;
import io.engagementwebhooks.webhook.RateLimit;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
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
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands out due deliveries, a turn for each webhook, so that a slow receiver holds back only itself. Thread-safe.
 *
 * <p>The rows of the store are the truth: memory holds one round of each webhook ahead, and a fresh delivery is handed
 * on in memory only where no first try of its webhook that is older is due. A delivery in memory is not read again; one that
 * is lost with the process is still a due row. Where the store is shared, what is in memory belongs to the term of ownership under
 * which it was read: who has lost a webhook meanwhile, for however short a time, reads again.
 *
 * <p>First tries and retries have shares of the places of each webhook and of the memory: while both wait, each have half, and what one
 * does not need is the other's. Over all webhooks they take turns.
 */
public final class DueDeliveries implements DeliveryThreads {

    private static final Logger LOG = LoggerFactory.getLogger(DueDeliveries.class);
    private static final int LARGEST_READ = 64;

    /** So much of the threads is left to deliveries that continue. */
    private static final int PART_OF_RESUMED = 8;

    private static final int MOST_IN_MEMORY = 4096;

    /** Events that wait in memory take no more than this part of it, about. */
    private static final int PART_OF_HEAP = 8;

    /** Retries leave room in memory for what is accepted. */
    private static final int MOST_RETRIES_IN_MEMORY = MOST_IN_MEMORY / 2;

    /** Looking for one share, so many due deliveries of the other are passed over before other webhooks have their turn. */
    private static final int LONGEST_LOOK = 5_000;

    private static final int MOST_COUNTED = 20_000;
    private static final int LANES_IN_A_TURN = 1_000;
    private static final Duration STORE_RETRY = Duration.ofSeconds(1);
    private static final long AGAIN_SOON_MS = 100;
    private static final Duration LONGEST_READING = Duration.ofSeconds(1);

    /** The reader looks at the clock at least so often, since clocks are set. */
    private static final long LONGEST_SLEEP_MS = 1_000;

    private final Store store;
    private final Ownership ownership;
    private final Clock clock;
    private final int largestCap;
    private final EventMemory memory;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition takeable = lock.newCondition();
    private final Condition readable = lock.newCondition();
    private final Condition notReading = lock.newCondition();
    private final Map<WebhookId, Lane> lanes = new HashMap<>();

    /** Those that wait for a thread. */
    private final Map<Share, TurnRing<Track>> rings = new EnumMap<>(Share.class);

    /** Those that timed out, which wait for room in their part of the budget. */
    private final TurnRing<Track> timedOutRing = ring();

    /** What has waited without a thread and continues. */
    private final TurnRing<Work> resumed = new TurnRing<>(Work::account);

    private final Places places;

    /** Whether what was handed out last continues. */
    private boolean lastResumed;

    /** Threads that have work, by account. */
    private final Map<String, Integer> busy = new HashMap<>();

    /** Threads that wait for work. */
    private int idle;

    /** Threads that have some. */
    private int working;

    /** Those that wait until they may begin another request, each once, in the order of time. */
    private final NavigableSet<Lane> limited =
            new TreeSet<>(Comparator.<Lane>comparingLong(Lane::turnAt).thenComparingLong(Lane::number));

    /** What is in flight, the oldest first. */
    private final Map<String, Flight> inFlight = new LinkedHashMap<>();

    private final ReadQueue reads = new ReadQueue();

    private Map<WebhookId, Limit> defined = Map.of();
    private long lanesMade;
    private long changes;
    private int retriesInMemory;
    private long behind;
    private final LastTenSeconds ended = new LastTenSeconds();
    private boolean open;
    private long openings;

    /** Who of those that wait for a delivery looks at the clock for the first of the limited ones. */
    private Thread timing;

    private long lastLook;
    private Thread reader;
    private Lane beingRead;

    /**
     * How delivery keeps up.
     *
     * @param due how many are due, as far as is known
     * @param sendable how many of them could be sent now; not counted where there are not more than was sent lately
     * @param sentLately tries that ended in the last ten seconds, without those that sent nothing and wait on
     * @param sentInASecond the most that ended in one of these
     */
    record Backlog(long due, long sendable, long sentLately, long sentInASecond) {}

    /**
     * How often requests to a webhook may begin.
     *
     * @param together deliveries that go in one request, which count as one
     * @param rate null: as often as the receiver takes them
     */
    public record Limit(DeliveryMethod.Together together, RateLimit rate) {

        static final Limit NONE = new Limit(null, null);

        /** What a webhook asks for. */
        public static Limit of(Webhook webhook) {
            return new Limit(
                    webhook.delivery().together(),
                    webhook.delivery().rateLimit().orElse(null));
        }
    }

    /**
     * What a thread is to do.
     *
     * @param account whose it is
     * @param delivery its id
     * @param due a delivery whose attempt begins; null: one in flight continues
     * @param rest what is left to do of that
     */
    record Work(String account, String delivery, DueDelivery due, Runnable rest) {

        static Work begins(DueDelivery due) {
            return new Work(due.webhook().account(), due.id(), due, null);
        }
    }

    /** A delivery in flight. */
    private record Flight(Lane lane, Share share, long bytes) {}

    /**
     * What the reader is about to read.
     *
     * @param behind how much of the lane is due in the store, about
     * @param isOnlyShare whether nothing of the other share is due there
     */
    private record Reading(Track track, DueSearch search, long behind, boolean isOnlyShare) {

        Lane lane() {
            return track.lane();
        }
    }

    /**
     * @param store where due rows are
     * @param clock now
     * @param most requests in flight at most
     * @param largestCap those to one webhook
     */
    public DueDeliveries(Store store, Clock clock, int most, int largestCap) {
        this(store, clock, most, largestCap, Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
    }

    /** @param mostBytes of events in memory, ready or in flight; see {@link EventMemory} */
    DueDeliveries(Store store, Clock clock, int most, int largestCap, long mostBytes) {
        this.places = new Places(most);
        this.memory = new EventMemory(mostBytes, MOST_IN_MEMORY);
        this.store = store;
        this.ownership = store.cluster().ownership();
        this.clock = clock;
        this.largestCap = largestCap;
        for (Share share : Share.values()) {
            rings.put(share, ring());
        }
    }

    private static TurnRing<Track> ring() {
        return new TurnRing<>(track -> track.lane().webhook().account());
    }

    /** Starts handing out: what is due in the store is read. @return which start this is, for {@link #takeFor} */
    public long open() {
        List<WebhookState> states = store.outcomes().webhookStates();
        List<WaitingWebhook> waiting = store.due().waitingWebhooks();
        lock.lock();
        try {
            if (open) {
                return openings;
            }
            open = true;
            openings++;
            states.forEach(state -> lane(state.webhook()).stored(state));
            lanes.values().forEach(lane -> lane.term(ownership.term(lane.webhook())));
            waiting.forEach(w -> dueInStore(lane(w.webhook()), w.firstDue().toEpochMilli()));
            lanes.values().forEach(this::wakeIfMore);
            lanes.values().forEach(lane -> enterRing(lane, clock.instant()));
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
            reads.clear();
            rings.values().forEach(TurnRing::clear);
            timedOutRing.clear();
            memory.clearStarved();
            List.copyOf(limited).forEach(this::notLimited);
            lanes.values().forEach(lane -> {
                lane.tracks().forEach(track -> track.inRing(false));
                lane.endReading();
                putBack(lane, clock.instant());
            });
            takeable.signalAll();
            readable.signalAll();
            notReading.signalAll();
            ending = reader;
            reader = null;
            beingRead = null;
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

    /** As {@link #define(Map)}, without limits: for tests. */
    public void define(Set<WebhookId> webhooks) {
        define(webhooks.stream().collect(Collectors.toMap(webhook -> webhook, webhook -> Limit.NONE)));
    }

    /** Says which webhooks there are; deliveries of others wait until theirs returns. */
    public void define(Map<WebhookId, Limit> webhooks) {
        lock.lock();
        try {
            defined = Map.copyOf(webhooks);
            Instant now = clock.instant();
            lanes.values().forEach(lane -> {
                define(lane);
                notLimited(lane);
                putBackUnlessOpen(lane, now);
                enterRing(lane, now);
                wakeIfMore(lane);
            });
            lanes.values().removeIf(lane -> lane != beingRead && lane.isOfNoUse());
        } finally {
            lock.unlock();
        }
    }

    private void define(Lane lane) {
        Limit limit = defined.get(lane.webhook());
        lane.defined(limit != null);
        if (limit != null) {
            lane.limit(limit.together(), limit.rate());
        }
    }

    /** As {@link #takeFor}, of this opening: for tests. */
    public DueDelivery take() throws InterruptedException {
        Work work = takeFor(opening(), null);
        lock.lock();
        try {
            notBusy(work);
        } finally {
            lock.unlock();
        }
        return work == null ? null : work.due();
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
     * Takes the next work in turn, waiting for some. An account may have one more thread only while it has fewer than are idle, so that
     * one account has half of them at most, and the next half of the rest. An eighth of all is for what continues.
     *
     * @param opening the start that the caller takes for; who was busy during a stop must not go on after the next start
     * @param done what the caller has done, or null
     * @return null if this was closed since then; but what has waited without a thread comes first
     */
    Work takeFor(long opening, Work done) throws InterruptedException {
        lock.lock();
        try {
            notBusy(done);
            idle++;
            Work next = resumedOrNext(opening);
            if (next != null) {
                busy.merge(next.account(), 1, Integer::sum);
                working++;
            }
            return next;
        } finally {
            idle--;
            lock.unlock();
        }
    }

    private void notBusy(Work done) {
        if (done != null) {
            busy.computeIfPresent(done.account(), (account, threads) -> threads == 1 ? null : threads - 1);
            working--;
        }
    }

    private Work resumedOrNext(long opening) throws InterruptedException {
        while (open && opening == openings) {
            Work next = next();
            if (next != null) {
                return next;
            }
            awaitTakeable();
        }
        return open || resumed.isEmpty() ? null : resumed.remove();
    }

    private boolean hasThread(String account) {
        return busy.getOrDefault(account, 0) < idle;
    }

    /** What begins leaves some threads to what continues. */
    private boolean mayBegin(String account) {
        int left = idle - (idle + working) / PART_OF_RESUMED;
        return busy.getOrDefault(account, 0) < left && places.hasRoom(account);
    }

    /** One of those that wait looks at the clock for all: when the first of the limited webhooks has its turn. */
    private void awaitTakeable() throws InterruptedException {
        if (limited.isEmpty() || timing != null) {
            takeable.await();
            return;
        }
        timing = Thread.currentThread();
        try {
            long wait = Math.max(1, limited.first().turnAt() - clock.millis());
            takeable.await(Math.min(wait, LONGEST_SLEEP_MS), TimeUnit.MILLISECONDS);
        } finally {
            if (timing == Thread.currentThread()) {
                timing = null;
            }
        }
    }

    /** Those whose next request may begin have their turn again. */
    private void lookAtLimited(Instant now) {
        boolean isSetBack = now.toEpochMilli() < lastLook;
        lastLook = now.toEpochMilli();
        if (isSetBack) {
            List<Lane> all = List.copyOf(limited);
            all.forEach(this::notLimited);
            all.forEach(lane -> enterRing(lane, now));
        }
        while (!limited.isEmpty() && limited.first().turnAt() <= now.toEpochMilli()) {
            Lane lane = limited.first();
            notLimited(lane);
            lane.tracks().forEach(track -> enterRing(track, now));
        }
    }

    private void notLimited(Lane lane) {
        if (lane.turnAt() != InStore.NEVER) {
            limited.remove(lane);
            lane.turnAt(InStore.NEVER);
        }
    }

    private void limitedUntil(Lane lane, long at) {
        if (at == InStore.NEVER || lane.turnAt() != InStore.NEVER) {
            return;
        }
        lane.turnAt(at);
        limited.add(lane);
        if (limited.first() == lane) {
            timing = null;
            takeable.signal();
        }
    }

    /** Takes the next delivery in turn if there is one now, or null: for tests. */
    DueDelivery takeIfAny() {
        Work work = workIfAny();
        return work == null ? null : work.due();
    }

    /** What a thread would do now, or null: for tests. */
    Work workIfAny() {
        lock.lock();
        try {
            idle++;
            return open ? next() : null;
        } finally {
            idle--;
            lock.unlock();
        }
    }

    /** What continues and what begins take turns, so that the many of one account that continue do not keep others from beginning. */
    private Work next() {
        lastResumed = !lastResumed;
        Work next = lastResumed ? resumed.poll(this::hasThread) : nextToBegin();
        if (next == null) {
            next = lastResumed ? nextToBegin() : resumed.poll(this::hasThread);
        }
        if (next != null) {
            signalIfTakeable();
        }
        return next;
    }

    private Work nextToBegin() {
        Instant now = clock.instant();
        lookAtLimited(now);
        Work next = places.timedOutHaveRoom() ? next(timedOutRing, now) : null;
        Share turn = places.turn();
        next = next == null ? next(rings.get(turn), now) : next;
        next = next == null ? next(rings.get(turn.other()), now) : next;
        // some of the rings may have turned out to have timed out
        return next == null && places.timedOutHaveRoom() ? next(timedOutRing, now) : next;
    }

    private Work next(TurnRing<Track> from, Instant now) {
        for (int turns = from.size(); turns > 0; turns--) {
            Track track = from.poll(this::mayBegin);
            if (track == null) {
                return null;
            }
            track.inRing(false);
            Lane lane = track.lane();
            if (ringOf(track) == from && lane.canTake(track.share(), now) && begins(track, now)) {
                return Work.begins(take(track, now));
            }
            enterRing(track, now);
        }
        return null;
    }

    /** @return false: it is another process's now, or may be; whose it is will be told */
    private boolean begins(Track track, Instant now) {
        Lane lane = track.lane();
        if (ownership.begin(lane.webhook(), track.first().id(), lane.term())) {
            return true;
        }
        putBack(lane, now);
        lookAgainSoon(lane, now);
        return false;
    }

    /** Not at once, and again and again. */
    private void lookAgainSoon(Lane lane, Instant now) {
        dueForLong(lane);
        reads.remove(lane);
        wake(lane, now.toEpochMilli() + AGAIN_SOON_MS);
    }

    private TurnRing<Track> ringOf(Track track) {
        return track.lane().hasTimedOut() ? timedOutRing : rings.get(track.share());
    }

    private DueDelivery take(Track track, Instant now) {
        Lane lane = track.lane();
        DueDelivery[] next = new DueDelivery[1];
        places.around(lane, () -> next[0] = lane.take(track.share(), now));
        places.took(track.share());
        places.begin(lane);
        inFlight.put(next[0].id(), new Flight(lane, track.share(), next[0].bytes()));
        ready(next[0], -1);
        lane.tracks().forEach(each -> enterRing(each, now));
        if (lane.wantsMore()) {
            wakeIfMore(lane);
        }
        return next[0];
    }

    @Override
    public boolean resume(String delivery, Runnable rest) {
        lock.lock();
        try {
            Flight flight = inFlight.get(delivery);
            if (flight == null || !open) {
                return false;
            }
            resumed.add(new Work(flight.lane().webhook().account(), delivery, null, rest));
            takeable.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** One more in memory, or one that is there no more without having been taken. */
    private void inMemory(DueDelivery delivery, int more) {
        ready(delivery, more);
        inMemory(delivery.webhook().account(), more * delivery.bytes());
    }

    private void ready(DueDelivery delivery, int more) {
        memory.addReady(delivery.webhook().account(), more);
        retriesInMemory += delivery.share() == Share.RETRIES ? more : 0;
    }

    private void inMemory(String account, long bytes) {
        memory.add(account, bytes);
        if (bytes < 0) {
            wakeStarved(account);
        }
    }

    /** A lane that had no room is read again when its account has some. */
    private void wakeStarved(String account) {
        Optional<Lane> next = memory.nextStarved(account);
        while (next.isPresent() && isGone(next.get())) {
            next = memory.nextStarved(account);
        }
        next.ifPresent(lane -> wake(lane, clock.millis()));
    }

    private void signalIfTakeable() {
        boolean isAnyReady = !resumed.isEmpty() || rings.values().stream().anyMatch(ring -> !ring.isEmpty());
        boolean isNobodyTiming = !limited.isEmpty() && timing == null;
        if (isAnyReady || !timedOutRing.isEmpty() && places.timedOutHaveRoom() || isNobodyTiming) {
            takeable.signal();
        }
    }

    /** Requests in flight at most. */
    public long mostInFlight() {
        return places.limit();
    }

    /** Requests in flight. */
    public long inFlight() {
        lock.lock();
        try {
            return places.inFlight();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes several changes with one acquisition of the lock. An event may have hundreds of deliveries, and the lock is contended:
     * to acquire it for each of them would hold up what the calling thread does next for as many waits.
     */
    void atOnce(Runnable changes) {
        lock.lock();
        try {
            changes.run();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Asks for a place in memory for a delivery that is about to be stored. There is one only if no older first try of its
     * webhook is due and there is room; without one the delivery is read from the store in its turn.
     *
     * @return whether there is one; then {@link #handOver} or {@link #release} must follow
     */
    boolean reserve(WebhookId webhook, String delivery) {
        lock.lock();
        try {
            Lane lane = lane(webhook);
            Track track = lane.track(Share.FIRST_TRIES);
            Instant now = clock.instant();
            boolean granted = open
                    && lane.isOpen(now)
                    && !track.isReading()
                    && track.inStore().due() > now.toEpochMilli()
                    && lane.room(Share.FIRST_TRIES) > 0
                    && memory.readyPlaces(webhook.account()) > 0
                    && memory.hasRoom(webhook.account())
                    && (!memory.isFull() || track.waiting() == 0);
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
     * @return false if it is in flight, about to be stored, set aside, or may be being read at this moment
     */
    boolean setAside(WebhookId webhook, String delivery) {
        lock.lock();
        try {
            Lane lane = lane(webhook);
            return !lane.isReading() && !setAside(lane, List.of(delivery)).isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /**
     * As {@link #setAside(WebhookId, String)}, of several; a reading that is under way is waited for, but not for long.
     *
     * @return those that are kept; the others are in flight, or somebody else's. Empty: it is being read still
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
            return Optional.of(setAside(lane(webhook), deliveries));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private List<String> setAside(Lane lane, List<String> deliveries) {
        List<String> free = new ArrayList<>();
        for (DueDelivery ready : lane.setAside(Set.copyOf(deliveries))) {
            inMemory(ready, -1);
            free.add(ready.id());
        }
        for (String delivery : deliveries) {
            if (!lane.held().contains(delivery)) {
                lane.reserve(delivery);
                free.add(delivery);
            }
        }
        return free;
    }

    /** As {@link #giveBack(WebhookId, String)}, of several. */
    void giveBack(WebhookId webhook, List<String> deliveries) {
        lock.lock();
        try {
            deliveries.forEach(delivery -> giveBackOne(webhook, delivery));
        } finally {
            lock.unlock();
        }
    }

    /** What was set aside may be taken, if it waits still: the reader may have passed it over meanwhile. */
    void giveBack(WebhookId webhook, String delivery) {
        lock.lock();
        try {
            giveBackOne(webhook, delivery);
        } finally {
            lock.unlock();
        }
    }

    private void giveBackOne(WebhookId webhook, String delivery) {
        Lane lane = lane(webhook);
        lane.release(delivery);
        dueForLong(lane);
    }

    /** A delivery with a reserved place was stored and can be taken. */
    void handOver(DueDelivery fresh) {
        lock.lock();
        try {
            Lane lane = lane(fresh.webhook());
            if (open && lane.isOpen(clock.instant()) && !lane.isOfFormerTerm(fresh.id())) {
                lane.add(fresh);
                inMemory(fresh, 1);
                enterRing(lane, clock.instant());
            } else {
                lane.release(fresh.id());
                dueMore(lane, List.of(lane.track(fresh.share())), fresh.dueAt(), 1);
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
            Flight flight = landed(delivery);
            if (flight == null) {
                return false;
            }
            Lane lane = flight.lane();
            Instant now = clock.instant();
            if (result.isUnsent()) {
                lane.unsent();
            } else if (!result.isOver()) {
                lane.sent();
                ended.add(now.toEpochMilli());
            }
            boolean wasBeforeRepair = lane.wasBeforeRepair(delivery);
            boolean tellsOfNow = isAnswered(result) && !wasBeforeRepair;
            Integer status = result.attempt() == null ? null : result.attempt().status();
            Lane.Ending ending = new Lane.Ending(slowDown, tellsOfNow, status);
            boolean hadTimedOut = lane.hasTimedOut();
            places.around(lane, () -> lane.finished(delivery, flight.share(), ending, largestCap, now));
            if (hadTimedOut && !lane.hasTimedOut()) {
                leaveTimedOutRing(lane);
            }
            if (tellsOfNow && result.state() == DeliveryState.DELIVERED && lane.isOpen(now)) {
                lane.arrived();
            }
            apply(lane, result, now);
            putBackUnlessOpen(lane, now);
            if (result.dueAt() != null) {
                Share share = result.attempt() == null ? flight.share() : Share.RETRIES;
                dueInStore(lane.track(share), result.dueAt().toEpochMilli());
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

    /** Its turn is among all others from now on. */
    private void leaveTimedOutRing(Lane lane) {
        for (Track track : lane.tracks()) {
            if (timedOutRing.remove(track)) {
                track.inRing(false);
            }
        }
    }

    /** The try has ended before its delivery can be taken again: that end must not be taken for the next one's. */
    private Flight landed(String delivery) {
        Flight flight = inFlight.get(delivery);
        if (flight != null) {
            ownership.ended(delivery);
            inFlight.remove(delivery);
            places.end(flight.lane());
            inMemory(flight.lane().webhook().account(), -flight.bytes());
        }
        return flight;
    }

    private static boolean isAnswered(TryResult result) {
        return result.attempt() != null
                && (result.attempt().status() != null || result.state() == DeliveryState.DELIVERED);
    }

    /** A delivery that was taken has ended its try, but that cannot be recorded: it is due again after the next start. */
    void lost(String delivery) {
        lock.lock();
        try {
            Flight flight = landed(delivery);
            if (flight != null) {
                Lane lane = flight.lane();
                places.around(lane, () -> lane.lost(delivery, flight.share()));
                enterRing(lane, clock.instant());
                wakeIfMore(lane);
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
            Flight flight = landed(delivery);
            if (flight != null) {
                Lane lane = flight.lane();
                places.around(lane, () -> lane.track(flight.share()).landed());
                lane.release(delivery);
                dueForLong(lane);
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
     * @param terms under which they were ours before what follows was read
     * @param changes how many there had been before these states were read; one that has changed since is known better
     * @param states as they are stored now
     * @param waiting what waits of those that are ours now
     */
    void moved(ToLongFunction<WebhookId> terms, long changes, List<WebhookState> states, List<WaitingWebhook> waiting) {
        lock.lock();
        try {
            Instant now = clock.instant();
            for (WebhookState state : states) {
                Lane lane = lane(state.webhook());
                if (lane.isOwned() && lane.term() == ownership.term(lane.webhook())) {
                    lane.stored(state);
                } else if (lane.lastChange() <= changes) {
                    lane.state(state);
                }
            }
            lanes.values().forEach(lane -> {
                long term = ownership.term(lane.webhook());
                own(lane, term == lane.term() || term == terms.applyAsLong(lane.webhook()) ? term : 0, now);
            });
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
                    .filter(lane -> lane.isOwned() && lane.term() != ownership.term(lane.webhook()))
                    .forEach(lane -> own(lane, 0, now));
        } finally {
            lock.unlock();
        }
    }

    private void own(Lane lane, long term, Instant now) {
        if (lane.term() != term) {
            putBack(lane, now);
            lane.term(term);
        }
        if (!lane.isOwned()) {
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
                dueForLong(lane);
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
        List<DueDelivery> dropped = dropReady(lane);
        behind += lane.behind(lane.behind() + dropped.size());
        dropped.forEach(delivery ->
                dueInStore(lane.track(delivery.share()), delivery.dueAt().toEpochMilli()));
    }

    private List<DueDelivery> dropReady(Lane lane) {
        List<DueDelivery> dropped = lane.dropReady();
        dropped.forEach(delivery -> inMemory(delivery, -1));
        return dropped;
    }

    private static void apply(Lane lane, TryResult result, Instant now) {
        if (result.disableWebhook() != null) {
            lane.disable(result.disableWebhook(), now);
        }
        if (result.holdWebhookUntil() != null) {
            lane.hold(result.holdWebhookUntil());
        }
    }

    /** Until what is in memory of a webhook's state is what is stored: somebody may change it at the same moment. */
    void agree(WebhookId webhook) {
        WebhookState before = null;
        while (true) {
            long seen = changes();
            WebhookState stored = store.outcomes().webhookState(webhook).orElse(null);
            if (stored == null || stored.equals(before) || stored.equals(state(webhook))) {
                return;
            }
            if (changed(stored, seen)) {
                before = stored;
            }
        }
    }

    /** How many changes by others than tries there have been. */
    long changes() {
        lock.lock();
        try {
            return changes;
        } finally {
            lock.unlock();
        }
    }

    /** The state of a webhook was changed by a person, or by somebody else in the store. */
    void changed(WebhookState state) {
        changed(state, Long.MAX_VALUE);
    }

    /** @param seen how many changes there had been before it was read: what was changed since then stays @return false: it stays */
    private boolean changed(WebhookState state, long seen) {
        lock.lock();
        try {
            Lane lane = lane(state.webhook());
            if (lane.lastChange() > seen) {
                return false;
            }
            lane.state(state);
            lane.lastChange(++changes);
            putBackUnlessOpen(lane, clock.instant());
            enterRing(lane, clock.instant());
            wakeIfMore(lane);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** A person wants something sent now: a receiver's wish to wait is overridden, by one probe at first. */
    void dueAgainstHold(WebhookId webhook) {
        lock.lock();
        try {
            Lane lane = lane(webhook);
            lane.endHold();
            dueForLong(lane);
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

    /** Something of a webhook is due at a time that this did not know of, or later. */
    public void due(WebhookId webhook, Instant at) {
        due(webhook, at, 1);
    }

    /** Several of a webhook are due at a time, or later. */
    void due(WebhookId webhook, Instant at, int many) {
        lock.lock();
        try {
            Lane lane = lane(webhook);
            dueMore(lane, lane.tracks(), at, many);
        } finally {
            lock.unlock();
        }
    }

    /** A delivery was stored that had no place in memory. */
    void dueFirst(WebhookId webhook, Instant at) {
        lock.lock();
        try {
            Lane lane = lane(webhook);
            dueMore(lane, List.of(lane.track(Share.FIRST_TRIES)), at, 1);
        } finally {
            lock.unlock();
        }
    }

    private void dueMore(Lane lane, Collection<Track> tracks, Instant at, int many) {
        if (!lane.isOwned()) {
            return; // its owner is told by the store
        }
        if (at.toEpochMilli() <= clock.millis()) {
            behind += lane.behind(lane.behind() + many);
        }
        tracks.forEach(track -> dueInStore(track, at.toEpochMilli()));
    }

    /** How delivery keeps up with what is due. */
    Backlog backlog() {
        lock.lock();
        try {
            Instant now = clock.instant();
            long sent = ended.sum(now.toEpochMilli());
            long due = memory.ready() + behind;
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

    /**
     * Since when the delivery is due that has been due the longest, of webhooks that may send, as far as is known; or null. Many
     * are asked about in several turns, as in {@link #states}.
     */
    Instant oldestDue() {
        Iterator<WebhookId> asked = defined().iterator();
        long oldest = InStore.NEVER;
        while (asked.hasNext()) {
            lock.lock();
            try {
                Instant now = clock.instant();
                for (int i = 0; i < LANES_IN_A_TURN && asked.hasNext(); i++) {
                    Lane lane = lanes.get(asked.next());
                    if (lane != null && lane.isOpen(now)) {
                        oldest = Math.min(oldest, lane.oldestDue());
                    }
                }
            } finally {
                lock.unlock();
            }
        }
        return oldest > clock.millis() ? null : Instant.ofEpochMilli(oldest);
    }

    private Set<WebhookId> defined() {
        lock.lock();
        try {
            return defined.keySet();
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
                for (int i = 0; i < LANES_IN_A_TURN && asked.hasNext(); i++) {
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
            define(lane);
            lane.term(ownership.term(id));
            return lane;
        });
    }

    private void enterRing(Lane lane, Instant now) {
        for (Track track : lane.tracks()) {
            enterRing(track, now);
            if (track.inRing()) {
                takeable.signal();
            }
        }
    }

    private void enterRing(Track track, Instant now) {
        if (open && !track.inRing() && track.lane().canTake(track.share(), now)) {
            track.inRing(true);
            ringOf(track).add(track);
        } else if (open && !track.inRing()) {
            limitedUntil(track.lane(), track.lane().turnAfter(now));
        }
    }

    private void dueInStore(Lane lane, long at) {
        lane.tracks().forEach(track -> dueInStore(track, at));
    }

    private void dueInStore(Track track, long at) {
        if (track.inStore().due(at)) {
            wake(track.lane(), at);
        }
    }

    /** Something of it may be due, nobody knows since when. */
    private void dueForLong(Lane lane) {
        long now = clock.millis();
        lane.tracks().forEach(track -> track.inStore().dueForLong(now));
        wakeIfMore(lane);
    }

    private void wakeIfMore(Lane lane) {
        wakeIfMore(lane, lane.dueInStore());
    }

    private void wakeIfMore(Lane lane, long due) {
        if (due != InStore.NEVER) {
            wake(lane, due);
        }
    }

    /** Lets the reader look at a lane, once at a time and not before its receiver may be asked again. */
    private void wake(Lane lane, long at) {
        Instant hold = lane.state().holdUntil();
        long then = hold == null ? at : Math.max(at, ceiling(hold));
        if (open && reads.add(lane, then)) {
            readable.signal();
        }
    }

    private static long ceiling(Instant instant) {
        return instant.plusNanos(999_999).toEpochMilli();
    }

    /** Whether all that is due and has room is in memory: for tests. */
    boolean isCaughtUp() {
        lock.lock();
        try {
            return beingRead == null && reads.nextAt() > clock.millis();
        } finally {
            lock.unlock();
        }
    }

    /** Lets the reader look at the clock now: for tests, which set it. */
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
                if (e instanceof StoreException) {
                    LOG.warn(
                            "due deliveries cannot be read, trying again in {} s: {}",
                            STORE_RETRY.toSeconds(),
                            e.getMessage());
                } else {
                    LOG.error("due deliveries cannot be read, trying again in {} s", STORE_RETRY.toSeconds(), e);
                }
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
                Lane lane = reads.poll(now);
                if (lane == null) {
                    awaitReadable(now);
                } else {
                    Reading next = reading(lane, Instant.ofEpochMilli(now));
                    if (next != null) {
                        return next;
                    }
                    // it may have been woken in place of another lane that waits for the account's memory
                    wakeStarved(lane.webhook().account());
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void awaitReadable(long now) throws InterruptedException {
        long next = reads.nextAt();
        if (next == InStore.NEVER) {
            readable.await();
        } else {
            readable.await(Math.min(next - now, LONGEST_SLEEP_MS), TimeUnit.MILLISECONDS);
        }
    }

    /** @return null: nothing is to be read now; a lane without room, or one that is paused, is woken when that ends */
    private Reading reading(Lane lane, Instant now) {
        if (lane.isOnHold(now)) {
            wakeIfMore(lane);
            return null;
        }
        wakeIfMore(lane, lane.dueAfter(now));
        if (!lane.isOpen(now)) {
            return null;
        }
        for (Track track : lane.toRead(now)) {
            int limit = Math.min(LARGEST_READ, Math.min(lane.room(track.share()), placesFor(track)));
            if (limit > 0) {
                return reading(track, now, limit);
            }
        }
        return null;
    }

    private Reading reading(Track track, Instant now, int limit) {
        Lane lane = track.lane();
        boolean isOnlyShare = lane.track(track.share().other()).inStore().due() > now.toEpochMilli();
        lane.startReading(track);
        beingRead = lane;
        DueSearch search = new DueSearch(
                lane.webhook(),
                track.share(),
                track.inStore().startLooking(now.toEpochMilli()),
                now,
                limit,
                isOnlyShare ? 0 : LONGEST_LOOK,
                Set.copyOf(lane.held()));
        return new Reading(track, search, lane.behind(), isOnlyShare);
    }

    /**
     * An account that has used up its memory waits until some of its events have left. However full memory is, what has nothing
     * in it gets one place: it would wait for ever. Where an account's large events fill it, the others have one ready at a time.
     */
    private int placesFor(Track track) {
        if (!memory.hasRoom(track.lane().webhook().account())) {
            memory.starve(track.lane());
            return 0;
        }
        if (memory.isFull()) {
            return track.waiting() == 0 ? 1 : 0;
        }
        String account = track.lane().webhook().account();
        int free = Math.min(memory.places(account, LARGEST_READ), memory.readyPlaces(account));
        int ofShare = track.share() == Share.RETRIES ? MOST_RETRIES_IN_MEMORY - retriesInMemory : free;
        return Math.max(track.held() == 0 ? 1 : 0, Math.min(free, ofShare));
    }

    private void fill(Reading reading) {
        DueSearch search = reading.search();
        try {
            DueSearch.Found found = store.due().due(search);
            countBehind(reading, found.due().size(), found.lookedUpTo() == null && reading.isOnlyShare());
            Instant next = found.lookedUpTo() != null
                    ? null
                    : store.due()
                            .nextDue(search.webhook(), search.share(), search.at())
                            .orElse(null);
            filled(reading, found, next);
        } catch (RuntimeException e) {
            notFilled(reading);
            throw e;
        }
    }

    /** Keeps the number of due rows about right: what became due by the passing of time nobody has told. */
    private void countBehind(Reading reading, int read, boolean isAll) {
        long counted = -1;
        if (!isAll && reading.behind() <= read) {
            DueSearch search = reading.search();
            counted = store.due().dueCount(search.webhook(), search.at(), MOST_COUNTED)
                    - search.without().size();
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

    /** @param next when more of the share is due, where all that is due now was found; null: never */
    private void filled(Reading reading, DueSearch.Found found, Instant next) {
        lock.lock();
        try {
            if (!endReading(reading)) {
                return;
            }
            Lane lane = reading.lane();
            if (!lane.isReadAsItIs()) {
                dueForLong(lane);
                behind += lane.isOwned() ? 0 : lane.behind(0);
                return;
            }
            InStore inStore = reading.track().inStore();
            boolean isAllFree = true;
            for (DueDelivery delivery : found.due()) {
                boolean isFree = lane.isAsRead(delivery.id());
                if (isFree) {
                    lane.add(delivery);
                    inMemory(delivery, 1);
                }
                isAllFree &= isFree;
            }
            if (found.lookedUpTo() != null) {
                inStore.lookedUpTo(found.lookedUpTo(), clock.millis());
            } else {
                inStore.lookedAtAll(clock.millis());
            }
            if (next != null) {
                inStore.due(next.toEpochMilli());
            }
            Instant now = clock.instant();
            putBackUnlessOpen(lane, now);
            enterRing(lane, now);
            wakeIfMore(lane);
            if (!isAllFree) {
                lookAgainSoon(lane, now);
            }
            if (!lane.isOwned()) {
                behind += lane.behind(0);
            }
        } finally {
            lock.unlock();
        }
    }

    private void notFilled(Reading reading) {
        lock.lock();
        try {
            if (endReading(reading)) {
                dueForLong(reading.lane());
            }
        } finally {
            lock.unlock();
        }
    }

    /** @return false: the reader was stopped, and what it has read is dropped */
    private boolean endReading(Reading reading) {
        if (!isReader()) {
            return false;
        }
        beingRead = null;
        notReading.signalAll();
        reading.lane().endReading();
        wakeStarved(reading.lane().webhook().account());
        return true;
    }

    /** Whether it was dropped, since its webhook is not configured any more. */
    private boolean isGone(Lane lane) {
        return lanes.get(lane.webhook()) != lane;
    }
}
