package io.engagementwebhooks.store;

import io.engagementwebhooks.store.accept.EventStore;
import io.engagementwebhooks.store.cluster.ClusterStore;
import io.engagementwebhooks.store.definition.AuditTrail;
import io.engagementwebhooks.store.definition.DefinitionStore;
import io.engagementwebhooks.store.definition.IdentityStore;
import io.engagementwebhooks.store.definition.SessionStore;
import io.engagementwebhooks.store.definition.SettingStore;
import io.engagementwebhooks.store.due.DueStore;
import io.engagementwebhooks.store.due.WaitingDeliveries;
import io.engagementwebhooks.store.erase.Erasures;
import io.engagementwebhooks.store.outcome.OutcomeStore;
import io.engagementwebhooks.store.outcome.RecordStore;
import io.engagementwebhooks.store.query.DeliveryQueries;
import io.engagementwebhooks.store.query.ReplayJobs;
import io.engagementwebhooks.store.query.StatsStore;
import io.engagementwebhooks.store.query.WebhookActivity;
import java.util.concurrent.CompletionStage;

/**
 * Stores events, deliveries, attempts and configuration, by role. Packages hand deliveries over as rows, so a crash
 * loses nothing that was acknowledged. Thread-safe.
 *
 * <p>Writes complete after their commit is on disk, on the writer's thread: what is attached to them must return soon and
 * must not wait for the store. Every method fails with {@link StoreException} where the store cannot be
 * reached, is full or is locked; nothing is half-written then.
 */
public interface Store extends AutoCloseable {

    EventStore events();

    DueStore due();

    OutcomeStore outcomes();

    DeliveryQueries deliveries();

    WaitingDeliveries waitingDeliveries();

    ReplayJobs replays();

    Erasures erasures();

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

    /** The pending count. From memory. */
    long waitingCount();

    /** Bytes on disk. */
    long size();

    /** Bytes of its write-ahead log; 0: it has none. */
    long walSize();

    /** Removes expired data, in one small step. */
    CompletionStage<RetentionStep> retain(RetentionLimits limits);

    /** Returns free pages to the file system, at most this many. @return the number returned */
    CompletionStage<Integer> vacuum(int pages);

    /**
     * Removes from the files of the store what was erased from its rows. May take long; writes continue.
     *
     * @return what was done, for the receipt of an erasure
     * @throws StoreException if it has to be repeated
     */
    String clean();

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
}
