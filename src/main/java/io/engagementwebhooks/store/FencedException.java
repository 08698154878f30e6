package io.engagementwebhooks.store;

/** An outcome was not recorded: another instance owns the webhook, or has recorded an attempt of the delivery since it was taken. */
public final class FencedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public FencedException(String delivery) {
        super("delivery " + delivery + " is sent by another instance", null, false, false);
    }
}
