package io.engagementwebhooks.operate;

import io.engagementwebhooks.store.IdentityStore;
import io.engagementwebhooks.store.ResourceName;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Assigns ids to the resources of the configuration file. Thread-safe.
 *
 * @param store assigns ids
 */
record Identities(IdentityStore store) {

    private static final Logger LOG = LoggerFactory.getLogger(Identities.class);

    /** The configuration with ids. Applies former names. */
    Config identified(Config file) {
        Set<ResourceName> names = names(file);
        Map<ResourceName, ResourceName> former = new HashMap<>();
        for (Config.FormerName each : file.formerNames()) {
            former.put(
                    name(each.account(), ResourceKind.WEBHOOK, each.name()),
                    name(each.account(), ResourceKind.WEBHOOK, each.was()));
        }
        Map<String, String> ids = new HashMap<>();
        if (!names.isEmpty()) {
            store.assign(names, former)
                    .toCompletableFuture()
                    .join()
                    .forEach((name, id) ->
                            ids.put(Config.key(name.account(), ResourceKind.of(name.kind()), name.name()), id));
        }
        file.formerNames().forEach(this::warnWithoutEffect);
        return file.identified(ids);
    }

    /** Warns of a former name that another webhook uses. */
    private void warnWithoutEffect(Config.FormerName former) {
        Optional<WebhookId> other = store.webhook(former.account(), former.was());
        if (other.isPresent()) {
            LOG.warn(
                    "config.was-without-effect account={} webhook=\"{}\" was=\"{}\": {} keeps that name, since '{}' has an id"
                            + " already or the API has made '{}'; remove 'was'",
                    former.account(),
                    former.name(),
                    former.was(),
                    other.get().id(),
                    former.name(),
                    former.was());
        }
    }

    private static Set<ResourceName> names(Config file) {
        Set<ResourceName> names = new LinkedHashSet<>();
        file.accounts().values().forEach(account -> {
            account.apiKeys().forEach(key -> names.add(name(account.id(), ResourceKind.API_KEY, key.name())));
            account.signingKeys().forEach(key -> names.add(name(account.id(), ResourceKind.SIGNING_KEY, key.id())));
        });
        Config.Resources resources = file.resources();
        resources
                .oauthClients()
                .forEach(client -> names.add(name(client.account(), ResourceKind.OAUTH_CLIENT, client.name())));
        resources
                .salesforce()
                .forEach(connection ->
                        names.add(name(connection.account(), ResourceKind.CONNECTION, connection.name())));
        resources
                .contentsquare()
                .forEach(connection ->
                        names.add(name(connection.account(), ResourceKind.CONNECTION, connection.name())));
        resources.eventTypes().forEach(type -> names.add(name(type.account(), ResourceKind.EVENT_TYPE, type.type())));
        resources
                .webhooks()
                .forEach(webhook -> names.add(name(webhook.account(), ResourceKind.WEBHOOK, webhook.name())));
        return names;
    }

    private static ResourceName name(String account, ResourceKind kind, String name) {
        return new ResourceName(account, kind.text(), name);
    }
}
