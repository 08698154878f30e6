package io.engagementwebhooks.store;

/**
 * An event of the same identity is incomplete, and cannot be completed by this one. Nothing was written;
 * {@link EventStore#removeIncomplete} makes way.
 */
public final class IncompleteEventException extends StoreException {

    private static final long serialVersionUID = 1L;

    private final long event;

    /** @param event the key of the incomplete event */
    public IncompleteEventException(long event) {
        super("another request is storing an event of the same source and id; retry in a few seconds", null);
        this.event = event;
    }

    public long event() {
        return event;
    }
}
