package io.engagementwebhooks.api.webhook;

import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What follows from all webhooks of an account. They are gone through once after each change of the configuration. Thread-safe.
 */
public final class AccountWebhooks {

    private final Supplier<Config> config;
    private volatile Cached known = new Cached(Config.empty(), Map.of());

    public AccountWebhooks(Supplier<Config> config) {
        this.config = config;
    }

    /** When the certificate of a webhook ends. */
    record End(String webhook, Instant at) {}

    /** @param longest of the times that an attempt may take */
    private record Derived(List<End> ends, Duration longest) {}

    /** @param byAccount of accounts that were asked for */
    private record Cached(Config of, Map<String, Derived> byAccount) {}

    /** When the webhooks' own client certificates end, the soonest first. */
    List<End> certificateEnds(String account) {
        return of(account).ends();
    }

    /** The longest time that an attempt may take; of an account without webhooks a day. */
    Duration longestTimeout(String account) {
        return of(account).longest();
    }

    private Derived of(String account) {
        Config now = config.get();
        Cached latest = known;
        if (latest.of() != now) {
            latest = new Cached(now, new ConcurrentHashMap<>());
            known = latest;
        }
        return latest.byAccount().computeIfAbsent(account, of -> derived(now.webhooks(of)));
    }

    private static Derived derived(List<Webhook> webhooks) {
        List<End> ends = new ArrayList<>();
        Duration longest = webhooks.isEmpty() ? Duration.ofDays(1) : Duration.ZERO;
        for (Webhook webhook : webhooks) {
            WebhookViews.endOfCertificate(webhook).ifPresent(at -> ends.add(new End(webhook.name(), at)));
            Duration timeout = webhook.delivery().timeout();
            longest = timeout.compareTo(longest) > 0 ? timeout : longest;
        }
        ends.sort(Comparator.comparing(End::at).thenComparing(End::webhook));
        return new Derived(List.copyOf(ends), longest);
    }
}
