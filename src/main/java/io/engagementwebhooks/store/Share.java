package io.engagementwebhooks.store;

/**
 * Deliveries that have not been tried yet and those that are tried again have shares of their own, so that neither many
 * retries hold back what is new, nor a stream of what is new holds back the retries.
 */
public enum Share {
    FIRST_TRIES,
    RETRIES;

    /** @param attempts how often it was tried so far, also before a replay */
    public static Share of(int attempts) {
        return attempts == 0 ? FIRST_TRIES : RETRIES;
    }

    public Share other() {
        return this == FIRST_TRIES ? RETRIES : FIRST_TRIES;
    }
}
