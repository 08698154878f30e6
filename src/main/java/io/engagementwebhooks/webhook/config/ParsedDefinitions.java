package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.EventType;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.Webhook;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The results of a parse so far. Not thread-safe. */
final class ParsedDefinitions {

    final List<Account> accounts = new ArrayList<>();
    final List<OAuthClient> oauthClients = new ArrayList<>();
    final List<SalesforceConnection> salesforce = new ArrayList<>();
    final List<ContentsquareConnection> contentsquare = new ArrayList<>();
    final List<EventType> eventTypes = new ArrayList<>();
    final List<Webhook> webhooks = new ArrayList<>();
    final List<Config.FormerName> formerNames = new ArrayList<>();

    /** Definitions as written in the file, by account, kind and name. */
    final Map<String, byte[]> definitions = new HashMap<>();

    /** Hashes of all API keys, with their owners. */
    final Map<String, String> apiKeys = new HashMap<>();

    Config config() {
        return new Config(
                accounts,
                new Config.Resources(oauthClients, salesforce, contentsquare, eventTypes, webhooks),
                formerNames,
                definitions);
    }
}
