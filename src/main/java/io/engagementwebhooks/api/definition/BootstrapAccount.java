package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.engagementwebhooks.config.BootstrapKey;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.config.read.KeptApiKey;
import io.engagementwebhooks.store.definition.DefinitionRow;
import io.engagementwebhooks.store.definition.DefinitionStore.Change;
import io.engagementwebhooks.store.definition.IdentityStore;
import io.engagementwebhooks.store.definition.ResourceName;
import io.engagementwebhooks.webhook.ApiKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** The account of a first start. Thread-safe. */
public record BootstrapAccount(DefinitionChanges changes, IdentityStore identities, Vault vault) {

    /** Adds it with its first key. @return false: it exists already */
    public boolean add(ApiKey key, Instant now) {
        ResourceName name = new ResourceName(BootstrapKey.ACCOUNT, key.kind().text(), key.name());
        return changes.exclusively(() -> {
            StoredDefinitions made = changes.made();
            if (made.files().bootstrap()) {
                return false;
            }
            String id = identities
                    .assign(List.of(name), Map.of())
                    .toCompletableFuture()
                    .join()
                    .get(name);
            DefinitionRow row = made.sealing()
                    .sealed(
                            id,
                            name,
                            id,
                            KeptApiKey.of(JsonNodeFactory.instance.objectNode().put("name", key.name()), key),
                            now);
            boolean isAdded = changes.write(
                    List.of(Change.create(row)),
                    vault.seal(made.files().withBootstrapAccount().toBytes()));
            changes.read();
            changes.activate();
            return isAdded;
        });
    }
}
