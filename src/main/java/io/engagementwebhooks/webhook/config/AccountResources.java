package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.EventType;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.Resource;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.SigningKey;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Existing resources of an account: valid references and used names for new definitions. Not thread-safe. */
public final class AccountResources {

    private final String account;
    private final Map<String, OAuthClient> oauthClients = new LinkedHashMap<>();
    private final Map<String, SalesforceConnection> salesforce = new LinkedHashMap<>();
    private final Map<String, ContentsquareConnection> contentsquare = new LinkedHashMap<>();
    private final Map<String, SigningKey> signingKeys = new LinkedHashMap<>();
    private final Map<String, EventType> eventTypes = new LinkedHashMap<>();
    private final Map<String, ApiKey> apiKeys = new LinkedHashMap<>();
    private final Set<String> ownKeys = new LinkedHashSet<>();
    private final Set<String> webhooks = new LinkedHashSet<>();

    public AccountResources(String account) {
        this.account = account;
    }

    public String account() {
        return account;
    }

    /** Adds an existing resource. */
    public AccountResources add(Resource resource) {
        if (resource instanceof Resource.OfWebhook of) {
            webhooks.add(of.name());
            of.webhook().delivery().target().signing().keys().stream()
                    .map(SigningKey::id)
                    .filter(id -> !signingKeys.containsKey(id))
                    .forEach(ownKeys::add);
        } else if (resource instanceof Resource.OfOAuthClient of) {
            oauthClients.put(of.name(), of.client());
        } else if (resource instanceof Resource.OfSalesforce of) {
            salesforce.put(of.name(), of.connection());
        } else if (resource instanceof Resource.OfContentsquare of) {
            contentsquare.put(of.name(), of.connection());
        } else if (resource instanceof Resource.OfApiKey of) {
            apiKeys.put(of.name(), of.key());
        } else if (resource instanceof Resource.OfSigningKey of) {
            signingKeys.put(of.name(), of.key());
        } else if (resource instanceof Resource.OfEventType of) {
            eventTypes.put(of.name(), of.type());
        }
        return this;
    }

    /** Frees the id of a signing key, although webhooks use one with that id. */
    public void free(String signingKey) {
        ownKeys.remove(signingKey);
    }

    /** Frees the name of an existing webhook. */
    public AccountResources freeWebhook(String name) {
        webhooks.remove(name);
        return this;
    }

    Map<String, OAuthClient> oauthClients() {
        return oauthClients;
    }

    Map<String, SalesforceConnection> salesforce() {
        return salesforce;
    }

    Map<String, ContentsquareConnection> contentsquare() {
        return contentsquare;
    }

    /** The account's signing keys, without those of single webhooks. */
    Map<String, SigningKey> signingKeys() {
        return signingKeys;
    }

    Set<String> ownKeys() {
        return ownKeys;
    }

    Map<String, EventType> eventTypes() {
        return eventTypes;
    }

    Map<String, ApiKey> apiKeys() {
        return apiKeys;
    }

    Set<String> webhooks() {
        return webhooks;
    }
}
