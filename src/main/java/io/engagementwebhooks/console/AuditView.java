package io.engagementwebhooks.console;

/**
 * A change in the API.
 *
 * @param at when
 * @param actor who
 * @param action what was done
 * @param kind kind of the resource
 * @param name name of the resource
 * @param detail details, or null
 */
public record AuditView(String at, String actor, String action, String kind, String name, String detail) {}
