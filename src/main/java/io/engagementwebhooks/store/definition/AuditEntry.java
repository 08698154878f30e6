package io.engagementwebhooks.store.definition;

import io.engagementwebhooks.webhook.Actor;
import java.time.Instant;
import java.util.Objects;

/**
 * An entry of the audit log: who changed what, when. It never holds a value, since that could be secret.
 *
 * @param key its sequence number; 0 before it is stored
 * @param account the account
 * @param at when
 * @param actor who
 * @param action such as created
 * @param kind the kind of the resource
 * @param name the name of the resource
 * @param detail such as the changed fields, or null
 */
public record AuditEntry(
        long key, String account, Instant at, Actor actor, String action, String kind, String name, String detail) {

    public AuditEntry {
        Objects.requireNonNull(account);
        Objects.requireNonNull(at);
        Objects.requireNonNull(actor);
        Objects.requireNonNull(action);
        Objects.requireNonNull(kind);
        Objects.requireNonNull(name);
    }

    /** An entry that is not stored yet. */
    public AuditEntry(String account, Instant at, Actor actor, String action, String kind, String name, String detail) {
        this(0, account, at, actor, action, kind, name, detail);
    }
}
