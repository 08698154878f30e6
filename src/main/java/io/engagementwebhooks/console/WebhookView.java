package io.engagementwebhooks.console;

import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.Figures;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.PublicUrl;
import io.engagementwebhooks.webhook.RateLimit;
import io.engagementwebhooks.webhook.Signing;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Tls;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;

/** How a webhook looks in the API: no secret, and nothing that is likely to be one. Thread-safe. */
final class WebhookView {

    private final Outbox outbox;
    private final Clock clock;
    private final Function<OAuthClient, Optional<String>> tokenProblem;

    /** @param tokenProblem why a client's deliveries wait for a token now, if they do */
    WebhookView(Outbox outbox, Clock clock, Function<OAuthClient, Optional<String>> tokenProblem) {
        this.outbox = outbox;
        this.clock = clock;
        this.tokenProblem = tokenProblem;
    }

    Map<String, Object> of(Webhook webhook, long waiting) {
        WebhookState state = outbox.state(webhook.id());
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", webhook.name());
        view.put("events", webhook.events().patterns());
        view.put("condition", webhook.condition().isPresent());
        view.put("target", target(webhook));
        view.put("authentication", authentication(webhook.delivery().authentication(), tokenProblem));
        view.put("retry", webhook.retry().name());
        view.put(
                "rateLimit", webhook.delivery().rateLimit().map(RateLimit::text).orElse(null));
        view.put("state", state.state().text());
        view.put("reason", state.reason());
        view.put("since", DeliveryView.text(state.since()));
        view.put("holdUntil", DeliveryView.text(ahead(state.holdUntil())));
        view.put("waiting", waiting);
        return view;
    }

    /** One that is defined and cannot be in effect. */
    Map<String, Object> resting(WebhookId webhook, long waiting) {
        WebhookState state = outbox.state(webhook);
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", webhook.name());
        view.put("events", List.of());
        view.put("condition", false);
        view.put("target", null);
        view.put("authentication", null);
        view.put("retry", null);
        view.put("rateLimit", null);
        view.put("state", state.state().text());
        view.put("reason", state.reason());
        view.put("since", DeliveryView.text(state.since()));
        view.put("holdUntil", DeliveryView.text(ahead(state.holdUntil())));
        view.put("waiting", waiting);
        return view;
    }

    /** Adds how it does. @param found null: it was never tried */
    Map<String, Object> withHealth(Map<String, Object> view, WebhookId webhook, Figures.Health found) {
        Figures.Health health = found == null ? Figures.Health.UNKNOWN : found;
        view.put("health", HealthView.of(outbox.state(webhook), health, clock.instant()));
        view.put("lastOutcome", health.lastOutcome());
        view.put("lastDeliveries", health.lastDeliveries());
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
            if (!http.tls().equals(Tls.DEFAULT)) {
                view.put("tls", tls(http.tls()));
            }
            view.put("signature", http.signing().form().text());
            view.put(
                    "signingKeys",
                    http.signing().form() == Signing.Form.NONE
                            ? List.of()
                            : http.signing().keys().stream().map(SigningKey::id).toList());
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

    /** When the client certificate of a webhook's own ends; empty: it has none, or shows that of its OAuth client. */
    static Optional<Instant> endOfCertificate(Webhook webhook) {
        Target target = webhook.delivery().target();
        Tls tls = target instanceof Target.Http http
                ? http.tls()
                : target instanceof Target.OwnRequest own ? own.request().tls() : Tls.DEFAULT;
        boolean isOfClient = webhook.delivery().authentication().credentials() instanceof Authentication.OAuth2 oauth2
                && oauth2.client().bound();
        return isOfClient ? Optional.empty() : endOfCertificate(tls);
    }

    /** When the client certificate ends; empty: there is none. */
    static Optional<Instant> endOfCertificate(Tls tls) {
        return tls.chain().stream().findFirst().map(first -> first.getNotAfter().toInstant());
    }

    static Map<String, Object> tls(Tls tls) {
        X509Certificate certificate = tls.chain().isEmpty() ? null : tls.chain().get(0);
        Map<String, Object> view = new LinkedHashMap<>();
        view.put(
                "certificate",
                certificate == null
                        ? null
                        : certificate.getSubjectX500Principal().getName());
        view.put("expires", DeliveryView.text(endOfCertificate(tls).orElse(null)));
        view.put("ownCa", !tls.authorities().isEmpty());
        return view;
    }

    static Map<String, Object> authentication(
            Authentication authentication, Function<OAuthClient, Optional<String>> tokenProblem) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("type", authentication.type());
        if (authentication instanceof Authentication.Custom custom) {
            view.put("destination", custom.destination());
        }
        if (authentication.credentials() instanceof Authentication.ApiKey key) {
            view.put("header", key.header());
        } else if (authentication.credentials() instanceof Authentication.OAuth2 oauth2) {
            view.put("client", oauth2.client().name());
            view.put("renewOn", new TreeSet<>(oauth2.renewOn()));
            view.put("problem", tokenProblem.apply(oauth2.client()).orElse(null));
        } else if (authentication instanceof Authentication.Salesforce salesforce) {
            view.put("connection", salesforce.connection().name());
        } else if (authentication instanceof Authentication.Contentsquare contentsquare) {
            view.put("connection", contentsquare.connection().name());
        }
        return view;
    }
}
