package io.engagementwebhooks.api.definition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.config.ConfigParser;
import io.engagementwebhooks.config.DefinitionReader;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.config.schema.Placeholders;
import io.engagementwebhooks.store.definition.DefinitionRow;
import io.engagementwebhooks.store.definition.DefinitionStore.Changed;
import io.engagementwebhooks.store.definition.ResourceName;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.Webhook;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Definitions that other instances change, by their immutable ids. */
class ApiDefinitionsTest {

    private static final String ID = "wh_01JDWV8N9GW7ABHR32CVY0JPRV";

    @TempDir
    Path folder;

    private Vault vault;
    private ApiDefinitions made;

    @BeforeEach
    void make() throws Exception {
        vault = Vault.make(folder.resolve("key"), new SecureRandom());
        made = made();
        made = made(row("a", "1"));
    }

    private ApiDefinitions made(DefinitionRow... rows) {
        return new ApiDefinitions(
                new DefinitionReader(url -> Optional.empty(), Duration.ofDays(7), Clock.systemUTC()),
                vault,
                List.of(rows));
    }

    private DefinitionRow row(String name, String version) {
        ObjectNode definition = new ObjectMapper().createObjectNode().put("name", name);
        definition.putArray("events").add("*");
        definition.putObject("delivery").put("url", "https://example.com/" + name);
        return made.sealed(ID, name(name), version, definition, Instant.EPOCH);
    }

    private static ResourceName name(String name) {
        return new ResourceName("acme", ResourceKind.WEBHOOK.text(), name);
    }

    private boolean has(String name) {
        return made.kept("acme", ResourceKind.WEBHOOK, name).isPresent();
    }

    /** Two changes between two reads: only the last one is seen. */
    @Test
    void a_webhook_that_another_instance_renamed_and_deleted_is_not_in_effect() {
        Changed deleted = new Changed(name("b"), ID, Optional.empty());
        assertFalse(made.holds(deleted));
        made.changed(List.of(deleted));
        assertFalse(has("a"));
        assertTrue(made.holds(deleted));
    }

    @Test
    void a_webhook_that_another_instance_renamed_has_its_new_name_alone() {
        Changed renamed = new Changed(name("b"), ID, Optional.of(row("b", "2")));
        assertFalse(made.holds(renamed));
        made.changed(List.of(renamed));
        assertFalse(has("a"));
        assertTrue(has("b"));
        assertTrue(made.holds(renamed));
    }

    /** On an instance with another version of the file. */
    @Test
    void a_webhook_of_the_file_is_in_effect_if_the_api_has_its_id_under_another_name() throws Exception {
        Config file =
                read("""
                accounts:
                  - id: acme
                    webhooks:
                      - {name: a, events: ['*'], delivery: {url: 'https://example.com/file'}}
                """)
                        .identified(Map.of(Config.key("acme", ResourceKind.WEBHOOK, "a"), ID));
        made = made(row("c", "2"));
        Config merged = made.apply(file);
        assertEquals(
                List.of("a"),
                merged.webhooks("acme").stream().map(Webhook::name).toList());
        assertTrue(made.kept("acme", ResourceKind.WEBHOOK, "c")
                .orElseThrow()
                .problem()
                .contains("another name"));
    }

    /** Of the JSON escape of half a surrogate pair, databases keep another character. */
    @Test
    void a_kept_definition_has_the_name_by_which_the_store_finds_it_although_a_new_one_could_not() throws Exception {
        ObjectNode definition = new ObjectMapper().createObjectNode().put("name", "a\ud800b");
        definition.putArray("events").add("*");
        definition.putObject("delivery").put("url", "https://example.com/");
        made = made(made.sealed(ID, name("a?\u202eb"), "1", definition, Instant.EPOCH));
        Config file = read(
                """
                accounts:
                  - id: acme
                    signingKeys: [{id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}]
                """);

        Webhook webhook = made.apply(file).webhooks("acme").get(0);

        assertEquals("a?\u202eb", webhook.name());
        assertEquals(ID, webhook.id().id());
        assertEquals(
                ID,
                made.kept("acme", ResourceKind.WEBHOOK, webhook.name())
                        .orElseThrow()
                        .id());
    }

    private Config read(String yaml) throws Exception {
        return new ConfigParser(url -> Optional.empty(), Duration.ofDays(7), Clock.systemUTC())
                .read(
                        yaml.getBytes(StandardCharsets.UTF_8),
                        Placeholders.of(name -> Optional.empty(), folder, name -> Optional.empty()))
                .config();
    }
}
