package io.engagementwebhooks.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.Config;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.kafka.KafkaConstants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step {@code read-records}: a batch of Kafka records becomes the list of their events by account, those of an account in the
 * order of the records. A record that is no event, or whose content never finds memory enough, is set aside with the reason, so that it does not stop those behind it. While events cannot be
 * taken, because the store is full or an account is not set up, it waits: nothing is lost in Kafka. Thread-safe.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md">CloudEvents
 *     Kafka binding</a>
 */
public final class KafkaReading implements Processor {

    /** What was read of a batch, for the steps that follow. */
    public static final String BATCH = "webhooksKafkaBatch";

    private static final Logger LOG = LoggerFactory.getLogger(KafkaReading.class);
    private static final String PREFIX = "ce_";
    private static final String CONTENT_TYPE = "content-type";
    private static final String ACCOUNT = "account";
    /** Below the five minutes after which Kafka gives the partitions of a silent consumer to another. */
    static final Duration LONGEST_WAIT = Duration.ofMinutes(2);

    static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final Supplier<Config> config;
    private final EventReader reader;
    private final Supplier<Optional<String>> obstacle;
    private final Map<String, String> accounts;
    private final boolean trustAccount;
    private final int maxBody;
    private final Tracing tracing;
    private final Ledger ledger;

    /**
     * @param config which accounts there are
     * @param reader reads events
     * @param obstacle why no events can be taken now; empty: they can
     * @param accounts by topic, the account whose events are in it
     * @param trustAccount whether an event's own attribute {@code account} names its account instead
     * @param maxBody bytes that a record's value may have
     * @param tracing makes events parts of their senders' traces
     * @param ledger what the records' lookups are charged to
     */
    public KafkaReading(
            Supplier<Config> config,
            EventReader reader,
            Supplier<Optional<String>> obstacle,
            Map<String, String> accounts,
            boolean trustAccount,
            long maxBody,
            Tracing tracing,
            Ledger ledger) {
        this.tracing = tracing;
        this.ledger = ledger;
        this.config = config;
        this.reader = reader;
        this.obstacle = obstacle;
        this.accounts = Map.copyOf(accounts);
        this.trustAccount = trustAccount;
        this.maxBody = Math.toIntExact(maxBody);
    }

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        awaitNoObstacle();
        KafkaBatch batch = KafkaBatch.of(exchange);
        List<Read> read = new ArrayList<>();
        for (Exchange record : batch.records()) {
            try {
                read.add(new Read(record, event(record.getMessage(), exchange)));
            } catch (ProblemException e) {
                batch.setAside(record, e.problem().code(), e.problem().detail());
            }
        }
        read.sort(Comparator.comparing(each -> each.event().account()));
        read.forEach(each -> batch.read(each.record()));
        exchange.getIn().setBody(read.stream().map(Read::event).toList());
    }

    /** A record and its event. */
    private record Read(Exchange record, Event event) {}

    private void awaitNoObstacle() throws InterruptedException {
        Optional<String> why = obstacleNow();
        if (why.isEmpty()) {
            return;
        }
        LOG.warn("kafka.waiting {}", why.get());
        long end = System.nanoTime() + LONGEST_WAIT.toNanos();
        CountDownLatch never = new CountDownLatch(1);
        while (why.isPresent()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("records wait in Kafka: " + why.get());
            }
            never.await(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
            why = obstacleNow();
        }
        LOG.info("kafka.goes-on");
    }

    /** What a person has to set right is no fault of the records: they are not set aside for it. */
    private Optional<String> obstacleNow() {
        Config now = config.get();
        return accounts.entrySet().stream()
                .filter(topic -> now.account(topic.getValue()).isEmpty())
                .map(topic -> "webhooks.kafka.topics says that topic '" + topic.getKey() + "' is of account '"
                        + topic.getValue() + "', and no such account is set up; its records wait in Kafka")
                .findFirst()
                .or(obstacle);
    }

    private Event event(Message record, Exchange batch) {
        byte[] value = record.getBody(byte[].class);
        if (value == null) {
            throw Attributes.bad("no-value", "the record has no value, so there is no event in it");
        }
        if (value.length > maxBody) {
            throw Attributes.bad(
                    "too-large",
                    "the value is larger than " + maxBody + " bytes, the limit (webhooks.ingest.max-body)");
        }
        Map<String, String> attributes = new LinkedHashMap<>();
        record.getHeaders().forEach((name, content) -> {
            if (name.startsWith(PREFIX)) {
                attributes.put(name.substring(PREFIX.length()).toLowerCase(Locale.ROOT), text(content));
            }
        });
        Object type = record.getHeader(CONTENT_TYPE);
        Event event =
                reader.record(account(record, attributes, value), type == null ? null : text(type), attributes, value);
        long most = ledger.kafka().limit();
        if (event.treeBytes() > most) {
            throw Attributes.bad(
                    "too-large",
                    "the event's content may take " + event.treeBytes() + " bytes of memory, and there are " + most
                            + " for one account: split the event, or give the process a larger heap (-Xmx)");
        }
        Object trace = record.getHeader(TraceParent.NAME);
        return tracing.traced(
                event, trace == null ? null : text(trace), record.getHeader(KafkaConstants.TOPIC, String.class), batch);
    }

    private String account(Message record, Map<String, String> attributes, byte[] value) {
        String topic = record.getHeader(KafkaConstants.TOPIC, String.class);
        String account = trustAccount ? named(attributes, value).orElse(accounts.get(topic)) : accounts.get(topic);
        if (account == null || config.get().account(account).isEmpty()) {
            throw Attributes.bad(
                    "unknown-account",
                    account == null
                            ? "the event names no account, and topic '" + topic + "' has none in webhooks.kafka.topics"
                            : "there is no account '" + Attributes.shortened(account) + "'");
        }
        return account;
    }

    private static Optional<String> named(Map<String, String> attributes, byte[] value) {
        if (!attributes.isEmpty()) {
            return Optional.ofNullable(attributes.get(ACCOUNT));
        }
        try {
            JsonNode account = EventJson.mapper().readTree(value).path(ACCOUNT);
            return account.isTextual() ? Optional.of(account.asText()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // its reader says what is wrong with it
        }
    }

    private static String text(Object header) {
        return header instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : String.valueOf(header);
    }
}
