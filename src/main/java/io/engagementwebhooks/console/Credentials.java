package io.engagementwebhooks.console;

import io.engagementwebhooks.deliver.ConnectionStatus;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.SetUp;
import java.time.LocalDate;
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
public final class Credentials {

    private final Supplier<SetUp> setUp;
    private final Map<String, ConnectionStatus> status;

    /** @param status one for each kind of connection of which something is known */
    public Credentials(Supplier<SetUp> setUp, List<ConnectionStatus> status) {
        this.setUp = setUp;
        this.status =
                status.stream().collect(Collectors.toUnmodifiableMap(ConnectionStatus::type, Function.identity()));
    }

    /** {@code GET /v1/connections}: by name. */
    public Processor connections() {
        return ApiStep.ok(request -> {
            SetUp current = setUp.get();
            return page(
                    request,
                    "connections",
                    Stream.concat(
                                    current.salesforceConnections(request.account()).stream()
                                            .map(connection -> withStatus(
                                                    view(connection), new Authentication.Salesforce(connection))),
                                    current.contentsquareConnections(request.account()).stream()
                                            .map(connection -> withStatus(
                                                    view(connection), new Authentication.Contentsquare(connection))))
                            .toList());
        });
    }

    private Map<String, Object> withStatus(Map<String, Object> view, Authentication connection) {
        Optional<ConnectionStatus.Status> known =
                Optional.ofNullable(status.get(connection.type())).flatMap(kind -> kind.status(connection));
        view.put("status", known.map(Credentials::view).orElse(null));
        return view;
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

    private static Map<String, Object> page(ApiRequest request, String kind, List<Map<String, Object>> all) {
        Page.Named<Map<String, Object>> page = Page.Named.of(
                all,
                view -> (String) view.get("name"),
                request.parameters(Parameters.LIMIT, Parameters.CURSOR),
                kind + "\n" + request.account());
        return Page.of(page.things(), page.next());
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
        view.put("source", "file");
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
        view.put("source", "file");
        return view;
    }
}
