package io.engagementwebhooks.store;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * Deliveries that are acknowledged and not inserted yet: an event for many webhooks is stored in one small transaction, and
 * its deliveries are inserted in steps, between which others write. Thread-safe.
 */
public interface FanOuts {

    /** The accounts that have parts which this process is to insert. */
    List<String> accounts();

    /** How many deliveries of each account are to be sent and not inserted yet, by any process; none: not in it. */
    Map<String, Long> waiting();

    /**
     * The next parts of an account which this process is to insert, in the order of acceptance.
     *
     * @param deliveries as many as have about so many deliveries together; one at least, if there is any
     */
    List<Pending> next(String account, int deliveries);

    /**
     * Inserts the deliveries of parts of one account, and removes the parts, in one transaction.
     *
     * @return a result for each part, in their order
     */
    CompletionStage<List<Inserted>> insert(String account, List<Pending> parts);

    /**
     * A part that waits.
     *
     * @param key of its event in the store
     * @param partition of the webhooks of this part
     * @param number of the part within its event and partition
     * @param intake its event with the deliveries of this part
     */
    record Pending(long key, int partition, int number, Intake intake) {}

    /**
     * The result for a part.
     *
     * @param intake its event with the deliveries as they were inserted
     * @param accepted what it means for them, or null: they were inserted before
     */
    record Inserted(Intake intake, Accepted accepted) {}
}
