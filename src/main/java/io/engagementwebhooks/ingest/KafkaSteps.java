package io.engagementwebhooks.ingest;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.IdentityReusedException;
import io.engagementwebhooks.webhook.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The steps of the Kafka route around the outbox. Each is thread-safe. */
final class KafkaSteps {

    private KafkaSteps() {}

    /** Step {@code slice-records}: the body becomes a list of lists of events, each of which is stored in one transaction. */
    public static Processor slices(Supplier<Config> config, BatchLimit limit) {
        return exchange -> {
            Config now = config.get();
            List<Event> events = new ArrayList<>();
            for (Object event : exchange.getIn().getBody(List.class)) {
                events.add((Event) event);
            }
            exchange.getIn().setBody(limit.slices(events, event -> now.matching(event.account(), event.type())
                    .size()));
        };
    }

    /**
     * Step {@code collect-dead-letters}: the body becomes the list of records that were not accepted since this step ran last,
     * ready to be sent to another topic; those whose identity belongs to another event are among them.
     */
    public static Processor deadLetters() {
        return exchange -> {
            KafkaBatch batch = KafkaBatch.of(exchange);
            for (Object answer : exchange.getIn().getBody(List.class)) {
                Exchange record = batch.nextAnswered();
                if (answer instanceof IdentityReusedException reused) {
                    batch.setAside(record, "identity-reused", reused.getMessage());
                }
            }
            exchange.getIn().setBody(batch.takeDeadLetters());
        };
    }

    /** Step {@code commit-offsets}: the batch is stored, so Kafka need not give it again. */
    public static Processor commit() {
        return exchange -> KafkaBatch.of(exchange).commit();
    }
}
