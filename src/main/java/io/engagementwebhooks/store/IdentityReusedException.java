package io.engagementwebhooks.store;

import io.engagementwebhooks.event.EventIdentity;

/** An event of this identity was accepted before with other data. Nothing was written. */
public final class IdentityReusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int index;

    /**
     * @param identity the identity
     * @param index which of the events given, from 0
     */
    public IdentityReusedException(EventIdentity identity, int index) {
        super(
                "event " + identity.id() + " of source " + identity.source() + " was accepted before with other data",
                null,
                false,
                false);
        this.index = index;
    }

    public int index() {
        return index;
    }
}
