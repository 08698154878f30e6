package io.engagementwebhooks.store;

import java.time.Instant;
import java.util.Objects;

/**
 * A resource that the API made, as it is kept.
 *
 * @param id it never changes
 * @param name its present name
 * @param version another one with each change
 * @param sealed its definition, sealed by the vault
 * @param changedAt when it was changed last
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
