package io.engagementwebhooks.console;

import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.StatsStore;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.RateLimit;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Tls;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Makes the views of webhooks. Thread-safe.
 *
 * @param tokenProblem why deliveries of a client wait for a token now, if they do
 */
record WebhookViews(
        Outbox outbox, Definitions definitions, Clock clock, Function<OAuthClient, Optional<String>> tokenProblem) {

    /**
     * Stored state of a webhook.
     *
     * @param waiting its pending deliveries
     * @param health null: it never had an attempt
     * @param activity null: not requested
     */
    record Stored(long waiting, StatsStore.Health health, ActivityView activity) {}

    WebhookView of(Webhook webhook, Stored stored) {
        return view(
                webhook.id(),
                new Shape(
                        webhook.events().patterns(),
                        webhook.condition().isPresent(),
                        TargetView.of(webhook),
                        AuthenticationView.of(webhook.delivery().authentication(), tokenProblem),
                        webhook.retry().name(),
                        webhook.delivery().rateLimit().map(RateLimit::text).orElse(null)),
                stored);
    }

    /** A webhook whose definition is inactive. */
    WebhookView resting(WebhookId webhook, Stored stored) {
        return view(webhook, new Shape(List.of(), false, null, null, null, null), stored);
    }

    /** What a definition says. */
    private record Shape(
            List<String> events,
            boolean condition,
            TargetView target,
            AuthenticationView authentication,
            String retry,
            String rateLimit) {}

    private WebhookView view(WebhookId webhook, Shape shape, Stored stored) {
        WebhookState state = outbox.state(webhook);
        StatsStore.Health health = stored.health() == null ? StatsStore.Health.UNKNOWN : stored.health();
        return new WebhookView(
                webhook.id(),
                webhook.name(),
                shape.events(),
                shape.condition(),
                shape.target(),
                shape.authentication(),
                shape.retry(),
                shape.rateLimit(),
                state.state().text(),
                state.reason(),
                DeliveryView.text(state.since()),
                DeliveryView.text(ahead(state.holdUntil())),
                stored.waiting(),
                HealthView.of(state, health, clock.instant()),
                health.lastOutcome(),
                health.lastDeliveries(),
                DeliveryView.text(health.lastSeen()),
                stored.activity(),
                definitions.managedBy(webhook.account(), ResourceKind.WEBHOOK, webhook.name()));
    }

    private Instant ahead(Instant hold) {
        return hold != null && hold.isAfter(clock.instant()) ? hold : null;
    }

    /** When the client certificate of a webhook expires; empty: it has none, or uses that of its OAuth client. */
    static Optional<Instant> endOfCertificate(Webhook webhook) {
        Target target = webhook.delivery().target();
        Tls tls = target instanceof Target.Http http
                ? http.tls()
                : target instanceof Target.OwnRequest own ? own.request().tls() : Tls.DEFAULT;
        boolean isOfClient = webhook.delivery().authentication().credentials() instanceof Authentication.OAuth2 oauth2
                && oauth2.client().bound();
        return isOfClient ? Optional.empty() : TlsView.endOfCertificate(tls);
    }
}
