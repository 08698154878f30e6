package io.engagementwebhooks.api.definition;

import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.Page;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.api.webhook.Severity;
import io.engagementwebhooks.server.KeyUse;
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
public record ApiKeys(Supplier<Config> config, Definitions definitions, KeyUse use, Clock clock) {

    /** {@code GET /v1/api-keys}: by name. */
    public Processor list() {
        return ApiStep.ok(request -> {
            ListView<ApiKey> page =
                    Page.named(request, ResourceKind.API_KEY, keys(request.account()), ApiKey::name, this::need);
            return page.map(key -> view(request.account(), key));
        });
    }

    private List<ApiKey> keys(String account) {
        return config.get().account(account).map(Account::apiKeys).orElse(List.of());
    }

    /** A key in use that ends soon needs attention. An ended key does not: it cannot be in use. */
    private Severity need(ApiKey key) {
        Instant now = clock.instant();
        boolean isMissed =
                key.until() != null && !key.hasEnded(now) && use.lastUsed(key).isPresent();
        return isMissed ? Severity.atEnd(key.until(), now) : Severity.NONE;
    }

    /** One by its name, for {@link DefinitionService}. */
    public ApiKeyView shown(String account, String name) {
        ApiKey key = Page.one(keys(account), ApiKey::name, name, ResourceKind.API_KEY);
        return view(account, key);
    }

    private ApiKeyView view(String account, ApiKey key) {
        return new ApiKeyView(
                definitions.id(account, ResourceKind.API_KEY, key.name()).orElse(null),
                key.name(),
                key.role().name().toLowerCase(Locale.ROOT),
                DeliveryView.text(use.lastUsed(key).orElse(null)),
                DeliveryView.text(key.until()),
                key.hasEnded(clock.instant()),
                null,
                definitions.managedBy(account, ResourceKind.API_KEY, key.name()),
                definitions.defined(account, ResourceKind.API_KEY, key.name()));
    }
}
