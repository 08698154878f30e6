package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonUnwrapped;

/**
 * An account in figures, as the operator sees it.
 *
 * @param webhooks how many it has
 * @param active webhooks that are sent to
 * @param paused webhooks that a person paused
 * @param disabled webhooks that are disabled
 * @param failing of the active ones, those whose health is failing
 * @param degraded of the active ones, those whose health is degraded
 * @param deliveries its deliveries by state
 * @param memoryBytes memory that this instance reserves for it now
 * @param memoryRefused how often this instance refused it memory since it started
 * @param processorSeconds processor time that this instance used for it since it started
 * @param processorShare its part of the processor time of all accounts, from 0 to 1
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
     * Deliveries by state; null where they were not counted yet.
     *
     * @param countedAt when they were counted
     */
    public record Deliveries(
            Long waiting, Long delivered, Long gaveUp, Long skipped, Long discarded, String countedAt) {}

    /**
     * A webhook in figures, as the operator sees it.
     *
     * @param state active, paused or disabled
     * @param since when its state changed, or null
     */
    public record Webhook(String id, String name, String state, String since, @JsonUnwrapped Deliveries deliveries) {}
}
