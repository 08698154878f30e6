package io.engagementwebhooks.api;

/**
 * A change in the API.
 *
 * @param at when
 * @param actor name of who did it
 * @param actorKind what it is, such as api-key
 * @param actorId its id, or null
 * @param action what was done
 * @param kind kind of the resource
 * @param name name of the resource
 * @param detail details, or null
 */
public record AuditView(
        String at,
        String actor,
        String actorKind,
        String actorId,
        String action,
        String kind,
        String name,
        String detail) {}
