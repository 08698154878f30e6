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
 * Step <i>lock-record</i>: deliveries to one of the same {@linkplain DeliveryContext#records records} of a third party continue one at a
 * time, in the order of their events. Where all that a delivery writes has a newer event already, it ends as skipped: the
 * route must not send it then. Where only some have, they are named in {@link DeliveryContext#superseded}, and the route must not
 * write those. The turn ends when the try is recorded. Without a record there is nothing to wait for. No thread waits.
 * Thread-safe.
 */
public final class RecordLockStep extends AsyncProcessorSupport {

    private static final Duration STORE_RETRY = Duration.ofSeconds(5);

    private final KeyedSerializer turns;
    private final Store store;
    private final Clock clock;
    private final ContinuationExecutor going;

    /** @param going runs continuations after a wait; it may block briefly */
    public RecordLockStep(Store store, Clock clock, ContinuationExecutor going) {
        this(new KeyedSerializer(), store, clock, going);
    }

    private RecordLockStep(KeyedSerializer turns, Store store, Clock clock, ContinuationExecutor going) {
        this.turns = turns;
        this.store = store;
        this.clock = clock;
        this.going = going;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        Ordered ordered;
        boolean now;
        try {
            DeliveryContext context = DeliveryContext.of(exchange);
            ordered = context.records();
            if (ordered == null) {
                callback.done(true);
                return true;
            }
            Delivery delivery = context.delivery();
            now = turns.take(
                    ordered.records(),
                    eventAt(delivery.event()),
                    delivery.id(),
                    () -> going.execute(() -> goOn(exchange, callback)));
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            exchange.setException(e);
            callback.done(true);
            return true;
        }
        if (now) {
            have(exchange);
            callback.done(true);
        }
        return now;
    }

    /** Memory orders the waiting deliveries; the store decides which are superseded. */
    private static Instant eventAt(Event event) {
        return event.time() == null ? Instant.MAX : event.time();
    }

    private void goOn(Exchange exchange, AsyncCallback callback) {
        try {
            DeliveryContext.of(exchange).restart(clock.instant());
            have(exchange);
        } finally {
            callback.done(false);
        }
    }

    private void have(Exchange exchange) {
        DeliveryContext context = DeliveryContext.of(exchange);
        Ordered ordered = context.records();
        Map<RecordKey, String> newer = new LinkedHashMap<>();
        try {
            String delivery = context.delivery().id();
            for (RecordKey record : ordered.records()) {
                Optional<String> event = store.records().supersededBy(record, delivery);
                event.ifPresent(id -> newer.put(record, id));
            }
            context.superseded(newer);
            if (!ordered.andMore() && newer.size() == ordered.records().size()) {
                DeliveryContext.end(
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
        context.turn(turn(ordered, newer.keySet()));
    }

    private RecordLock turn(Ordered ordered, Set<RecordKey> superseded) {
        Set<RecordKey> written = new HashSet<>(ordered.records());
        written.removeAll(superseded);
        AtomicBoolean ended = new AtomicBoolean();
        return new RecordLock(written, () -> {
            if (ended.compareAndSet(false, true)) {
                turns.end(ordered.records());
            }
        });
    }

    /** The same step for another route: Camel counts exchanges by instance of a step. */
    public RecordLockStep elsewhere() {
        return new RecordLockStep(turns, store, clock, going);
    }

    /** Number of locked records. */
    int busy() {
        return turns.busy();
    }
}
