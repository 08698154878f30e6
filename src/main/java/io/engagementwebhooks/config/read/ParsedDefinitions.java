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

    final List<Config.FormerName> formerNames = new ArrayList<>();

    /** Definitions as written in the file, by account, kind and name. */
    final Map<String, byte[]> definitions = new HashMap<>();

    /** Hashes of all API keys, with their owners. */
    final Map<String, String> apiKeys = new HashMap<>();

    public Config config() {
        return new Config(accounts, Config.Resources.of(resources), formerNames, definitions);
    }
}
