package io.engagementwebhooks.ingest;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.Config;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.kafka.KafkaConstants;

/**
 * Step {@code read-records}: parses a batch of Kafka records into a list of events, by account and in record order. An
 * invalid record, or one that needs more memory than an account may have, becomes a dead letter and does not block
 * later ones. Thread-safe.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md">CloudEvents
 *     Kafka binding</a>
 */
public final class KafkaReading implements Processor {

    /** The exchange property of the {@link KafkaBatch}. */
    public static final String BATCH = "webhooksKafkaBatch";

    private static final String CONTENT_TYPE = "content-type";

    private final Supplier<Config> config;
    private final EventReader reader;
    private final KafkaAccounts accounts;
    private final int maxBody;
    private final Tracing tracing;
    private final Ledger ledger;

    /**
     * @param config the configured accounts
     * @param reader reads events
     * @param maxBody the largest value of a record in bytes
     * @param tracing adds events to their senders' traces
     * @param ledger charged for the records' lookups
     */
    public KafkaReading(
            Supplier<Config> config,
            EventReader reader,
            KafkaAccounts accounts,
            long maxBody,
            Tracing tracing,
            Ledger ledger) {
        this.config = config;
        this.reader = reader;
        this.accounts = accounts;
        this.maxBody = Math.toIntExact(maxBody);
        this.tracing = tracing;
        this.ledger = ledger;
    }

    @Override
    public void process(Exchange exchange) {
        KafkaBatch batch = KafkaBatch.of(exchange);
        List<Read> read = new ArrayList<>();
        for (Exchange record : batch.records()) {
            try {
                read.add(new Read(record, event(record.getMessage(), exchange)));
            } catch (ProblemException e) {
                batch.addDeadLetter(record, e.problem().code(), e.problem().detail());
            }
        }
        read.sort(Comparator.comparing(each -> each.event().account()));
        read.forEach(each -> batch.addValid(each.record()));
        exchange.getIn().setBody(read.stream().map(Read::event).toList());
    }

    /** A record and its event. */
    private record Read(Exchange record, Event event) {}

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
        checkMemory(EventJson.quickTreeBound(value));
        Map<String, String> attributes = KafkaAccounts.attributes(record.getHeaders());
        String topic = record.getHeader(KafkaConstants.TOPIC, String.class);
        Object type = record.getHeader(CONTENT_TYPE);
        Event event = reader.record(
                account(topic, attributes, value), type == null ? null : KafkaAccounts.text(type), attributes, value);
        checkMemory(event.treeBytes());
        Object trace = record.getHeader(TraceParent.NAME);
        return tracing.traced(event, trace == null ? null : KafkaAccounts.text(trace), topic, batch);
    }

    private void checkMemory(long bytes) {
        long most = ledger.kafka().limit();
        if (bytes > most) {
            throw Attributes.bad(
                    "too-large",
                    "the event's content may take " + bytes + " bytes of memory, and there are " + most
                            + " for one account: split the event, or give the process a larger heap (-Xmx)");
        }
    }

    private String account(String topic, Map<String, String> attributes, byte[] value) {
        String account = accounts.of(topic, attributes, value);
        if (account != null && config.get().account(account).isPresent()) {
            return account;
        }
        if (account == null) {
            throw Attributes.bad(
                    "unknown-account",
                    "the event names no account, and topic '" + topic + "' has none in webhooks.kafka.topics");
        }
        if (account.equals(accounts.ofTopic(topic))) {
            // the account was removed after the record was read, so the record is not invalid
            throw new IllegalStateException(KafkaAdmission.noAccount(topic, account));
        }
        throw Attributes.bad("unknown-account", "there is no account '" + Attributes.shortened(account) + "'");
    }
}
