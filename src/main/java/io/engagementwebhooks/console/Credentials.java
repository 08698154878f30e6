package io.engagementwebhooks.console;

import io.engagementwebhooks.deliver.ConnectionStatus;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.PublicUrl;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.SalesforceConnection;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Processor;

/** The connections of the caller's account, without their secrets. Thread-safe. */
final class Credentials {

    private final Supplier<Config> config;
    private final Definitions definitions;
    private final Map<String, ConnectionStatus> status;
    private final Clock clock;

    /** @param status one for each kind of connection of which something is known */
    Credentials(ConfigSource config, ApiDefinitions made, List<ConnectionStatus> status, Clock clock) {
        this.config = config;
        this.definitions = new Definitions(made, config);
        this.status =
                status.stream().collect(Collectors.toUnmodifiableMap(ConnectionStatus::type, Function.identity()));
        this.clock = clock;
    }

    /** {@code GET /v1/connections}: by name. */
    public Processor connections() {
        return ApiStep.ok(request -> {
            Page.Named<Authentication> page = Page.Named.of(
                    all(request.account()),
                    Credentials::name,
                    this::need,
                    request.parameters(Parameters.TEXT, Parameters.ATTENTION, Parameters.LIMIT, Parameters.CURSOR),
                    "connections\n" + request.account());
            return Page.of(
                    page.resources().stream()
                            .map(connection -> definitions.with(
                                    view(connection), request.account(), ResourceKind.CONNECTION, name(connection)))
                            .toList(),
                    page.next());
        });
    }

    private Severity need(Authentication connection) {
        if (status(connection).map(ConnectionStatus.Status::problem).isPresent()) {
            return Severity.NOW;
        }
        return connection instanceof Authentication.Contentsquare contentsquare
                ? contentsquare
                        .connection()
                        .expiresOn()
                        .map(day ->
                                Severity.atEnd(day.atStartOfDay(ZoneOffset.UTC).toInstant(), clock.instant()))
                        .orElse(Severity.NONE)
                : Severity.NONE;
    }

    /** {@code GET /v1/connections/{id or name}}. */
    public Processor one() {
        return ApiStep.ok(request -> {
            request.parameters();
            String name = definitions.name(request, ResourceKind.CONNECTION);
            return Answered.ok(
                    definitions.version(request.account(), ResourceKind.CONNECTION, name),
                    shown(request.account(), name));
        });
    }

    /** How one is shown, after a change too. */
    public DefinitionService.View view() {
        return request -> name -> shown(request.account(), name);
    }

    private Map<String, Object> shown(String account, String name) {
        Authentication connection = all(account).stream()
                .filter(one -> name(one).equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new ProblemException(Problem.notFound("this account has no connection of that name or id")));
        return definitions.withDefinition(view(connection), account, ResourceKind.CONNECTION, name);
    }

    /** As the webhooks that use them have them. */
    private List<Authentication> all(String account) {
        Config current = config.get();
        return Stream.<Authentication>concat(
                        current.salesforceConnections(account).stream().map(Authentication.Salesforce::new),
                        current.contentsquareConnections(account).stream().map(Authentication.Contentsquare::new))
                .toList();
    }

    private static String name(Authentication connection) {
        return connection instanceof Authentication.Salesforce salesforce
                ? salesforce.connection().name()
                : ((Authentication.Contentsquare) connection).connection().name();
    }

    private Map<String, Object> view(Authentication connection) {
        Map<String, Object> view = connection instanceof Authentication.Salesforce salesforce
                ? view(salesforce.connection())
                : view(((Authentication.Contentsquare) connection).connection());
        view.put("status", status(connection).map(Credentials::view).orElse(null));
        return view;
    }

    private Optional<ConnectionStatus.Status> status(Authentication connection) {
        return Optional.ofNullable(status.get(connection.type())).flatMap(kind -> kind.status(connection));
    }

    private static Map<String, Object> view(ConnectionStatus.Status status) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("problem", status.problem());
        view.put("until", DeliveryView.text(status.until()));
        view.put("requestsUsed", status.used());
        view.put("requestsLimit", status.limit());
        view.put("usedAt", DeliveryView.text(status.usedAt()));
        return view;
    }

    private static Map<String, Object> view(SalesforceConnection connection) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", connection.name());
        view.put("type", "salesforce");
        view.put("loginUrl", PublicUrl.of(connection.loginUrl()));
        view.put("login", connection.login().type());
        view.put("clientId", connection.clientId());
        view.put("apiVersion", connection.apiVersion());
        view.put("instanceSuffixes", connection.instanceSuffixes());
        return view;
    }

    private static Map<String, Object> view(ContentsquareConnection connection) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", connection.name());
        view.put("type", "contentsquare");
        view.put("tokenUrl", PublicUrl.of(connection.tokenUrl()));
        view.put("clientId", connection.clientId());
        view.put("scope", connection.scope());
        view.put("projectId", connection.projectId());
        view.put("integrationVersion", connection.integrationVersion());
        view.put("endpointSuffix", connection.endpointSuffix());
        view.put("batchSize", connection.batch().size());
        view.put(
                "createdOn",
                connection.createdOn() == null ? null : connection.createdOn().toString());
        view.put("expiresOn", connection.expiresOn().map(LocalDate::toString).orElse(null));
        view.put(
                "schema",
                connection.schema().stream()
                        .map(field -> Map.of(
                                "name", field.name(), "type", field.type().name(), "optional", field.optional()))
                        .toList());
        return view;
    }
}
