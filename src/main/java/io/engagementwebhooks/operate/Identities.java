package io.engagementwebhooks.operate;

import io.engagementwebhooks.store.definition.IdentityStore;
import io.engagementwebhooks.store.definition.ResourceName;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Resource;
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
            String kind = ResourceKind.WEBHOOK.text();
            former.put(
                    new ResourceName(each.account(), kind, each.name()),
                    new ResourceName(each.account(), kind, each.was()));
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
            account.apiKeys().forEach(key -> names.add(name(account.id(), key)));
            account.signingKeys().forEach(key -> names.add(name(account.id(), key)));
        });
        file.resources().all().forEach(resource -> names.add(name(resource.account(), resource)));
        return names;
    }

    private static ResourceName name(String account, Resource resource) {
        return new ResourceName(account, resource.kind().text(), resource.name());
    }
}
