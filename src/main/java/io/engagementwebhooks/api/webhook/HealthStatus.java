package io.engagementwebhooks.api.webhook;

import java.util.Locale;

/** The health of a webhook, as the API and the console show it. docs/delivery.md has the exact conditions. */
public enum HealthStatus {
    /** Its deliveries succeed: no other status applies. */
    HEALTHY,
    /** Fewer than 95 % of its last 20 attempts succeeded; not if the last five did and no delivery is retrying. */
    DEGRADED,
    /** Its last attempts all failed, or no retry can help, such as after a refused credential. */
    FAILING,
    /** A person paused it. */
    PAUSED,
    /** Its receiver answered 410, or nothing succeeded for {@code disableAfter}; a person can resume it. */
    DISABLED,
    /** It had no delivery in the last 24 hours. */
    NO_TRAFFIC;

    /** Its name in the API. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
