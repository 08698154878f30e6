package io.engagementwebhooks.ingest;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.ledger.ExchangeMemory;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.Reservation;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.HttpCall;
import io.engagementwebhooks.server.ProblemResponse;
import java.util.List;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Step {@code read-events}: parses the message body into the list of its events. Thread-safe.
 *
 * @param reader reads events
 * @param admission refuses events that cannot be accepted now
 * @param tracing adds events to their senders' traces
 * @param ledger charged for reading
 */
record EventReading(EventReader reader, Consumer<Exchange> admission, Tracing tracing, Ledger ledger)
        implements Processor {

    @Override
    public void process(Exchange exchange) {
        exchange.getIn().setBody(tracing.traced(read(exchange), CallerAuthentication.call(exchange), exchange));
    }

    @SuppressWarnings("try")
    private List<Event> read(Exchange exchange) {
        try {
            admission.accept(exchange);
            String account = CallerAuthentication.caller(exchange).account().id();
            HttpCall call = CallerAuthentication.call(exchange)
                    .withBody(exchange.getIn().getBody(byte[].class));
            // the parser keeps member names to find duplicates, and each event has several objects
            try (Reservation reading = ledger.of(account).reserve(EventJson.quickTreeBound(call.body()))) {
                EventReader.Events events = reader.read(account, call);
                // the events' documents are copies of the body
                ExchangeMemory.grow(exchange, 2L * call.body().length);
                exchange.setProperty(ProblemResponse.BATCH, events.batch());
                return events.events();
            }
        } catch (RuntimeException refused) {
            // a refused request is part of its sender's trace, too
            tracing.traced(List.of(), CallerAuthentication.call(exchange), exchange);
            throw refused;
        }
    }
}
