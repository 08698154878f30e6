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

/** Decides whether a Kafka record can be stored now or waits in Kafka. Thread-safe. */
public final class KafkaAdmission {

    private final Supplier<Config> config;
    private final KafkaAccounts accounts;
    private final Function<String, Optional<String>> obstacle;
    private final Ledger ledger;
    private final long maxBody;

    /**
     * @param config which accounts there are
     * @param obstacle why no event of an account can be taken now; empty: one can
     * @param ledger the memory of accounts, and of lookups for records
     * @param maxBody bytes that a record's value may have
     */
    public KafkaAdmission(
            Supplier<Config> config,
            KafkaAccounts accounts,
            Function<String, Optional<String>> obstacle,
            Ledger ledger,
            long maxBody) {
        this.config = config;
        this.accounts = accounts;
        this.obstacle = obstacle;
        this.ledger = ledger;
        this.maxBody = maxBody;
    }

    /**
     * What a record needs.
     *
     * @param account whose event it is; null: neither the record nor its topic names one
     * @param bytes memory for its content; 0: its value is not read, since it is none or too large
     */
    record Demand(String topic, String account, long bytes) {}

    /** What a record needs. The size is checked before the value is read. */
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

    /** Why a record must wait now; empty: it can be stored. An invalid record need not wait: it becomes a dead letter. */
    Optional<String> obstacle(Demand demand) {
        String account = demand.account();
        if (account == null) {
            return Optional.empty();
        }
        if (config.get().account(account).isEmpty()) {
            return account.equals(accounts.ofTopic(demand.topic()))
                    ? Optional.of(noAccount(demand.topic(), account))
                    : Optional.empty();
        }
        return obstacle.apply(account).or(() -> noMemory(demand));
    }

    /** The error of a topic whose account does not exist. */
    static String noAccount(String topic, String account) {
        return "webhooks.kafka.topics says that topic '" + topic + "' is of account '" + account
                + "', and there is no such account: add it, or correct the setting";
    }

    private Optional<String> noMemory(Demand demand) {
        if (!ledger.of(demand.account()).hasRoom(1)) {
            return Optional.of("the account holds its share of memory");
        }
        return ledger.kafka().hasRoom(demand.bytes())
                ? Optional.empty()
                : Optional.of("there is no memory at the moment to look up the webhooks of the record");
    }
}
