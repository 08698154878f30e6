package io.engagementwebhooks.store;

/** An outcome was not written: the try began under an ownership of its webhook that has ended. Its new owner sends it. */
public final class NotOwnedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public NotOwnedException(String delivery) {
        super("delivery " + delivery + " belongs to another instance now", null, false, false);
    }
}
