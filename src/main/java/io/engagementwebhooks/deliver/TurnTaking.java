package io.engagementwebhooks.deliver;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.RecordKey;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;

/**
 * Step <i>take-turn</i>: deliveries to one {@linkplain Progress#RECORD record} of a third party go on one at a time, in the
 * order of their events. One whose record has a newer event already ends as skipped: the route must not send it then. The
 * turn ends when the try is recorded. Without a record there is nothing to wait for. No thread waits. Thread-safe.
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
        RecordKey record = exchange.getProperty(Progress.RECORD, RecordKey.class);
        if (record == null) {
            callback.done(true);
            return true;
        }
        Delivery delivery = Progress.delivery(exchange);
        boolean now = turns.take(
                record,
                eventAt(delivery.event()),
                delivery.id(),
                () -> going.execute(() -> goOn(exchange, record, callback)));
        if (now) {
            have(exchange, record);
            callback.done(true);
        }
        return now;
    }

    /** Those that wait are ordered by what is known here; what the store knows decides who is superseded. */
    private static Instant eventAt(Event event) {
        return event.time() == null ? Instant.MAX : event.time();
    }

    private void goOn(Exchange exchange, RecordKey record, AsyncCallback callback) {
        try {
            Progress.begin(exchange, clock.instant());
            have(exchange, record);
        } finally {
            callback.done(false);
        }
    }

    private void have(Exchange exchange, RecordKey record) {
        AtomicBoolean ended = new AtomicBoolean();
        exchange.setProperty(Progress.TURN, new Turn(record, () -> {
            if (ended.compareAndSet(false, true)) {
                turns.end(record);
            }
        }));
        try {
            store.supersededBy(record, Progress.delivery(exchange).id())
                    .ifPresent(newer -> Progress.end(exchange, new Outcome.Skipped("superseded by event " + newer)));
        } catch (StoreException e) {
            exchange.setException(new NothingSentException(
                    "the store cannot be read now", clock.instant().plus(STORE_RETRY)));
        }
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
