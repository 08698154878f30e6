package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.Share;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.DeliveryMethod;
import io.engagementwebhooks.webhook.RateLimit;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The virtual queue of one webhook: what of it is in memory, how much may be in flight, and when the store has more.
 * Guarded by the lock of {@link DueDeliveries}.
 *
 * <p>The in-flight cap starts at 16, grows by one a round while answers come in time, and shrinks by half, at most once
 * per round of outstanding requests, when the receiver is overloaded; where one at a time is too many still, there are pauses
 * between them. While both first tries and retries wait, each have half of these places.
 */
final class Lane {

    private static final int FIRST_CAP = 16;

    /** So many that were lost take no place. If no record can be made of any, not all that waits is to be sent in vain. */
    private static final int MOST_LOST = 64;

    private final long number;
    private final WebhookId webhook;
    private final Map<Share, Track> tracks = new EnumMap<>(Share.class);

    /** Of which share they take a place; those that were lost take none: null. */
    private final Map<String, Share> held = new HashMap<>();

    /** Those that were released since the reader last began: it may have read them as they were before. */
    private final Set<String> letGo = new HashSet<>();

    private final Set<String> beforeRepair = new HashSet<>();

    /** Those that were about to be stored when another process may have come to own the webhook, and to send them. */
    private final Set<String> ofFormerTerm = new HashSet<>();

    private WebhookState state;
    private boolean stateKnown;
    private long lastChange;
    private boolean defined;
    private long term;
    private long readUnder;
    private double cap = FIRST_CAP;
    private int untilNextShrink = -1;
    private boolean probing;
    private long wakeAt = InStore.NEVER;
    private RequestRate rate;
    private final Pace pace = new Pace();
    private long turnAt = InStore.NEVER;
    private Share lastRead = Share.RETRIES;
    private Share lastTaken = Share.RETRIES;
    private long behind;
    private long behindBefore;
    private int lost;
    private boolean timedOut;
    private int unsentInARow;

    /**
     * @param number tells lanes apart that are due at the same time
     */
    Lane(WebhookId webhook, long number) {
        this.webhook = webhook;
        this.number = number;
        this.state = WebhookState.active(webhook);
        for (Share share : Share.values()) {
            tracks.put(share, new Track(this, share));
        }
    }

    WebhookId webhook() {
        return webhook;
    }

    long number() {
        return number;
    }

    WebhookState state() {
        return state;
    }

    /** The state as it was stored, unless it is known already. */
    void stored(WebhookState read) {
        if (!stateKnown) {
            state(read);
        }
    }

    /** Which of the changes by others than tries was the last of its state; 0: none. */
    long lastChange() {
        return lastChange;
    }

    void lastChange(long number) {
        lastChange = number;
    }

    /**
     * One whose receiver asked to wait gets one probe before the rest; one that was disabled gets one at a time until one
     * arrives. What was paused or disabled begins with no more places than a new one.
     */
    void state(WebhookState changed) {
        boolean isResumed = !isActive(state) && isActive(changed);
        probing |= changed.holdUntil() != null;
        if (isResumed) {
            cap = Math.min(cap, FIRST_CAP);
        }
        state = changed;
        stateKnown = true;
    }

    private static boolean isActive(WebhookState state) {
        return state.state() == WebhookState.State.ACTIVE;
    }

    /** Holds back all until a time, or longer if it was held longer. */
    void hold(Instant until) {
        Instant known = state.holdUntil();
        Instant longest = known == null || known.isBefore(until) ? until : known;
        state(state.heldUntil(longest));
    }

    /** Ends a hold; what comes first is a probe still. */
    void endHold() {
        state = state.heldUntil(null);
    }

    void disable(String reason, Instant since) {
        state(new WebhookState(
                webhook, WebhookState.State.DISABLED, reason, since, null, pausedTotal(since), state.halfOpen()));
    }

    boolean isDefined() {
        return defined;
    }

    void defined(boolean isDefined) {
        defined = isDefined;
    }

    /** Whether this process sends its deliveries; another does in a shared store. */
    boolean isOwned() {
        return term != 0;
    }

    /** The term of {@link io.engagementwebhooks.store.Ownership} that what is ready was read under; 0: none. */
    long term() {
        return term;
    }

    /** What is ready is to be put back before. */
    void term(long now) {
        if (term != 0 && term != now) {
            ofFormerTerm.addAll(held.keySet());
        }
        term = now;
    }

    /** Whether a place was given to a delivery before another process may have sent it. */
    boolean isOfFormerTerm(String delivery) {
        return ofFormerTerm.contains(delivery);
    }

    /** Whether there is no such webhook, and nothing is known of it that is not so of any. */
    boolean isOfNoUse() {
        return !defined
                && held.isEmpty()
                && behind == 0
                && dueInStore() == InStore.NEVER
                && state.equals(WebhookState.active(webhook));
    }

    boolean isOpen(Instant now) {
        return isOwned() && defined && state.state() == WebhookState.State.ACTIVE && !isOnHold(now);
    }

    /** By the millisecond, as wakes are: one that comes with a hold's last millisecond must find it over. */
    boolean isOnHold(Instant now) {
        return state.holdUntil() != null
                && now.toEpochMilli() < state.holdUntil().toEpochMilli();
    }

    Track track(Share share) {
        return tracks.get(share);
    }

    Collection<Track> tracks() {
        return tracks.values();
    }

    /** How often requests may begin. @param limit null: as often as the receiver takes them */
    void limit(DeliveryMethod.Together together, RateLimit limit) {
        if (limit == null) {
            rate = null;
        } else if (rate == null || !rate.isOf(limit)) {
            rate = new RequestRate(limit, together);
        } else {
            rate.together(together);
        }
    }

    /** Whether something of a share can be taken, and it is its turn. */
    boolean canTake(Share share, Instant now) {
        return track(share).hasReady() && hasPlace(now) && isTurnOf(share) && mayBeginAt(now) <= now.toEpochMilli();
    }

    private boolean hasPlace(Instant now) {
        return inFlight() < allowed() && isOpen(now);
    }

    private long mayBeginAt(Instant now) {
        long millis = now.toEpochMilli();
        long paced = pace.mayBeginAt(millis);
        return rate == null ? paced : Math.max(paced, rate.mayBeginAt(millis));
    }

    /** Until when it waits for nothing else than that the next request may begin; {@link InStore#NEVER}: it does not. */
    long turnAfter(Instant now) {
        long at = mayBeginAt(now);
        boolean isLimited = at > now.toEpochMilli()
                && hasPlace(now)
                && tracks.values().stream().anyMatch(Track::hasReady);
        return isLimited ? at : InStore.NEVER;
    }

    /** When it has a turn again, if that is known. */
    long turnAt() {
        return turnAt;
    }

    void turnAt(long at) {
        turnAt = at;
    }

    /** While both wait, that which has fewer in flight. */
    private boolean isTurnOf(Share share) {
        int more = track(share).inFlight() - track(share.other()).inFlight();
        return !track(share.other()).hasReady() || more < 0 || more == 0 && lastTaken != share;
    }

    /** How many requests may be in flight. */
    int allowed() {
        return isProbing() ? 1 : (int) cap;
    }

    private boolean isProbing() {
        return probing || timedOut || state.halfOpen();
    }

    /**
     * How many more of a share may be kept in memory: one round ahead of what may be in flight, and of what waits for its turn
     * no more than has it in a second, since memory is everybody's.
     */
    int room(Share share) {
        Track track = track(share);
        return (int) Math.min(2 * allowed(), track.inFlight() + turnsIn(1)) - track.held();
    }

    /** How many deliveries have their turn in so many seconds, one request at least; infinite: there are no turns. */
    private double turnsIn(int seconds) {
        double perSecond = rate == null ? pace.perSecond() : Math.min(pace.perSecond(), rate.perSecond());
        return Math.ceil(seconds * perSecond) * (rate == null ? 1 : rate.together());
    }

    /** With so few ready the reader should look for more. */
    double few() {
        return Math.min(allowed(), turnsIn(1)) / 2;
    }

    /** What is in memory, in flight, about to be stored or set aside. */
    Set<String> held() {
        return held.keySet();
    }

    /** Keeps a place for a delivery that is about to be stored, or set aside, so that the reader leaves its row alone. */
    void reserve(String delivery) {
        hold(delivery, Share.FIRST_TRIES);
    }

    private void hold(String delivery, Share share) {
        drop(held.put(delivery, share));
        if (share != null) {
            track(share).hold(1);
        }
    }

    private void drop(Share heldOf) {
        if (heldOf != null) {
            track(heldOf).hold(-1);
        }
    }

    private void letGo(String delivery) {
        if (isReading() && held.containsKey(delivery)) {
            letGo.add(delivery);
        }
        drop(held.remove(delivery));
    }

    /** Gives a reserved place back. */
    void release(String delivery) {
        letGo(delivery);
        beforeRepair.remove(delivery);
        ofFormerTerm.remove(delivery);
    }

    /** A reserved delivery, or one that was read, can be taken. */
    void add(DueDelivery delivery) {
        hold(delivery.id(), delivery.share());
        track(delivery.share()).add(delivery);
    }

    /**
     * Which shares the reader is to read now: what is due and has room, first that which was not read last.
     *
     * <p>The reader reads what is due and not held. Until it has ended no place is reserved in its share: what came in
     * meanwhile would overtake older ones, and might be read as well.
     */
    List<Track> toRead(Instant now) {
        return Stream.of(lastRead.other(), lastRead)
                .map(this::track)
                .filter(track -> track.inStore().due() <= now.toEpochMilli() && room(track.share()) > 0)
                .toList();
    }

    void startReading(Track track) {
        track.reading(true);
        letGo.clear();
        lastRead = track.share();
        behindBefore = behind;
        readUnder = term;
    }

    /** Whether what was read may be sent: it may be another's by now. */
    boolean isReadAsItIs() {
        return readUnder == term;
    }

    /** Whether a delivery was not held since the reading began: it is as it was read. */
    boolean isAsRead(String delivery) {
        return !held.containsKey(delivery) && !letGo.contains(delivery);
    }

    void endReading() {
        tracks.values().forEach(track -> track.reading(false));
    }

    /** About how many of its rows are due in the store and not in memory. */
    long behind() {
        return behind;
    }

    /** @return by how much that changes what was known */
    long behind(long many) {
        long change = Math.max(0, many) - behind;
        behind += change;
        return change;
    }

    /** How many became due since the reading began; the store was asked after that. */
    long behindSince() {
        return behind - behindBefore;
    }

    /**
     * What it has to send now if it has a free place for it: what waits for its receiver waits for nothing of ours, nor does
     * what has its turn later than in ten seconds, nor what is tried in vain, for a token or a route that is stopped.
     */
    long sendable(Instant now) {
        boolean isInVain = unsentInARow >= allowed();
        boolean mayBegin = !isInVain && hasPlace(now) && !isProbing() && mayBeginAt(now) <= now.toEpochMilli();
        return mayBegin ? (long) Math.min(ready() + behind, turnsIn(10)) : 0;
    }

    private int ready() {
        return tracks.values().stream().mapToInt(Track::ready).sum();
    }

    boolean isReading() {
        return tracks.values().stream().anyMatch(Track::isReading);
    }

    /** Its credential was repaired: one probe goes first, and what is in flight was sent with the old one. */
    void repaired() {
        probing = true;
        beforeRepair.addAll(held.keySet());
        tracks.values().forEach(track -> track.eachReady(delivery -> beforeRepair.remove(delivery.id())));
    }

    /** Whether a try that has ended was begun with a credential that has been repaired since. */
    boolean wasBeforeRepair(String delivery) {
        return beforeRepair.remove(delivery);
    }

    /** Whether the reader should look for more, of a share of which the store has some, before what is ready has run out. */
    boolean wantsMore() {
        return tracks.values().stream().anyMatch(track -> track.inStore().due() != InStore.NEVER && track.wantsMore());
    }

    DueDelivery take(Share share, Instant now) {
        lastTaken = share;
        pace.begin(now.toEpochMilli());
        if (rate != null) {
            rate.begin(now.toEpochMilli());
        }
        return track(share).take();
    }

    /** Keeps those of some from being taken that are ready, so that they can be ended in the store. */
    List<DueDelivery> setAside(Set<String> deliveries) {
        List<DueDelivery> kept = new ArrayList<>();
        tracks.values().forEach(track -> track.setAside(deliveries, kept));
        return kept;
    }

    /** Drops what is ready but not in flight: it stays due in the store. */
    List<DueDelivery> dropReady() {
        List<DueDelivery> dropped = new ArrayList<>();
        tracks.values().forEach(track -> dropped.addAll(track.drop()));
        dropped.forEach(delivery -> letGo(delivery.id()));
        return dropped;
    }

    /** A try ended without a record of it: its row must not be read again, but others may be sent in its place. */
    void lost(String delivery, Share share) {
        track(share).landed();
        if (lost++ < MOST_LOST) {
            hold(delivery, null);
        }
    }

    /**
     * A try has ended and is recorded.
     *
     * @param share which it was of when it was taken
     */
    void finished(String delivery, Share share, Ending ending, int largestCap, Instant now) {
        timedOut = !ending.answered() && (timedOut || ending.slowDown());
        boolean wasFull = inFlight() >= allowed();
        letGo(delivery);
        ofFormerTerm.remove(delivery);
        track(share).landed();
        untilNextShrink = Math.max(-1, untilNextShrink - 1);
        if (ending.slowDown()) {
            if (ending.status() != null) {
                pace.refused(ending.status(), (int) cap == 1, now.toEpochMilli());
            }
            shrink();
        } else if (ending.answered()) {
            pace.taken(now.toEpochMilli());
            cap = wasFull || !waitsForTurns() ? Math.min(largestCap, cap + 1 / cap) : cap;
            // an answer to what was sent before the hold is no answer to the probe after it
            probing = probing && !isOpen(now);
        }
    }

    /** A try has ended that sent nothing. */
    void unsent() {
        unsentInARow++;
    }

    /** A try has ended of which something came. */
    void sent() {
        unsentInARow = 0;
    }

    /** Whether its turns keep places empty, so that more of them tell nothing; what goes together fills them at once. */
    private boolean waitsForTurns() {
        return pace.isSet() || rate != null && rate.together() == 1;
    }

    /** A delivery has arrived that was sent as the webhook is now. */
    void arrived() {
        state = state.open();
    }

    /**
     * How a try ended.
     *
     * @param slowDown whether the receiver is overloaded
     * @param answered whether it answered
     * @param status its answer's, or null
     */
    record Ending(boolean slowDown, boolean answered, Integer status) {}

    /** Whether its last attempt timed out. */
    boolean hasTimedOut() {
        return timedOut;
    }

    int inFlight() {
        return track(Share.FIRST_TRIES).inFlight() + track(Share.RETRIES).inFlight();
    }

    private void shrink() {
        if (untilNextShrink < 0) {
            cap = Math.max(1, cap / 2);
            untilNextShrink = inFlight();
        }
    }

    /** When the reader is to look for something of it, as far as is known. */
    long dueInStore() {
        return Math.min(dueInStore(Share.FIRST_TRIES), dueInStore(Share.RETRIES));
    }

    private long dueInStore(Share share) {
        return track(share).inStore().due();
    }

    /** Since when the first is due that is ready, or that the store has, as far as is known; {@link InStore#NEVER}: none. */
    long oldestDue() {
        return Math.min(
                dueInStore(),
                tracks.values().stream().mapToLong(Track::oldestReady).min().orElse(InStore.NEVER));
    }

    /** When the reader is to look for what is due after a time. */
    long dueAfter(Instant now) {
        return tracks.values().stream()
                .mapToLong(track -> track.inStore().due())
                .filter(due -> due > now.toEpochMilli())
                .min()
                .orElse(InStore.NEVER);
    }

    /** When the reader will look at this lane next. */
    long wakeAt() {
        return wakeAt;
    }

    void wakeAt(long at) {
        wakeAt = at;
    }

    /** The webhook's total pause until a time. */
    Duration pausedTotal(Instant now) {
        boolean pausedNow =
                state.state() != WebhookState.State.ACTIVE && state.since() != null && now.isAfter(state.since());
        return pausedNow ? state.pausedTotal().plus(Duration.between(state.since(), now)) : state.pausedTotal();
    }
}
