package io.engagementwebhooks.store.definition;

import io.engagementwebhooks.webhook.WebhookId;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Keeps the ids of named resources. An id is a ULID with the prefix of its kind ({@code wh_}, {@code oc_}, {@code cn_},
 * {@code key_}, {@code sk_}). It is assigned when a name of an account is first seen, and never changes; the name is a label
 * that can move to another id. Thread-safe.
 */
public interface IdentityStore {

    /**
     * Returns the ids of names and assigns an id to each new name.
     *
     * @param names the names that are in use
     * @param former former names of renamed resources, by new name. The id of the former name moves to the new name
     *     once, unless the new name has an id or the former name is in use
     * @return the id of each of the names; completes after the commit
     */
    CompletionStage<Map<ResourceName, String>> assign(
            Collection<ResourceName> names, Map<ResourceName, ResourceName> former);

    /** Finds a webhook of an account by its id or its present name, whether it is configured or not. */
    Optional<WebhookId> webhook(String account, String idOrName);
}
