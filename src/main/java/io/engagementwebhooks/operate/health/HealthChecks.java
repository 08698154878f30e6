package io.engagementwebhooks.operate.health;

import io.engagementwebhooks.api.VersionView;
import io.engagementwebhooks.config.ConfigStatus;
import io.engagementwebhooks.config.schema.Fault;
import io.engagementwebhooks.ingest.Admission;
import io.engagementwebhooks.ingest.KafkaConsumers;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.operate.ActiveConfig;
import io.engagementwebhooks.operate.Wiring;
import io.engagementwebhooks.operate.routes.RouteFollower;
import io.engagementwebhooks.server.RouterProblems;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.cluster.Ownership;
import io.engagementwebhooks.webhook.signing.SigningKeyExpiry;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * The product's health checks. It is ready while events can be stored: the ingest route runs, the store accepts
 * writes, and its lease is valid (semantics 38). Other faults are details of checks that are up. Thread-safe.
 */
public final class HealthChecks {

    private static final int MOST_LINES = 10;

    private final CamelContext context;
    private final Store store;
    private final ActiveConfig config;
    private final RouteFollower routes;
    private final ExpiringCredentials ages;
    private final Optional<KafkaConsumers> kafka;
    private final VersionView version;
    private final Clock clock;
    /** Routes that have accepted events over HTTP. */
    private final Set<String> ingestRoutes = ConcurrentHashMap.newKeySet();

    public HealthChecks(
            CamelContext context,
            Store store,
            ActiveConfig config,
            RouteFollower routes,
            ExpiringCredentials ages,
            Optional<KafkaConsumers> kafka,
            VersionView version,
            Clock clock) {
        this.context = context;
        this.store = store;
        this.config = config;
        this.routes = routes;
        this.ages = ages;
        this.kafka = kafka;
        this.version = version;
        this.clock = clock;
    }

    public void register() {
        HealthCheckRegistry checks = HealthCheckRegistry.get(context);
        if (checks == null) {
            return;
        }
        checks.register(new Readiness("ingest", this::checkIngest));
        checks.register(new Readiness("store", this::checkStore));
        checks.register(new Readiness("limits", this::showLimits));
        checks.register(new Readiness("routes", this::showRoutes));
        checks.register(new Readiness("configuration", this::showConfig));
        checks.register(new Readiness("version", this::showVersion));
        if (store.cluster().ownership().lease().isPresent()) {
            checks.register(new Readiness("lease", this::checkLease));
        }
        kafka.ifPresent(consumers -> checks.register(new Readiness("kafka", result -> showKafka(consumers, result))));
    }

    /** Routes that should run and do not, including those of former files. */
    Set<String> stoppedRoutes() {
        Set<String> stopped = new TreeSet<>();
        context.getRoutes().stream()
                .filter(Route::isAutoStartup)
                .map(Route::getId)
                .filter(id -> !runs(id))
                .forEach(stopped::add);
        routes.status().routes().stream()
                .filter(id -> context.getRoute(id) == null)
                .forEach(stopped::add);
        return stopped;
    }

    private boolean runs(String id) {
        ServiceStatus status = context.getRouteController().getRouteStatus(id);
        return status != null && status.isStarted();
    }

    private static final class Readiness extends AbstractHealthCheck {

        private final Consumer<HealthCheckResultBuilder> check;

        Readiness(String id, Consumer<HealthCheckResultBuilder> check) {
            super("webhooks", id);
            this.check = check;
        }

        @Override
        public boolean isLiveness() {
            return false;
        }

        @Override
        protected void doCall(HealthCheckResultBuilder result, Map<String, Object> options) {
            check.accept(result);
        }
    }

    /** Ready only while events are accepted over HTTP, if a route accepts them. */
    private void checkIngest(HealthCheckResultBuilder result) {
        ReadinessState serving = context.getRegistry().lookupByNameAndType(ReadinessState.BEAN, ReadinessState.class);
        if (serving != null && !serving.isOn()) {
            result.message(serving.reason()).down();
            return;
        }
        context.getRoutes().stream()
                .filter(route -> route.getEndpoint() instanceof PlatformHttpEndpoint endpoint
                        && RouterProblems.INGEST.equals(endpoint.getPath()))
                .map(Route::getId)
                .forEach(ingestRoutes::add);
        Set<String> wanted = routes.status().routes();
        List<String> stopped = ingestRoutes.stream()
                .filter(id -> context.getRoute(id) == null ? wanted.contains(id) : !runs(id))
                .sorted()
                .toList();
        if (stopped.isEmpty()) {
            result.up();
        } else {
            result.message("events are not accepted: route " + String.join(", ", stopped) + " does not run; start it")
                    .down();
        }
    }

    /** Ready only while a write can be committed. */
    private void checkStore(HealthCheckResultBuilder result) {
        try {
            store.checkWritable();
            result.up();
        } catch (StoreException e) {
            result.message(e.getMessage()).down();
        }
    }

    /** Ready only while this instance's lease is valid, if the store is shared. */
    private void checkLease(HealthCheckResultBuilder result) {
        Ownership.Lease lease = store.cluster().ownership().lease().orElseThrow();
        result.detail("renewedSecondsAgo", lease.age().toSeconds());
        if (lease.isValid()) {
            result.up();
        } else {
            result.message("the lease was not renewed in time, so nothing is sent until it is")
                    .down();
        }
    }

    /** Always ready, since refusals at a limit are intended; reports them as details. */
    private void showLimits(HealthCheckResultBuilder result) {
        Admission admission = context.getRegistry().findSingleByType(Admission.class);
        Ledger ledger = context.getRegistry().lookupByNameAndType(Wiring.LEDGER, Ledger.class);
        admission.refusalReason().ifPresent(result::message);
        if (!admission.accountsAboveShare().isEmpty()) {
            result.detail("accountsAboveShare", String.join(", ", new TreeSet<>(admission.accountsAboveShare())));
        }
        result.detail("memoryReservedBytes", ledger.reserved());
        result.detail("memoryLimitBytes", ledger.memory());
        result.up();
    }

    /** Always ready; reports stopped routes and faults of route files. */
    private void showRoutes(HealthCheckResultBuilder result) {
        String faults = detail(result, "faults", routes.statusWithDestinations().faults().stream());
        String stopped = String.join(", ", stoppedRoutes());
        List<String> texts = new ArrayList<>();
        if (!faults.isEmpty()) {
            texts.add("the route files have faults; the routes that run keep running" + faults);
        }
        if (!stopped.isEmpty()) {
            texts.add("these routes do not run: " + stopped);
            result.detail("stopped", stopped);
        }
        if (!texts.isEmpty()) {
            result.message(String.join("; ", texts));
        }
        result.up();
    }

    /** Always ready; reports an outdated configuration as detail. */
    private void showConfig(HealthCheckResultBuilder result) {
        ConfigStatus status = config.status();
        result.message(status.summary()
                + detail(result, "faults", status.faults().stream().map(Fault::toString)));
        result.detail("state", status.state().name());
        Instant now = clock.instant();
        detail(
                result,
                "signing",
                SigningKeyExpiry.of(config.get(), now).endings().stream().map(ending -> ending.text(now)));
        detail(result, "credentials", ages.warnings().stream());
        result.up();
    }

    /** Always ready. */
    private void showVersion(HealthCheckResultBuilder result) {
        result.detail("version", version.version());
        result.detail("commit", version.commit());
        result.detail("schema", version.schema());
        result.detail("camel", version.camel());
        result.up();
    }

    /** Adds the first lines as a detail, which Camel shows with {@code ?data=true} only. @return them for a message */
    static String detail(HealthCheckResultBuilder result, String name, Stream<String> lines) {
        List<String> all = lines.toList();
        int more = all.size() - MOST_LINES;
        String text = String.join("\n", all.subList(0, Math.min(all.size(), MOST_LINES)))
                + (more > 0 ? "\nand " + more + " more" : "");
        if (!text.isEmpty()) {
            result.detail(name, text);
        }
        return text.isEmpty() ? "" : ": " + text.replace("\n", "; ");
    }

    /** Always ready; reports a missing broker as detail. */
    private static void showKafka(KafkaConsumers consumers, HealthCheckResultBuilder result) {
        if (!consumers.areConnected()) {
            result.message("no broker is connected: events from Kafka wait there");
        }
        result.up();
    }
}
