package io.engagementwebhooks.contentsquare;

import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * What a request is given along for the HTTP client, in the attributes of its context; a token's request is given nothing.
 *
 * @param asked as {@link ContentsquareConstants#BEFORE_SENDING} says
 * @param timing as {@link ContentsquareConstants#TIMING} says, or null
 */
record CallAttributes(Runnable asked, Object timing) {

    /** Without checks and measurements. */
    static final CallAttributes NONE = new CallAttributes(() -> {}, null);

    void leaveIn(HttpContext context) {
        context.setAttribute(ContentsquareConstants.BEFORE_SENDING, asked);
        context.setAttribute(ContentsquareConstants.TIMING, timing);
    }
}
