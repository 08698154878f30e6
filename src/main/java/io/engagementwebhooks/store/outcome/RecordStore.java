package io.engagementwebhooks.store.outcome;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;

/** Tracks what was written to records of third parties. Thread-safe. */
public interface RecordStore {

    /**
     * The CloudEvents id of an event newer than the delivery's that was already written to a record, or empty. Of two
     * events of one moment neither is newer.
     */
    Optional<String> supersededBy(RecordKey record, String delivery);

    /**
     * Returns a member's slot in a record; assigns the smallest free one where it has none. Completes after the commit.
     *
     * @param slots the number of slots
     * @return from 1 to {@code most}; empty: other members have all slots
     */
    CompletionStage<OptionalInt> assignSlot(RecordKey record, String member, int slots);
}
