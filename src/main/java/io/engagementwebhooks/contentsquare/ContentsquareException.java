package io.engagementwebhooks.contentsquare;

/**
 * Enrichments were not accepted, or it is unknown whether they were. The message has no personal data, and of the
 * response only the error code; {@link #getAnswer()} has the response.
 */
public final class ContentsquareException extends Exception {

    private static final long serialVersionUID = 1;

    private final int status;
    private final String errorCode;
    private final String answer;
    private final boolean retryable;
    private final String retryAfter;

    private ContentsquareException(
            String message,
            int status,
            String errorCode,
            String answer,
            boolean retryable,
            String retryAfter,
            Throwable cause) {
        super(message, cause);
        this.status = status;
        this.errorCode = errorCode;
        this.answer = answer;
        this.retryable = retryable;
        this.retryAfter = retryAfter;
    }

    /** The message is invalid; nothing was sent. */
    static ContentsquareException unsendable(String message) {
        return new ContentsquareException(message, 0, null, null, false, null, null);
    }

    /** No complete response was received; the enrichments may have been accepted. */
    static ContentsquareException unanswered(String message, Throwable cause) {
        return new ContentsquareException(message, 0, null, null, true, null, cause);
    }

    /** The response is an error. */
    static ContentsquareException refused(String message, Received received, String errorCode, boolean retryable) {
        return new ContentsquareException(
                message, received.status(), errorCode, received.text(), retryable, received.retryAfter(), null);
    }

    /** Status of the response; 0 if there was none. */
    public int getStatus() {
        return status;
    }

    /** {@code errorCode} of the response, or null. */
    public String getErrorCode() {
        return errorCode;
    }

    /** The response body, at most its first 64 KiB; null without a response. */
    public String getAnswer() {
        return answer;
    }

    /** Whether a retry may succeed. It is safe: the same number overwrites. */
    public boolean isRetryable() {
        return retryable;
    }

    /** The header {@code Retry-After}, or null. */
    public String getRetryAfter() {
        return retryAfter;
    }
}
