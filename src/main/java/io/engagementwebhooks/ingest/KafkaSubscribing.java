package io.engagementwebhooks.ingest;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
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
 * Subscribes event consumers so that each partition has a committed offset before its first record is read. If a batch
 * fails while the route is being suspended, Camel's consumer resumes at the committed offset, and without one it would
 * skip the batch. After an error a consumer subscribes again after five seconds at the earliest. Thread-safe.
 */
final class KafkaSubscribing implements SubscribeAdapter {

    /** The shortest time between subscriptions: Camel reconnects at once, and each time the whole group rebalances. */
    static final Duration MIN_INTERVAL = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(KafkaSubscribing.class);

    private final SubscribeAdapter delegate = new DefaultSubscribeAdapter();
    private final Predicate<Consumer<?, ?>> isEventConsumer;
    private final KafkaConsumers consumers;
    private final LongSupplier nanos;
    private final LongConsumer pause;

    /**
     * The time of this thread's last subscription. A consumer reconnects on the same thread; a restarted route uses
     * another.
     */
    private final ThreadLocal<Long> last = new ThreadLocal<>();

    /** @param consumers receives each {@link EventConsumer}; other consumers are subscribed as usual */
    KafkaSubscribing(KafkaConsumers consumers) {
        this(EventConsumer.class::isInstance, consumers, System::nanoTime, LockSupport::parkNanos);
    }

    /**
     * @param isEventConsumer whether a consumer reads events
     * @param nanos the time in nanoseconds
     * @param pause blocks the calling thread for a number of nanoseconds
     */
    KafkaSubscribing(
            Predicate<Consumer<?, ?>> isEventConsumer,
            KafkaConsumers consumers,
            LongSupplier nanos,
            LongConsumer pause) {
        this.isEventConsumer = isEventConsumer;
        this.consumers = consumers;
        this.nanos = nanos;
        this.pause = pause;
    }

    @Override
    public void subscribe(Consumer<?, ?> consumer, ConsumerRebalanceListener listener, TopicInfo topics) {
        if (!isEventConsumer.test(consumer)) {
            delegate.subscribe(consumer, listener, topics);
            return;
        }
        pauseBetween();
        consumers.add(consumer);
        delegate.subscribe(consumer, new WithStarts(consumer, listener), topics);
    }

    private void pauseBetween() {
        Long before = last.get();
        long left = before == null ? 0 : MIN_INTERVAL.toNanos() - (nanos.getAsLong() - before);
        if (left > 0) {
            pause.accept(left);
        }
        last.set(nanos.getAsLong());
    }

    private record WithStarts(Consumer<?, ?> consumer, ConsumerRebalanceListener camel)
            implements ConsumerRebalanceListener {

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            camel.onPartitionsAssigned(partitions);
            try {
                commitStarts(partitions);
            } catch (KafkaException e) {
                LOG.warn("kafka.offset-unknown partitions={}: {}", partitions, e.getMessage());
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
