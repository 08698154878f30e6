package io.engagementwebhooks.api.definition;

import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.Page;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.api.webhook.Severity;
import io.engagementwebhooks.deliver.ConnectionStatus;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.PublicUrl;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.auth.Authentication;
import java.net.URI;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.camel.Processor;

/**
 * The connections of the caller's account, without their secrets. Thread-safe.
 *
 * @param status one per kind of connection that has a state
 */
public record Credentials(
        Supplier<Config> config, Definitions definitions, List<ConnectionStatus> status, Clock clock) {

    /** {@code GET /v1/connections}: by name. */
    public Processor list() {
        return ApiStep.ok(request -> {
            ListView<Authentication> page = Page.named(
                    request,
                    ResourceKind.CONNECTION,
                    all(config.get(), request.account()),
                    Credentials::name,
                    this::need);
            UsedBy.Index users = new UsedBy.Index(config.get().webhooks(request.account()));
            return page.map(connection -> view(request.account(), connection, users));
        });
    }

    private Severity need(Authentication connection) {
        if (status(connection).map(ConnectionStatus.Status::problem).isPresent()) {
            return Severity.NOW;
        }
        return expiresOn(connection)
                .map(day -> Severity.atEnd(day.atStartOfDay(ZoneOffset.UTC).toInstant(), clock.instant()))
                .orElse(Severity.NONE);
    }

    /** One by its name, for {@link DefinitionService}. */
    public ConnectionView shown(String account, String name) {
        Authentication connection =
                Page.one(all(config.get(), account), Credentials::name, name, ResourceKind.CONNECTION);
        return view(account, connection, new UsedBy.Index(config.get().webhooks(account)));
    }

    /** The connections as webhooks use them. */
    static List<Authentication> all(Config current, String account) {
        return Stream.<Authentication>concat(
                        current.salesforceConnections(account).stream().map(Authentication.Salesforce::new),
                        current.contentsquareConnections(account).stream().map(Authentication.Contentsquare::new))
                .toList();
    }

    static String name(Authentication connection) {
        return UsedBy.connection(connection).orElseThrow();
    }

    private ConnectionView view(String account, Authentication connection, UsedBy.Index users) {
        String name = name(connection);
        return new ConnectionView(
                definitions.id(account, ResourceKind.CONNECTION, name).orElse(null),
                name,
                connection.type(),
                clientId(connection),
                PublicUrl.of(host(connection)),
                expiresOn(connection).map(LocalDate::toString).orElse(null),
                status(connection).map(Credentials::view).orElse(null),
                users.ofConnection(name),
                definitions.managedBy(account, ResourceKind.CONNECTION, name),
                definitions.defined(account, ResourceKind.CONNECTION, name));
    }

    private static String clientId(Authentication connection) {
        return connection instanceof Authentication.Salesforce salesforce
                ? salesforce.connection().clientId()
                : ((Authentication.Contentsquare) connection).connection().clientId();
    }

    private static URI host(Authentication connection) {
        return connection instanceof Authentication.Salesforce salesforce
                ? salesforce.connection().loginUrl()
                : ((Authentication.Contentsquare) connection).connection().tokenUrl();
    }

    private static Optional<LocalDate> expiresOn(Authentication connection) {
        return connection instanceof Authentication.Contentsquare contentsquare
                ? contentsquare.connection().expiresOn()
                : Optional.empty();
    }

    private Optional<ConnectionStatus.Status> status(Authentication connection) {
        return status.stream()
                .filter(kind -> kind.type().equals(connection.type()))
                .findFirst()
                .flatMap(kind -> kind.status(connection));
    }

    private static ConnectionView.Status view(ConnectionStatus.Status status) {
        return new ConnectionView.Status(
                status.problem(),
                DeliveryView.text(status.until()),
                status.used(),
                status.limit(),
                DeliveryView.text(status.usedAt()));
    }
}
