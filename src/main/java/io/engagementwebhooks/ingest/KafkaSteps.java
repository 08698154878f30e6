package io.engagementwebhooks.ingest;

import io.engagementwebhooks.store.IdentityReusedException;
import java.util.List;
import org.apache.camel.Processor;

/** The steps of the Kafka route after the outbox. Each is thread-safe. */
public final class KafkaSteps {

    private KafkaSteps() {}

    /**
     * Step {@code gather-dead-letters}: the body becomes the list of records that were not accepted, ready to be sent to
     * another topic; those whose identity belongs to another event are among them.
     */
    public static Processor deadLetters() {
        return exchange -> {
            KafkaBatch batch = KafkaBatch.of(exchange);
            List<?> answers = exchange.getIn().getBody(List.class);
            for (int i = 0; i < answers.size(); i++) {
                if (answers.get(i) instanceof IdentityReusedException reused) {
                    batch.setAside(batch.record(i), "identity-reused", reused.getMessage());
                }
            }
            exchange.getIn().setBody(batch.deadLetters());
        };
    }

    /** Step {@code commit-offsets}: the batch is stored, so Kafka need not give it again. */
    public static Processor commit() {
        return exchange -> KafkaBatch.of(exchange).commit();
    }
}
