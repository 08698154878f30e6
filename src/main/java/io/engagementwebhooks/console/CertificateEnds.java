package io.engagementwebhooks.console;

import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * When client certificates of webhooks expire. The webhooks of an account are scanned once per configuration.
 * Thread-safe.
 */
final class CertificateEnds {

    private final Supplier<Config> config;
    private volatile Cached known = new Cached(Config.empty(), Map.of());

    CertificateEnds(Supplier<Config> config) {
        this.config = config;
    }

    /** When the certificate of a webhook expires. */
    record End(String webhook, Instant at) {}

    /** @param byAccount of requested accounts */
    private record Cached(Config of, Map<String, List<End>> byAccount) {}

    /** Those of an account, soonest first. */
    List<End> of(String account) {
        Config now = config.get();
        Cached latest = known;
        if (latest.of() != now) {
            latest = new Cached(now, new ConcurrentHashMap<>());
            known = latest;
        }
        return latest.byAccount().computeIfAbsent(account, of -> ends(now.webhooks(of)));
    }

    private static List<End> ends(List<Webhook> webhooks) {
        List<End> ends = new ArrayList<>();
        for (Webhook webhook : webhooks) {
            WebhookViews.endOfCertificate(webhook).ifPresent(at -> ends.add(new End(webhook.name(), at)));
        }
        ends.sort(Comparator.comparing(End::at).thenComparing(End::webhook));
        return List.copyOf(ends);
    }
}
