package io.engagementwebhooks.api.account;

import com.fasterxml.jackson.annotation.JsonUnwrapped;

/**
 * Statistics of an account, for the operator.
 *
 * @param webhooks number of webhooks
 * @param active active webhooks
 * @param paused webhooks paused by a person
 * @param disabled disabled webhooks
 * @param failing active webhooks whose health is failing
 * @param degraded active webhooks whose health is degraded
 * @param deliveries its deliveries by state
 * @param memoryBytes memory that this instance reserves for it now
 * @param memoryRefused how often this instance refused it memory since the start
 * @param processorSeconds processor time that this instance spent on it since the start
 * @param processorShare its share of the processor time of all accounts, from 0 to 1
 */
public record AccountView(
        String id,
        int webhooks,
        long active,
        long paused,
        long disabled,
        long failing,
        long degraded,
        @JsonUnwrapped Deliveries deliveries,
        long memoryBytes,
        long memoryRefused,
        double processorSeconds,
        double processorShare) {

    /**
     * Deliveries by state; null before the first count.
     *
     * @param countedAt when they were counted
     */
    public record Deliveries(
            Long waiting, Long delivered, Long gaveUp, Long skipped, Long discarded, String countedAt) {}

    /**
     * Statistics of a webhook, for the operator.
     *
     * @param state active, paused or disabled
     * @param since when its state changed, or null
     */
    public record Webhook(String id, String name, String state, String since, @JsonUnwrapped Deliveries deliveries) {}
}
