package io.engagementwebhooks.webhook;

import java.net.URI;
import java.util.List;
import java.util.Objects;

/**
 * Named credentials of a Contentsquare project and the schema of its integration.
 *
 * @param account the account it belongs to
 * @param name unique within the account
 * @param tokenUrl {@code https://api.contentsquare.com/v1/oauth/token} by default
 * @param clientId the client's id
 * @param clientSecret the client's secret
 * @param scope the scope asked for, or empty
 * @param projectId for account-level credentials, else null
 * @param integrationVersion version of the installed integration
 * @param endpointSuffix host that a token answer may name: this, or hosts below it
 * @param schema the integration's fields, at most 10 of each type
 */
public record ContentsquareConnection(
        String account,
        String name,
        URI tokenUrl,
        String clientId,
        Secret clientSecret,
        String scope,
        Long projectId,
        int integrationVersion,
        String endpointSuffix,
        List<SchemaField> schema) {

    public ContentsquareConnection {
        Objects.requireNonNull(account);
        Objects.requireNonNull(name);
        Objects.requireNonNull(tokenUrl);
        Objects.requireNonNull(clientId);
        Objects.requireNonNull(clientSecret);
        Objects.requireNonNull(scope);
        Objects.requireNonNull(endpointSuffix);
        schema = List.copyOf(schema);
    }

    /** Token URL where the connection does not say. */
    public static final URI DEFAULT_TOKEN_URL = URI.create("https://api.contentsquare.com/v1/oauth/token");

    /** Endpoint suffix where the connection does not say. */
    public static final String DEFAULT_ENDPOINT_SUFFIX = "contentsquare.com";

    /**
     * One field of the integration's schema.
     *
     * @param name at most 30 bytes
     * @param type its type
     * @param optional whether an enrichment may leave it out
     */
    public record SchemaField(String name, Type type, boolean optional) {
        /** The types of the Enrichment API. */
        public enum Type {
            STRING,
            INT,
            FLOAT,
            BOOL,
            DATETIME
        }
    }

    @Override
    public String toString() {
        return "Contentsquare connection '" + name + "' of account '" + account + "'";
    }
}
