package io.engagementwebhooks.api.webhook;

import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.store.outcome.Permission;
import io.engagementwebhooks.store.outcome.Permissions;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Instant;
import java.util.Optional;

/**
 * The permission of a receiver in the API and on pages (semantics 47).
 *
 * @param granted whether deliveries may be sent now
 * @param until the end of the grant, or when the receiver is asked again; null: before the next delivery
 * @param requestsPerMinute the most requests that it permits, or null
 * @param reason why it is not granted, or null
 */
public record PermissionView(boolean granted, String until, Integer requestsPerMinute, String reason) {

    /** @return empty: the receiver is not asked */
    static Optional<PermissionView> of(Webhook webhook, Permissions permissions, Instant now) {
        if (!webhook.delivery().validated() || !(webhook.delivery().target() instanceof Target.Http http)) {
            return Optional.empty();
        }
        String url = Sha256.hex(http.url().toString());
        return Optional.of(permissions
                .of(webhook.id())
                .filter(known -> known.holds(url, now))
                .map(PermissionView::of)
                .orElseGet(() -> new PermissionView(false, null, null, null)));
    }

    private static PermissionView of(Permission known) {
        return new PermissionView(
                known.granted(), DeliveryView.text(Instant.ofEpochMilli(known.until())), known.rate(), known.reason());
    }
}
