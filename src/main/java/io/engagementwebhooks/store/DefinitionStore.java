package io.engagementwebhooks.store;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/** Where definitions made by the API are kept. Thread-safe; writes complete after their commit. */
public interface DefinitionStore {

    /** All of all accounts. */
    List<DefinitionRow> all();

    /**
     * Writes changes and notes who made them, all or none.
     *
     * @return false if one of the things is not as the change expects it; then nothing was written
     */
    CompletionStage<Boolean> change(List<Change> changes, List<AuditEntry> audit);

    /**
     * What was changed after a revision, by whomever.
     *
     * @param revision the last one that is known; 0: none is
     */
    default Since since(long revision) {
        return new Since(revision, Map.of());
    }

    /**
     * What was changed.
     *
     * @param revision the last one of these
     * @param changes what is kept now, or empty: nothing any more
     */
    record Since(long revision, Map<DefinitionId, Optional<DefinitionRow>> changes) {}

    /**
     * Seals every definition anew, together with small things of the product; all or none.
     *
     * @param again what was sealed before to what is sealed now
     * @param settings see {@link Store#settings}
     */
    CompletionStage<Void> reseal(UnaryOperator<byte[]> again, Map<String, Optional<byte[]>> settings);

    /** Drops every definition, together with small things of the product; all or none. */
    CompletionStage<Void> forget(Map<String, Optional<byte[]>> settings);

    /**
     * One change.
     *
     * @param id of what
     * @param expected the version it must have now, or null: it must not be there
     * @param row what is kept from now on, or empty: nothing
     */
    record Change(DefinitionId id, String expected, Optional<DefinitionRow> row) {

        /** Who pays for changes that are made together: the account of the first. */
        public static String account(List<Change> changes) {
            return changes.isEmpty() ? FairQueue.PRODUCT : changes.get(0).id().account();
        }

        public static Change create(DefinitionRow row) {
            return new Change(row.id(), null, Optional.of(row));
        }

        public static Change update(String expected, DefinitionRow row) {
            return new Change(row.id(), expected, Optional.of(row));
        }

        public static Change remove(DefinitionId id, String expected) {
            return new Change(id, expected, Optional.empty());
        }
    }
}
