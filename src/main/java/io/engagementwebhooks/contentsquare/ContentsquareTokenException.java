package io.engagementwebhooks.contentsquare;

/**
 * There is no usable token, so no enrichment was sent. The message has neither the client's secret nor anything of the
 * response but its error code.
 */
public final class ContentsquareTokenException extends Exception {

    private static final long serialVersionUID = 1;

    private final int status;
    private final String errorCode;
    private final boolean retryable;
    private final String retryAfter;

    ContentsquareTokenException(
            String message, int status, String errorCode, boolean retryable, String retryAfter, Throwable cause) {
        super(message, cause);
        this.status = status;
        this.errorCode = errorCode;
        this.retryable = retryable;
        this.retryAfter = retryAfter;
    }

    /** Status of the token response; 0 if there was none. */
    public int getStatus() {
        return status;
    }

    /** {@code errorCode} or {@code error} of the response, or null. */
    public String getErrorCode() {
        return errorCode;
    }

    /** False if the credentials were refused and must be fixed first. */
    public boolean isRetryable() {
        return retryable;
    }

    /** The header {@code Retry-After}, or null. */
    public String getRetryAfter() {
        return retryAfter;
    }
}
