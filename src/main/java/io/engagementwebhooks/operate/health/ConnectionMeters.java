package io.engagementwebhooks.operate.health;

import io.engagementwebhooks.deliver.ConnectionStatus;
import io.engagementwebhooks.deliver.ConnectionStatus.Status;
import io.engagementwebhooks.webhook.auth.Authentication;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.function.Function;

/** Metrics of the used requests of each connection, as the third party reports them. */
public final class ConnectionMeters {

    private final ConnectionStatus status;
    private final MultiGauge used;
    private final MultiGauge limit;

    public ConnectionMeters(MeterRegistry meters, ConnectionStatus status) {
        this.status = status;
        used = MultiGauge.builder("webhooks.connection.requests.used")
                .description("Requests that the third party counts as used, by all its clients")
                .register(meters);
        limit = MultiGauge.builder("webhooks.connection.requests.limit")
                .description("Request limit of the third party")
                .register(meters);
    }

    /** Replaces the connections with metrics. */
    public void show(List<Authentication.Salesforce> connections) {
        used.register(connections.stream().map(each -> row(each, Status::used)).toList(), true);
        limit.register(
                connections.stream().map(each -> row(each, Status::limit)).toList(), true);
    }

    private MultiGauge.Row<Authentication> row(Authentication.Salesforce connection, Function<Status, Long> value) {
        Tags tags = Tags.of(
                "account", connection.connection().account(),
                "connection", connection.connection().name());
        return MultiGauge.Row.of(
                tags,
                connection,
                each -> status.status(each).map(value).map(Long::doubleValue).orElse(Double.NaN));
    }
}
