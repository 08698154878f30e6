package io.engagementwebhooks.store;

import io.engagementwebhooks.store.WaitingDeliveries.Waiting;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Where events, deliveries and attempts are kept. The hand-over between the rooms is a row here, so a killed process
 * loses nothing it acknowledged. Thread-safe.
 *
 * <p>Writes complete after their commit is on disk. Every method fails with {@link StoreException} where the store
 * cannot be reached, is full or is locked; nothing is half-written then.
 */
public interface Store extends AutoCloseable {

    /**
     * Stores events with their deliveries, all or none; those of an event that has many are inserted later ({@link FanOuts}). An identity that is there already with the same data is
     * answered as a duplicate and adds nothing.
     *
     * @return one answer an intake, in their order; fails with {@link IdentityReusedException}, which tells all of them,
     *     where identities are there with other data
     */
    CompletionStage<List<Accepted>> accept(List<Intake> intakes);

    /**
     * Writes how a try ended: the attempt, the delivery's next state and what it means for its webhook and for those behind
     * it.
     *
     * @return what came of that
     */
    CompletionStage<Recorded> record(TryResult result);

    /**
     * The CloudEvents id of a newer event than a delivery's that was delivered to a record, or empty: there is none. Of
     * two events of one moment neither is newer.
     */
    Optional<String> supersededBy(RecordKey record, String delivery);

    /**
     * The number of a member's place in a record, the smallest that is free where it has none yet, and kept; completes
     * after the commit.
     *
     * @param most how many places there are
     * @return from 1 to {@code most}; empty: all are taken by others
     */
    CompletionStage<OptionalInt> place(RecordKey record, String member, int most);

    /**
     * For each webhook that has waiting deliveries and is this process's, when the first of them is due. It costs as much as
     * there are webhooks, however many deliveries wait.
     */
    List<WaitingWebhook> waiting();

    /**
     * Deliveries of a webhook that are due at a time, the earliest first, without those given and without those that are
     * behind another of their FIFO key which is due too.
     */
    DueSearch.Found due(DueSearch search);

    /** All of a webhook that are due at a time, up to a number, whichever share they are of. */
    default List<DueDelivery> due(WebhookId webhook, Instant at, int limit, Collection<String> without) {
        return due(DueSearch.any(webhook, at, limit, without)).due();
    }

    /** How many deliveries of a webhook are due at a time, counted up to a number. */
    long dueCount(WebhookId webhook, Instant at, int most);

    /**
     * When the next delivery of a webhook that is due after a time is due. Where many of the other share are due before it, a
     * time before which none of this share is due; then it is to be asked again.
     */
    Optional<Instant> nextDue(WebhookId webhook, Share share, Instant after);

    /** The run-time states of all webhooks that ever had one. */
    List<WebhookState> webhookStates();

    /** The run-time state of a webhook, if it ever had one. */
    Optional<WebhookState> webhookState(WebhookId webhook);

    /** Sets a webhook's state, which ends a hold. @return how it stands now */
    CompletionStage<WebhookState> setState(WebhookId webhook, WebhookState.State state, String reason, Instant since);

    /**
     * Gives a webhook a new name; its deliveries and state stay with it. If the new name exists already, deliveries of the old
     * name become its own, and the state too unless it is paused or disabled itself.
     */
    CompletionStage<Void> rename(WebhookId from, String newName);

    /** Deliveries, newest first. */
    List<DeliveryRow> deliveries(DeliveryQuery query);

    /**
     * Deliveries, newest first, among so many of the newest that fit but for what is looked for: that is found by looking
     * at each.
     *
     * @param look at how many at most
     */
    Found search(DeliveryQuery query, int look);

    /**
     * What a step of a search found.
     *
     * @param deliveries at most as many as the query asks for
     * @param lookedDownTo the oldest delivery that was looked at, to go on before it; null: there are no more
     */
    record Found(List<DeliveryRow> deliveries, String lookedDownTo) {}

    /** One delivery of an account. */
    Optional<DeliveryRow> delivery(String account, String id);

    /** A delivery with its event, whatever became of it; empty: there is none, or not all that it sends is kept. */
    Optional<DueDelivery> kept(String account, String id);

    /** The attempts of a delivery, the first first. */
    List<AttemptRow> attempts(String deliveryId);

    /**
     * Makes an ended or waiting delivery due now, as if it were new; a hold of its webhook ends. One that has a FIFO key
     * goes behind those of its key that wait, and keeps its place if it is one of them.
     *
     * @param newId null: the same delivery again; else the id of a new one that refers to the first
     */
    CompletionStage<Replayed> replay(String account, String id, String newId, Instant now);

    /** The webhooks with waiting deliveries of which nothing could be sent at their last try. */
    List<WebhookId> withUnsent();

    /**
     * Makes deliveries of a webhook due now that wait because of its credential: nothing could be sent for want of one,
     * or, if asked for, the receiver answered 401 or 403. In one small step: the next one goes on where this one ended. What
     * is behind others of its FIFO key is none of them.
     *
     * @param refusedToo those that the receiver refused, too
     * @param after what is due before it, and it, are not looked at; see {@link Waiting#lastDueAt}
     * @param look at how many that wait at most, whether because of the credential or not
     */
    CompletionStage<Released> release(WebhookId webhook, boolean refusedToo, Instant now, Waiting after, int look);

    /**
     * What a step of a release did.
     *
     * @param deliveries how many it made due
     * @param lookedUpTo the last delivery that was looked at, to go on after it; null: there are no more
     */
    record Released(int deliveries, Waiting lookedUpTo) {}

    /** What accounts are to be told, the first first. */
    List<Notice> notices(int limit);

    /** A notice has been told. */
    CompletionStage<Void> told(long notice);

    /** How many deliveries wait, by the names of those of an account's webhooks that have any. */
    Map<String, Long> waiting(String account, Collection<String> webhooks);

    /**
     * The names of webhooks of an account of which anything is known, in their order, whether they are set up or not.
     *
     * @param after only names behind this one; null: from the first
     */
    List<String> webhookNames(String account, String after, int limit);

    /**
     * The names of all webhooks of an account of which deliveries wait, in no order. It costs as much as there are, however
     * many are known.
     *
     * @return empty: there are more than so many in the account, or in the whole store
     */
    Optional<List<String>> webhooksThatWait(String account, int most);

    /** The webhooks of an account of which most deliveries wait, and how many, the most first. */
    Map<String, Long> mostWaiting(String account, int limit);

    /** The same of all accounts. A shared store looks at all that waits to tell it. */
    Map<WebhookId, Long> mostWaiting(int limit);

    /**
     * How many deliveries of accounts stand where, by webhook. It looks at every delivery that is kept of these accounts.
     */
    Map<WebhookId, Map<DeliveryState, Long>> figures(Collection<String> accounts);

    /** How many deliveries wait, those that are not inserted yet included, exactly and at no cost. */
    long waitingCount();

    /** Bytes on disk. */
    long size();

    /**
     * Removes what has outlived its use, in one small step. A waiting delivery that is to give up is set aside before and
     * given back after it, so that nobody sends it meanwhile; one that cannot be set aside is left for another time.
     */
    CompletionStage<RetentionStep> retain(RetentionLimits limits, SettingAside aside);

    /** The same where nobody sends anything. */
    default CompletionStage<RetentionStep> retain(RetentionLimits limits) {
        return retain(limits, SettingAside.FREE);
    }

    /** Gives free pages back to the file system, at most so many; says how many it gave. */
    CompletionStage<Integer> vacuum(int pages);

    /** Fails unless a write can be committed now. */
    void checkWritable();

    /** A small thing of the product itself. */
    Optional<byte[]> setting(String name);

    /** Keeps a small thing; completes after the commit. */
    CompletionStage<Void> setting(String name, byte[] value);

    /**
     * Keeps and removes small things, all or none; completes after the commit.
     *
     * @param changes by name; empty: removed, if it is there
     */
    CompletionStage<Void> settings(Map<String, Optional<byte[]>> changes);

    /** This process's own file says that generation of the set-up; told to others on this store while the process runs. */
    default void saySetUp(long generation) {}

    /** Whether the file of any process on this store says that generation of the set-up. */
    default boolean isSetUpSaid(long generation) {
        return true;
    }

    /**
     * Keeps a small thing unless there is one already.
     *
     * @return what is kept now; completes after the commit
     */
    default CompletionStage<byte[]> settingUnlessThere(String name, byte[] value) {
        Optional<byte[]> known = setting(name);
        return known.isPresent()
                ? CompletableFuture.completedFuture(known.get())
                : setting(name, value).thenApply(kept -> value);
    }

    /**
     * Writes anew what small things are kept in, so that nothing of what was replaced is left there. It may take long, and
     * nothing else may use the store meanwhile.
     *
     * @throws StoreException if it fails; the store is as it was then
     */
    void rewrite();

    /** Bytes of a write-ahead log of its own; 0: it has none. */
    default long walSize() {
        return 0;
    }

    /**
     * Asks for the right to make something that one of several processes makes for all, for a time. In an embedded store
     * nobody else could.
     *
     * @return whether this process has it
     */
    default boolean claim(String name, Duration most) {
        return true;
    }

    /** What was made last under a claim of that name. */
    default Optional<byte[]> claimed(String name) {
        return Optional.empty();
    }

    /** Gives a claim back. @param made what all are to have from now on, or null: what they had before */
    default void giveBack(String name, byte[] made) {}

    /** Which webhooks' deliveries this process sends. */
    default Ownership ownership() {
        return Ownership.ALL;
    }

    /** Who is told what other processes do from now on; an embedded store has none. */
    default void listen(Neighbours neighbours) {}

    /** Deliveries that are acknowledged and not inserted yet. */
    FanOuts fanOuts();

    /** How accounts and webhooks do. */
    Figures figures();

    /** The events that were accepted. */
    EventLog events();

    /** What a person may do with deliveries that wait. */
    WaitingDeliveries waitingDeliveries();

    /** Replays of many deliveries. */
    ReplayJobs replays();

    /** What accounts have set up by the API. */
    DefinitionStore definitions();

    /** Who changed what. */
    AuditTrail audit();

    @Override
    void close();

    /** Keeps deliveries from being sent for a moment. */
    interface SettingAside {

        /** Where nobody sends anything. */
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

    /** How {@link #replay} ended. */
    enum Replayed {
        DUE,
        NOT_FOUND,
        PAYLOAD_EXPIRED
    }
}
