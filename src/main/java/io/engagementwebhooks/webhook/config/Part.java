package io.engagementwebhooks.webhook.config;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The mappings of the set-up file and the keys each may hold: the one table that the reader goes by and that the JSON
 * schema in {@code docs/} is compared with.
 */
enum Part {
    FILE("file", "accounts"),
    ACCOUNT("account", "id", "apiKeys", "signingKeys", "oauthClients", "connections", "webhooks"),
    API_KEY("apiKey", "name", "role", "key", "until"),
    SIGNING_KEY("signingKey", "id", "secret", "privateKey", "from", "until"),
    OAUTH_CLIENT(
            "oauthClient",
            "name",
            "clientId",
            "clientSecret",
            "authenticationEndpoint",
            "tokenPath",
            "scope",
            "audience",
            "resource",
            "parameters",
            "authorizationMethod",
            "encoding",
            "privateKey",
            "keyId",
            "algorithm",
            "assertionAudience",
            "tls",
            "certificateBoundTokens"),
    SALESFORCE_CONNECTION(
            "salesforceConnection",
            "name",
            "type",
            "loginUrl",
            "login",
            "clientId",
            "clientSecret",
            "privateKey",
            "user",
            "audience",
            "refreshToken",
            "password",
            "allowPasswordLogin",
            "apiVersion",
            "instanceSuffix",
            "batchSize",
            "batchWait"),
    CONTENTSQUARE_CONNECTION(
            "contentsquareConnection",
            "name",
            "type",
            "tokenUrl",
            "clientId",
            "clientSecret",
            "scope",
            "projectId",
            "integrationVersion",
            "endpointSuffix",
            "schema",
            "batchSize",
            "batchWait",
            "createdOn"),
    SCHEMA_FIELD("schemaField", "name", "type", "optional", "from", "convert", "zone"),
    WEBHOOK("webhook", "name", "was", "events", "condition", "delivery", "retry", "maxAge", "giveUpOn", "disableAfter"),
    DELIVERY(
            "delivery",
            "url",
            "method",
            "format",
            "body",
            "bodyJq",
            "form",
            "headers",
            "timeout",
            "signed",
            "signature",
            "signingKeys",
            "authentication",
            "salesforce",
            "contentsquare",
            "tls",
            "waitFor",
            "fifo",
            "rateLimit"),
    TLS("tls", "certificate", "key", "pkcs12", "password", "ca"),
    AUTHENTICATION(
            "authentication",
            "type",
            "user",
            "password",
            "value",
            "header",
            "client",
            "renewOn",
            "connection",
            "destination"),
    SALESFORCE("salesforce", "operation", "object", "externalId", "externalIdValue", "fields", "records", "path"),
    SALESFORCE_RECORD("salesforceRecord", "name", "when", "object", "externalId", "externalIdValue", "fields", "links"),
    CONTENTSQUARE("contentsquare", "fields", "session", "path"),
    FIELD_PROGRAM("fieldProgram", "jq", "value", "map", "otherwise"),
    WAIT_FOR("waitFor", "field", "atMost"),
    FIFO("fifo", "key", "skipAfter");

    private final String schemaName;
    private final Set<String> keys;

    Part(String schemaName, String... keys) {
        this.schemaName = schemaName;
        this.keys = new TreeSet<>(Arrays.asList(keys));
    }

    /** What its definition is called in the JSON schema. */
    String schemaName() {
        return schemaName;
    }

    Set<String> keys() {
        return keys;
    }

    /** The one part that holds this key, if there is exactly one: a key is often just indented wrongly. */
    static Optional<Part> onlyHolderOf(String key) {
        Part[] holders =
                Arrays.stream(values()).filter(part -> part.keys.contains(key)).toArray(Part[]::new);
        return holders.length == 1 ? Optional.of(holders[0]) : Optional.empty();
    }
}
