package io.engagementwebhooks.deliver;

import io.engagementwebhooks.store.RecordKey;
import java.util.Set;

/**
 * A delivery's exclusive lock on records of a third party: no other delivery writes to them until this one is
 * recorded. Thread-safe.
 */
public final class RecordLock {

    private final Set<RecordKey> written;
    private final Runnable end;

    /** @param end gives the turn back; a second time does nothing */
    RecordLock(Set<RecordKey> written, Runnable end) {
        this.written = Set.copyOf(written);
        this.end = end;
    }

    /** The records that have the delivery's event when it is delivered: not those that have a newer one. */
    public Set<RecordKey> written() {
        return written;
    }

    /** The try is recorded, or never will be: the next one may. */
    public void end() {
        end.run();
    }
}
