package io.engagementwebhooks.deliver.judge;

import io.engagementwebhooks.deliver.Delivery;

/** Thrown by a Kamelet that names a webhook, if the delivery failed. The message is for the customer. */
public final class NotDeliveredException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient Outcome outcome;

    NotDeliveredException(Delivery delivery, Outcome outcome) {
        super("webhook '" + delivery.webhook().name() + "' of account '"
                + delivery.webhook().account() + "': "
                + (outcome == null ? "no step set an outcome" : outcome.reason()));
        this.outcome = outcome;
    }

    /** The outcome, with the time of a useful retry; null if no step set one. */
    public Outcome outcome() {
        return outcome;
    }
}
