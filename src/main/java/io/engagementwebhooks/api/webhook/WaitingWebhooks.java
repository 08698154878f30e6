package io.engagementwebhooks.api.webhook;

import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.Cursor;
import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.Parameters;
import io.engagementwebhooks.api.definition.StoredDefinitions;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.api.delivery.WaitingForView;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.outbox.WaitingFor;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/**
 * Webhooks of the caller's account with pending deliveries, deleted webhooks included. If there are many, all known
 * names are searched, for a limited time per page. Thread-safe.
 *
 * @param nanos a monotonic clock
 */
public record WaitingWebhooks(
        Store store,
        Outbox outbox,
        Supplier<Config> config,
        StoredDefinitions made,
        WebhookFinder finder,
        LongSupplier nanos) {

    private static final String CONFIGURED = "configured";
    private static final String WEBHOOK = "webhook";
    private static final String TEXT = "text";

    /** Up to this number of webhooks, only those with pending deliveries are read. */
    private static final int FEW = 500;

    /** Names per read. */
    private static final int STEP = 500;

    /** Webhooks counted at once. */
    private static final int COUNTED = 50;

    /** No read begins after this time. */
    private static final long LONGEST_NANOS = Duration.ofMillis(20).toNanos();

    /** {@code GET /v1/waiting}: by name. */
    public Processor list() {
        return ApiStep.ok(request -> {
            Parameters given = request.parameters(CONFIGURED, WEBHOOK, TEXT, Parameters.LIMIT, Parameters.CURSOR);
            Query asked = new Query(
                    request.account(),
                    given.oneOf(CONFIGURED, Set.of("true", "false")),
                    given.text(TEXT),
                    isConfigured(request.account()));
            Optional<List<WebhookId>> few = given.text(WEBHOOK) == null
                    ? store.backlogs().webhooksWithPending(request.account(), FEW)
                    : Optional.of(finder.find(request.account(), given.text(WEBHOOK)).stream()
                            .toList());
            Optional<WebhookId> after =
                    Optional.ofNullable(given.after(asked.scope())).map(text -> at(request.account(), text));
            return few.isPresent() ? among(few.get(), asked, after, given.limit()) : walk(asked, after, given.limit());
        });
    }

    /**
     * @param config whether they must be configured; null: either
     * @param text part of their names; null: any
     */
    private record Query(String account, String config, String text, Predicate<WebhookId> isConfigured) {

        String scope() {
            return "waiting\n" + account + (config == null ? "" : "\n" + config)
                    + (text == null ? "" : "\ntext " + text);
        }

        List<WebhookId> wanted(List<WebhookId> webhooks) {
            return webhooks.stream()
                    .filter(webhook -> text == null
                            || webhook.name().toLowerCase(Locale.ROOT).contains(text.toLowerCase(Locale.ROOT)))
                    .filter(webhook -> config == null || isConfigured.test(webhook) == Boolean.parseBoolean(config))
                    .toList();
        }
    }

    private static final Comparator<WebhookId> ORDER =
            Comparator.comparing(WebhookId::name).thenComparing(WebhookId::id);

    /** The webhook in a cursor: names contain no line break. */
    private static WebhookId at(String account, String position) {
        int end = position.indexOf('\n');
        return new WebhookId(account, position.substring(end + 1), position.substring(0, Math.max(0, end)));
    }

    private static String cursor(Query asked, WebhookId at) {
        return Cursor.of(asked.scope(), at.name() + "\n" + at.id());
    }

    private ListView<WaitingWebhookView> among(
            List<WebhookId> webhooks, Query asked, Optional<WebhookId> after, int limit) {
        List<WebhookId> wanted = asked.wanted(webhooks).stream()
                .filter(webhook -> after.isEmpty() || ORDER.compare(webhook, after.get()) > 0)
                .sorted(ORDER)
                .toList();
        List<WebhookId> page = wanted.subList(0, Math.min(limit, wanted.size()));
        Map<WebhookId, Long> waiting = store.backlogs().pendingCounts(page);
        Map<WebhookId, Long> shown = new LinkedHashMap<>();
        page.stream().filter(waiting::containsKey).forEach(webhook -> shown.put(webhook, waiting.get(webhook)));
        return new ListView<>(views(shown, asked), wanted.size() > limit ? cursor(asked, page.get(limit - 1)) : null);
    }

    private ListView<WaitingWebhookView> walk(Query asked, Optional<WebhookId> after, int limit) {
        long end = nanos.getAsLong() + LONGEST_NANOS;
        Map<WebhookId, Long> page = new LinkedHashMap<>();
        Optional<WebhookId> lookedTo = after;
        List<WebhookId> webhooks;
        do {
            webhooks = store.backlogs().webhooks(asked.account(), lookedTo, STEP);
            List<WebhookId> wanted = asked.wanted(webhooks);
            for (int from = 0; from < wanted.size(); from += COUNTED) {
                List<WebhookId> some = wanted.subList(from, Math.min(from + COUNTED, wanted.size()));
                Map<WebhookId, Long> waiting = store.backlogs().pendingCounts(some);
                for (WebhookId webhook : some) {
                    if (waiting.containsKey(webhook) && page.size() == limit) {
                        return new ListView<>(views(page, asked), cursor(asked, lookedTo.orElseThrow()));
                    }
                    if (waiting.containsKey(webhook)) {
                        page.put(webhook, waiting.get(webhook));
                        lookedTo = Optional.of(webhook);
                    }
                }
            }
            lookedTo = webhooks.isEmpty() ? lookedTo : Optional.of(webhooks.get(webhooks.size() - 1));
        } while (webhooks.size() == STEP && nanos.getAsLong() - end < 0);
        return new ListView<>(
                views(page, asked), webhooks.size() < STEP ? null : cursor(asked, lookedTo.orElseThrow()));
    }

    /** A definition that is not in effect counts as configured. */
    private Predicate<WebhookId> isConfigured(String account) {
        Config now = config.get();
        return webhook -> now.webhook(webhook).isPresent()
                || made.kept(account, ResourceKind.WEBHOOK, webhook.name())
                        .filter(kept -> kept.id().equals(webhook.id()))
                        .isPresent();
    }

    private List<WaitingWebhookView> views(Map<WebhookId, Long> waiting, Query asked) {
        List<DeliveryRow> rows = waiting.isEmpty()
                ? List.of()
                : store.deliveries().firstDue(waiting.keySet(), outbox.inFlight(waiting.keySet()));
        Map<String, WaitingFor> reasons = outbox.waitingFor(rows);
        Map<WebhookId, DeliveryRow> first = new HashMap<>();
        rows.forEach(row -> first.put(row.webhook(), row));
        List<WaitingWebhookView> views = new ArrayList<>();
        waiting.forEach((webhook, deliveries) -> {
            DeliveryRow row = first.get(webhook);
            views.add(new WaitingWebhookView(
                    webhook.name(),
                    webhook.id(),
                    deliveries,
                    asked.isConfigured().test(webhook),
                    row == null ? null : DeliveryView.PREFIX + row.id(),
                    row == null ? null : WaitingForView.of(reasons.get(row.id()))));
        });
        return views;
    }
}
