package io.engagementwebhooks.deliver;

import io.engagementwebhooks.store.RecordKey;

/**
 * A delivery's turn at a record of a third party: no other delivery writes to it until this one is recorded. Thread-safe.
 */
public final class Turn {

    private final RecordKey record;
    private final Runnable end;

    Turn(RecordKey record, Runnable end) {
        this.record = record;
        this.end = end;
    }

    public RecordKey record() {
        return record;
    }

    /** The try is recorded, or never will be: the next one may. */
    public void end() {
        end.run();
    }
}
