package io.engagementwebhooks.config.read;

import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Resource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The results of a parse so far. Not thread-safe. */
public final class ParsedDefinitions {

    final List<Account> accounts = new ArrayList<>();

    /** All except keys, which are in their accounts. */
    final List<Resource> resources = new ArrayList<>();

    final List<FileDefinition.FormerName> formerNames = new ArrayList<>();

    final List<FileDefinition> definitions = new ArrayList<>();

    /** Hashes of all API keys, with their owners. */
    final Map<String, String> apiKeys = new HashMap<>();

    public Config config() {
        return new Config(accounts, Config.Resources.of(resources));
    }

    /** All definitions, in the order of the file. */
    public List<FileDefinition> definitions() {
        return definitions;
    }

    public List<FileDefinition.FormerName> formerNames() {
        return formerNames;
    }
}
