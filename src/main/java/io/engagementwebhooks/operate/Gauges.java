package io.engagementwebhooks.operate;

import io.engagementwebhooks.deliver.StepThreads;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.NameResolver;
import io.engagementwebhooks.ingest.Admission;
import io.engagementwebhooks.ingest.KafkaConsumers;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.Ownership;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.SigningKeyExpiry;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Metrics that are read from the product's state when they are asked for. None waits for the store for long. */
final class Gauges {

    private static final Logger LOG = LoggerFactory.getLogger(Gauges.class);
    private static final double SECOND = Duration.ofSeconds(1).toNanos();

    private final MeterRegistry meters;
    private final Clock clock;

    Gauges(MeterRegistry meters, Clock clock) {
        this.meters = meters;
        this.clock = clock;
    }

    void ofStore(Store store) {
        gauge("webhooks.store.wal.bytes", "Bytes of the store's write-ahead log", store::walSize);
        gauge(
                "webhooks.partitions.owned",
                "How many of the 256 partitions of webhooks this instance sends for",
                () -> store.cluster().ownership().partitions());
        seconds(
                "webhooks.lease.age",
                "Time since the lease was renewed by which this instance sends; NaN: an embedded store needs none",
                () -> store.cluster().ownership().lease().map(Ownership.Lease::age));
        gauge("webhooks.deliveries.waiting", "Deliveries that wait", store::waitingCount);
    }

    void ofAdmission(Admission admission) {
        gauge("webhooks.store.bytes", "Bytes of the store on disk, looked at every few seconds", admission::storeBytes);
    }

    void ofOutbox(Outbox outbox, Supplier<Config> config) {
        gauge("webhooks.deliveries.due", "Deliveries that are due, as far as is known", outbox::backlog);
        seconds(
                "webhooks.deliveries.oldest.due",
                "Time since the delivery became due that has been due the longest, of webhooks that may send; 0: none",
                () -> Optional.of(outbox.longestDue()));
        gauge(
                "webhooks.ingest.pacing",
                "1: events are stored only as fast as deliveries are sent; 0: as they come",
                () -> outbox.isPacing() ? 1 : 0);
        FunctionCounter.builder("webhooks.ingest.accepted", outbox, Outbox::accepted)
                .description("Events that were stored; duplicates are not")
                .register(meters);
        FunctionCounter.builder("webhooks.ingest.paced", outbox, Outbox::paced)
                .description("Requests that had to wait for delivery to keep up")
                .register(meters);
        for (WebhookState.State state : WebhookState.State.values()) {
            Gauge.builder("webhooks.webhooks", () -> outbox.states(config.get().webhooks())
                            .getOrDefault(state, 0L))
                    .description("Webhooks that are set up, by their state")
                    .tag("state", state.text())
                    .register(meters);
        }
    }

    void ofHealth(HealthCounts counts) {
        Map.of("failing", true, "degraded", false)
                .forEach((health, failing) -> Gauge.builder("webhooks.webhooks.unhealthy", () -> counts.of(failing))
                        .description("Active webhooks whose attempts fail, by their health")
                        .tag("health", health)
                        .register(meters));
    }

    void ofFiles(ActiveConfig config, RouteFollower routes, HealthChecks checks) {
        gauge(
                "webhooks.setup.current",
                "1: what runs is what the set-up file says; 0: the file is broken or gone, or another instance's holds",
                () -> config.status().isUpToDate() ? 1 : 0);
        gauge(
                "webhooks.signing.ending",
                "Accounts, and webhooks with keys of their own choice, whose last signing key has ended or will in 7 days",
                () -> SigningKeyExpiry.of(config.get(), clock.instant())
                        .endings()
                        .size());
        gauge(
                "webhooks.routes.current",
                "1: the routes that run are what the files say; 0: a file has faults, and those before it run on",
                () -> routes.status().isUpToDate() ? 1 : 0);
        gauge(
                "webhooks.routes.stopped",
                "Routes that start with the product and do not run now",
                () -> checks.stoppedRoutes().size());
    }

    void ofInFlight(Outbox outbox) {
        gauge("webhooks.deliver.in.flight", "Deliveries that are being sent", outbox::inFlight);
        gauge("webhooks.deliver.in.flight.limit", "How many may be", outbox::mostInFlight);
    }

    void ofSteps(StepThreads steps) {
        String description =
                "Steps of deliveries that may block: running, waiting for a thread of their account, and overdue:"
                        + " running on after they were interrupted at their webhook's timeout";
        Map<String, ToDoubleFunction<StepThreads>> states = Map.of(
                "running", StepThreads::running, "waiting", StepThreads::waiting, "overdue", StepThreads::overdue);
        states.forEach((state, number) -> Gauge.builder("webhooks.deliver.steps", steps, number)
                .description(description)
                .tag("state", state)
                .register(meters));
    }

    void ofEgress(EgressClient client) {
        String description = "Connections to receivers and token endpoints; those of Salesforce are not counted";
        Gauge.builder("webhooks.egress.connections", client, EgressClient::connectionsInUse)
                .description(description)
                .tag("state", "in-use")
                .register(meters);
        Gauge.builder("webhooks.egress.connections", client, EgressClient::connectionsIdle)
                .description(description)
                .tag("state", "idle")
                .register(meters);
    }

    void ofNames(NameResolver names) {
        String description = "Lookups of host names that run, and callers that wait for one";
        Gauge.builder("webhooks.egress.lookups", names, NameResolver::running)
                .description(description)
                .tag("state", "running")
                .register(meters);
        Gauge.builder("webhooks.egress.lookups", names, NameResolver::waiting)
                .description(description)
                .tag("state", "waiting")
                .register(meters);
    }

    void ofKafka(KafkaConsumers consumers, Collection<String> topics) {
        gauge(
                "webhooks.kafka.connected",
                "1: a broker is connected; 0: events from Kafka wait there, or the route that reads them is stopped",
                () -> consumers.areConnected() ? 1 : 0);
        topics.forEach(topic -> Gauge.builder("webhooks.kafka.lag", () -> consumers.lag(topic))
                .description(
                        "Records of a topic that wait in partitions that this instance reads, as of its last fetch;"
                                + " NaN: not known")
                .baseUnit("records")
                .tag("topic", topic)
                .register(meters));
    }

    /** Writes to the log what the health detail says too. */
    static void warn(Config config, Instant now) {
        SigningKeyExpiry.of(config, now).endings().forEach(ending -> LOG.warn(ending.text(now)));
    }

    private void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(meters);
    }

    private void seconds(String name, String description, Supplier<Optional<Duration>> value) {
        Gauge.builder(name, () -> value.get().map(age -> age.toNanos() / SECOND).orElse(Double.NaN))
                .description(description)
                .baseUnit("seconds")
                .register(meters);
    }
}
