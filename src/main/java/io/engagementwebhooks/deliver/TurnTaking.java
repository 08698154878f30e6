package io.engagementwebhooks.deliver;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.RecordKey;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;

/**
 * Step <i>take-turn</i>: deliveries to one of the same {@linkplain Progress#RECORDS records} of a third party go on one at a
 * time, in the order of their events. Where all that a delivery writes has a newer event already, it ends as skipped: the
 * route must not send it then. Where only some have, they are named in {@link Progress#SUPERSEDED}, and the route must not
 * write those. The turn ends when the try is recorded. Without a record there is nothing to wait for. No thread waits.
 * Thread-safe.
 */
public final class TurnTaking extends AsyncProcessorSupport {

    private static final Duration STORE_RETRY = Duration.ofSeconds(5);

    private final Turns turns;
    private final Store store;
    private final Clock clock;
    private final GoingOn going;

    /** @param going runs what comes after a wait; it may block for short */
    public TurnTaking(Store store, Clock clock, GoingOn going) {
        this(new Turns(), store, clock, going);
    }

    private TurnTaking(Turns turns, Store store, Clock clock, GoingOn going) {
        this.turns = turns;
        this.store = store;
        this.clock = clock;
        this.going = going;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        Ordered ordered = exchange.getProperty(Progress.RECORDS, Ordered.class);
        if (ordered == null) {
            callback.done(true);
            return true;
        }
        boolean now;
        try {
            Delivery delivery = Progress.delivery(exchange);
            now = turns.take(
                    ordered.records(),
                    eventAt(delivery.event()),
                    delivery.id(),
                    () -> going.execute(() -> goOn(exchange, ordered, callback)));
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            exchange.setException(e);
            callback.done(true);
            return true;
        }
        if (now) {
            have(exchange, ordered);
            callback.done(true);
        }
        return now;
    }

    /** Those that wait are ordered by what is known here; what the store knows decides who is superseded. */
    private static Instant eventAt(Event event) {
        return event.time() == null ? Instant.MAX : event.time();
    }

    private void goOn(Exchange exchange, Ordered ordered, AsyncCallback callback) {
        try {
            Progress.begin(exchange, clock.instant());
            have(exchange, ordered);
        } finally {
            callback.done(false);
        }
    }

    private void have(Exchange exchange, Ordered ordered) {
        Map<RecordKey, String> newer = new LinkedHashMap<>();
        try {
            String delivery = Progress.delivery(exchange).id();
            for (RecordKey record : ordered.records()) {
                Optional<String> event = store.records().supersededBy(record, delivery);
                event.ifPresent(id -> newer.put(record, id));
            }
            exchange.setProperty(Progress.SUPERSEDED, newer);
            if (!ordered.andMore() && newer.size() == ordered.records().size()) {
                Progress.end(
                        exchange,
                        new Outcome.Skipped("superseded by event "
                                + newer.values().iterator().next()));
            }
        } catch (StoreException e) {
            exchange.setException(new NothingSentException(
                    "the store cannot be read now", clock.instant().plus(STORE_RETRY)));
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            exchange.setException(e);
        }
        exchange.setProperty(Progress.TURN, turn(ordered, newer.keySet()));
    }

    private Turn turn(Ordered ordered, Set<RecordKey> superseded) {
        Set<RecordKey> written = new HashSet<>(ordered.records());
        written.removeAll(superseded);
        AtomicBoolean ended = new AtomicBoolean();
        return new Turn(written, () -> {
            if (ended.compareAndSet(false, true)) {
                turns.end(ordered.records());
            }
        });
    }

    /** The same step for another route: Camel counts what comes by a step by its instance. */
    public TurnTaking elsewhere() {
        return new TurnTaking(turns, store, clock, going);
    }

    /** How many records somebody has his turn at. */
    int busy() {
        return turns.busy();
    }
}
