package io.engagementwebhooks.webhook;

import java.net.URI;
import java.time.Duration;
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
 * @param scope the scope asked for, or empty
 * @param projectId for account-level credentials, else null
 * @param integrationVersion version of the installed integration
 * @param endpointSuffix host that a token answer may name: this, or hosts below it
 * @param schema the integration's fields, at most 10 of each type
 * @param batch how many deliveries go together
 * @param createdOn when the credentials were made, or null: they expire a year later
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
        LocalDate createdOn) {

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

    /** The last day of the credentials, or empty: it is not known. */
    public Optional<LocalDate> expiresOn() {
        return Optional.ofNullable(createdOn).map(day -> day.plusYears(1));
    }

    /**
     * How many deliveries go in one request.
     *
     * @param size at most so many; 1: each by itself. Contentsquare does not say how many it takes
     * @param most how long a delivery waits for others
     */
    public record Batch(int size, Duration most) {
        /** Where the connection does not say. */
        public static final Batch USUAL = new Batch(50, Duration.ofMillis(20));

        public Batch {
            Objects.requireNonNull(most);
        }
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
     * @param from its value where the webhook names no fields, or null: the field of the same name in the event's data
     * @param conversion how that value is converted
     * @param zone in which a time without an offset is read
     */
    public record SchemaField(
            String name, Type type, boolean optional, FieldValue from, Conversion conversion, ZoneId zone) {

        public SchemaField {
            Objects.requireNonNull(name);
            Objects.requireNonNull(type);
            Objects.requireNonNull(conversion);
            Objects.requireNonNull(zone);
        }

        /** One that takes the field of the same name as it is; times without an offset are UTC. */
        public SchemaField(String name, Type type, boolean optional) {
            this(name, type, optional, null, Conversion.NONE, ZoneOffset.UTC);
        }

        /** Conversions of a value on its way from the event into the field. */
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

            /** The word used in configuration files; null: it has none. */
            public String text() {
                return text;
            }

            /** Whether it makes values of a type. */
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
    public String toString() {
        return "Contentsquare connection '" + name + "' of account '" + account + "'";
    }
}
