package io.engagementwebhooks.webhook.jq;

/** Ends an evaluation; jq's {@code try} does not catch it. */
final class LimitReached extends RuntimeException {

    private static final long serialVersionUID = 1L;

    LimitReached() {
        super(null, null, false, false);
    }
}
