package io.engagementwebhooks.contentsquare;

/**
 * Enrichments were not taken, or it is unknown whether they were. Its text names no person and holds nothing of the
 * answer but its error code; {@link #getAnswer()} has the answer itself.
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

    /** The message cannot be sent as it is; nothing was sent. */
    static ContentsquareException unsendable(String message) {
        return new ContentsquareException(message, 0, null, null, false, null, null);
    }

    /** No complete answer came: the enrichments may have been taken or not. */
    static ContentsquareException unanswered(String message, Throwable cause) {
        return new ContentsquareException(message, 0, null, null, true, null, cause);
    }

    /** The answer says no. */
    static ContentsquareException refused(String message, Received received, String errorCode, boolean retryable) {
        return new ContentsquareException(
                message, received.status(), errorCode, received.text(), retryable, received.retryAfter(), null);
    }

    /** Status of the answer, 0 if there was none. */
    public int getStatus() {
        return status;
    }

    /** {@code errorCode} of the answer, null if it had none. */
    public String getErrorCode() {
        return errorCode;
    }

    /** The answer's text, at most its first 64 KiB; null if there was no answer. */
    public String getAnswer() {
        return answer;
    }

    /** Whether the same message may be taken later. Sending again is safe: the same number overwrites. */
    public boolean isRetryable() {
        return retryable;
    }

    /** Header {@code Retry-After} as it was sent, or null. */
    public String getRetryAfter() {
        return retryAfter;
    }
}
