package io.engagementwebhooks.webhook;

import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.template.FieldValue;
import java.net.URI;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Named credentials of a Contentsquare project and the schema of its integration.
 *
 * @param account the account it belongs to
 * @param name unique within the account
 * @param tokenUrl {@code https://api.contentsquare.com/v1/oauth/token} by default
 * @param clientId the client's id
 * @param clientSecret the client's secret
 * @param scope the requested scope, or empty
 * @param projectId for account-level credentials, else null
 * @param integrationVersion version of the installed integration
 * @param endpointSuffix allowed host, including subdomains, of the endpoint in token responses
 * @param schema the integration's fields, at most 10 of each type
 * @param batch limits of a batch; Contentsquare documents none
 * @param createdOn when the credentials were created, or null if unknown; they expire a year later
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
        List<SchemaField> schema,
        Batch batch,
        LocalDate createdOn)
        implements OwnedResource {

    public ContentsquareConnection {
        Objects.requireNonNull(account);
        Objects.requireNonNull(name);
        Objects.requireNonNull(tokenUrl);
        Objects.requireNonNull(clientId);
        Objects.requireNonNull(clientSecret);
        Objects.requireNonNull(scope);
        Objects.requireNonNull(endpointSuffix);
        Objects.requireNonNull(batch);
        schema = List.copyOf(schema);
    }

    /** The last day of the credentials, or empty if unknown. */
    public Optional<LocalDate> expiresOn() {
        return Optional.ofNullable(createdOn).map(day -> day.plusYears(1));
    }

    /** The default token URL. */
    public static final URI DEFAULT_TOKEN_URL = URI.create("https://api.contentsquare.com/v1/oauth/token");

    /** The default endpoint suffix. */
    public static final String DEFAULT_ENDPOINT_SUFFIX = "contentsquare.com";

    /**
     * One field of the integration's schema.
     *
     * @param name at most 30 bytes
     * @param type its type
     * @param optional whether an enrichment may leave it out
     * @param from its value if the webhook has no mapping, or null: the field of the same name in the event's data
     * @param conversion how that value is converted
     * @param zone of times without an offset
     */
    public record SchemaField(
            String name, Type type, boolean optional, FieldValue from, Conversion conversion, ZoneId zone) {

        public SchemaField {
            Objects.requireNonNull(name);
            Objects.requireNonNull(type);
            Objects.requireNonNull(conversion);
            Objects.requireNonNull(zone);
        }

        /** A field without mapping and conversion; times without an offset are UTC. */
        public SchemaField(String name, Type type, boolean optional) {
            this(name, type, optional, null, Conversion.NONE, ZoneOffset.UTC);
        }

        /** Conversions of an event's value. */
        public enum Conversion {
            NONE(null, Type.values()),
            SECONDS_TO_MILLISECONDS("seconds-to-milliseconds", Type.INT, Type.FLOAT),
            MILLISECONDS_TO_SECONDS("milliseconds-to-seconds", Type.INT, Type.FLOAT),
            SECONDS_TO_MINUTES("seconds-to-minutes", Type.INT, Type.FLOAT),
            MINUTES_TO_SECONDS("minutes-to-seconds", Type.INT, Type.FLOAT),
            SECONDS_SINCE_1970("seconds-since-1970", Type.DATETIME),
            MILLISECONDS_SINCE_1970("milliseconds-since-1970", Type.DATETIME),
            NOT("not", Type.BOOL);

            private final String text;
            private final Set<Type> types;

            Conversion(String text, Type... types) {
                this.text = text;
                this.types = Set.of(types);
            }

            /** The name in configuration files; null for no conversion. */
            public String text() {
                return text;
            }

            /** Whether its results fit a type. */
            public boolean makes(Type type) {
                return types.contains(type);
            }
        }

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
    public ResourceKind kind() {
        return ResourceKind.CONNECTION;
    }

    @Override
    public String toString() {
        return "Contentsquare connection '" + name + "' of account '" + account + "'";
    }
}
