package io.engagementwebhooks.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.ledger.MinuteCounter;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.webhook.EventType;
import io.engagementwebhooks.webhook.schema.DataFault;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the data of events by the schemas that accounts have given their types. What does not fit is counted, and where it is
 * accepted, logged once a minute for each type. Thread-safe.
 */
public final class EventChecks {

    private static final Logger LOG = LoggerFactory.getLogger(EventChecks.class);

    private final Map<String, MinuteCounter> logged = new ConcurrentHashMap<>();
    private final LongAdder warned = new LongAdder();
    private final LongAdder refused = new LongAdder();

    /** How many events did not fit and were accepted. */
    public long warned() {
        return warned.sum();
    }

    /** How many events were refused. */
    public long refused() {
        return refused.sum();
    }

    /**
     * Checks an event.
     *
     * @param type whose events are checked
     * @param content the event's tree
     * @return why it is refused; empty: it is accepted
     */
    Optional<Problem> refusal(EventType type, Event event, JsonNode content) {
        List<DataFault> faults = faults(type, content);
        if (faults.isEmpty()) {
            return Optional.empty();
        }
        if (type.check() == EventType.Check.REFUSE) {
            refused.increment();
            return Optional.of(problem(type, faults));
        }
        warned.increment();
        logged.computeIfAbsent(event.account() + "\n" + type.type(), key -> new MinuteCounter())
                .next()
                .ifPresent(count -> LOG.warn(
                        "event.invalid account={} type={} events={}: {}",
                        event.account(),
                        type.type(),
                        count,
                        faults.get(0)));
        return Optional.empty();
    }

    /**
     * What of an event's data does not fit the schema of its type; none: it fits. Data that is not there, or is no JSON, is checked
     * as null.
     *
     * @param content the event's tree
     */
    public static List<DataFault> faults(EventType type, JsonNode content) {
        JsonNode data = content.path("data");
        return type.compiled().check(data.isMissingNode() ? NullNode.getInstance() : data);
    }

    private static Problem problem(EventType type, List<DataFault> faults) {
        String more = faults.size() == 1 ? "" : "; and " + (faults.size() - 1) + " more, see 'faults'";
        return new Problem(
                422,
                "event-invalid",
                "Event not valid",
                "event type '" + type.type() + "': " + faults.get(0) + more,
                null,
                null,
                faults.stream()
                        .map(fault -> new Problem.Field(
                                "/data" + fault.pointer(),
                                fault.toString(),
                                "send data that fits the JSON Schema of the event type",
                                fault.keyword()))
                        .toList());
    }
}
