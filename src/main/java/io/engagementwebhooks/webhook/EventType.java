package io.engagementwebhooks.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.webhook.schema.DataSchema;
import java.util.Objects;

/**
 * An event type that an account has defined. Immutable and thread-safe.
 *
 * @param type what its events are called, such as {@code order.placed}
 * @param schema the JSON Schema of their data; shared: do not change it
 * @param sample data of such an event, which fits the schema; shared: do not change it
 * @param compiled the schema
 * @param check what becomes of events that do not fit
 * @param size characters of schema and sample
 */
public record EventType(
        String account,
        String type,
        String title,
        String description,
        JsonNode schema,
        JsonNode sample,
        DataSchema compiled,
        Check check,
        int size)
        implements OwnedResource {

    /** How many an account may have. */
    public static final int MOST = 200;

    /** What becomes of events whose data does not fit. */
    public enum Check {
        /** They are not checked. */
        OFF,
        /** They are accepted, counted and logged. */
        WARN,
        /** They are refused. */
        REFUSE
    }

    public EventType {
        Objects.requireNonNull(account);
        Objects.requireNonNull(type);
        Objects.requireNonNull(title);
        Objects.requireNonNull(description);
        Objects.requireNonNull(schema);
        Objects.requireNonNull(sample);
        Objects.requireNonNull(compiled);
        Objects.requireNonNull(check);
    }

    @Override
    public ResourceKind kind() {
        return ResourceKind.EVENT_TYPE;
    }

    @Override
    public String name() {
        return type;
    }

    /** Account and type only. */
    @Override
    public String toString() {
        return "event type '" + type + "' of account '" + account + "'";
    }
}
