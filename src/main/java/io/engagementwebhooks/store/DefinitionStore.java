package io.engagementwebhooks.store;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/** Keeps the definitions that the API made. Thread-safe; writes complete after their commit. */
public interface DefinitionStore {

    /** All of all accounts. */
    List<DefinitionRow> all();

    /**
     * Writes changes and who made them, all or none.
     *
     * @return false if one of the resources is not as the change expects it; then nothing was written
     */
    CompletionStage<Boolean> change(List<Change> changes, List<AuditEntry> audit);

    /**
     * What was changed after a revision, by any process.
     *
     * @param revision the last one that is known; 0: none is
     */
    Since since(long revision);

    /**
     * Changes.
     *
     * @param revision the last one of these
     * @param changes in the order of their revisions
     */
    record Since(long revision, List<Changed> changes) {}

    /**
     * A resource that was changed.
     *
     * @param name its present name
     * @param id it never changes
     * @param row what is kept now, or empty: it was removed
     */
    record Changed(ResourceName name, String id, Optional<DefinitionRow> row) {}

    /**
     * Seals every definition again, together with settings; all or none.
     *
     * @param again what was sealed before to what is sealed now
     * @param settings see {@link SettingStore#settings}
     */
    CompletionStage<Void> reseal(UnaryOperator<byte[]> again, Map<String, Optional<byte[]>> settings);

    /** Removes every definition, together with settings; all or none. */
    CompletionStage<Void> forget(Map<String, Optional<byte[]>> settings);

    /**
     * One change.
     *
     * @param name of what
     * @param expected the version it must have now, or null: it must not be there
     * @param row what is kept from now on, under another name where the resource is renamed; empty: nothing
     */
    record Change(ResourceName name, String expected, Optional<DefinitionRow> row) {

        /** Who pays for changes that are made together: the account of the first. */
        public static String account(List<Change> changes) {
            return changes.isEmpty() ? FairQueue.PRODUCT : changes.get(0).name().account();
        }

        public static Change create(DefinitionRow row) {
            return new Change(row.name(), null, Optional.of(row));
        }

        /** Changes a resource, and its name where the row has another. */
        public static Change update(ResourceName name, String expected, DefinitionRow row) {
            return new Change(name, expected, Optional.of(row));
        }

        public static Change remove(ResourceName name, String expected) {
            return new Change(name, expected, Optional.empty());
        }
    }
}
