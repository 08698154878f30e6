package io.engagementwebhooks.operate.settings;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Settings of events from Kafka, off without brokers. Camel's {@code camel.component.kafka.*} sets the rest, such as
 * SASL.
 *
 * @param brokers {@code host:port}, separated by commas; empty: off
 * @param group the consumer group of all instances
 * @param topics accounts by the topics that hold their events
 * @param trustAccount whether an event's attribute {@code account} names its account
 */
public record KafkaSettings(String brokers, String group, Map<String, String> topics, boolean trustAccount) {

    private static final String PREFIX = "webhooks.kafka.";
    private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9._-]{1,249}");
    private static final Pattern BROKERS = Pattern.compile("[^\\s,:]+:\\d{1,5}(\\s*,\\s*[^\\s,:]+:\\d{1,5})*");

    static KafkaSettings read(Settings settings, List<String> faults) {
        String brokers = settings.text(PREFIX + "brokers");
        String group = settings.text(PREFIX + "group");
        Map<String, String> topics = topics(settings.text(PREFIX + "topics"), faults);
        String deadLetters = settings.text(PREFIX + "dead-letters");
        if (!brokers.isEmpty()) {
            if (!BROKERS.matcher(brokers).matches()) {
                faults.add(PREFIX + "brokers must be host:port, several by commas, without a protocol, user or"
                        + " password: those are set by camel.component.kafka.*");
            }
            if (topics.isEmpty()) {
                faults.add(PREFIX + "topics must say whose events are in which topic, such as calls=acme;"
                        + " it is empty, and " + PREFIX + "brokers is set");
            }
            if (group.isEmpty()) {
                faults.add(PREFIX + "group must name a consumer group; it is empty");
            }
            if (!TOPIC.matcher(deadLetters).matches() || topics.containsKey(deadLetters)) {
                faults.add(PREFIX + "dead-letters must name a topic outside " + PREFIX + "topics, not '" + deadLetters
                        + "'");
            }
        }
        return new KafkaSettings(brokers, group, topics, settings.flag(PREFIX + "trust-account"));
    }

    private static Map<String, String> topics(String text, List<String> faults) {
        Map<String, String> topics = new LinkedHashMap<>();
        for (String pair : text.isEmpty() ? new String[0] : text.split(",")) {
            String[] parts = pair.strip().split("\\s*=\\s*", -1);
            if (parts.length != 2
                    || parts[1].isEmpty()
                    || !TOPIC.matcher(parts[0]).matches()) {
                faults.add(PREFIX + "topics must be topic=account, several by commas, not '" + pair.strip() + "'");
            } else if (topics.putIfAbsent(parts[0], parts[1]) != null) {
                faults.add(PREFIX + "topics names topic '" + parts[0] + "' twice; events of a topic are of one account,"
                        + " or name theirs (" + PREFIX + "trust-account)");
            }
        }
        return topics;
    }

    boolean isEnabled() {
        return !brokers.isEmpty();
    }

    /** Sets the properties that the route needs. */
    void enable(PropertyLayers layers) {
        layers.put(PREFIX + "enabled", Boolean.toString(isEnabled()));
        layers.put(PREFIX + "topic-names", isEnabled() ? String.join(",", topics.keySet()) : "none");
    }
}
