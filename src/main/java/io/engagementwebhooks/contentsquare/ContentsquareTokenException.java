package io.engagementwebhooks.contentsquare;

/**
 * There is no usable token, so no enrichment was sent. Holds neither the client's secret nor anything of the answer but
 * its error code.
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

    /** Status of the token service's answer, 0 if there was none. */
    public int getStatus() {
        return status;
    }

    /** {@code errorCode} or {@code error} of the answer, null if it had none. */
    public String getErrorCode() {
        return errorCode;
    }

    /** False where the credentials themselves were refused: they must be repaired first. */
    public boolean isRetryable() {
        return retryable;
    }

    /** Header {@code Retry-After} as it was sent, or null. */
    public String getRetryAfter() {
        return retryAfter;
    }
}
