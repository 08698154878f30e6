package io.engagementwebhooks.store;

import java.time.Instant;
import java.util.Objects;

/**
 * Something that was set up by the API, as it is kept.
 *
 * @param id what it is known by
 * @param version another one with each change
 * @param sealed its definition, sealed by the vault
 * @param changedAt when it was changed last
 */
public record DefinitionRow(DefinitionId id, String version, byte[] sealed, Instant changedAt) {

    public DefinitionRow {
        Objects.requireNonNull(id);
        Objects.requireNonNull(version);
        Objects.requireNonNull(sealed);
        Objects.requireNonNull(changedAt);
    }
}
