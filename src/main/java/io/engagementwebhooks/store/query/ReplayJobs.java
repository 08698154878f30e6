package io.engagementwebhooks.store.query;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.definition.AuditEntry;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Replays deliveries, and stores replay jobs so that they continue after a crash. Thread-safe; writes complete after
 * their commit.
 */
public interface ReplayJobs {

    /**
     * Makes a delivery due now, as if it were new, and ends its webhook's hold. With a FIFO key it joins the end of the
     * key's queue, or keeps its place if it is pending.
     *
     * @param newId null: the same delivery again; else the id of a new delivery that names the first as its origin
     */
    CompletionStage<Replayed> replay(String account, String id, String newId, Instant now);

    /**
     * Creates a delivery of an edited event for the webhook of another delivery, its origin; due now.
     *
     * @param newId the id of the new delivery
     * @param edited the edited event, with its own identity
     */
    CompletionStage<Replayed> resend(String account, String id, String newId, Event edited, Instant now);

    /** The result of a replay. */
    enum Replayed {
        DUE,
        NOT_FOUND,
        PAYLOAD_EXPIRED
    }

    /** Stores a new job with its audit entry. */
    CompletionStage<Void> start(ReplayJob job, AuditEntry audit);

    /** A job of an account. */
    Optional<ReplayJob> job(String account, String id);

    /** The jobs of an account, newest first. @param before only jobs with a smaller id, or null */
    List<ReplayJob> jobs(String account, String before, int limit);

    /** All running jobs. */
    List<ReplayJob> running();

    /** Cancels a running job, with an audit entry. @return whether it was running */
    CompletionStage<Boolean> cancel(String account, String id, Instant now, AuditEntry audit);

    /**
     * The result of a step of a search.
     *
     * @param deliveries the matches, in id order
     * @param position the last examined delivery, or null: there was none
     * @param end whether there are no more
     */
    record Found(List<Match> deliveries, String position, boolean end) {
        public Found {
            deliveries = List.copyOf(deliveries);
        }
    }

    /** A matching delivery. @param replayable whether it has ended and its payload is kept */
    record Match(String id, WebhookId webhook, boolean replayable) {}

    /**
     * Finds matching deliveries in id order, in a bounded step.
     *
     * @param after only greater ids, or null: from the start
     * @param maxId the greatest id
     * @param maxExamined the most to examine
     * @param most the most to return
     */
    Found find(DeliveryQuery filter, String after, String maxId, int maxExamined, int most);

    /** A delivery to replay. @param newId the id of the new delivery, or null: the same delivery again */
    record ReplayItem(String id, String newId) {}

    /**
     * Runs a step of a job: makes deliveries due and stores the job's position, all or none. Does nothing if the job is
     * not running or its position has changed.
     *
     * @param position the last examined delivery
     * @param leftOut the number of matches left out before the step
     * @param end whether there are no more
     * @return the number made due; -1: nothing was done
     */
    CompletionStage<Integer> step(
            ReplayJob job, List<ReplayItem> deliveries, String position, int leftOut, boolean end, Instant now);

    /** Removes jobs that ended before a time. @return the number removed */
    CompletionStage<Integer> removeBefore(Instant endedBefore, int rows);
}
