package io.engagementwebhooks.store.due;

/**
 * Separates first attempts from retries. Each kind has its own part of a webhook's in-flight budget, so that neither
 * starves the other.
 */
public enum AttemptKind {
    FIRST_ATTEMPTS,
    RETRIES;

    /** @param attempts attempts made so far, those before a replay included */
    public static AttemptKind of(int attempts) {
        return attempts == 0 ? FIRST_ATTEMPTS : RETRIES;
    }

    public AttemptKind other() {
        return this == FIRST_ATTEMPTS ? RETRIES : FIRST_ATTEMPTS;
    }
}
