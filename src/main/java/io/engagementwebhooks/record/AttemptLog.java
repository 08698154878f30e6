package io.engagementwebhooks.record;

import com.github.f4b6a3.ulid.Ulid;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.query.DeliveryState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a log line and metrics per attempt. A failing receiver is logged as information, not as an error. Thread-safe.
 */
public final class AttemptLog {

    private static final Logger LOG = LoggerFactory.getLogger("webhooks.delivery");

    private static final String LINE =
            "delivery.attempted delivery={} event={} account={} webhook={} authentication={} attempt={} outcome={}"
                    + " status={} ms={} next={} reason=\"{}\"";
    private static final String TRACED = LINE + " trace={}";

    private static final String NOT_SENT = "not-sent";

    /**
     * Registered at the start. A series that begins with its first count has no rate before it, and triggers no alert.
     */
    private static final Set<String> OUTCOMES = Set.of(
            DeliveryState.DELIVERED.text(),
            NextStep.TRY_LATER,
            DeliveryState.GAVE_UP.text(),
            DeliveryState.SKIPPED.text(),
            NOT_SENT);

    /** The upper bounds of the histograms' buckets. Durations end at the longest default time-out of an attempt. */
    private static final Duration[] DURATIONS =
            millis(10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 15_000, 30_000);

    private static final Duration[] LATENCIES = millis(
            25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 60_000, 600_000, 3_600_000, 21_600_000, 86_400_000);

    private final MeterRegistry meters;
    private final Map<String, Counter> outcomes;
    private final Map<String, Timer> durations = new ConcurrentHashMap<>();
    private final Timer latency;

    private final WebhookMeters webhooks;

    /**
     * @param meters the registry of the metrics
     * @param meteredWebhooks the number of webhooks with separate metrics
     */
    public AttemptLog(MeterRegistry meters, int meteredWebhooks) {
        this.meters = meters;
        this.outcomes = OUTCOMES.stream().collect(Collectors.toUnmodifiableMap(Function.identity(), this::counter));
        this.latency = Timer.builder("webhooks.delivery.latency")
                .description("Time from the acceptance of an event to its delivery, without replays")
                .serviceLevelObjectives(LATENCIES)
                .register(meters);
        this.webhooks = new WebhookMeters(meters, meteredWebhooks);
    }

    /** @param end when the outcome was determined */
    void log(Delivery delivery, AttemptResult result, long ms, Instant end) {
        String outcome = result.attempt() == null
                ? outcomeWithoutAttempt(result)
                : result.attempt().outcome();
        outcomes.get(outcome).increment();
        webhooks.tried(delivery.webhook().id(), outcome);
        if (result.attempt() != null) {
            time(delivery, result, ms, end);
        }
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

    private void time(Delivery delivery, AttemptResult result, long ms, Instant end) {
        Timer duration = durations.get(delivery.authentication());
        (duration == null ? durations.computeIfAbsent(delivery.authentication(), this::timer) : duration)
                .record(ms, TimeUnit.MILLISECONDS);
        if (result.state() == DeliveryState.DELIVERED && delivery.base() == 0) {
            // the id is created when the event is accepted
            latency.record(Math.max(0, end.toEpochMilli() - Ulid.getTime(delivery.id())), TimeUnit.MILLISECONDS);
        }
    }

    private static String outcomeWithoutAttempt(AttemptResult result) {
        return result.dueAt() == null ? result.state().text() : NOT_SENT;
    }

    private static Duration[] millis(long... bounds) {
        return LongStream.of(bounds).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
    }

    private Counter counter(String outcome) {
        return Counter.builder("webhooks.delivery.attempts")
                .description("Attempts by outcome. Their share is not the success of deliveries:"
                        + " a delivery that is retrying has had several")
                .tag("outcome", outcome)
                .register(meters);
    }

    private Timer timer(String authentication) {
        return Timer.builder("webhooks.attempt.duration")
                .description("Duration of attempts, from the acquisition of the delivery until its outcome")
                .serviceLevelObjectives(DURATIONS)
                .tag("authentication", authentication)
                .register(meters);
    }
}
