package io.engagementwebhooks.store.definition;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The audit log: who changed what, when. Thread-safe; writes complete after their commit. */
public interface AuditTrail {

    /** Appends an entry in its own transaction. Most entries are written together with the change they describe. */
    CompletionStage<Void> append(AuditEntry entry);

    /**
     * The entries of an account, newest first.
     *
     * @param before only entries with a smaller sequence number
     */
    List<AuditEntry> entries(String account, long before, int limit);

    /** Removes entries older than a time, at most {@code rows} of them. @return the number removed */
    CompletionStage<Integer> removeBefore(Instant before, int rows);
}
