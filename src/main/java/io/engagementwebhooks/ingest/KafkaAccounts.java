package io.engagementwebhooks.ingest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.engagementwebhooks.event.EventJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Finds the account of a Kafka record: that of its topic, or the one that its event names. Thread-safe. */
public final class KafkaAccounts {

    private static final String PREFIX = "ce_";
    private static final String ACCOUNT = "account";

    private final Map<String, String> topics;
    private final boolean trustAccount;

    /**
     * @param topics the account of each topic
     * @param trustAccount whether an event's attribute {@code account} overrides it
     */
    public KafkaAccounts(Map<String, String> topics, boolean trustAccount) {
        this.topics = Map.copyOf(topics);
        this.trustAccount = trustAccount;
    }

    /** The account of a topic in {@code webhooks.kafka.topics}, or null. */
    String ofTopic(String topic) {
        return topics.get(topic);
    }

    /**
     * The account of a record, configured or not. Streams the value without a tree.
     *
     * @param attributes attributes in the record's headers; if there are any, the value is not read
     * @return null: neither the record nor its topic names one
     */
    String of(String topic, Map<String, String> attributes, byte[] value) {
        return trustAccount ? named(attributes, value).orElse(ofTopic(topic)) : ofTopic(topic);
    }

    /** The attributes of an event in the headers of its record, by name. */
    static Map<String, String> attributes(Map<String, Object> headers) {
        Map<String, String> attributes = new LinkedHashMap<>();
        headers.forEach((name, value) -> {
            if (name.startsWith(PREFIX)) {
                attributes.put(name.substring(PREFIX.length()).toLowerCase(Locale.ROOT), text(value));
            }
        });
        return attributes;
    }

    /** A header's value as text. */
    static String text(Object header) {
        return header instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : String.valueOf(header);
    }

    private static Optional<String> named(Map<String, String> attributes, byte[] value) {
        if (!attributes.isEmpty()) {
            return Optional.ofNullable(attributes.get(ACCOUNT));
        }
        try (JsonParser parser = EventJson.factory().createParser(value)) {
            return parser.nextToken() == JsonToken.START_OBJECT ? named(parser) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // EventReader reports the fault
        }
    }

    private static Optional<String> named(JsonParser parser) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean isAccount = ACCOUNT.equals(parser.currentName());
            JsonToken value = parser.nextToken();
            if (isAccount) {
                return value == JsonToken.VALUE_STRING ? Optional.of(parser.getText()) : Optional.empty();
            }
            parser.skipChildren();
        }
        return Optional.empty();
    }
}
