package io.engagementwebhooks.testkit;

import io.engagementwebhooks.store.due.AttemptKind;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.due.DueSearch;
import io.engagementwebhooks.store.due.DueStore;
import io.engagementwebhooks.store.due.DueStore.Waiting;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Reads due deliveries of both kinds. */
public final class Due {

    private Due() {}

    /** Due deliveries of a webhook, earliest first, without the given ones. */
    public static List<DueDelivery> of(
            DueStore store, WebhookId webhook, Instant at, int limit, Collection<String> without) {
        return Stream.of(AttemptKind.values())
                .map(kind -> new DueSearch(webhook, kind, Waiting.FIRST, at, limit, Set.copyOf(without)))
                .flatMap(search -> store.due(search).stream())
                .sorted(Comparator.comparing(DueDelivery::dueAt).thenComparing(DueDelivery::id))
                .limit(limit)
                .toList();
    }
}
