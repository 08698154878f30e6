package io.engagementwebhooks.store;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Who changed what, when. Thread-safe; writes complete after their commit. */
public interface AuditTrail {

    /** Notes something that is not noted together with what it is about. */
    CompletionStage<Void> note(AuditEntry entry);

    /**
     * Of an account, the newest first.
     *
     * @param before only those with a smaller number
     */
    List<AuditEntry> entries(String account, long before, int limit);

    /** Removes what was noted before a time, in one small step. @return how many it removed */
    CompletionStage<Integer> forget(Instant before, int rows);
}
