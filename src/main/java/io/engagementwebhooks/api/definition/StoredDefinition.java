package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.config.schema.Placeholders;
import io.engagementwebhooks.store.definition.DefinitionRow;
import io.engagementwebhooks.store.definition.ManagedBy;
import io.engagementwebhooks.store.definition.ResourceName;
import io.engagementwebhooks.webhook.Resource;
import io.engagementwebhooks.webhook.ResourceKind;
import java.time.Instant;
import java.util.Arrays;

/** A stored definition, and the resource that was read from it. Thread-safe; it is read by one thread at a time. */
public final class StoredDefinition {
    private final DefinitionRow row;
    private final DefinitionSealing sealing;

    /** Of the API; null: the file has it, and may have very many. */
    private final ObjectNode definition;

    volatile Resource resource;
    volatile String problem;

    StoredDefinition(DefinitionRow row, DefinitionSealing sealing) {
        this.row = row;
        this.sealing = sealing;
        this.definition = row.managedBy() == ManagedBy.API ? sealing.opened(row) : null;
    }

    public String id() {
        return row.id();
    }

    ResourceName name() {
        return row.name();
    }

    String version() {
        return row.version();
    }

    Instant changedAt() {
        return row.changedAt();
    }

    boolean hasBytesOf(DefinitionRow other) {
        return Arrays.equals(row.sealed(), other.sealed());
    }

    /** Bytes as stored. */
    int size() {
        return row.sealed().length;
    }

    boolean isInEffect() {
        return resource != null;
    }

    ManagedBy managedBy() {
        return row.managedBy();
    }

    boolean isOfFile() {
        return row.managedBy() == ManagedBy.FILE;
    }

    boolean isWebhook() {
        return row.name().kind().equals(ResourceKind.WEBHOOK.text());
    }

    /** With secrets: mask it before showing it. */
    ObjectNode definition() {
        return isOfFile() ? sealing.ofFile(row) : definition;
    }

    /** Of its definition. */
    Placeholders placeholders() {
        return isOfFile() ? sealing.placeholders(row) : Placeholders.NONE;
    }

    /** What it defines, with its id, as read from the file. */
    void parsed(Resource read) {
        if (resource == null) {
            resource = StoredDefinitions.identified(read, id());
        }
    }

    /** Why it is not in effect as defined, or null. */
    String problem() {
        return problem;
    }

    @Override
    public String toString() {
        return row.name().toString();
    }
}
