package io.engagementwebhooks.console;

import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.Figures;
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

/** Makes the views of webhooks. Thread-safe. */
final class WebhookViews {

    private final Outbox outbox;
    private final Definitions definitions;
    private final Clock clock;
    private final Function<OAuthClient, Optional<String>> tokenProblem;

    /** @param tokenProblem why a client's deliveries wait for a token now, if they do */
    WebhookViews(
            Outbox outbox, Definitions definitions, Clock clock, Function<OAuthClient, Optional<String>> tokenProblem) {
        this.outbox = outbox;
        this.definitions = definitions;
        this.clock = clock;
        this.tokenProblem = tokenProblem;
    }

    /**
     * What the store knows of a webhook.
     *
     * @param waiting how many of its deliveries wait
     * @param health null: it was never tried
     * @param activity null: not asked for
     */
    record Stored(long waiting, Figures.Health health, ActivityView activity) {}

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

    /** One that is defined and cannot be in effect. */
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
        Figures.Health health = stored.health() == null ? Figures.Health.UNKNOWN : stored.health();
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

    /** When the client certificate of a webhook's own ends; empty: it has none, or shows that of its OAuth client. */
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
