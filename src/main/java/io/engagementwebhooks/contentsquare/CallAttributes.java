package io.engagementwebhooks.contentsquare;

/**
 * What an exchange brings for the HTTP client.
 *
 * @param beforeSending see {@link ContentsquareConstants#BEFORE_SENDING}
 * @param timing see {@link ContentsquareConstants#TIMING}; may be null
 */
public record CallAttributes(Runnable beforeSending, Object timing) {

    /** Without checks and measurements. */
    public static final CallAttributes NONE = new CallAttributes(() -> {}, null);
}
