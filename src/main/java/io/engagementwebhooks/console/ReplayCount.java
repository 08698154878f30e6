package io.engagementwebhooks.console;

import java.util.List;

/**
 * What a replay would send.
 *
 * @param matched how many that match have ended, have their payload and a webhook that is still configured
 * @param exact false: counting ended at a limit, there are more
 * @param webhooks of which they are, the most first; not more than twenty
 */
public record ReplayCount(long matched, boolean exact, List<OfWebhook> webhooks) {

    /** How many of them are of a webhook. */
    public record OfWebhook(String webhook, String webhookId, long deliveries) {}
}
