package io.engagementwebhooks.store.definition;

import java.time.Instant;
import java.util.Objects;

/**
 * The stored definition of a resource that was created by the API.
 *
 * @param id the resource's permanent id
 * @param name its present name
 * @param version changes with each update
 * @param sealed the definition, encrypted by the vault
 * @param changedAt time of the last change
 */
public record DefinitionRow(String id, ResourceName name, String version, byte[] sealed, Instant changedAt) {

    public DefinitionRow {
        Objects.requireNonNull(id);
        Objects.requireNonNull(name);
        Objects.requireNonNull(version);
        Objects.requireNonNull(sealed);
        Objects.requireNonNull(changedAt);
    }
}
