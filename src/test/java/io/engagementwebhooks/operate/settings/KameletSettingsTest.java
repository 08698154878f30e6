package io.engagementwebhooks.operate.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.kamelet.Kamelets;
import io.engagementwebhooks.webhook.auth.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The settings of Kamelets (semantics 50). */
class KameletSettingsTest {

    private static final String KAFKA = "webhooks.deliver.kamelet.kafka-sink.";

    @TempDir
    Path folder;

    private Settings read(Map<String, String> given, Map<String, String> environment) {
        Properties system = new Properties();
        system.setProperty("webhooks.deliver.kamelets", "kafka-sink");
        system.setProperty(KAFKA + "bootstrapServers", "kafka-1:9092");
        system.setProperty(KAFKA + "topic", "calls");
        system.putAll(given);
        return Settings.read(folder, environment, system);
    }

    private static Secret value(Settings settings, String property) {
        return settings.kamelets().byName().get("kafka-sink").values().get(property);
    }

    @Test
    void values_come_from_settings_files_and_variables_and_are_not_among_the_properties() throws Exception {
        Files.writeString(folder.resolve("secret"), "hush\n");
        Settings settings = read(
                Map.of(KAFKA + "saslPassword", "file:secret"),
                Map.of("WEBHOOKS_DELIVER_KAMELET_KAFKA_SINK_SASLUSERNAME", "calls-user"));

        assertEquals(List.of(), settings.faults());
        assertEquals(Secret.of("hush"), value(settings, "saslPassword"));
        assertEquals(Secret.of("calls-user"), value(settings, "saslUsername"));
        assertEquals(Secret.of("kafka-1:9092"), value(settings, "bootstrapServers"));
        assertFalse(settings.properties().toString().contains("kafka-1:9092"));
        assertEquals(Set.of(), settings.secretsOfCommandLine(), "the topic and the brokers are no secrets");
    }

    @Test
    void a_password_on_the_command_line_is_known_as_a_secret() {
        assertEquals(
                Set.of(KAFKA + "saslPassword"),
                read(Map.of(KAFKA + "saslPassword", "hush"), Map.of()).secretsOfCommandLine());
    }

    @Test
    void a_kamelet_of_kamelet_catalog_precedes_one_of_lib_and_that_one_of_the_jar() throws Exception {
        write("lib", "of lib");
        assertEquals(
                Set.of("of lib"),
                read(Map.of(), Map.of("X", ""))
                        .kamelets()
                        .byName()
                        .get("kafka-sink")
                        .definition()
                        .properties());
        write("kamelet-catalog", "of catalog");
        Kamelets kamelets = read(Map.of(), Map.of()).kamelets();
        assertEquals(
                Set.of("of catalog"),
                kamelets.byName().get("kafka-sink").definition().properties());
    }

    private void write(String where, String property) throws Exception {
        Path file = Files.createDirectories(folder.resolve(where)).resolve("kafka-sink.kamelet.yaml");
        Files.writeString(
                file,
                "metadata: {name: kafka-sink, labels: {camel.apache.org/kamelet.type: sink}}\nspec: {definition: {properties: {'"
                        + property + "': {type: string}}}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "webhooks.deliver.kamelets | no-such-sink | Kamelet 'no-such-sink' cannot be used: no file no-such-sink.kamelet.yaml is in kamelet-catalog/, lib/ or the jar",
                "webhooks.deliver.kamelets | kafka-sink,../x | Kamelet '../x' cannot be used: it is no name",
                "webhooks.deliver.kamelets | kafka-sink,aws-sns-sink | Kamelet 'aws-sns-sink' needs org.apache.camel:camel-aws2-sns:4.",
                "webhooks.deliver.kamelet.kafka-sink.open | topics | the Kamelet has no property 'topics'; did you mean 'topic'?",
                "webhooks.deliver.kamelet.kafka-sink.open | bootstrapServers | cannot be open",
                "webhooks.deliver.kamelet.kafka-sink.open | sslKeystoreLocation | cannot be open",
                "webhooks.deliver.kamelet.kafka-sink.topics | x | does not exist; did you mean 'webhooks.deliver.kamelet.kafka-sink.topic'?",
                "webhooks.deliver.kamelet.kafka-sink.topic | '' | is missing: Kamelet 'kafka-sink' requires it",
                "webhooks.deliver.kamelet.kafka-sink.saslAuthType | MAGIC | saslAuthType must be",
                "webhooks.deliver.kamelet.kafka-sink.saslPassword | {{env:PASSWORD}} | holds '{{'",
                "webhooks.deliver.kamelet.kafka-sink.saslPassword | file:none | cannot be read",
            })
    void a_fault_is_one_sentence_that_says_what_to_do(String key, String value, String fault) {
        List<String> faults = read(Map.of(key, value), Map.of()).faults().stream()
                .filter(each -> each.contains(fault))
                .toList();

        assertEquals(1, faults.size(), read(Map.of(key, value), Map.of()).faults()::toString);
        assertTrue(faults.get(0).contains("webhooks.deliver.kamelet"), faults.get(0));
    }

    @Test
    void a_missing_component_names_the_folder() {
        Map<String, String> given = new HashMap<>(Map.of("webhooks.deliver.kamelets", "kafka-sink,aws-sns-sink"));
        assertTrue(read(given, Map.of()).faults().stream()
                .anyMatch(fault -> fault.endsWith("; put them, with the libraries that they need, into lib/")));
    }
}
