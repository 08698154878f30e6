package io.engagementwebhooks.ingest;

import io.engagementwebhooks.server.Problem;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.KafkaManualCommit;
import org.apache.camel.support.DefaultExchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A batch of Kafka records in the route, with its events and dead letters. */
final class KafkaBatch {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaBatch.class);
    /** The prefix of a dead letter's headers. */
    private static final String HEADER = "dead-letter-";

    /** Control characters, by which a sender could forge lines of the log. */
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private final Exchange exchange;
    private final List<Exchange> records;
    private final Deque<Exchange> valid = new ArrayDeque<>();
    private List<Exchange> deadLetters = new ArrayList<>();

    private KafkaBatch(Exchange exchange, List<Exchange> records) {
        this.exchange = exchange;
        this.records = records;
    }

    /** The batch of an exchange. In the first step the body still holds the records of Camel's batching consumer. */
    @SuppressWarnings("unchecked")
    static KafkaBatch of(Exchange exchange) {
        KafkaBatch known = exchange.getProperty(KafkaReading.BATCH, KafkaBatch.class);
        if (known == null) {
            known = new KafkaBatch(exchange, exchange.getIn().getBody(List.class));
            exchange.setProperty(KafkaReading.BATCH, known);
        }
        return known;
    }

    /** Whether an exchange is a batch of records. */
    static boolean isOf(Exchange exchange) {
        return exchange.getProperty(KafkaReading.BATCH) != null;
    }

    List<Exchange> records() {
        return records;
    }

    /** Adds a record with a valid event. */
    void addValid(Exchange record) {
        valid.add(record);
    }

    /** Removes the record of the next event, in the order of the events. */
    Exchange nextRecord() {
        return valid.remove();
    }

    /** Records whose events are not accepted become dead letters. @param refused by position among the next events */
    void refuse(SortedMap<Integer, Problem> refused) {
        Iterator<Exchange> next = valid.iterator();
        for (int position = 0; next.hasNext() && position <= refused.lastKey(); position++) {
            Exchange record = next.next();
            Problem problem = refused.get(position);
            if (problem != null) {
                next.remove();
                addDeadLetter(record, problem.code(), problem.detail());
            }
        }
    }

    /** Removes the dead letters since the last call. */
    List<Exchange> removeDeadLetters() {
        List<Exchange> removed = deadLetters;
        deadLetters = new ArrayList<>();
        return removed;
    }

    /** Makes a record a dead letter: unchanged, with the reason and its position in headers. */
    void addDeadLetter(Exchange record, String code, String reason) {
        Message from = record.getMessage();
        Exchange sent = new DefaultExchange(exchange.getContext());
        Message deadLetter = sent.getIn();
        from.getHeaders().forEach((name, value) -> {
            if (value instanceof byte[] && !name.startsWith("kafka.")) {
                deadLetter.setHeader(name, value);
            }
        });
        deadLetter.setBody(from.getBody());
        deadLetter.setHeader(KafkaConstants.KEY, from.getHeader(KafkaConstants.KEY));
        deadLetter.setHeader(HEADER + "code", code);
        deadLetter.setHeader(HEADER + "reason", reason);
        deadLetter.setHeader(HEADER + "topic", from.getHeader(KafkaConstants.TOPIC, String.class));
        deadLetter.setHeader(HEADER + "partition", from.getHeader(KafkaConstants.PARTITION, String.class));
        deadLetter.setHeader(HEADER + "offset", from.getHeader(KafkaConstants.OFFSET, String.class));
        deadLetters.add(sent);
        LOG.warn(
                "kafka.dead-letter topic={} partition={} offset={} code={}: {}",
                from.getHeader(KafkaConstants.TOPIC),
                from.getHeader(KafkaConstants.PARTITION),
                from.getHeader(KafkaConstants.OFFSET),
                code,
                CONTROL.matcher(reason).replaceAll("?"));
    }

    /** Commits the offset of each partition, up to which all records are stored or dead letters. */
    void commit() {
        Map<String, Exchange> last = new LinkedHashMap<>();
        for (Exchange record : records) {
            Message message = record.getMessage();
            last.put(
                    message.getHeader(KafkaConstants.TOPIC) + "/" + message.getHeader(KafkaConstants.PARTITION),
                    record);
        }
        last.values().forEach(record -> record.getMessage()
                .getHeader(KafkaConstants.MANUAL_COMMIT, KafkaManualCommit.class)
                .commit());
    }
}
