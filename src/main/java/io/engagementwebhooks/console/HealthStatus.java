package io.engagementwebhooks.console;

/** Whether a webhook works, in one word. */
public enum HealthStatus {
    /** Nothing of the following. */
    HEALTHY("healthy"),
    /** Fewer than 95 % of its last 20 attempts succeeded. */
    DEGRADED("degraded"),
    /** Its deliveries do not arrive. */
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

    /** As it stands in the API. */
    public String text() {
        return text;
    }
}
