package io.engagementwebhooks.operate;

import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.SetUp;
import io.engagementwebhooks.webhook.SigningOutlook;
import io.engagementwebhooks.webhook.setup.Fault;
import io.engagementwebhooks.webhook.setup.SetUpStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is seen from outside: health checks and gauges. */
final class Observation {

    private static final Logger LOG = LoggerFactory.getLogger(Observation.class);

    private final CamelContext context;
    private final Store store;
    private final Outbox outbox;
    private final SetUpInUse setUp;
    private final RouteFollower routes;
    private final MeterRegistry meters;
    private final Clock clock;
    private final ExpiringCredentials ages;

    Observation(
            CamelContext context,
            Store store,
            Outbox outbox,
            SetUpInUse setUp,
            RouteFollower routes,
            MeterRegistry meters,
            Clock clock,
            ExpiringCredentials ages) {
        this.clock = clock;
        this.context = context;
        this.store = store;
        this.outbox = outbox;
        this.setUp = setUp;
        this.routes = routes;
        this.meters = meters;
        this.ages = ages;
    }

    void register() {
        HealthCheckRegistry checks = HealthCheckRegistry.get(context);
        if (checks != null) {
            List.of(new StoreCheck(), new RoutesCheck(), new SetUpCheck()).forEach(checks::register);
        }
        gauge("webhooks.store.bytes", "Bytes of the store on disk", store::size);
        gauge("webhooks.store.wal.bytes", "Bytes of the store's write-ahead log", store::walSize);
        gauge(
                "webhooks.partitions.owned",
                "How many of the 256 partitions of webhooks this instance sends for",
                () -> store.ownership().partitions());
        gauge("webhooks.deliveries.waiting", "Deliveries that wait", store::waitingCount);
        gauge("webhooks.deliveries.due", "Deliveries that are due, as far as is known", outbox::backlog);
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
            Gauge.builder("webhooks.webhooks", () -> inState(state))
                    .description("Webhooks that are set up, by their state")
                    .tag("state", state.text())
                    .register(meters);
        }
        gauge(
                "webhooks.setup.current",
                "1: what runs is what the set-up file says; 0: the file is broken or gone, or another instance's holds",
                () -> setUp.status().isUpToDate() ? 1 : 0);
        gauge(
                "webhooks.signing.ending",
                "Accounts, and webhooks with keys of their own choice, whose last signing key has ended or will in 7 days",
                () -> outlook().endings().size());
        gauge(
                "webhooks.routes.current",
                "1: the routes that run are what the files say; 0: a file has faults, and those before it run on",
                () -> routes.status().isUpToDate() ? 1 : 0);
    }

    private long inState(WebhookState.State state) {
        return setUp.get().webhooks().stream()
                .filter(webhook -> outbox.state(webhook.id()).state() == state)
                .count();
    }

    private SigningOutlook outlook() {
        return SigningOutlook.of(setUp.get(), clock.instant());
    }

    /** Writes to the log what the health detail says too. */
    static void warn(SetUp setUp, Instant now) {
        SigningOutlook.of(setUp, now).endings().forEach(ending -> LOG.warn(ending.text(now)));
    }

    private void gauge(String name, String description, java.util.function.Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(meters);
    }

    private abstract static class Readiness extends AbstractHealthCheck {
        Readiness(String id) {
            super("webhooks", id);
        }

        @Override
        public boolean isLiveness() {
            return false;
        }
    }

    /** Ready only while a write can be committed. */
    private final class StoreCheck extends Readiness {
        StoreCheck() {
            super("store");
        }

        @Override
        protected void doCall(HealthCheckResultBuilder result, Map<String, Object> options) {
            try {
                store.checkWritable();
                result.up();
            } catch (StoreException e) {
                result.message(e.getMessage()).down();
            }
        }
    }

    /** Ready only while every route that starts by itself runs, be it of files before those of now. */
    private final class RoutesCheck extends Readiness {
        RoutesCheck() {
            super("routes");
        }

        @Override
        protected void doCall(HealthCheckResultBuilder result, Map<String, Object> options) {
            RouteFollower.Status status = routes.status();
            if (!status.isUpToDate()) {
                result.message("what ran before runs on: the route files have faults")
                        .detail("faults", String.join("\n", status.faults()));
            }
            List<String> stopped = Stream.concat(
                            context.getRoutes().stream()
                                    .filter(Route::isAutoStartup)
                                    .map(Route::getId)
                                    .filter(id -> !runs(id)),
                            status.routes().stream().filter(id -> context.getRoute(id) == null))
                    .toList();
            if (stopped.isEmpty()) {
                result.up();
            } else {
                result.message("these routes do not run: " + String.join(", ", stopped))
                        .down();
            }
        }

        private boolean runs(String id) {
            ServiceStatus status = context.getRouteController().getRouteStatus(id);
            return status != null && status.isStarted();
        }
    }

    /** Ready on an older set-up too, but it says so. */
    private final class SetUpCheck extends Readiness {
        SetUpCheck() {
            super("set-up");
        }

        @Override
        protected void doCall(HealthCheckResultBuilder result, Map<String, Object> options) {
            SetUpStatus status = setUp.status();
            result.message(status.summary());
            result.detail("state", status.state().name());
            if (!status.faults().isEmpty()) {
                result.detail(
                        "faults",
                        String.join(
                                "\n",
                                status.faults().stream().map(Fault::toString).toList()));
            }
            List<SigningOutlook.Ending> endings = outlook().endings();
            if (!endings.isEmpty()) {
                Instant now = clock.instant();
                result.detail(
                        "signing",
                        String.join(
                                "\n",
                                endings.stream().map(ending -> ending.text(now)).toList()));
            }
            List<String> credentials = ages.warnings();
            if (!credentials.isEmpty()) {
                result.detail("credentials", String.join("\n", credentials));
            }
            result.up();
        }
    }
}
