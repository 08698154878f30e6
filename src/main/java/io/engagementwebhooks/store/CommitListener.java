package io.engagementwebhooks.store;

import io.engagementwebhooks.store.accept.Accepted;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.outcome.Recorded;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.List;

/**
 * Is called around each group commit of a store. Runs on the writer thread, in commit order, before the callers'
 * futures complete; must return soon and must not wait for the store.
 */
public interface CommitListener {

    /** Ignores all commits. */
    CommitListener NONE = new CommitListener() {};

    /** Called before deliveries are written. {@link #committed} or {@link #notStored} follows. */
    default void storing(List<Intake> intakes) {}

    /**
     * Called when a group is on disk.
     *
     * @param stored the events of {@link #storing}
     * @param ended attempts whose outcome was recorded
     */
    default void committed(List<Stored> stored, List<Ended> ended) {}

    /** Called after the commit that canceled pending deliveries of a webhook. */
    default void canceled(WebhookId webhook, List<String> deliveries) {}

    /** Called when the group was rolled back; its parts may be written again one by one. */
    default void notStored(List<Intake> intakes) {}

    /**
     * An event of a group.
     *
     * @param intake the event with its deliveries, as they were stored
     * @param accepted the result, or null: nothing was stored for it
     */
    record Stored(Intake intake, Accepted accepted) {}

    /**
     * An attempt whose outcome was recorded.
     *
     * @param result the recorded result; it disables the webhook if recording it did
     * @param recorded the consequences of recording it
     */
    record Ended(AttemptResult result, Recorded recorded) {}
}
