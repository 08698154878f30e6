package io.engagementwebhooks.webhook;

/**
 * What a webhook asks to send cannot be made from this event: a jq program broke its limits, a header would hold a
 * control character. The webhook's fault and this delivery's end; the message is for the customer.
 */
public final class BodyFault extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public BodyFault(String message) {
        super(message, null, false, false);
    }
}
