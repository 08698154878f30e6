package io.engagementwebhooks.store.query;

/** The stored state of a delivery. In flight and paused are not stored. */
public enum DeliveryState {
    WAITING("waiting"),
    DELIVERED("delivered"),
    GAVE_UP("gave-up"),
    SKIPPED("skipped"),
    DISCARDED("discarded");

    private final String text;

    DeliveryState(String text) {
        this.text = text;
    }

    /** As in the store and in the API. */
    public String text() {
        return text;
    }

    public boolean ended() {
        return this != WAITING;
    }

    public static DeliveryState of(String text) {
        for (DeliveryState state : values()) {
            if (state.text.equals(text)) {
                return state;
            }
        }
        throw new IllegalArgumentException("unknown delivery state '" + text + "'");
    }
}
