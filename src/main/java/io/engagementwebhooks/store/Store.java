package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.util.concurrent.CompletionStage;

/**
 * Stores events, deliveries, attempts and configuration, by role. Packages hand deliveries over as rows, so a crash
 * loses nothing that was acknowledged. Thread-safe.
 *
 * <p>Writes complete after their commit is on disk. Every method fails with {@link StoreException} where the store cannot be
 * reached, is full or is locked; nothing is half-written then.
 */
public interface Store extends AutoCloseable {

    EventStore events();

    DueStore due();

    OutcomeStore outcomes();

    DeliveryQueries deliveries();

    WaitingDeliveries waitingDeliveries();

    FanOuts fanOuts();

    ReplayJobs replays();

    RecordStore records();

    IdentityStore identities();

    DefinitionStore definitions();

    AuditTrail audit();

    StatsStore stats();

    WebhookActivity activity();

    SettingStore settings();

    SessionStore sessions();

    ClusterStore cluster();

    /** Sets the listener for group commits, replacing the one before. */
    void listen(CommitListener listener);

    /** The pending count, deliveries that are not inserted yet included. From memory. */
    long waitingCount();

    /** Bytes on disk. */
    long size();

    /** Bytes of its write-ahead log; 0: it has none. */
    long walSize();

    /**
     * Removes expired data, in one small step. A pending delivery is reserved before it expires and released after, so
     * that it is not sent at the same time; one that cannot be reserved is left for a later step.
     */
    CompletionStage<RetentionStep> retain(RetentionLimits limits, Reserver reserver);

    /** The same for a store whose deliveries no one sends. */
    default CompletionStage<RetentionStep> retain(RetentionLimits limits) {
        return retain(limits, Reserver.ALWAYS);
    }

    /** Returns free pages to the file system, at most this many. @return the number returned */
    CompletionStage<Integer> vacuum(int pages);

    /** Fails unless a write can be committed now. */
    void checkWritable();

    /**
     * Rewrites the tables of settings and definitions, so that no replaced value is left on disk. Takes long on a large
     * store; nothing else may use the store.
     *
     * @throws StoreException if it fails; the store is unchanged then
     */
    void rewrite();

    @Override
    void close();

    /** Reserves deliveries so that they are not sent. */
    interface Reserver {

        /** For a store whose deliveries no one sends. */
        Reserver ALWAYS = new Reserver() {
            @Override
            public boolean reserve(WebhookId webhook, String delivery) {
                return true;
            }

            @Override
            public void release(WebhookId webhook, String delivery) {}
        };

        /** @return false: it is in memory to be sent, or may be */
        boolean reserve(WebhookId webhook, String delivery);

        /** Releases a reserved delivery. It is sent if it is still pending. */
        void release(WebhookId webhook, String delivery);
    }
}
