package io.engagementwebhooks.operate;

import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.webhook.setup.Fault;
import io.engagementwebhooks.webhook.setup.SetUpStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** What is seen from outside: health checks and gauges. */
final class Observation {

    private final CamelContext context;
    private final SqliteStore store;
    private final SetUpInUse setUp;
    private final MeterRegistry meters;
    private final CredentialAges ages;

    Observation(CamelContext context, SqliteStore store, SetUpInUse setUp, MeterRegistry meters, CredentialAges ages) {
        this.context = context;
        this.store = store;
        this.setUp = setUp;
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
        gauge("webhooks.deliveries.waiting", "Deliveries that wait", store::waitingCount);
        gauge(
                "webhooks.setup.current",
                "1: what runs is what the set-up file says; 0: the file is broken or gone",
                () -> setUp.status().isUpToDate() ? 1 : 0);
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

    /** Ready only while every route that starts by itself runs. */
    private final class RoutesCheck extends Readiness {
        RoutesCheck() {
            super("routes");
        }

        @Override
        protected void doCall(HealthCheckResultBuilder result, Map<String, Object> options) {
            List<String> stopped = context.getRoutes().stream()
                    .filter(Route::isAutoStartup)
                    .map(Route::getId)
                    .filter(id ->
                            !context.getRouteController().getRouteStatus(id).isStarted())
                    .toList();
            if (stopped.isEmpty()) {
                result.up();
            } else {
                result.message("these routes do not run: " + String.join(", ", stopped))
                        .down();
            }
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
            List<String> credentials = ages.warnings();
            if (!credentials.isEmpty()) {
                result.detail("credentials", String.join("\n", credentials));
            }
            result.up();
        }
    }
}
