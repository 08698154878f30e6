package io.engagementwebhooks.console;

import io.engagementwebhooks.server.KeyUse;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.SetUp;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/** The API keys of the caller's account: what they may and when they were used, never the key or its hash. Thread-safe. */
public final class ApiKeys {

    private final Supplier<SetUp> setUp;
    private final KeyUse use;
    private final Clock clock;

    public ApiKeys(Supplier<SetUp> setUp, KeyUse use, Clock clock) {
        this.setUp = setUp;
        this.use = use;
        this.clock = clock;
    }

    /** {@code GET /v1/api-keys}: by name. */
    public Processor list() {
        return ApiStep.ok(request -> {
            Page.Named<ApiKey> page = Page.Named.of(
                    setUp.get().account(request.account()).map(Account::apiKeys).orElse(List.of()),
                    ApiKey::name,
                    request.parameters(Parameters.LIMIT, Parameters.CURSOR),
                    "api-keys\n" + request.account());
            return Page.of(page.things().stream().map(this::view).toList(), page.next());
        });
    }

    private Map<String, Object> view(ApiKey key) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", key.name());
        view.put("role", key.role().name().toLowerCase(Locale.ROOT));
        view.put("lastUsedAt", DeliveryView.text(use.lastUsed(key).orElse(null)));
        view.put("until", DeliveryView.text(key.until()));
        view.put("ended", key.hasEnded(clock.instant()));
        return view;
    }
}
