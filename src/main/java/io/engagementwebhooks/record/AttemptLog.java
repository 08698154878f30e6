package io.engagementwebhooks.record;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.TryResult;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One wide log line per try, and the counters. A receiver that fails is not an error of ours. Thread-safe. */
public final class AttemptLog {

    private static final Logger LOG = LoggerFactory.getLogger("webhooks.delivery");

    private static final String LINE =
            "delivery.attempted delivery={} event={} account={} webhook={} authentication={} attempt={} outcome={}"
                    + " status={} ms={} next={} reason=\"{}\"";
    private static final String TRACED = LINE + " trace={}";

    private static final String NOT_SENT = "not-sent";

    /** Counted from the start, each: a series that begins with its first count has no rate before it, and no alert. */
    private static final Set<String> OUTCOMES = Set.of(
            DeliveryState.DELIVERED.text(),
            NextStep.TRY_LATER,
            DeliveryState.GAVE_UP.text(),
            DeliveryState.SKIPPED.text(),
            NOT_SENT);

    private final MeterRegistry meters;
    private final Map<String, Counter> outcomes;
    private final Map<String, Timer> durations = new ConcurrentHashMap<>();

    private final WebhookMeters webhooks;

    /**
     * @param meters where figures go
     * @param meteredWebhooks how many webhooks have figures of their own
     */
    public AttemptLog(MeterRegistry meters, int meteredWebhooks) {
        this.meters = meters;
        this.outcomes = OUTCOMES.stream().collect(Collectors.toUnmodifiableMap(Function.identity(), this::counter));
        this.webhooks = new WebhookMeters(meters, meteredWebhooks);
    }

    void tried(Delivery delivery, TryResult result, long ms) {
        String outcome = result.attempt() == null
                ? notAttempted(result)
                : result.attempt().outcome();
        outcomes.get(outcome).increment();
        webhooks.tried(delivery.webhook().id(), outcome);
        durations.computeIfAbsent(delivery.authentication(), this::timer).record(ms, TimeUnit.MILLISECONDS);
        List<Object> values = new ArrayList<>(List.of(
                delivery.id(),
                delivery.event().id(),
                delivery.webhook().account(),
                delivery.webhook().name(),
                delivery.authentication(),
                delivery.attempt(),
                outcome,
                result.attempt() == null || result.attempt().status() == null
                        ? "-"
                        : result.attempt().status(),
                ms,
                result.dueAt() == null ? "-" : result.dueAt(),
                result.reason()));
        Optional<TraceParent> trace = delivery.event().trace();
        trace.ifPresent(known -> values.add(known.trace()));
        LOG.info(trace.isPresent() ? TRACED : LINE, values.toArray());
    }

    private static String notAttempted(TryResult result) {
        return result.dueAt() == null ? result.state().text() : NOT_SENT;
    }

    private Counter counter(String outcome) {
        return Counter.builder("webhooks.delivery.tries")
                .description("Tries of deliveries by how they ended")
                .tag("outcome", outcome)
                .register(meters);
    }

    private Timer timer(String authentication) {
        return Timer.builder("webhooks.delivery.duration")
                .description("How long tries took")
                .tag("authentication", authentication)
                .register(meters);
    }
}
