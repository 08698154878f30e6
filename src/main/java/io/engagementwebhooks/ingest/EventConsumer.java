package io.engagementwebhooks.ingest;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import org.apache.camel.Exchange;
import org.apache.camel.component.kafka.DefaultKafkaClientFactory;
import org.apache.camel.component.kafka.KafkaClientFactory;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.DefaultKafkaManualCommit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads events from Kafka and pauses a partition at its first record that cannot be stored yet. After the pause it
 * reads from that record again, so Camel gets the records of a partition in order and without a gap. Not thread-safe,
 * like its superclass.
 */
public final class EventConsumer extends KafkaConsumer<Object, Object> {

    /** The client id of the routes whose records are events. */
    public static final String CLIENT_ID = "engagement-webhooks";

    private final PartitionPauses pauses;

    /** Whether Camel has paused all partitions for a suspended route. */
    private boolean isSuspended;

    private volatile boolean isClosed;

    private EventConsumer(Properties properties, PartitionPauses pauses) {
        super(properties);
        this.pauses = pauses;
    }

    /** A factory that creates event consumers for {@link #CLIENT_ID} and default ones for all others. Thread-safe. */
    public static KafkaClientFactory factory(KafkaAdmission admission) {
        return new DefaultKafkaClientFactory() {
            @Override
            public Consumer<?, ?> getConsumer(Properties properties) {
                return CLIENT_ID.equals(properties.getProperty(ConsumerConfig.CLIENT_ID_CONFIG))
                        ? new EventConsumer(properties, new PartitionPauses(admission, System::nanoTime))
                        : super.getConsumer(properties);
            }
        };
    }

    /** Whether an event consumer has read the records of a batch. */
    @SuppressWarnings("deprecation") // Camel gives no other way to the consumer
    public static boolean hasRead(Exchange batch) {
        for (Object record : batch.getMessage().getBody(List.class)) {
            Object commit = ((Exchange) record).getMessage().getHeader(KafkaConstants.MANUAL_COMMIT);
            if (!(commit instanceof DefaultKafkaManualCommit made && made.getConsumer() instanceof EventConsumer)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public ConsumerRecords<Object, Object> poll(Duration timeout) {
        if (!isSuspended) {
            super.resume(pauses.resumable(assignment()));
            // Camel resumes all partitions
            super.pause(pauses.paused());
        }
        return pauses.admit(super.poll(timeout), (partition, offset) -> {
            super.seek(partition, offset);
            super.pause(List.of(partition));
        });
    }

    @Override
    public void pause(Collection<TopicPartition> partitions) {
        isSuspended = true;
        super.pause(partitions);
    }

    @Override
    public void resume(Collection<TopicPartition> partitions) {
        isSuspended = false;
        super.resume(partitions);
    }

    @Override
    public void close() {
        isClosed = true;
        super.close();
    }

    @Override
    public void close(Duration timeout) {
        isClosed = true;
        super.close(timeout);
    }

    /** Whether it was closed; its metrics keep their last values. Callable from any thread. */
    boolean isClosed() {
        return isClosed;
    }

    /** The number of polled records of a topic that must be read again. Callable from any thread. */
    long recordsToReread(String topic) {
        return pauses.recordsToReread(topic);
    }
}
