package io.engagementwebhooks.console;

/** The health of a webhook. */
public enum HealthStatus {
    /** None of the following. */
    HEALTHY("healthy"),
    /** Fewer than 95 % of its last 20 attempts succeeded. */
    DEGRADED("degraded"),
    /** Its deliveries fail. */
    FAILING("failing"),
    /** A person paused it. */
    PAUSED("paused"),
    /** Its receiver is gone, or it failed for too long. */
    DISABLED("disabled"),
    /** It had no delivery in the last 24 hours. */
    NO_TRAFFIC("no-traffic");

    private final String text;

    HealthStatus(String text) {
        this.text = text;
    }

    /** Its name in the API. */
    public String text() {
        return text;
    }
}
