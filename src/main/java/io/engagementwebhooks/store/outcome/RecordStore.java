package io.engagementwebhooks.store.outcome;

import com.fasterxml.jackson.databind.JsonNode;
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

    /**
     * The member that an event belongs to: its subject, or the call's id, or else the event (semantics 20).
     *
     * @param subject or null
     * @param event the whole event, or null: its payload has expired
     */
    static String member(String source, String id, String subject, JsonNode event) {
        if (subject != null) {
            return "subject " + subject;
        }
        String call = event == null ? "" : event.path("data").path("cdr_id").asText("");
        return call.isEmpty() ? "event " + source + " " + id : "cdr_id " + call;
    }
}
