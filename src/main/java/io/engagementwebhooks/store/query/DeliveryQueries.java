package io.engagementwebhooks.store.query;

import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Finds and counts deliveries for API and console. Thread-safe. */
public interface DeliveryQueries {

    /** Pending deliveries of a webhook are counted up to this number, which means that many or more. */
    int MAX_PENDING = 10_000;

    /** Deliveries, newest first. A query with conditions without an index is for {@link #search}, unless it names an event. */
    List<DeliveryRow> deliveries(DeliveryQuery query);

    /**
     * Deliveries, newest first, where the query has conditions without an index. Examines a bounded number of
     * deliveries.
     *
     * @param maxExamined the most deliveries to examine
     */
    Found search(DeliveryQuery query, int maxExamined);

    /**
     * Like {@link #search}, by the stored payloads of the events. Reads one payload at a time.
     *
     * @param matches whether the document of an event matches
     */
    Found searchPayloads(DeliveryQuery query, Predicate<byte[]> matches, int maxExamined);

    /** When the oldest event with a stored payload was accepted. */
    Optional<Instant> oldestPayload();

    /**
     * The number of deliveries by status, among the newest that match the indexed conditions of a query.
     *
     * @param query one without a text
     * @param maxExamined the most deliveries to examine
     */
    StatusCounts statusCounts(DeliveryQuery query, int maxExamined);

    /**
     * Counts by status.
     *
     * @param deliveries by state and last outcome; {@code paused} is a state here
     * @param complete false: there are more deliveries, which were not examined
     */
    record StatusCounts(Map<StateAndOutcome, Long> deliveries, boolean complete) {}

    /** @param outcome of the last attempt, or null */
    record StateAndOutcome(String state, String outcome) {}

    /**
     * The result of a step of a search.
     *
     * @param deliveries at most {@link DeliveryQuery#limit()}
     * @param examinedDownTo the oldest examined delivery, before which the next step begins; null: there are no more
     */
    record Found(List<DeliveryRow> deliveries, String examinedDownTo) {}

    /** One delivery of an account. */
    Optional<DeliveryRow> delivery(String account, String id);

    /**
     * The number of pending deliveries of its webhook that are due before each given delivery, by delivery id.
     *
     * @param most the most to count of a webhook
     */
    Map<String, BacklogPosition> backlogPositions(Collection<DeliveryRow> deliveries, int most);

    /**
     * The position of a delivery in its webhook's backlog.
     *
     * @param deliveries the number of deliveries due before it
     * @param isExact false: there are more, which were not counted
     */
    record BacklogPosition(int deliveries, boolean isExact) {}

    /**
     * The earliest due delivery of each webhook that has a pending one.
     *
     * @param inFlight deliveries to leave out, unless their webhook has no other
     */
    List<DeliveryRow> firstDue(Collection<WebhookId> webhooks, Collection<String> inFlight);

    /** A delivery with its event, ended or not; empty: it does not exist, or a payload it sends has expired. */
    Optional<DueDelivery> withPayload(String account, String id);

    /** The attempts of a delivery, oldest first. */
    List<AttemptRow> attempts(String account, String delivery);

    /** The pending count of each of these webhooks that has pending deliveries, up to {@link #MAX_PENDING}. */
    Map<WebhookId, Long> pendingCounts(Collection<WebhookId> webhooks);

    /**
     * The webhooks of an account that have a row, by name and id, whether they are configured or not.
     *
     * @param after only those after this one; empty: from the start
     */
    List<WebhookId> webhooks(String account, Optional<WebhookId> after, int limit);

    /**
     * The webhooks of an account that have pending deliveries, in no order. The cost grows with their number, not with
     * the number of webhooks.
     *
     * @return empty: more than {@code most} webhooks of the account, or of the store, have pending deliveries
     */
    Optional<List<WebhookId>> webhooksWithPending(String account, int most);

    /** The webhooks of an account with the largest pending counts, up to {@link #MAX_PENDING}, largest first. */
    Map<WebhookId, Long> largestBacklogs(String account, int limit);

    /** The webhooks of all accounts with the largest pending counts. Scans all pending deliveries. */
    Map<WebhookId, Long> largestBacklogs(int limit);

    /** The number of deliveries in each state, by webhook. Scans all stored deliveries of the account. */
    Map<WebhookId, Map<DeliveryState, Long>> countsByState(String account);
}
