package io.engagementwebhooks.webhook.template;

/**
 * The request of a webhook cannot be built from this event: a jq program exceeded its limits, a header would hold a
 * control character. This ends the delivery. The message is for the customer.
 */
public final class BodyFault extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public BodyFault(String message) {
        super(message, null, false, false);
    }
}
