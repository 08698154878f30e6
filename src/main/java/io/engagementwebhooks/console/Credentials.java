package io.engagementwebhooks.console;

import io.engagementwebhooks.deliver.ConnectionStatus;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.PublicUrl;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.SetUp;
import io.engagementwebhooks.webhook.ThingKind;
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
    private final Definitions definitions;
    private final Map<String, ConnectionStatus> status;

    /** @param status one for each kind of connection of which something is known */
    public Credentials(SetUps setUp, MadeByApi made, List<ConnectionStatus> status) {
        this.setUp = setUp;
        this.definitions = new Definitions(made, setUp);
        this.status =
                status.stream().collect(Collectors.toUnmodifiableMap(ConnectionStatus::type, Function.identity()));
    }

    /** {@code GET /v1/connections}: by name. */
    public Processor connections() {
        return ApiStep.ok(request -> {
            Page.Named<Map<String, Object>> page = Page.Named.of(
                    all(request.account()),
                    view -> (String) view.get("name"),
                    request.parameters(Parameters.LIMIT, Parameters.CURSOR),
                    "connections\n" + request.account());
            page.things()
                    .forEach(view ->
                            definitions.with(view, request.account(), ThingKind.CONNECTION, (String) view.get("name")));
            return Page.of(page.things(), page.next());
        });
    }

    /** {@code GET /v1/connections/{name}}. */
    public Processor one() {
        return ApiStep.ok(request -> {
            request.parameters();
            String name = request.thing();
            return Answered.ok(
                    definitions.version(request.account(), ThingKind.CONNECTION, name), shown(request.account(), name));
        });
    }

    /** How one is shown, after a change too. */
    public Editing.View view() {
        return request -> name -> shown(request.account(), name);
    }

    private Map<String, Object> shown(String account, String name) {
        Map<String, Object> view = all(account).stream()
                .filter(one -> one.get("name").equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new ProblemException(Problem.notFound("this account has no connection of that name")));
        return definitions.withDefinition(view, account, ThingKind.CONNECTION, name);
    }

    private List<Map<String, Object>> all(String account) {
        SetUp current = setUp.get();
        return Stream.concat(
                        current.salesforceConnections(account).stream()
                                .map(connection ->
                                        withStatus(view(connection), new Authentication.Salesforce(connection))),
                        current.contentsquareConnections(account).stream()
                                .map(connection ->
                                        withStatus(view(connection), new Authentication.Contentsquare(connection))))
                .toList();
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
