package io.engagementwebhooks.console.webhooks;

/**
 * The result of one rule of a condition for the sample event.
 *
 * @param text the rule in words
 * @param holds whether the event matches it
 */
public record RuleResult(String text, boolean holds) {}
