package io.engagementwebhooks.console;

/** The health of a webhook, as the API and the console show it. docs/delivery.md has the exact conditions. */
public enum HealthStatus {
    /** Its deliveries succeed: no other status applies. */
    HEALTHY("healthy"),
    /** Fewer than 95 % of its last 20 attempts succeeded. */
    DEGRADED("degraded"),
    /** Its last attempts all failed, or no retry can help, such as after a refused credential. */
    FAILING("failing"),
    /** A person paused it. */
    PAUSED("paused"),
    /** Its receiver answered 410, or nothing succeeded for {@code disableAfter}; a person can resume it. */
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
