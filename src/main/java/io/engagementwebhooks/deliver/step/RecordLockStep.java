package io.engagementwebhooks.deliver.step;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.ledger.AsyncStep;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.outcome.RecordKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;

/**
 * Step <i>lock-record</i>: locks the {@linkplain DeliveryContext#records records} of a third party that a delivery
 * writes; deliveries to one record run in the order of their events. If every record has a newer event, the delivery
 * ends as skipped and the route must not send it. If only some have, they are in {@link DeliveryContext#superseded} and
 * the route must not write those. The lock is held until the attempt is recorded. No thread waits. Thread-safe.
 */
public final class RecordLockStep implements AsyncStep {

    private static final Duration STORE_RETRY = Duration.ofSeconds(5);

    private static final Comparator<RecordKey> IN_ORDER =
            Comparator.comparing(RecordKey::account).thenComparing(RecordKey::hash);

    private final KeyedLocks<RecordKey> locks = new KeyedLocks<>(IN_ORDER, Integer.MAX_VALUE);
    private final Store store;
    private final Clock clock;
    private final Resuming resuming;

    /** @param resuming continues deliveries that waited */
    public RecordLockStep(Store store, Clock clock, Resuming resuming) {
        this.store = store;
        this.clock = clock;
        this.resuming = resuming;
    }

    @Override
    public boolean begin(Exchange exchange, AsyncCallback callback) {
        DeliveryContext context = DeliveryContext.of(exchange);
        OrderedRecords ordered = context.records();
        if (ordered == null) {
            return true;
        }
        Delivery delivery = context.delivery();
        CompletableFuture<KeyedLocks.Lock> lock =
                locks.acquire(ordered.records(), eventAt(delivery.event()), delivery.id());
        if (lock.isDone()) {
            onLocked(exchange, lock.join());
            return true;
        }
        lock.thenAccept(held -> resuming.resume(exchange, () -> resume(exchange, held, callback)));
        return false;
    }

    /** Orders the waiting deliveries; the store decides which are superseded. */
    private static Instant eventAt(Event event) {
        return event.time() == null ? Instant.MAX : event.time();
    }

    private void resume(Exchange exchange, KeyedLocks.Lock lock, AsyncCallback callback) {
        try {
            DeliveryContext.of(exchange).restart(clock.instant());
            onLocked(exchange, lock);
        } finally {
            callback.done(false);
        }
    }

    private void onLocked(Exchange exchange, KeyedLocks.Lock lock) {
        DeliveryContext context = DeliveryContext.of(exchange);
        OrderedRecords ordered = context.records();
        Map<RecordKey, String> newer = new LinkedHashMap<>();
        try {
            String delivery = context.delivery().id();
            for (RecordKey record : ordered.records()) {
                Optional<String> event = store.records().supersededBy(record, delivery);
                event.ifPresent(id -> newer.put(record, id));
            }
            context.superseded(newer);
            if (!ordered.writesOthers() && newer.size() == ordered.records().size()) {
                DeliveryContext.end(
                        exchange,
                        new Outcome.Skipped(
                                Event.SUPERSEDED_BY + newer.values().iterator().next()));
            }
        } catch (StoreException e) {
            exchange.setException(new NothingSentException(
                    "the store cannot be read now", clock.instant().plus(STORE_RETRY)));
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            exchange.setException(e);
        }
        Set<RecordKey> written = new HashSet<>(ordered.records());
        written.removeAll(newer.keySet());
        context.recordLock(new RecordLock(written, lock));
    }
}
