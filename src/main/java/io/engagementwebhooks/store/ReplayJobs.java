package io.engagementwebhooks.store;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Where replays of many deliveries are kept, so that they continue after a kill. Thread-safe; writes complete after their commit. */
public interface ReplayJobs {

    /**
     * Makes an ended or waiting delivery due now, as if it were new; a hold of its webhook ends. One that has a FIFO key goes
     * behind those of its key that wait, and keeps its place if it is one of them.
     *
     * @param newId null: the same delivery again; else the id of a new one that refers to the first
     */
    CompletionStage<Replayed> replay(String account, String id, String newId, Instant now);

    /**
     * Makes a delivery of an edited event for the webhook of another delivery, which it names as its origin; due now.
     *
     * @param newId the id of the new delivery
     * @param edited under its own identity
     */
    CompletionStage<Replayed> resend(String account, String id, String newId, Event edited, Instant now);

    /** How {@link #replay} ended. */
    enum Replayed {
        DUE,
        NOT_FOUND,
        PAYLOAD_EXPIRED
    }

    /** Keeps one that is to run, and notes who started it. */
    CompletionStage<Void> start(ReplayJob job, AuditEntry audit);

    /** One of an account. */
    Optional<ReplayJob> job(String account, String id);

    /** Those of an account, the newest first. @param before only those with a smaller id, or null */
    List<ReplayJob> jobs(String account, String before, int limit);

    /** All that run. */
    List<ReplayJob> running();

    /** Ends one that runs, and notes who did. @return whether it ran */
    CompletionStage<Boolean> cancel(String account, String id, Instant now, AuditEntry audit);

    /**
     * What was found.
     *
     * @param deliveries those that match, in the order of their ids
     * @param position the last one examined, or null: there was none
     * @param end whether there are no more
     */
    record Found(List<Match> deliveries, String position, boolean end) {
        public Found {
            deliveries = List.copyOf(deliveries);
        }
    }

    /** A delivery that matches. @param replayable whether it has ended and its payload is kept */
    record Match(String id, WebhookId webhook, boolean replayable) {}

    /**
     * Finds matching deliveries in the order of their ids, in a bounded step; never tests.
     *
     * @param after only greater ids, or null: from the first
     * @param upto only ids up to this
     * @param look the most to examine
     * @param most how many are found at most
     */
    Found find(ReplayFilter filter, String after, String upto, int look, int most);

    /** A delivery that is sent again. @param newId the id of a new one in its place, or null: the same again */
    record Again(String id, String newId) {}

    /**
     * A step of a job: makes deliveries due and notes how far it is, all or none. Nothing is done for one that does not run,
     * or has gone on from where it is given.
     *
     * @param position the last delivery that was examined
     * @param leftOut how many that match were left out before
     * @param end whether there are no more
     * @return how many are due now; -1: nothing was done
     */
    CompletionStage<Integer> step(
            ReplayJob job, List<Again> deliveries, String position, int leftOut, boolean end, Instant now);

    /** Removes those that ended before a time. @return how many */
    CompletionStage<Integer> forget(Instant endedBefore, int rows);
}
