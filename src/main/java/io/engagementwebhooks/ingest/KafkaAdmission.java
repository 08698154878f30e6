package io.engagementwebhooks.ingest;

import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.webhook.Config;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Decides whether a Kafka record can be stored now or waits in Kafka. Thread-safe.
 *
 * @param config the configured accounts
 * @param waitReason why no event of an account is accepted now; empty: they are accepted
 * @param ledger the memory of accounts and of lookups for Kafka records
 * @param maxBody the largest value of a record in bytes
 */
public record KafkaAdmission(
        Supplier<Config> config,
        KafkaAccounts accounts,
        Function<String, Optional<String>> waitReason,
        Ledger ledger,
        long maxBody) {

    /**
     * The requirements of a record.
     *
     * @param account the account of the event; null: neither record nor topic names one
     * @param bytes memory for its content; 0: the value is missing or too large, and not read
     */
    record Demand(String topic, String account, long bytes) {}

    /** Determines the requirements of a record. Checks the size before it reads the value. */
    Demand demand(ConsumerRecord<?, ?> record) {
        byte[] value = record.value() instanceof byte[] bytes ? bytes : null;
        if (value == null || value.length > maxBody) {
            return new Demand(record.topic(), accounts.ofTopic(record.topic()), 0);
        }
        long bytes = EventJson.quickTreeBound(value);
        if (bytes > ledger.kafka().limit()) {
            return new Demand(record.topic(), accounts.ofTopic(record.topic()), 0);
        }
        Map<String, Object> headers = new HashMap<>();
        record.headers().forEach(header -> headers.put(header.key(), header.value()));
        String account = accounts.of(record.topic(), KafkaAccounts.attributes(headers), value);
        return new Demand(record.topic(), account, bytes);
    }

    /**
     * Why a record must wait now; empty: it can be stored. An invalid record does not wait: it becomes a dead letter.
     */
    Optional<String> waitReason(Demand demand) {
        String account = demand.account();
        if (account == null) {
            return Optional.empty();
        }
        if (config.get().account(account).isEmpty()) {
            return account.equals(accounts.ofTopic(demand.topic()))
                    ? Optional.of(noAccount(demand.topic(), account))
                    : Optional.empty();
        }
        return waitReason.apply(account).or(() -> noMemory(demand));
    }

    /** The error of a topic whose account does not exist. */
    static String noAccount(String topic, String account) {
        return "webhooks.kafka.topics says that topic '" + topic + "' is of account '" + account
                + "', and there is no such account: add it, or correct the setting";
    }

    private Optional<String> noMemory(Demand demand) {
        if (!ledger.of(demand.account()).hasSpace(1)) {
            return Optional.of("the account holds its share of memory");
        }
        return ledger.kafka().hasSpace(demand.bytes())
                ? Optional.empty()
                : Optional.of("there is no memory at the moment to look up the webhooks of the record");
    }
}
