package io.engagementwebhooks.ingest;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.accept.IdentityReusedException;
import io.engagementwebhooks.webhook.Config;
import java.util.List;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The steps of the Kafka route around the outbox. Each is thread-safe. */
final class KafkaSteps {

    private KafkaSteps() {}

    /** Step {@code slice-records}: splits the body into lists of events, each stored in one transaction. */
    public static Processor slices(Supplier<Config> config, BatchLimit limit) {
        return exchange -> {
            Config now = config.get();
            @SuppressWarnings("unchecked")
            List<Event> events = exchange.getIn().getBody(List.class);
            exchange.getIn().setBody(limit.slices(events, event -> now.matching(event.account(), event.type())
                    .size()));
        };
    }

    /**
     * Step {@code collect-dead-letters}: sets the body to the dead letters since its last run, ready to be sent. Events
     * that reuse an identity are among them.
     */
    public static Processor deadLetters() {
        return exchange -> {
            KafkaBatch batch = KafkaBatch.of(exchange);
            for (Object answer : exchange.getIn().getBody(List.class)) {
                Exchange record = batch.nextRecord();
                if (answer instanceof IdentityReusedException reused) {
                    batch.addDeadLetter(record, "identity-reused", reused.getMessage());
                }
            }
            exchange.getIn().setBody(batch.removeDeadLetters());
        };
    }

    /** Step {@code commit-offsets}: commits the offsets of the stored batch. */
    public static Processor commit() {
        return exchange -> KafkaBatch.of(exchange).commit();
    }
}
