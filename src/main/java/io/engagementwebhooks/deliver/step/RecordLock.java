package io.engagementwebhooks.deliver.step;

import io.engagementwebhooks.store.outcome.RecordKey;
import java.util.Set;

/** A delivery's exclusive lock on records of a third party, held until its attempt is recorded. Thread-safe. */
public final class RecordLock {

    private final Set<RecordKey> written;
    private final KeyedLocks.Lock lock;

    RecordLock(Set<RecordKey> written, KeyedLocks.Lock lock) {
        this.written = Set.copyOf(written);
        this.lock = lock;
    }

    /** The records that the delivery writes: not those that have a newer event. */
    public Set<RecordKey> written() {
        return written;
    }

    /** Releases the lock once the attempt is recorded or cannot be. */
    public void release() {
        lock.release();
    }
}
