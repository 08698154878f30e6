package io.engagementwebhooks.store.query;

import java.util.Locale;

/** The stored state of a delivery. In flight and paused are not stored. */
public enum DeliveryState {
    WAITING,
    DELIVERED,
    GAVE_UP,
    SKIPPED,
    DISCARDED;

    /** As in the store and in the API. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public boolean ended() {
        return this != WAITING;
    }

    public static DeliveryState of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
