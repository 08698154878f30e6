package io.engagementwebhooks.store;

import java.time.Instant;
import java.util.Objects;

/**
 * An entry of the audit log: who changed what, when. It never holds a value, which could be a secret.
 *
 * @param key its number, growing; 0 before it is written
 * @param account whose
 * @param at when
 * @param actor who: the name of the API key
 * @param action what was done, such as created
 * @param kind to what kind of thing
 * @param name to which
 * @param detail more words, such as which fields have changed, or null
 */
public record AuditEntry(
        long key, String account, Instant at, String actor, String action, String kind, String name, String detail) {

    public AuditEntry {
        Objects.requireNonNull(account);
        Objects.requireNonNull(at);
        Objects.requireNonNull(actor);
        Objects.requireNonNull(action);
        Objects.requireNonNull(kind);
        Objects.requireNonNull(name);
    }

    /** One that is to be written. */
    public AuditEntry(
            String account, Instant at, String actor, String action, String kind, String name, String detail) {
        this(0, account, at, actor, action, kind, name, detail);
    }
}
