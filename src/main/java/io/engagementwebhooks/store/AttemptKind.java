package io.engagementwebhooks.store;

/**
 * Deliveries that have not been tried yet and those that are tried again have shares of their own, so that neither many
 * retries hold back what is new, nor a stream of what is new holds back the retries.
 */
public enum AttemptKind {
    FIRST_ATTEMPTS,
    RETRIES;

    /** @param attempts how often it was tried so far, also before a replay */
    public static AttemptKind of(int attempts) {
        return attempts == 0 ? FIRST_ATTEMPTS : RETRIES;
    }

    public AttemptKind other() {
        return this == FIRST_ATTEMPTS ? RETRIES : FIRST_ATTEMPTS;
    }
}
