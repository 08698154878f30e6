package io.engagementwebhooks.operate.health;

import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.NameResolver;
import io.engagementwebhooks.deliver.step.StepThreads;
import io.engagementwebhooks.ingest.Admission;
import io.engagementwebhooks.ingest.EventChecks;
import io.engagementwebhooks.ingest.KafkaConsumers;
import io.engagementwebhooks.ledger.FileDescriptors;
import io.engagementwebhooks.operate.ActiveConfig;
import io.engagementwebhooks.operate.routes.RouteFollower;
import io.engagementwebhooks.outbox.Acceptance;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.server.Connections;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.cluster.Ownership;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.signing.SigningKeyExpiry;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Metrics read from the product's state on a scrape. None waits long for the store. */
public record Gauges(MeterRegistry meters, Clock clock) {

    private static final Logger LOG = LoggerFactory.getLogger(Gauges.class);
    private static final double SECOND = Duration.ofSeconds(1).toNanos();

    /**
     * Micrometer's meters of the JVM and the process, unless there are some already: a second listener would count twice.
     * Camel binds those that {@code camel.metrics.binders} names. To find them it reads an index, so none are by default.
     *
     * @return ends those that listen
     */
    public AutoCloseable ofProcess() {
        count(
                "webhooks.file.descriptors.exhausted",
                "Connections and files that could not be opened without a free file descriptor",
                FileDescriptors.OF_PROCESS,
                FileDescriptors::failures);
        if (meters.getMeters().stream().anyMatch(Gauges::isOfProcess)) {
            return () -> {};
        }
        JvmGcMetrics collections = new JvmGcMetrics();
        Stream.of(
                        collections,
                        new ClassLoaderMetrics(),
                        new FileDescriptorMetrics(),
                        new JvmInfoMetrics(),
                        new JvmMemoryMetrics(),
                        new JvmThreadMetrics(),
                        new ProcessorMetrics(),
                        new UptimeMetrics())
                .forEach(binder -> binder.bindTo(meters));
        return collections;
    }

    private static boolean isOfProcess(Meter meter) {
        String name = meter.getId().getName();
        return name.startsWith("jvm.") || name.startsWith("process.") || name.startsWith("system.");
    }

    public void ofStore(Store store) {
        gauge("webhooks.store.wal.bytes", "Bytes of the store's write-ahead log", store::walSize);
        gauge(
                "webhooks.partitions.owned",
                "Partitions of webhooks (of 256) that this instance owns",
                () -> store.cluster().ownership().partitions());
        seconds(
                "webhooks.lease.age",
                "Time since the last renewal of this instance's lease; NaN: an embedded store has no lease",
                () -> store.cluster().ownership().lease().map(Ownership.Lease::age));
        gauge("webhooks.deliveries.pending", "Pending deliveries of all instances, due or not", store::waitingCount);
    }

    public void ofAdmission(Admission admission) {
        gauge("webhooks.store.bytes", "Bytes of the store on disk, measured every few seconds", admission::storeBytes);
    }

    public void ofChecks(EventChecks checks) {
        Map<String, ToDoubleFunction<EventChecks>> counts =
                Map.of("warn", EventChecks::warned, "refuse", EventChecks::refused);
        counts.forEach((check, count) -> FunctionCounter.builder("webhooks.ingest.invalid", checks, count)
                .description("Events that do not fit the schema of their type, by what becomes of them (check)")
                .tag("check", check)
                .register(meters));
    }

    public void ofOutbox(Outbox outbox, Supplier<Config> config) {
        gauge("webhooks.deliveries.due", "Deliveries due now, as known to this instance", outbox::backlog);
        seconds(
                "webhooks.deliveries.oldest.due",
                "Time since the oldest due delivery became due, of webhooks that may send; 0: none",
                () -> Optional.of(outbox.oldestDueAge()));
        gauge(
                "webhooks.ingest.throttling",
                "1: back-pressure limits ingest to the rate of deliveries; 0: no back-pressure",
                () -> outbox.acceptance().isThrottling() ? 1 : 0);
        count(
                "webhooks.ingest.accepted",
                "Stored events, without duplicates",
                outbox.acceptance(),
                Acceptance::accepted);
        count(
                "webhooks.ingest.throttled",
                "Ingest requests delayed by back-pressure",
                outbox.acceptance(),
                Acceptance::throttled);
        for (WebhookState.State state : WebhookState.State.values()) {
            Gauge.builder("webhooks.webhooks", () -> outbox.states(config.get().webhooks())
                            .getOrDefault(state, 0L))
                    .description("Configured webhooks by state")
                    .tag("state", state.text())
                    .register(meters);
        }
    }

    public void ofHealth(HealthCounts counts) {
        Map.of("failing", true, "degraded", false)
                .forEach((health, failing) -> Gauge.builder("webhooks.webhooks.unhealthy", () -> counts.of(failing))
                        .description("Active webhooks with failing attempts, by health; at most 10 000 are counted")
                        .tag("health", health)
                        .register(meters));
    }

    public void ofFiles(ActiveConfig config, RouteFollower routes, HealthChecks checks) {
        gauge(
                "webhooks.config.current",
                "1: the configuration file is active; 0: it is faulty or missing, not active as a whole, or a newer one is active",
                () -> config.status().isUpToDate() ? 1 : 0);
        gauge(
                "webhooks.signing.ending",
                "Accounts, and webhooks with their own choice of signing keys, whose last key has ended or will in 7 days",
                () -> SigningKeyExpiry.of(config.get(), clock.instant())
                        .endings()
                        .size());
        gauge(
                "webhooks.routes.current",
                "1: the route files are active; 0: they have faults, and the routes that run keep running",
                () -> routes.status().isUpToDate() ? 1 : 0);
        gauge(
                "webhooks.routes.stopped",
                "Stopped routes of those that start with the product",
                () -> checks.stoppedRoutes().size());
    }

    public void ofInFlight(Outbox outbox) {
        gauge("webhooks.deliver.in.flight", "Deliveries in flight", outbox::inFlight);
        gauge("webhooks.deliver.in.flight.limit", "Limit of deliveries in flight", outbox::maxInFlight);
        String events = "parsed events in memory, once for each delivery that is ready or in flight";
        gauge("webhooks.deliver.events.bytes", "Estimated bytes of " + events, outbox::eventBytes);
        gauge("webhooks.deliver.events.limit.bytes", "Limit of the bytes of " + events, outbox::maxEventBytes);
    }

    public void ofSteps(StepThreads steps) {
        String description =
                "Steps of deliveries that may block: running, waiting for a thread of their account, and overdue:"
                        + " running on after they were interrupted at their webhook's timeout";
        states(
                "webhooks.deliver.steps",
                description,
                steps,
                Map.of(
                        "running",
                        StepThreads::running,
                        "waiting",
                        StepThreads::waiting,
                        "overdue",
                        StepThreads::overdue));
    }

    public void ofEgress(EgressClient client) {
        states(
                "webhooks.egress.connections",
                "Connections to receivers, token endpoints and third parties",
                client,
                Map.of("in-use", EgressClient::connectionsInUse, "idle", EgressClient::connectionsIdle));
    }

    public void ofNames(NameResolver names) {
        states(
                "webhooks.egress.lookups",
                "Running lookups of host names, and callers that wait for one",
                names,
                Map.of("running", NameResolver::running, "waiting", NameResolver::waiting));
    }

    public void ofKafka(KafkaConsumers consumers, Collection<String> topics) {
        gauge(
                "webhooks.kafka.connected",
                "1: a broker is connected; 0: no broker is connected, or the route is stopped",
                () -> consumers.areConnected() ? 1 : 0);
        topics.forEach(topic -> Gauge.builder("webhooks.kafka.lag", () -> consumers.lag(topic))
                .description(
                        "Records of a topic that wait in partitions that this instance reads, as of its last fetch;"
                                + " NaN: not known")
                .baseUnit("records")
                .tag("topic", topic)
                .register(meters));
    }

    public void ofServer(Connections connections) {
        gauges(
                "webhooks.server.connections",
                "Open connections to the API and the console, without those being closed, by whether a caller has shown a key",
                connections,
                "caller",
                Map.of("known", Connections::authenticated, "unknown", Connections::unauthenticated));
        gauge("webhooks.server.connections.limit", "Limit of concurrent connections", connections::limit);
        count(
                "webhooks.server.connections.evicted",
                "Connections replaced by new ones",
                connections,
                Connections::evicted);
        count(
                "webhooks.server.connections.refused",
                "Connections refused at the limit",
                connections,
                Connections::refused);
    }

    /** Logs the warnings of the health details. */
    public static void warn(Config config, Instant now) {
        SigningKeyExpiry.of(config, now).endings().forEach(ending -> LOG.warn(ending.text(now)));
    }

    private void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(meters);
    }

    private <T> void states(String name, String description, T of, Map<String, ToDoubleFunction<T>> states) {
        gauges(name, description, of, "state", states);
    }

    private <T> void gauges(
            String name, String description, T of, String tag, Map<String, ToDoubleFunction<T>> values) {
        values.forEach((value, number) -> Gauge.builder(name, of, number)
                .description(description)
                .tag(tag, value)
                .register(meters));
    }

    private <T> void count(String name, String description, T of, ToDoubleFunction<T> value) {
        FunctionCounter.builder(name, of, value).description(description).register(meters);
    }

    private void seconds(String name, String description, Supplier<Optional<Duration>> value) {
        Gauge.builder(name, () -> value.get().map(age -> age.toNanos() / SECOND).orElse(Double.NaN))
                .description(description)
                .baseUnit("seconds")
                .register(meters);
    }
}
