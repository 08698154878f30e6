package io.engagementwebhooks.api.definition;

import io.engagementwebhooks.api.ApiRequest;
import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.Page;
import io.engagementwebhooks.deliver.ConnectionReport;
import io.engagementwebhooks.deliver.ConnectionReport.Finding;
import io.engagementwebhooks.deliver.ConnectionTest;
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.Authentication;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.camel.Processor;

/** {@code POST /v1/connections/{id or name}/test}: tests a connection of the caller's account. Thread-safe. */
public final class ConnectionTesting {

    private final Supplier<Config> config;
    private final Definitions definitions;
    private final ConcurrencyLimit trials = ConcurrencyLimit.ofTests();
    private final Map<String, ConnectionTest> tests;

    /** @param tests one per kind of connection */
    public ConnectionTesting(Supplier<Config> config, Definitions definitions, List<ConnectionTest> tests) {
        this.config = config;
        this.definitions = definitions;
        this.tests = tests.stream().collect(Collectors.toUnmodifiableMap(ConnectionTest::type, Function.identity()));
    }

    /** The step. Findings are a response, not an error: the status is 200 even if the connection does not work. */
    public Processor test() {
        return ApiStep.ok(this::test);
    }

    private ConnectionView.Test test(ApiRequest request) {
        Config current = config.get();
        String name = definitions.name(request, ResourceKind.CONNECTION);
        Authentication connection =
                Page.one(Credentials.all(current, request.account()), Credentials::name, name, ResourceKind.CONNECTION);
        List<Webhook> users = current.webhooks(request.account()).stream()
                .filter(webhook -> webhook.delivery().authentication().equals(connection))
                .toList();
        ConnectionTest test = tests.get(connection.type());
        ConnectionReport report = trials.run(
                request.account(),
                () -> test.test(connection, users).toCompletableFuture().join());
        return view(name, connection, report);
    }

    private static ConnectionView.Test view(String name, Authentication connection, ConnectionReport report) {
        return new ConnectionView.Test(
                name,
                connection.type(),
                report.ok(),
                report.findings().stream().map(ConnectionTesting::view).toList());
    }

    private static ConnectionView.Finding view(Finding finding) {
        return new ConnectionView.Finding(
                finding.level().name().toLowerCase(Locale.ROOT), finding.webhook(), finding.field(), finding.text());
    }
}
