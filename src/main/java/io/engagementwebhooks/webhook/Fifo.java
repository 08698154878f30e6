package io.engagementwebhooks.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.event.FieldPath;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Sends a webhook's deliveries of one key one after the other, in the order in which their events were accepted. Keys do
 * not wait for each other, and an event without the key does not wait.
 *
 * @param key a dotted path from the event, such as {@code subject} or {@code data.contact.id}
 * @param skipAfter how long a delivery that fails again and again keeps the next one of its key waiting, counted from its
 *     first failure; empty: until it has ended
 */
public record Fifo(String key, Optional<Duration> skipAfter) {

    /** The key where the webhook does not say. */
    public static final String DEFAULT_KEY = "subject";

    public Fifo {
        Objects.requireNonNull(key);
        Objects.requireNonNull(skipAfter);
    }

    /** The value of the key in an event, as text; empty: it has none. */
    public Optional<String> valueIn(JsonNode event) {
        JsonNode value = FieldPath.find(event, key);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        return Optional.of(value.isValueNode() ? value.asText() : value.toString());
    }
}
