package io.engagementwebhooks.store.definition;

import io.engagementwebhooks.store.FairQueue;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/** Stores the definitions that were created by the API. Thread-safe; writes complete after their commit. */
public interface DefinitionStore {

    /** The definitions of all accounts. */
    List<DefinitionRow> all();

    /**
     * Writes changes with their audit entries, all or none.
     *
     * @return false: the version of a resource is not the expected one, and nothing was written
     */
    CompletionStage<Boolean> change(List<Change> changes, List<AuditEntry> audit);

    /**
     * The changes after a revision, by any process.
     *
     * @param revision the last known revision; 0: none
     */
    Since since(long revision);

    /**
     * The changes after a revision.
     *
     * @param revision the last revision of these changes
     * @param changes in revision order
     */
    record Since(long revision, List<Changed> changes) {}

    /**
     * A changed resource.
     *
     * @param name its present name
     * @param id its permanent id
     * @param row the stored definition, or empty: it was removed
     */
    record Changed(ResourceName name, String id, Optional<DefinitionRow> row) {}

    /**
     * Re-encrypts every definition and writes settings, all or none.
     *
     * @param again turns the old encrypted form into the new one
     * @param settings changes as of {@link SettingStore#settings}
     */
    CompletionStage<Void> reseal(UnaryOperator<byte[]> again, Map<String, Optional<byte[]>> settings);

    /** Removes every definition and writes settings, all or none. */
    CompletionStage<Void> removeAll(Map<String, Optional<byte[]>> settings);

    /**
     * One change.
     *
     * @param name the resource
     * @param expected the version it must have now, or null: it must not exist
     * @param row the new definition, with another name where the resource is renamed; empty: it is removed
     */
    record Change(ResourceName name, String expected, Optional<DefinitionRow> row) {

        /** The account that the write queue charges for these changes: that of the first. */
        public static String account(List<Change> changes) {
            return changes.isEmpty() ? FairQueue.PRODUCT : changes.get(0).name().account();
        }

        public static Change create(DefinitionRow row) {
            return new Change(row.name(), null, Optional.of(row));
        }

        /** Updates a resource, and renames it where the row has another name. */
        public static Change update(ResourceName name, String expected, DefinitionRow row) {
            return new Change(name, expected, Optional.of(row));
        }

        public static Change remove(ResourceName name, String expected) {
            return new Change(name, expected, Optional.empty());
        }
    }
}
