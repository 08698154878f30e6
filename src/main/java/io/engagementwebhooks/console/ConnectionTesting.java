package io.engagementwebhooks.console;

import io.engagementwebhooks.deliver.ConnectionReport;
import io.engagementwebhooks.deliver.ConnectionReport.Finding;
import io.engagementwebhooks.deliver.ConnectionTest;
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.Webhook;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.camel.AsyncProcessor;

/** {@code POST /v1/connections/{id or name}/test}: tests a connection of the caller's account. Thread-safe. */
public final class ConnectionTesting {

    /** A test calls a third party, and lasts as long as that takes. */
    private static final int TRIALS_AT_A_TIME = 4;

    private final Supplier<Config> config;
    private final Definitions definitions;
    private final ConcurrencyLimit trials = ConcurrencyLimit.ofTests(TRIALS_AT_A_TIME);
    private final Map<String, ConnectionTest> tests;

    /** @param tests one per kind of connection */
    public ConnectionTesting(Supplier<Config> config, Definitions definitions, List<ConnectionTest> tests) {
        this.config = config;
        this.definitions = definitions;
        this.tests = tests.stream().collect(Collectors.toUnmodifiableMap(ConnectionTest::type, Function.identity()));
    }

    /** The step. Findings are a response, not an error: the status is 200 even if the connection does not work. */
    public AsyncProcessor test() {
        return new ApiAsyncStep(this::test);
    }

    private CompletionStage<ConnectionView.Test> test(ApiRequest request) {
        request.parameters();
        request.body(Set.of());
        Config current = config.get();
        String name = definitions.name(request, ResourceKind.CONNECTION);
        Authentication connection = asked(request, name, current);
        List<Webhook> users = current.webhooks(request.account()).stream()
                .filter(webhook -> webhook.delivery().authentication().equals(connection))
                .toList();
        ConcurrencyLimit.Slot place = trials.acquire(request.account());
        return started(connection, users)
                .whenComplete((report, failure) -> place.close())
                .thenApply(report -> view(name, connection, report));
    }

    private CompletionStage<ConnectionReport> started(Authentication connection, List<Webhook> users) {
        try {
            return tests.get(connection.type()).test(connection, users);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private Authentication asked(ApiRequest request, String name, Config current) {
        return Credentials.all(current, request.account()).stream()
                .filter(one -> Credentials.name(one).equals(name) && tests.containsKey(one.type()))
                .findFirst()
                .orElseThrow(() ->
                        new ProblemException(Problem.notFound("this account has no connection of that name or id")));
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
