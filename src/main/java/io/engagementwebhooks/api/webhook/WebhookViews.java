package io.engagementwebhooks.api.webhook;

import io.engagementwebhooks.api.definition.Definitions;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.outcome.Permissions;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.query.StatsStore;
import io.engagementwebhooks.webhook.PublicUrl;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import io.engagementwebhooks.webhook.auth.Authentication;
import io.engagementwebhooks.webhook.auth.Tls;
import io.engagementwebhooks.webhook.signing.Signing;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Makes the views of webhooks. Thread-safe.
 *
 * @param tokenProblem why deliveries with an authentication wait for a token now, if they do
 */
public record WebhookViews(
        Outbox outbox,
        Permissions permissions,
        Definitions definitions,
        Clock clock,
        Function<Authentication, Optional<String>> tokenProblem) {

    /**
     * Stored state of a webhook.
     *
     * @param waiting its pending deliveries
     * @param health null: it never had an attempt
     * @param activity null: not requested
     */
    record Stored(long waiting, StatsStore.Health health, ActivityView activity) {}

    /**
     * @param webhook empty: its definition is not in effect
     * @param warnings null: left out
     */
    WebhookView of(WebhookId id, Optional<Webhook> webhook, Stored stored, List<String> warnings) {
        WebhookState state = outbox.state(id);
        StatsStore.Health health = stored.health() == null ? StatsStore.Health.UNKNOWN : stored.health();
        Optional<Target> target = webhook.map(known -> known.delivery().target());
        Optional<Signing> signing = target.filter(Target.Http.class::isInstance).map(Target::signing);
        return new WebhookView(
                id.id(),
                id.name(),
                webhook.isPresent(),
                target.map(WebhookViews::url).orElse(null),
                signing.map(known -> known.form().text()).orElse(null),
                signing.filter(known -> known.form() != Signing.Form.NONE).map(Signing::keys).orElse(List.of()).stream()
                        .map(SigningKey::id)
                        .toList(),
                state.state().text(),
                state.reason(),
                DeliveryView.text(state.since()),
                DeliveryView.text(ahead(state.holdUntil())),
                webhook.map(known -> known.delivery().authentication().credentials())
                        .flatMap(tokenProblem)
                        .orElse(null),
                DeliveryView.text(
                        webhook.flatMap(WebhookViews::endOfCertificate).orElse(null)),
                webhook.flatMap(known -> PermissionView.of(known, permissions, clock.instant()))
                        .orElse(null),
                stored.waiting(),
                HealthView.of(state, health, clock.instant()),
                health.lastOutcome(),
                health.lastDeliveries(),
                DeliveryView.text(health.lastSeen()),
                stored.activity(),
                warnings,
                definitions.managedBy(id.account(), ResourceKind.WEBHOOK, id.name()),
                definitions.defined(id.account(), ResourceKind.WEBHOOK, id.name()));
    }

    private static String url(Target target) {
        if (target instanceof Target.Email email) {
            return email.url().toString();
        }
        if (target instanceof Target.Kamelet kamelet) {
            return kamelet.message().url().toString();
        }
        return target instanceof Target.Http http ? PublicUrl.of(http.url()) : null;
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
        return isOfClient ? Optional.empty() : endOfCertificate(tls);
    }

    /** When a client certificate expires; empty: there is none. */
    public static Optional<Instant> endOfCertificate(Tls tls) {
        return tls.chain().stream().findFirst().map(first -> first.getNotAfter().toInstant());
    }
}
