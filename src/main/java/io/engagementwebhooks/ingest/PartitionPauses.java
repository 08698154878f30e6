package io.engagementwebhooks.ingest;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.ObjLongConsumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The paused partitions of one consumer, each at its first record that cannot be stored yet. Changed by the consumer's
 * thread only; any thread may call {@link #recordsToReread}.
 */
final class PartitionPauses {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionPauses.class);

    /** Shorter pauses are not logged: back-pressure causes many. */
    private static final long LOGGED_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final KafkaAdmission admission;
    private final LongSupplier nanos;
    private final Map<TopicPartition, Pause> pauses = new ConcurrentHashMap<>();

    /** @param nanos the time in nanoseconds */
    PartitionPauses(KafkaAdmission admission, LongSupplier nanos) {
        this.admission = admission;
        this.nanos = nanos;
    }

    private record Pause(KafkaAdmission.Demand demand, long offset, int records, long since, AtomicBoolean isLogged) {}

    /**
     * Ends the pauses of partitions whose record can be stored now, and drops those of revoked partitions.
     *
     * @param assigned the partitions of the consumer
     * @return the partitions to resume
     */
    List<TopicPartition> resumable(Set<TopicPartition> assigned) {
        pauses.keySet().retainAll(assigned);
        List<TopicPartition> ended = new ArrayList<>();
        pauses.forEach((partition, pause) -> {
            Optional<String> why = admission.waitReason(pause.demand());
            if (why.isEmpty()) {
                pauses.remove(partition);
                ended.add(partition);
            }
            log(partition, pause, why);
        });
        return ended;
    }

    private void log(TopicPartition partition, Pause pause, Optional<String> why) {
        long elapsed = nanos.getAsLong() - pause.since();
        if (pause.isLogged().get() && why.isEmpty()) {
            LOG.info(
                    "kafka.partition-resumed topic={} partition={} seconds={}",
                    partition.topic(),
                    partition.partition(),
                    TimeUnit.NANOSECONDS.toSeconds(elapsed));
        } else if (!pause.isLogged().get() && why.isPresent() && elapsed >= LOGGED_AFTER_NANOS) {
            pause.isLogged().set(true);
            LOG.warn(
                    "kafka.partition-paused topic={} partition={} offset={} account={}: {}",
                    partition.topic(),
                    partition.partition(),
                    pause.offset(),
                    Attributes.shortened(pause.demand().account()),
                    why.get());
        }
    }

    /** The paused partitions. */
    Collection<TopicPartition> paused() {
        return pauses.keySet();
    }

    /**
     * Returns the records that can be stored: of each partition those before the first that cannot.
     *
     * @param pause called with each partition to pause and the offset to read again
     */
    <K, V> ConsumerRecords<K, V> admit(ConsumerRecords<K, V> polled, ObjLongConsumer<TopicPartition> pause) {
        Map<TopicPartition, List<ConsumerRecord<K, V>>> admitted = new HashMap<>();
        for (TopicPartition partition : polled.partitions()) {
            List<ConsumerRecord<K, V>> records = polled.records(partition);
            int taken = admit(partition, records);
            if (taken < records.size()) {
                pause.accept(partition, records.get(taken).offset());
            }
            if (taken > 0) {
                admitted.put(partition, records.subList(0, taken));
            }
        }
        return new ConsumerRecords<>(admitted);
    }

    private <K, V> int admit(TopicPartition partition, List<ConsumerRecord<K, V>> records) {
        for (int i = 0; i < records.size(); i++) {
            KafkaAdmission.Demand demand = admission.demand(records.get(i));
            if (admission.waitReason(demand).isPresent()) {
                long offset = records.get(i).offset();
                pauses.put(
                        partition,
                        new Pause(demand, offset, records.size() - i, nanos.getAsLong(), new AtomicBoolean()));
                return i;
            }
        }
        return records.size();
    }

    /** The number of polled records of a topic that must be read again. */
    long recordsToReread(String topic) {
        return pauses.entrySet().stream()
                .filter(pause -> pause.getKey().topic().equals(topic))
                .mapToLong(pause -> pause.getValue().records())
                .sum();
    }
}
