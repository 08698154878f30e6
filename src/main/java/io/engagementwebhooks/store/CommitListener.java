package io.engagementwebhooks.store;

import java.util.List;

/**
 * Takes part in the group commits of a store, a call for a whole group. Called by the thread that writes, in the order of
 * commits and before the writes' callers get their answers: it must return soon and must not wait for the store.
 */
public interface CommitListener {

    /** Ignores all commits. */
    CommitListener NONE = new CommitListener() {
        @Override
        public void storing(List<Intake> intakes) {}

        @Override
        public void committed(List<Stored> stored, List<Ended> ended) {}

        @Override
        public void notStored(List<Intake> intakes) {}
    };

    /** Deliveries are about to be written. {@link #committed} or {@link #notStored} follows. */
    void storing(List<Intake> intakes);

    /**
     * A group is on disk.
     *
     * @param stored the events of {@link #storing}, in their order
     * @param ended attempts whose outcome was recorded
     */
    void committed(List<Stored> stored, List<Ended> ended);

    /** The group was not committed; its parts may be written again one by one. */
    void notStored(List<Intake> intakes);

    /**
     * An event of a group.
     *
     * @param intake the event with its deliveries, as they were stored
     * @param accepted the answer, or null: nothing was stored for it
     */
    record Stored(Intake intake, Accepted accepted) {}

    /**
     * An attempt whose outcome was recorded.
     *
     * @param result what was recorded; it disables the webhook if recording it did
     * @param recorded what follows from it
     */
    record Ended(AttemptResult result, Recorded recorded) {}
}
