package io.engagementwebhooks.console;

import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Webhook;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/** The event catalog in the API. Thread-safe. */
public final class EventTypeApi {

    /** How many webhooks of a type are named. */
    private static final int NAMED = 20;

    private final Supplier<Config> config;

    public EventTypeApi(Supplier<Config> config) {
        this.config = config;
    }

    /** {@code GET /v1/event-types}: what can be subscribed to, and which webhooks ask for it. */
    public Processor list() {
        return ApiStep.ok(request -> {
            request.parameters();
            return Page.of(
                    EventCatalog.TYPES.stream()
                            .map(type -> view(type, asking(request.account(), type)))
                            .toList(),
                    null);
        });
    }

    /** The product's own events come only to webhooks that name them or their prefix. */
    private List<Webhook> asking(String account, EventCatalog.Type type) {
        List<Webhook> matching = config.get().matching(account, type.type());
        return type.product()
                ? matching.stream()
                        .filter(webhook -> webhook.events().matchByName(type.type()))
                        .toList()
                : matching;
    }

    private static Map<String, Object> view(EventCatalog.Type type, List<Webhook> asking) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("type", type.type());
        view.put("title", type.title());
        view.put("description", type.description());
        view.put("sentBy", type.product() ? "product" : "account");
        view.put("fields", type.fields().stream().map(EventTypeApi::view).toList());
        view.put("schema", type.schema());
        view.put("sample", type.sample());
        view.put("webhookCount", asking.size());
        view.put(
                "webhooks",
                asking.stream()
                        .limit(NAMED)
                        .map(webhook -> Map.of("id", webhook.id().id(), "name", webhook.name()))
                        .toList());
        return view;
    }

    private static Map<String, Object> view(EventCatalog.Field field) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", field.name());
        view.put("type", field.type());
        view.put("description", field.description());
        return view;
    }
}
