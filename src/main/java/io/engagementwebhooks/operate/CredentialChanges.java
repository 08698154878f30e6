package io.engagementwebhooks.operate;

import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import io.engagementwebhooks.webhook.auth.Secret;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds the webhooks whose credential changed or returned. */
final class CredentialChanges {

    private CredentialChanges() {}

    /** The webhooks with a changed credential: value, secret, client, connection or certificate; none at the start. */
    static Set<WebhookId> between(Config before, Config now) {
        boolean isStart = before == Config.empty();
        if (isStart) {
            return Set.of();
        }
        return now.webhooks().stream()
                .filter(webhook -> !isAuthenticatedAs(before.webhook(webhook.id()), webhook))
                .map(Webhook::id)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static boolean isAuthenticatedAs(Optional<Webhook> former, Webhook webhook) {
        return former.isPresent()
                && former.get()
                        .delivery()
                        .authentication()
                        .equals(webhook.delivery().authentication())
                && certificate(former.get()).equals(certificate(webhook))
                && properties(former.get()).equals(properties(webhook));
    }

    /** Properties of a Kamelet, which may be credentials. */
    private static Map<String, Secret> properties(Webhook webhook) {
        return webhook.delivery().target() instanceof Target.Kamelet kamelet ? kamelet.properties() : Map.of();
    }

    /** The client certificate for the receiver, beside or instead of the authentication; may be empty. */
    private static List<X509Certificate> certificate(Webhook webhook) {
        return webhook.delivery().target() instanceof Target.Http http
                ? http.tls().chain()
                : List.of();
    }
}
