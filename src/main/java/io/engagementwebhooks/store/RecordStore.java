package io.engagementwebhooks.store;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;

/** Remembers what was written to records of third parties. Thread-safe. */
public interface RecordStore {

    /**
     * The CloudEvents id of a newer event than a delivery's that was delivered to a record, or empty: there is none. Of two events
     * of one moment neither is newer.
     */
    Optional<String> supersededBy(RecordKey record, String delivery);

    /**
     * The number of a member's slot in a record, the smallest that is free where it has none yet; completes after the commit.
     *
     * @param most how many slots there are
     * @return from 1 to {@code most}; empty: all are taken by others
     */
    CompletionStage<OptionalInt> place(RecordKey record, String member, int most);
}
