package io.engagementwebhooks.operate;

import io.engagementwebhooks.store.IdentityStore;
import io.engagementwebhooks.store.ResourceName;
import io.engagementwebhooks.webhook.SetUp;
import io.engagementwebhooks.webhook.ThingKind;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the resources of the configuration file their ids. Thread-safe.
 *
 * @param store assigns ids
 */
record Identities(IdentityStore store) {

    private static final Logger LOG = LoggerFactory.getLogger(Identities.class);

    /** The same configuration with ids. Former names are obeyed here. */
    SetUp identified(SetUp file) {
        Set<ResourceName> names = names(file);
        Map<ResourceName, ResourceName> former = new HashMap<>();
        for (SetUp.FormerName each : file.formerNames()) {
            former.put(
                    name(each.account(), ThingKind.WEBHOOK, each.name()),
                    name(each.account(), ThingKind.WEBHOOK, each.was()));
        }
        Map<String, String> ids = new HashMap<>();
        if (!names.isEmpty()) {
            store.assign(names, former)
                    .toCompletableFuture()
                    .join()
                    .forEach((name, id) ->
                            ids.put(SetUp.key(name.account(), ThingKind.of(name.kind()), name.name()), id));
        }
        file.formerNames().forEach(this::warnWithoutEffect);
        return file.identified(ids);
    }

    /** Warns of a former name that another webhook has. */
    private void warnWithoutEffect(SetUp.FormerName former) {
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

    private static Set<ResourceName> names(SetUp file) {
        Set<ResourceName> names = new LinkedHashSet<>();
        file.accounts().values().forEach(account -> {
            account.apiKeys().forEach(key -> names.add(name(account.id(), ThingKind.API_KEY, key.name())));
            account.signingKeys().forEach(key -> names.add(name(account.id(), ThingKind.SIGNING_KEY, key.id())));
        });
        SetUp.Things things = file.things();
        things.oauthClients()
                .forEach(client -> names.add(name(client.account(), ThingKind.OAUTH_CLIENT, client.name())));
        things.salesforce()
                .forEach(connection -> names.add(name(connection.account(), ThingKind.CONNECTION, connection.name())));
        things.contentsquare()
                .forEach(connection -> names.add(name(connection.account(), ThingKind.CONNECTION, connection.name())));
        things.webhooks().forEach(webhook -> names.add(name(webhook.account(), ThingKind.WEBHOOK, webhook.name())));
        return names;
    }

    private static ResourceName name(String account, ThingKind kind, String name) {
        return new ResourceName(account, kind.text(), name);
    }
}
