package io.engagementwebhooks.config.read;

import io.engagementwebhooks.webhook.Resource;
import io.engagementwebhooks.webhook.auth.Secret;
import java.util.Map;

/**
 * A definition of the configuration file.
 *
 * @param account its account
 * @param json as written in the file, with its placeholders; of an API key without the key, with its hash
 * @param values the values of its placeholders
 * @param resource what it defines; a webhook has its name as id
 */
public record FileDefinition(String account, byte[] json, Map<String, Secret> values, Resource resource) {

    /** The former name of a webhook ({@code was: old-name}). */
    public record FormerName(String account, String name, String was) {}

    @Override
    public String toString() {
        return resource.kind().words() + " '" + resource.name() + "' of account '" + account + "'";
    }
}
