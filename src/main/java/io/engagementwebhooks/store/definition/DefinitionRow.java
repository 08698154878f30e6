package io.engagementwebhooks.store.definition;

import java.time.Instant;
import java.util.Objects;

/**
 * The stored definition of a resource.
 *
 * @param id the resource's permanent id
 * @param name its present name
 * @param managedBy who manages it; it never changes
 * @param version changes with each update
 * @param sealed the definition, encrypted by the vault
 * @param changedAt time of the last change
 */
public record DefinitionRow(
        String id, ResourceName name, ManagedBy managedBy, String version, byte[] sealed, Instant changedAt) {

    public DefinitionRow {
        Objects.requireNonNull(id);
        Objects.requireNonNull(name);
        Objects.requireNonNull(managedBy);
        Objects.requireNonNull(version);
        Objects.requireNonNull(sealed);
        Objects.requireNonNull(changedAt);
    }
}
