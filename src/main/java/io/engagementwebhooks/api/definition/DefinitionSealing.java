package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.config.read.FileDefinition;
import io.engagementwebhooks.config.schema.Placeholders;
import io.engagementwebhooks.store.definition.DefinitionRow;
import io.engagementwebhooks.store.definition.ManagedBy;
import io.engagementwebhooks.store.definition.ResourceName;
import io.engagementwebhooks.webhook.Resource;
import io.engagementwebhooks.webhook.ResourceKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeMap;

/** Seals definitions for the store, and opens them. Thread-safe. */
record DefinitionSealing(Vault vault) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Members of a sealed definition of the file: as written there, and the values of its placeholders. */
    private static final String DEFINITION = "definition";

    private static final String VALUES = "values";

    /** The definition, with the name by which the store finds it. */
    private static ObjectNode named(ObjectNode definition, ResourceName name) {
        return definition.put(ResourceKind.of(name.kind()).nameKey(), name.name());
    }

    StoredDefinition stored(DefinitionRow row) {
        return new StoredDefinition(row, this);
    }

    /** A definition of the API. */
    ObjectNode opened(DefinitionRow row) {
        return named(tree(row), row.name());
    }

    /** A definition of the file, as written there. */
    ObjectNode ofFile(DefinitionRow row) {
        return named((ObjectNode) tree(row).get(DEFINITION), row.name());
    }

    /** The values of placeholders in a definition of the file. */
    Placeholders placeholders(DefinitionRow row) {
        JsonNode values = tree(row).get(VALUES);
        return name -> Optional.ofNullable(values.path(name).textValue());
    }

    private ObjectNode tree(DefinitionRow row) {
        try {
            return (ObjectNode) JSON.readTree(vault.unseal(row.sealed()));
        } catch (IOException e) {
            throw new UncheckedIOException("a definition in the store is damaged: " + row.name(), e);
        }
    }

    /** A row with a sealed definition of the API. */
    DefinitionRow sealed(String id, ResourceName name, String version, ObjectNode definition, Instant now) {
        return new DefinitionRow(id, name, ManagedBy.API, version, vault.seal(bytes(definition)), now);
    }

    /** A row with a sealed definition of the file. */
    DefinitionRow sealed(String id, FileDefinition definition, String version, byte[] kept, Instant now) {
        return new DefinitionRow(id, name(definition), ManagedBy.FILE, version, vault.seal(kept), now);
    }

    /** A keyed hash of what is kept of a definition of the file: equal ones are not written again. */
    String version(byte[] kept) {
        return vault.name(new String(kept, StandardCharsets.UTF_8));
    }

    /** What is kept of a definition of the file, not sealed yet. */
    static byte[] kept(FileDefinition definition) {
        ObjectNode kept = JSON.createObjectNode();
        kept.putRawValue(DEFINITION, new RawValue(new String(definition.json(), StandardCharsets.UTF_8)));
        ObjectNode values = kept.putObject(VALUES);
        new TreeMap<>(definition.values()).forEach((name, value) -> values.put(name, value.reveal()));
        return bytes(kept);
    }

    static ResourceName name(FileDefinition definition) {
        Resource resource = definition.resource();
        return new ResourceName(definition.account(), resource.kind().text(), resource.name());
    }

    private static byte[] bytes(JsonNode tree) {
        try {
            return JSON.writeValueAsBytes(tree);
        } catch (IOException e) {
            throw new IllegalStateException("a tree is always written", e);
        }
    }
}
