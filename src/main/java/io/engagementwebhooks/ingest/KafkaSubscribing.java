package io.engagementwebhooks.ingest;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import org.apache.camel.component.kafka.consumer.support.subcription.DefaultSubscribeAdapter;
import org.apache.camel.component.kafka.consumer.support.subcription.SubscribeAdapter;
import org.apache.camel.component.kafka.consumer.support.subcription.TopicInfo;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Subscribes our consumer group so that each partition has a committed offset before its first record is read. Where a batch
 * fails while the route is being paused, Camel's consumer does not connect anew; when it is resumed it goes back to what is
 * committed, and would go on behind the batch where nothing is. Thread-safe.
 */
public final class KafkaSubscribing implements SubscribeAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaSubscribing.class);

    private final SubscribeAdapter usual = new DefaultSubscribeAdapter();
    private final String group;
    private final KafkaConsumers consumers;

    /**
     * @param group our consumer group; what other routes subscribe to is left as it is
     * @param consumers gets each consumer that starts
     */
    public KafkaSubscribing(String group, KafkaConsumers consumers) {
        this.group = group;
        this.consumers = consumers;
    }

    @Override
    public void subscribe(Consumer<?, ?> consumer, ConsumerRebalanceListener listener, TopicInfo topics) {
        boolean isOurs = group.equals(consumer.groupMetadata().groupId());
        if (isOurs) {
            consumers.add(consumer);
        }
        usual.subscribe(consumer, isOurs ? new WithStarts(consumer, listener) : listener, topics);
    }

    private record WithStarts(Consumer<?, ?> consumer, ConsumerRebalanceListener camel)
            implements ConsumerRebalanceListener {

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            camel.onPartitionsAssigned(partitions);
            try {
                commitStarts(partitions);
            } catch (KafkaException e) {
                LOG.warn("kafka.start-unknown {}: {}", partitions, e.getMessage());
            }
        }

        private void commitStarts(Collection<TopicPartition> partitions) {
            Map<TopicPartition, OffsetAndMetadata> starts = new HashMap<>();
            consumer.committed(new HashSet<>(partitions)).forEach((partition, committed) -> {
                if (committed == null) {
                    starts.put(partition, new OffsetAndMetadata(consumer.position(partition)));
                }
            });
            if (!starts.isEmpty()) {
                consumer.commitSync(starts);
            }
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            camel.onPartitionsRevoked(partitions);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            camel.onPartitionsLost(partitions);
        }
    }
}
