package io.engagementwebhooks.deliver.contentsquare;

import io.engagementwebhooks.deliver.ContinuationExecutor;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.Ordered;
import io.engagementwebhooks.deliver.Outcome;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.RecordKey;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;

/**
 * Step <i>number-enrichment</i>: gives the call its number among the three of its session, and keeps it, so that a later
 * event of the call overwrites what an earlier one wrote and two calls never overwrite each other. The fourth call of a
 * session ends as skipped: the route must not send it. Leaves the {@linkplain DeliveryContext#records record} that is written.
 * Thread-safe.
 */
public final class EnrichmentNumbering extends AsyncProcessorSupport {

    /** Contentsquare keeps no more of one session. */
    private static final int MOST = 3;

    private static final Duration STORE_RETRY = Duration.ofSeconds(5);

    private final Store store;
    private final Clock clock;
    private final ContinuationExecutor going;

    /** @param going runs continuations after a number was stored */
    public EnrichmentNumbering(Store store, Clock clock, ContinuationExecutor going) {
        this.store = store;
        this.clock = clock;
        this.going = going;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        RecordKey session;
        CompletionStage<OptionalInt> place;
        try {
            session = session(exchange);
            place = store.records()
                    .place(session, call(DeliveryContext.delivery(exchange).event()), MOST);
        } catch (StoreException e) {
            unnumbered(exchange);
            callback.done(true);
            return true;
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            exchange.setException(e);
            callback.done(true);
            return true;
        }
        boolean known = place.toCompletableFuture().isDone();
        if (known) {
            settle(exchange, session, place);
            callback.done(true);
        } else {
            place.whenCompleteAsync(
                    (number, failure) -> {
                        settle(exchange, session, place);
                        callback.done(false);
                    },
                    going);
        }
        return known;
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

    /** What the number belongs to: the event's subject, or the call's id, or else the event alone. */
    private static String call(Event event) {
        if (event.subject() != null) {
            return "subject " + event.subject();
        }
        String cdrId = event.tree().path("data").path("cdr_id").asText("");
        return cdrId.isEmpty() ? "event " + event.source() + " " + event.id() : "cdr_id " + cdrId;
    }

    private void settle(Exchange exchange, RecordKey session, CompletionStage<OptionalInt> place) {
        try {
            number(exchange, session, place);
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            exchange.setException(e);
        }
    }

    private void number(Exchange exchange, RecordKey session, CompletionStage<OptionalInt> place) {
        if (place.toCompletableFuture().isCompletedExceptionally()) {
            unnumbered(exchange);
            return;
        }
        OptionalInt number = place.toCompletableFuture().join();
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
                .records(Ordered.one(RecordKey.of(
                        session.account(), "contentsquare-enrichment", session.hash(), number.getAsInt())));
    }

    private void unnumbered(Exchange exchange) {
        exchange.setException(new NothingSentException(
                "the store cannot keep the enrichment's number now",
                clock.instant().plus(STORE_RETRY)));
    }
}
