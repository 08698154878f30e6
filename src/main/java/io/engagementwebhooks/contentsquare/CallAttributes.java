package io.engagementwebhooks.contentsquare;

import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * Attributes of a request's context for the HTTP client; token requests have none.
 *
 * @param asked see {@link ContentsquareConstants#BEFORE_SENDING}
 * @param timing see {@link ContentsquareConstants#TIMING}; may be null
 */
record CallAttributes(Runnable asked, Object timing) {

    /** Without checks and measurements. */
    static final CallAttributes NONE = new CallAttributes(() -> {}, null);

    void setOn(HttpContext context) {
        context.setAttribute(ContentsquareConstants.BEFORE_SENDING, asked);
        context.setAttribute(ContentsquareConstants.TIMING, timing);
    }
}
