package io.engagementwebhooks.store;

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
     * Finds the ids of names, assigning an id to each name that has none.
     *
     * @param names the names that are in use
     * @param former by a name in use, the name that its resource had before. It is obeyed once: the id of the former name moves
     *     to the name unless that has an id already, or the former name is in use itself
     * @return the id of each of the names; completes after the commit
     */
    CompletionStage<Map<ResourceName, String>> assign(
            Collection<ResourceName> names, Map<ResourceName, ResourceName> former);

    /** Finds a webhook of an account by its id or its present name, whether it is configured or not. */
    Optional<WebhookId> webhook(String account, String idOrName);
}
