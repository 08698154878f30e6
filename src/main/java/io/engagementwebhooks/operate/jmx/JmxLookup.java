package io.engagementwebhooks.operate.jmx;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.definition.AuditEntry;
import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.webhook.Actor;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.util.Collection;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Finds resources by name and audits an operator's changes. A missing name is an error that lists the existing
 * names, as a JDK exception, which every client knows.
 */
record JmxLookup(Store store, Supplier<Config> config, Clock clock) {

    /** The prefix of a message id, before the ULID, as receivers see it in {@code webhook-id}. */
    private static final String PREFIX = "msg_";

    String account(String id) {
        if (config.get().account(id).isEmpty()) {
            throw none("account", id, config.get().accounts().keySet());
        }
        return id;
    }

    WebhookId webhook(String account, String name) {
        return config.get()
                .webhook(account(account), name)
                .map(Webhook::id)
                .orElseThrow(() -> none(
                        "webhook",
                        name,
                        config.get().webhooks(account).stream()
                                .map(Webhook::name)
                                .toList()));
    }

    OAuthClient client(String account, String name) {
        Collection<OAuthClient> clients = config.get().oauthClients(account(account));
        return clients.stream()
                .filter(client -> client.name().equals(name))
                .findFirst()
                .orElseThrow(() -> none(
                        "OAuth client",
                        name,
                        clients.stream().map(OAuthClient::name).toList()));
    }

    DeliveryRow delivery(String account, String id) {
        String ulid = id.startsWith(PREFIX) ? id.substring(PREFIX.length()) : id;
        return store.deliveries()
                .delivery(account(account), ulid)
                .orElseThrow(
                        () -> new IllegalArgumentException("account '" + account + "' has no delivery '" + id + "'"));
    }

    static String shown(DeliveryRow delivery) {
        return PREFIX + delivery.id();
    }

    void note(String account, String action, String kind, String name, String detail) {
        store.definitions()
                .append(new AuditEntry(account, clock.instant(), Actor.JMX, action, kind, name, detail))
                .toCompletableFuture()
                .join();
    }

    static IllegalArgumentException none(String kind, String name, Collection<String> known) {
        return new IllegalArgumentException(
                "there is no " + kind + " '" + name + "' (known: " + String.join(", ", new TreeSet<>(known)) + ")");
    }
}
