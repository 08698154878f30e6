package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds and counts deliveries for API and console. Thread-safe. */
public interface DeliveryQueries {

    /** Deliveries, newest first. */
    List<DeliveryRow> deliveries(DeliveryQuery query);

    /**
     * Deliveries, newest first, among so many of the newest that fit but for what no index finds.
     *
     * @param look how many are examined at most
     */
    Found search(DeliveryQuery query, int look);

    /**
     * The result of a step of a search.
     *
     * @param deliveries at most as many as the query asks for
     * @param lookedDownTo the oldest delivery that was examined, to begin the next step before it; null: there are no more
     */
    record Found(List<DeliveryRow> deliveries, String lookedDownTo) {}

    /** One delivery of an account. */
    Optional<DeliveryRow> delivery(String account, String id);

    /**
     * How many deliveries of its webhook are due before each of some and have not ended, by delivery. Those of one webhook are
     * counted in one walk.
     *
     * @param most counted from one of them to the next
     */
    Map<String, Before> backlogPositions(Collection<DeliveryRow> deliveries, int most);

    /**
     * What is due before a delivery.
     *
     * @param deliveries how many
     * @param isExact false: at least one more, which was not counted
     */
    record Before(int deliveries, boolean isExact) {}

    /**
     * The delivery of each webhook that is due first, of those that have any.
     *
     * @param inFlight deliveries that are left out, unless their webhook has no other
     */
    List<DeliveryRow> firstDue(Collection<WebhookId> webhooks, Collection<String> inFlight);

    /** A delivery with its event, ended or not; empty: there is none, or not all that it sends is kept. */
    Optional<DueDelivery> kept(String account, String id);

    /** The attempts of a delivery of an account, the first first. */
    List<AttemptRow> attempts(String account, String delivery);

    /** How many deliveries wait, by those of an account's webhooks that have any. */
    Map<WebhookId, Long> waiting(String account, Collection<WebhookId> webhooks);

    /**
     * The webhooks of an account that have a row, by name and id, whether they are configured or not.
     *
     * @param after only those behind this one; empty: from the first
     */
    List<WebhookId> webhooks(String account, Optional<WebhookId> after, int limit);

    /**
     * All webhooks of an account of which deliveries wait, in no order. It costs as much as there are, however many have a row.
     *
     * @return empty: there are more than so many in the account, or in the whole store
     */
    Optional<List<WebhookId>> webhooksThatWait(String account, int most);

    /** The webhooks of an account of which most deliveries wait, and how many, the most first. */
    Map<WebhookId, Long> mostWaiting(String account, int limit);

    /** The same of all accounts. It looks at all that waits. */
    Map<WebhookId, Long> mostWaiting(int limit);

    /** How many deliveries of accounts are in which state, by webhook. It looks at every delivery that is kept of these accounts. */
    Map<WebhookId, Map<DeliveryState, Long>> figures(Collection<String> accounts);
}
