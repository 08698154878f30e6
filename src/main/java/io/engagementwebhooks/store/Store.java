package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.util.concurrent.CompletionStage;

/**
 * Keeps events, deliveries, attempts and configuration, by role. The hand-over between the rooms is a row here, so a killed
 * process loses nothing it acknowledged. Thread-safe.
 *
 * <p>Writes complete after their commit is on disk. Every method fails with {@link StoreException} where the store cannot be
 * reached, is full or is locked; nothing is half-written then.
 */
public interface Store extends AutoCloseable {

    EventStore events();

    DueStore due();

    OutcomeStore outcomes();

    DeliveryQueries deliveries();

    /** What a person may do with deliveries that wait. */
    WaitingDeliveries waitingDeliveries();

    /** Deliveries that are acknowledged and not inserted yet. */
    FanOuts fanOuts();

    ReplayJobs replays();

    RecordStore records();

    IdentityStore identities();

    DefinitionStore definitions();

    AuditTrail audit();

    Figures figures();

    WebhookActivity activity();

    SettingStore settings();

    ClusterStore cluster();

    /** Lets a listener take part in group commits from now on, in place of the one before it. */
    void listen(CommitListener listener);

    /** How many deliveries wait, those that are not inserted yet included, at no cost. */
    long waitingCount();

    /** Bytes on disk. */
    long size();

    /** Bytes of its write-ahead log; 0: it has none. */
    long walSize();

    /**
     * Removes what has outlived its use, in one small step. A waiting delivery that is to expire is reserved before and released
     * after it, so that it is not sent at the same time; one that cannot be reserved is left for another time.
     */
    CompletionStage<RetentionStep> retain(RetentionLimits limits, SettingAside aside);

    /** The same where nothing is sent. */
    default CompletionStage<RetentionStep> retain(RetentionLimits limits) {
        return retain(limits, SettingAside.FREE);
    }

    /** Gives free pages back to the file system, at most so many. @return how many it gave */
    CompletionStage<Integer> vacuum(int pages);

    /** Fails unless a write can be committed now. */
    void checkWritable();

    /**
     * Rewrites what settings and definitions are kept in, so that nothing of what was replaced is left there. It may take long, and
     * nothing else may use the store at the same time.
     *
     * @throws StoreException if it fails; the store is as it was then
     */
    void rewrite();

    @Override
    void close();

    /** Keeps deliveries from being sent for a moment. */
    interface SettingAside {

        /** Where nothing is sent. */
        SettingAside FREE = new SettingAside() {
            @Override
            public boolean setAside(WebhookId webhook, String delivery) {
                return true;
            }

            @Override
            public void giveBack(WebhookId webhook, String delivery) {}
        };

        /** @return false if it is in memory to be sent, or may be */
        boolean setAside(WebhookId webhook, String delivery);

        /** After a {@link #setAside} that was granted: it is sent if it waits still. */
        void giveBack(WebhookId webhook, String delivery);
    }
}
