package io.engagementwebhooks.console;

import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** How a webhook looks in the API: no secret, and nothing that is likely to be one. Thread-safe. */
final class WebhookView {

    private final Outbox outbox;
    private final Clock clock;

    WebhookView(Outbox outbox, Clock clock) {
        this.outbox = outbox;
        this.clock = clock;
    }

    Map<String, Object> of(Webhook webhook, long waiting) {
        WebhookState state = outbox.state(webhook.id());
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", webhook.name());
        view.put("events", webhook.events().patterns());
        view.put("condition", webhook.condition().isPresent());
        view.put("target", target(webhook));
        view.put("authentication", authentication(webhook.delivery().authentication()));
        view.put("retry", webhook.retry().name());
        view.put("state", state.state().text());
        view.put("reason", state.reason());
        view.put("since", DeliveryView.text(state.since()));
        view.put("holdUntil", DeliveryView.text(ahead(state.holdUntil())));
        view.put("waiting", waiting);
        view.put("source", "file");
        return view;
    }

    private Instant ahead(Instant hold) {
        return hold != null && hold.isAfter(clock.instant()) ? hold : null;
    }

    private static Map<String, Object> target(Webhook webhook) {
        Map<String, Object> view = new LinkedHashMap<>();
        Target target = webhook.delivery().target();
        if (target instanceof Target.Http http) {
            view.put("kind", "http");
            view.put("method", http.method());
            view.put("url", PublicUrl.of(http.url()));
        } else if (target instanceof Target.Salesforce salesforce) {
            view.put("kind", "salesforce");
            view.put("operation", salesforce.operation().text());
            view.put("object", salesforce.object());
        } else if (target instanceof Target.SalesforceComposite composite) {
            view.put("kind", "salesforce");
            view.put("operation", "composite");
            view.put(
                    "objects",
                    composite.parts().stream()
                            .map(part -> part.record().object())
                            .toList());
        } else if (target instanceof Target.OwnRequest own) {
            view.put("kind", webhook.delivery().authentication().type());
            view.put("operation", "raw");
            view.put("method", own.request().method());
            view.put("path", PublicUrl.path(own.request().url()));
        } else {
            view.put("kind", "contentsquare");
        }
        return view;
    }

    private static Map<String, Object> authentication(Authentication authentication) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("type", authentication.type());
        if (authentication instanceof Authentication.Custom custom) {
            view.put("destination", custom.destination());
        }
        if (authentication.credentials() instanceof Authentication.OAuth2 oauth2) {
            view.put("client", oauth2.client().name());
        } else if (authentication instanceof Authentication.Salesforce salesforce) {
            view.put("connection", salesforce.connection().name());
        } else if (authentication instanceof Authentication.Contentsquare contentsquare) {
            view.put("connection", contentsquare.connection().name());
        }
        return view;
    }
}
