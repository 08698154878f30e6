package io.engagementwebhooks.deliver;

/** Delivery by a Kamelet with a webhook's name failed. The message is in words for the customer. */
public final class NotDeliveredException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient Outcome outcome;

    NotDeliveredException(Delivery delivery, Outcome outcome) {
        super("webhook '" + delivery.webhook().name() + "' of account '"
                + delivery.webhook().account() + "': "
                + (outcome == null ? "nothing says how it ended" : outcome.reason()));
        this.outcome = outcome;
    }

    /** Whether, and when, it is worth to try again; null where no step said. */
    public Outcome outcome() {
        return outcome;
    }
}
