package io.engagementwebhooks.console;

/**
 * A change as the API shows it.
 *
 * @param at when
 * @param actor who
 * @param action what was done
 * @param kind to what kind of thing
 * @param name to which
 * @param detail more words, or null
 */
public record AuditView(String at, String actor, String action, String kind, String name, String detail) {}
