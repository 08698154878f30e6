package io.engagementwebhooks.api.delivery;

import io.engagementwebhooks.store.query.DeliveryQuery;
import io.engagementwebhooks.store.query.DeliveryState;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The status of a delivery: state and last outcome combined. */
public enum DeliveryStatus {
    /** Not sent yet, or replayed. */
    QUEUED(DeliveryQuery.Standing.QUEUED, null),
    /** Its request is in flight. Not a filter, because only memory has it. */
    SENDING(null, null),
    /** An attempt failed, and another follows. */
    RETRYING(DeliveryQuery.Standing.WAITING, "try-later"),
    DELIVERED(DeliveryQuery.Standing.ENDED, "delivered"),
    /** Failed or retrying. Only a filter. */
    FAILING(DeliveryQuery.Standing.FAILING, null),
    /** No attempt follows. */
    FAILED(DeliveryQuery.Standing.ENDED, "gave-up"),
    /** There was nothing to send. */
    SKIPPED(DeliveryQuery.Standing.ENDED, "skipped"),
    /** A person discarded it. */
    CANCELED(DeliveryQuery.Standing.DISCARDED, null),
    /** Queued until a person resumes its webhook. */
    PAUSED(DeliveryQuery.Standing.PAUSED, null);

    private final DeliveryQuery.Standing standing;
    private final String outcome;

    DeliveryStatus(DeliveryQuery.Standing standing, String outcome) {
        this.standing = standing;
        this.outcome = outcome;
    }

    /** Its name in the API. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The stored standing of this status; null: it cannot be filtered. */
    DeliveryQuery.Standing standing() {
        return standing;
    }

    /** The last outcome of this status; null: any. */
    String outcome() {
        return outcome;
    }

    /** Names of the statuses that filters accept. */
    static List<String> filters() {
        return Arrays.stream(values())
                .filter(status -> status.standing != null)
                .map(DeliveryStatus::text)
                .toList();
    }

    /** @param text one of {@link #filters}, or null */
    static Optional<DeliveryStatus> filter(String text) {
        return Arrays.stream(values())
                .filter(status -> status.text().equals(text))
                .findFirst();
    }

    /**
     * Combines state and outcome of the API.
     *
     * @param state as in the API, {@code sending} and {@code paused} included
     * @param outcome of the last attempt, or null
     */
    static DeliveryStatus of(String state, String outcome) {
        if (state.equals(SENDING.text()) || state.equals(PAUSED.text())) {
            return state.equals(SENDING.text()) ? SENDING : PAUSED;
        }
        return switch (DeliveryState.of(state)) {
            case WAITING -> RETRYING.outcome.equals(outcome) ? RETRYING : QUEUED;
            case DELIVERED -> DELIVERED;
            case GAVE_UP -> FAILED;
            case SKIPPED -> SKIPPED;
            case DISCARDED -> CANCELED;
        };
    }
}
