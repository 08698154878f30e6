package io.engagementwebhooks.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.Reservation;
import io.engagementwebhooks.testkit.LogLines;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.Config;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Which records of a poll are admitted, and where their partitions are paused. */
class PartitionPausesTest {

    private static final TopicPartition FIRST = new TopicPartition("calls", 0);
    private static final TopicPartition SECOND = new TopicPartition("calls", 1);
    private static final int MAX_BODY = 1 << 10;

    private final Set<String> refused = new HashSet<>();
    private final Set<String> existing = new HashSet<>(Set.of("acme", "globex"));
    private final Ledger ledger = new Ledger(1 << 20);
    private final AtomicLong nanos = new AtomicLong(-1);
    private final Map<TopicPartition, Long> paused = new HashMap<>();
    private final PartitionPauses pauses = new PartitionPauses(
            new KafkaAdmission(
                    this::config,
                    new KafkaAccounts(Map.of("calls", "acme"), true),
                    account -> Optional.of("refused by the test").filter(why -> refused.contains(account)),
                    ledger,
                    MAX_BODY),
            nanos::get);

    private Config config() {
        return new Config(
                existing.stream()
                        .map(id -> new Account(id, List.of(), List.of()))
                        .toList(),
                Config.Resources.of(List.of()));
    }

    private static String of(String account) {
        return "{\"account\":\"" + account + "\"}";
    }

    private static List<ConsumerRecord<Object, Object>> records(TopicPartition partition, String... values) {
        List<ConsumerRecord<Object, Object>> records = new ArrayList<>();
        for (String value : values) {
            records.add(new ConsumerRecord<>(
                    partition.topic(),
                    partition.partition(),
                    10 + records.size(),
                    null,
                    value == null ? null : value.getBytes(StandardCharsets.UTF_8)));
        }
        return records;
    }

    /** The offsets of the admitted records, by partition. */
    private Map<TopicPartition, List<Long>> admit(Map<TopicPartition, List<ConsumerRecord<Object, Object>>> polled) {
        ConsumerRecords<Object, Object> admitted = pauses.admit(new ConsumerRecords<>(polled), paused::put);
        Map<TopicPartition, List<Long>> offsets = new HashMap<>();
        admitted.partitions()
                .forEach(partition -> offsets.put(
                        partition,
                        admitted.records(partition).stream()
                                .map(ConsumerRecord::offset)
                                .toList()));
        return offsets;
    }

    private Map<TopicPartition, List<Long>> admit(String... values) {
        return admit(Map.of(FIRST, records(FIRST, values)));
    }

    @Test
    void a_partition_is_paused_at_its_first_blocked_record_and_others_continue() {
        refused.add("acme");
        assertEquals(
                Map.of(FIRST, List.of(10L, 11L), SECOND, List.of(10L, 11L)),
                admit(Map.of(
                        FIRST, records(FIRST, of("globex"), of("globex"), of("acme"), of("globex")),
                        SECOND, records(SECOND, of("globex"), of("globex")))));
        assertEquals(Map.of(FIRST, 12L), paused);
        assertEquals(Set.of(FIRST), Set.copyOf(pauses.paused()));
        assertEquals(2, pauses.recordsToReread("calls"));
        assertEquals(0, pauses.recordsToReread("forms"));
    }

    @Test
    void a_pause_ends_when_its_record_fits_or_its_partition_is_revoked() {
        refused.add("acme");
        admit(Map.of(FIRST, records(FIRST, of("acme")), SECOND, records(SECOND, of("acme"))));
        assertEquals(List.of(), pauses.resumable(Set.of(FIRST, SECOND)));
        assertEquals(List.of(), pauses.resumable(Set.of(FIRST)));
        assertEquals(Set.of(FIRST), Set.copyOf(pauses.paused()));
        refused.clear();
        assertEquals(List.of(FIRST), pauses.resumable(Set.of(FIRST, SECOND)));
        assertEquals(List.of(), List.copyOf(pauses.paused()));
        assertEquals(0, pauses.recordsToReread("calls"));
    }

    @Test
    void records_of_a_topic_whose_account_does_not_exist_wait_and_of_another_they_are_dead_letters() {
        existing.remove("acme");
        assertEquals(Map.of(FIRST, List.of(10L)), admit(of("unknown"), "{}"));
        existing.add("acme");
        assertEquals(List.of(FIRST), pauses.resumable(Set.of(FIRST)));
        assertEquals(Map.of(FIRST, List.of(10L, 11L)), admit(of("unknown"), "{}"));
    }

    @Test
    void a_too_large_record_is_a_dead_letter_and_not_read() {
        refused.add("globex");
        String tooLong = "{\"account\":\"globex\",\"data\":\"" + "x".repeat(MAX_BODY) + "\"}";
        assertEquals(Map.of(FIRST, List.of(10L, 11L)), admit(tooLong, null));
    }

    @Test
    void an_account_that_uses_its_share_of_memory_waits_and_others_do_not() {
        try (Reservation full = ledger.of("acme").reserve(ledger.of("acme").limit())) {
            assertEquals(ledger.of("acme").limit(), full.bytes());
            assertEquals(Map.of(FIRST, List.of(10L)), admit(of("globex"), of("acme"), of("globex")));
        }
        assertEquals(List.of(FIRST), pauses.resumable(Set.of(FIRST)));
    }

    @Test
    void a_record_waits_for_the_memory_of_its_lookup() {
        try (Reservation most = ledger.kafka().reserve(ledger.kafka().limit() - 100)) {
            assertEquals(ledger.kafka().limit() - 100, most.bytes());
            assertEquals(Map.of(), admit(of("globex")));
        }
        assertEquals(List.of(FIRST), pauses.resumable(Set.of(FIRST)));
    }

    @Test
    void a_pause_of_a_second_is_logged_once_with_its_reason_and_so_is_its_end() {
        try (LogLines lines = new LogLines(PartitionPauses.class)) {
            refused.add("acme");
            admit(of("acme"));
            Stream.of(999, 1, 5_000).forEach(millis -> {
                nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
                pauses.resumable(Set.of(FIRST));
            });
            refused.clear();
            pauses.resumable(Set.of(FIRST));
            refused.add("acme");
            admit(of("acme"));
            refused.clear();
            pauses.resumable(Set.of(FIRST));
            assertEquals(
                    List.of(
                            "kafka.partition-paused topic=calls partition=0 offset=10 account=acme: refused by the test",
                            "kafka.partition-resumed topic=calls partition=0 seconds=6"),
                    lines.texts());
        }
    }
}
