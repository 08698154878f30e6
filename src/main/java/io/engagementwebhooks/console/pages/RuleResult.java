package io.engagementwebhooks.console.pages;

/**
 * The result of one rule of a condition for the sample event.
 *
 * @param text the rule in words
 * @param holds whether the event matches it
 */
record RuleResult(String text, boolean holds) {}
