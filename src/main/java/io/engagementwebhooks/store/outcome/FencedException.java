package io.engagementwebhooks.store.outcome;

/** An outcome was not recorded: another instance owns the webhook, or the delivery has changed since it was taken. */
public final class FencedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public FencedException(String delivery) {
        super("delivery " + delivery + " has another owner, or has changed since it was taken", null, false, false);
    }
}
