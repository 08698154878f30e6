package io.engagementwebhooks.deliver.contentsquare;

import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.deliver.step.OrderedRecords;
import io.engagementwebhooks.deliver.step.Resuming;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.ledger.AsyncStep;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.outcome.RecordKey;
import io.engagementwebhooks.store.outcome.RecordStore;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;

/**
 * Step <i>number-enrichment</i>: assigns the call one of the three enrichment numbers of its session and stores it. So
 * a later event of the call overwrites its enrichment, and two calls never overwrite each other. The fourth call of a
 * session ends as skipped; the route must not send it. Sets the {@linkplain DeliveryContext#records record} to write.
 * Thread-safe.
 *
 * @param resuming continues after the number is stored
 */
public record EnrichmentNumbering(Store store, Clock clock, Resuming resuming) implements AsyncStep {

    /** Contentsquare's limit per session. */
    private static final int MOST = 3;

    private static final Duration STORE_RETRY = Duration.ofSeconds(5);

    @Override
    public boolean begin(Exchange exchange, AsyncCallback callback) {
        RecordKey session = session(exchange);
        try {
            return resuming.whenDone(
                    store.records()
                            .assignSlot(
                                    session,
                                    call(DeliveryContext.delivery(exchange).event()),
                                    MOST)
                            .toCompletableFuture(),
                    (number, failure) -> number(exchange, session, number, failure),
                    exchange,
                    callback);
        } catch (StoreException e) {
            failNotStored(exchange);
            return true;
        }
    }

    private static RecordKey session(Exchange exchange) {
        Map<?, ?> enrichment = exchange.getMessage().getBody(Map.class);
        return RecordKey.of(
                DeliveryContext.delivery(exchange).webhook().account(),
                "contentsquare-session",
                enrichment.get("projectId"),
                enrichment.get("userId"),
                enrichment.get("sessionNumber"));
    }

    private static String call(Event event) {
        return RecordStore.member(event.source(), event.id(), event.subject(), event.tree());
    }

    private void number(Exchange exchange, RecordKey session, OptionalInt number, Throwable failure) {
        if (failure != null) {
            failNotStored(exchange);
            return;
        }
        if (number.isEmpty()) {
            DeliveryContext.end(
                    exchange,
                    new Outcome.Skipped("the session has the " + MOST
                            + " enrichments already that Contentsquare keeps of one, each of another call"));
            return;
        }
        @SuppressWarnings("unchecked")
        Map<String, Object> enrichment = exchange.getMessage().getBody(Map.class);
        enrichment.put("enrichmentNumber", number.getAsInt());
        DeliveryContext.of(exchange)
                .records(OrderedRecords.one(RecordKey.of(
                        session.account(), "contentsquare-enrichment", session.hash(), number.getAsInt())));
    }

    private void failNotStored(Exchange exchange) {
        exchange.setException(new NothingSentException(
                "the store cannot keep the enrichment's number now",
                clock.instant().plus(STORE_RETRY)));
    }
}
