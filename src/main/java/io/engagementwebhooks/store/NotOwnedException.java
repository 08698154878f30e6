package io.engagementwebhooks.store;

/** An outcome was not recorded: the webhook's owner changed during the attempt. The new owner sends the delivery. */
public final class NotOwnedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public NotOwnedException(String delivery) {
        super("delivery " + delivery + " is owned by another instance now", null, false, false);
    }
}
