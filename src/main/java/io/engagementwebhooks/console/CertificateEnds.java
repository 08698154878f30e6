package io.engagementwebhooks.console;

import io.engagementwebhooks.webhook.SetUp;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * When the webhooks' own client certificates end. All webhooks of an account are gone through once after each change of what
 * is set up. Thread-safe.
 */
final class CertificateEnds {

    private final Supplier<SetUp> setUp;
    private volatile Known known = new Known(SetUp.empty(), Map.of());

    CertificateEnds(Supplier<SetUp> setUp) {
        this.setUp = setUp;
    }

    /** When the certificate of a webhook ends. */
    record End(String webhook, Instant at) {}

    /** @param byAccount of accounts that somebody asked for */
    private record Known(SetUp of, Map<String, List<End>> byAccount) {}

    /** Those of an account, the soonest first. */
    List<End> of(String account) {
        SetUp now = setUp.get();
        Known latest = known;
        if (latest.of() != now) {
            latest = new Known(now, new ConcurrentHashMap<>());
            known = latest;
        }
        return latest.byAccount().computeIfAbsent(account, of -> ends(now.webhooks(of)));
    }

    private static List<End> ends(List<Webhook> webhooks) {
        List<End> ends = new ArrayList<>();
        for (Webhook webhook : webhooks) {
            WebhookView.endOfCertificate(webhook).ifPresent(at -> ends.add(new End(webhook.name(), at)));
        }
        ends.sort(Comparator.comparing(End::at).thenComparing(End::webhook));
        return List.copyOf(ends);
    }
}
