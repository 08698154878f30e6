package io.engagementwebhooks.store;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * Accepted deliveries that are not inserted yet. An event for many webhooks is stored in one small transaction; its
 * deliveries are inserted in steps, between other writes. Thread-safe.
 */
public interface FanOuts {

    /** The accounts with parts for this process to insert. */
    List<String> accounts();

    /**
     * The number of deliveries to send that no process has inserted yet, by account; accounts without any are missing.
     */
    Map<String, Long> pendingCounts();

    /**
     * The next parts of an account for this process to insert, in the order of acceptance.
     *
     * @param deliveries their approximate number of deliveries; at least one part, if there is any
     */
    List<Pending> next(String account, int deliveries);

    /**
     * Inserts the deliveries of parts and removes the parts, in one transaction.
     *
     * @return a result per part, in order
     */
    CompletionStage<List<Inserted>> insert(String account, List<Pending> parts);

    /**
     * A part that is not inserted yet.
     *
     * @param key the key of its event
     * @param partition the partition whose owner inserts it
     * @param number the number of the part within its event and partition
     * @param intake its event with the deliveries of this part
     */
    record Pending(long key, int partition, int number, Intake intake) {}

    /**
     * The result for a part.
     *
     * @param intake its event with the deliveries as they were inserted
     * @param accepted the result, or null: they were inserted before
     */
    record Inserted(Intake intake, Accepted accepted) {}
}
