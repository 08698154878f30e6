package io.engagementwebhooks.outbox;

import java.net.URI;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The limits of requests in flight by account and host. Guarded by the lock of {@link WebhookQueues}. */
final class HostLimits {

    private final int max;
    private final Map<Host, HostLimit> hosts = new HashMap<>();

    private record Host(String account, String name, int port) {

        static Host of(String account, URI url) {
            int standard = "http".equalsIgnoreCase(url.getScheme()) ? 80 : 443;
            int port = url.getPort() < 0 ? standard : url.getPort();
            return new Host(account, url.getHost().toLowerCase(Locale.ROOT), port);
        }
    }

    /** @param max the most requests of an account in flight at a host; 0: no limit */
    HostLimits(int max) {
        this.max = max;
    }

    /** Whether there is no limit, so that no queue has a host. */
    boolean areUnlimited() {
        return max == 0;
    }

    /** The limit at the host of a webhook, or null: none. @param limit null: the webhook is not configured */
    HostLimit of(String account, RequestLimit limit) {
        return areUnlimited() || limit == null || limit.url() == null
                ? null
                : hosts.computeIfAbsent(Host.of(account, limit.url()), host -> new HostLimit(max));
    }

    /** Removes the hosts without requests in flight that no queue uses. */
    void evict(Collection<WebhookQueue> queues) {
        if (!hosts.isEmpty()) {
            Set<HostLimit> used = queues.stream().map(WebhookQueue::host).collect(Collectors.toSet());
            hosts.values().removeIf(host -> host.isIdle() && !used.contains(host));
        }
    }
}
