package io.engagementwebhooks.store;

import java.util.Objects;

/**
 * Who made a change. The kind and the id identify it; the name can be that of another one.
 *
 * @param kind such as api-key
 * @param id of a key or a portal session, or the subject of a user; null: there is one of the kind
 * @param name as shown
 */
public record Actor(String kind, String id, String name) {

    /** A client over JMX. */
    public static final Actor JMX = new Actor("jmx", null, "JMX");

    public Actor {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(name);
    }
}
