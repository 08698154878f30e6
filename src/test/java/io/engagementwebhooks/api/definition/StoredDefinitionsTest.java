package io.engagementwebhooks.api.definition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.config.AppliedFiles;
import io.engagementwebhooks.config.DefinitionReader;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.store.definition.DefinitionRow;
import io.engagementwebhooks.store.definition.DefinitionStore.Changed;
import io.engagementwebhooks.store.definition.ResourceName;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.Webhook;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Definitions that other instances change, by their immutable ids. */
class StoredDefinitionsTest {

    private static final String ID = "wh_01JDWV8N9GW7ABHR32CVY0JPRV";

    @TempDir
    Path folder;

    private Vault vault;
    private StoredDefinitions made;

    @BeforeEach
    void make() throws Exception {
        vault = Vault.make(folder.resolve("key"), new SecureRandom());
        made();
        made = made(row("a", "1"));
    }

    private StoredDefinitions made(DefinitionRow... rows) {
        made = new StoredDefinitions(
                new DefinitionReader(url -> Optional.empty(), Duration.ofDays(7), Clock.systemUTC()), vault);
        made.changed(Stream.of(rows)
                .map(row -> new Changed(row.name(), row.id(), Optional.of(row)))
                .toList());
        return made;
    }

    private DefinitionRow row(String name, String version) {
        ObjectNode definition = new ObjectMapper().createObjectNode().put("name", name);
        definition.putArray("events").add("*");
        definition.putObject("delivery").put("url", "https://example.com/" + name);
        return made.sealing().sealed(ID, name(name), version, definition, Instant.EPOCH);
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

    /** Of the JSON escape of half a surrogate pair, databases keep another character. */
    @Test
    void a_kept_definition_has_the_name_by_which_the_store_finds_it_although_a_new_one_could_not() throws Exception {
        ObjectNode definition = new ObjectMapper().createObjectNode().put("name", "a\ud800b");
        definition.putArray("events").add("*");
        definition.putObject("delivery").put("url", "https://example.com/");
        made = made(made.sealing().sealed(ID, name("a?\u202eb"), "1", definition, Instant.EPOCH));
        AppliedFiles files = AppliedFiles.NONE.applied("one", "1", Map.of("acme", List.of()), Instant.EPOCH);
        made.files(Optional.of(vault.seal(files.toBytes())));

        Webhook webhook = made.config().webhooks("acme").get(0);

        assertEquals("a?\u202eb", webhook.name());
        assertEquals(ID, webhook.id().id());
        assertEquals(
                ID,
                made.kept("acme", ResourceKind.WEBHOOK, webhook.name())
                        .orElseThrow()
                        .id());
    }
}
