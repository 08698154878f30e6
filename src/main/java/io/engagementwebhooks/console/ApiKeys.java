package io.engagementwebhooks.console;

import io.engagementwebhooks.server.KeyUse;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ResourceKind;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/** The API keys of the caller's account, without the keys and their hashes. Thread-safe. */
final class ApiKeys {

    private final Supplier<Config> config;
    private final Definitions definitions;
    private final KeyUse use;
    private final Clock clock;

    ApiKeys(ConfigSource config, ApiDefinitions made, KeyUse use, Clock clock) {
        this.config = config;
        this.definitions = new Definitions(made, config);
        this.use = use;
        this.clock = clock;
    }

    /** {@code GET /v1/api-keys}: by name. */
    public Processor list() {
        return ApiStep.ok(request -> {
            Page.Named<ApiKey> page = Page.Named.of(
                    config.get()
                            .account(request.account())
                            .map(Account::apiKeys)
                            .orElse(List.of()),
                    ApiKey::name,
                    this::need,
                    request.parameters(Parameters.TEXT, Parameters.ATTENTION, Parameters.LIMIT, Parameters.CURSOR),
                    "api-keys\n" + request.account());
            return new ListView<>(
                    page.resources().stream()
                            .map(key -> view(request.account(), key, null))
                            .toList(),
                    page.next());
        });
    }

    /** A key in use that ends soon needs attention. An ended key does not: it cannot be in use. */
    private Severity need(ApiKey key) {
        Instant now = clock.instant();
        boolean isMissed =
                key.until() != null && !key.hasEnded(now) && use.lastUsed(key).isPresent();
        return isMissed ? Severity.atEnd(key.until(), now) : Severity.NONE;
    }

    /** {@code GET /v1/api-keys/{id or name}}. */
    public Processor one() {
        return ApiStep.ok(request -> {
            request.parameters();
            String name = definitions.name(request, ResourceKind.API_KEY);
            return Answered.ok(
                    definitions.version(request.account(), ResourceKind.API_KEY, name), shown(request.account(), name));
        });
    }

    /** The view of a key, also after a change. */
    public DefinitionService.View view() {
        return request -> name -> shown(request.account(), name);
    }

    private ApiKeyView shown(String account, String name) {
        ApiKey key = config.get().account(account).map(Account::apiKeys).orElse(List.of()).stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new ProblemException(Problem.notFound("this account has no API key of that name or id")));
        return view(account, key, definitions.defined(account, ResourceKind.API_KEY, name));
    }

    private ApiKeyView view(String account, ApiKey key, DefinedView defined) {
        return new ApiKeyView(
                definitions.id(account, ResourceKind.API_KEY, key.name()).orElse(null),
                key.name(),
                key.role().name().toLowerCase(Locale.ROOT),
                DeliveryView.text(use.lastUsed(key).orElse(null)),
                DeliveryView.text(key.until()),
                key.hasEnded(clock.instant()),
                null,
                definitions.managedBy(account, ResourceKind.API_KEY, key.name()),
                defined);
    }
}
