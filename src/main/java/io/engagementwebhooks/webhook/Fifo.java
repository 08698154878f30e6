package io.engagementwebhooks.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.event.FieldPath;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Delivers events with equal keys one at a time, in the order of acceptance. Different keys, and events without the
 * key, do not wait.
 *
 * @param key a dotted path from the event, such as {@code subject} or {@code data.contact.id}
 * @param skipAfter how long after its first failure a failing delivery blocks the next one; empty: until it ends
 */
public record Fifo(String key, Optional<Duration> skipAfter) {

    /** The default key. */
    public static final String DEFAULT_KEY = "subject";

    public Fifo {
        Objects.requireNonNull(key);
        Objects.requireNonNull(skipAfter);
    }

    /** The value of the key in an event, as text; empty if missing. */
    public Optional<String> valueIn(JsonNode event) {
        JsonNode value = FieldPath.find(event, key);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        return Optional.of(value.isValueNode() ? value.asText() : value.toString());
    }
}
