package io.engagementwebhooks.console.pages;

/**
 * What one rule of a condition makes of the sample event.
 *
 * @param text the rule in words
 * @param holds whether the event fulfills it
 */
record RuleResult(String text, boolean holds) {}
