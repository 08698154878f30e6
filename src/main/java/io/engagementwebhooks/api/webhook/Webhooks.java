package io.engagementwebhooks.api.webhook;

import io.engagementwebhooks.api.Answered;
import io.engagementwebhooks.api.ApiRequest;
import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.AuditLog;
import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.Page;
import io.engagementwebhooks.api.Parameters;
import io.engagementwebhooks.api.definition.DefinitionService;
import io.engagementwebhooks.api.definition.Definitions;
import io.engagementwebhooks.api.definition.MacroCheck;
import io.engagementwebhooks.outbox.ManualOperations;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.query.StatsStore;
import io.engagementwebhooks.store.query.WebhookActivity;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The webhooks of the caller's account. Definitions of the file are read-only here; the state of every webhook is
 * changed here. Thread-safe.
 *
 * @param handling limit of requests that discard or retry the deliveries of a webhook at a time
 */
public record Webhooks(
        Store store,
        Outbox outbox,
        Supplier<Config> config,
        Definitions definitions,
        WebhookFinder finder,
        AuditLog auditLog,
        WebhookViews views,
        WebhookStatistics figures,
        ConcurrencyLimit handling,
        Clock clock) {

    private static final Logger LOG = LoggerFactory.getLogger(Webhooks.class);

    /** How long one request handles queued deliveries; the next request continues. */
    private static final Duration AT_A_TIME = Duration.ofSeconds(10);

    private static final String HEALTH = "health";
    private static final String SORT = "sort";
    private static final String RANGE = "range";
    private static final String ACTIVITY = "activity";

    private static final Map<String, StatsStore.Trouble> TROUBLES = Map.of(
            HealthStatus.FAILING.text(), StatsStore.Trouble.FAILING,
            HealthStatus.DISABLED.text(), StatsStore.Trouble.DISABLED,
            HealthStatus.DEGRADED.text(), StatsStore.Trouble.DEGRADED,
            HealthStatus.PAUSED.text(), StatsStore.Trouble.PAUSED);

    /** {@code GET /v1/webhooks}: by name or by health. */
    public Processor list() {
        return ApiStep.ok(request -> {
            Parameters given = request.parameters(
                    Parameters.ACCOUNT, Parameters.TEXT, HEALTH, SORT, ACTIVITY, Parameters.LIMIT, Parameters.CURSOR);
            String account = given.text(Parameters.ACCOUNT);
            if (account != null && !account.equals(request.account())) {
                throw new ProblemException(Problem.notFound("this key has no account of that id"));
            }
            String health = given.oneOf(HEALTH, TROUBLES.keySet());
            boolean isByHealth = HEALTH.equals(given.oneOf(SORT, Set.of("name", HEALTH)));
            boolean hasActivity = "true".equals(given.oneOf(ACTIVITY, Set.of("true", "false")));
            Map<WebhookId, StatsStore.Trouble> troubled = health != null || isByHealth || hasActivity
                    ? store.stats().troubled(request.account(), WebhookPage.Counts.MOST, this::isConfigured)
                    : Map.of();
            ListView<Webhook> page = Page.sized(
                    health == null
                            ? config.get().webhooks(request.account())
                            : ofTrouble(troubled, TROUBLES.get(health)),
                    Webhook::name,
                    webhook -> (isByHealth ? rank(troubled.get(webhook.id())) : "") + webhook.name(),
                    given,
                    "webhooks\n" + request.account() + (health == null ? "" : "\n" + health)
                            + (isByHealth ? "\nby health" : ""),
                    webhook -> definitions.size(request.account(), ResourceKind.WEBHOOK, webhook.name()));
            return new WebhookPage(
                    shown(request.account(), page.items(), hasActivity),
                    page.next(),
                    hasActivity
                            ? WebhookPage.Counts.of(
                                    config.get().webhooks(request.account()).size(), troubled.values())
                            : null);
        });
    }

    private boolean isConfigured(WebhookId webhook) {
        return config.get().webhook(webhook).isPresent();
    }

    private List<Webhook> ofTrouble(Map<WebhookId, StatsStore.Trouble> troubled, StatsStore.Trouble trouble) {
        return troubled.entrySet().stream()
                .filter(each -> each.getValue() == trouble)
                .flatMap(each -> config.get().webhook(each.getKey()).stream())
                .toList();
    }

    /** Its place in a list by health: a digit. @param trouble null: none */
    private static String rank(StatsStore.Trouble trouble) {
        return String.valueOf(trouble == null ? StatsStore.Trouble.values().length : trouble.ordinal());
    }

    private List<WebhookView> shown(String account, List<Webhook> webhooks, boolean hasActivity) {
        List<WebhookId> ids = webhooks.stream().map(Webhook::id).toList();
        Map<WebhookId, Long> waiting = store.backlogs().pendingCounts(ids);
        Map<WebhookId, StatsStore.Health> health = store.stats().health(account, ids);
        Map<WebhookId, ActivityView> activity = hasActivity ? activity(ids) : Map.of();
        return webhooks.stream()
                .map(webhook -> views.of(
                        webhook.id(),
                        Optional.of(webhook),
                        new WebhookViews.Stored(
                                waiting.getOrDefault(webhook.id(), 0L),
                                health.get(webhook.id()),
                                activity.get(webhook.id())),
                        null))
                .toList();
    }

    private Map<WebhookId, ActivityView> activity(List<WebhookId> webhooks) {
        Instant from = clock.instant().minus(ActivityView.SPAN);
        Map<WebhookId, WebhookActivity.Since> since = store.activity().since(webhooks, from, ActivityView.MOST + 1);
        Map<WebhookId, ActivityView> activity = new HashMap<>();
        for (WebhookId webhook : webhooks) {
            activity.put(webhook, ActivityView.of(since.getOrDefault(webhook, WebhookActivity.Since.NOTHING), from));
        }
        return activity;
    }

    /** {@code GET /v1/webhooks/{id or name}/statistics}. */
    public Processor statistics() {
        return ApiStep.ok(request -> {
            String range = request.parameters(RANGE).oneOf(RANGE, WebhookStatistics.RANGES.keySet());
            return figures.of(asked(request), range == null ? "24h" : range);
        });
    }

    /**
     * {@code POST /v1/webhooks/{id or name}/pause}: queues its deliveries. Pausing a paused webhook changes nothing.
     */
    public Processor pause() {
        return ApiStep.ok(request -> {
            WebhookId webhook = toChange(request);
            WebhookState state = outbox.state(webhook);
            if (state.state() == WebhookState.State.DISABLED) {
                throw new ProblemException(Problem.conflict(
                        "webhook-disabled",
                        "webhook '" + webhook.name() + "' is disabled (" + state.reason()
                                + "), so nothing is sent to it; resume it when its receiver works again"));
            }
            if (state.state() == WebhookState.State.ACTIVE) {
                change(
                        webhook,
                        WebhookState.State.PAUSED,
                        "paused by key '" + request.caller().key().name() + "'");
                auditLog.append(request, "paused", ResourceKind.WEBHOOK.text(), webhook.name(), null);
            }
            return versioned(webhook.account(), webhook.name());
        });
    }

    /**
     * {@code POST /v1/webhooks/{id or name}/resume}: sends its queued deliveries. Resuming an active webhook changes
     * nothing.
     */
    public Processor resume() {
        return ApiStep.ok(request -> {
            WebhookId webhook = toChange(request);
            if (outbox.state(webhook).state() != WebhookState.State.ACTIVE) {
                change(webhook, WebhookState.State.ACTIVE, null);
                auditLog.append(request, "resumed", ResourceKind.WEBHOOK.text(), webhook.name(), null);
            }
            return versioned(webhook.account(), webhook.name());
        });
    }

    /**
     * {@code DELETE /v1/webhooks/{id or name}}: discards queued deliveries too.
     *
     * @param delete deletes its definition
     */
    public Processor delete(Processor delete) {
        return exchange -> {
            ApiRequest request = ApiRequest.of(exchange);
            Optional<WebhookId> webhook = finder.find(request.account(), request.resource());
            handling.run(request.account(), () -> {
                delete.process(exchange);
                webhook.ifPresent(id -> discardDeleted(request, id));
                return null;
            });
        };
    }

    /** The webhook is deleted, so a failure is logged only; its deliveries can be discarded later. */
    private void discardDeleted(ApiRequest request, WebhookId webhook) {
        String reason = "webhook deleted by key '" + request.caller().key().name() + "'";
        try {
            handled(request, webhook, "discarded", outbox.manual().discard(webhook, reason, inAWhile()));
        } catch (StoreException | CompletionException e) {
            LOG.warn("webhook.deliveries-not-discarded webhook={}", webhook.id(), e);
        }
    }

    /** {@code POST /v1/webhooks/{id or name}/discard}: discards queued deliveries; also of a deleted webhook. */
    public Processor discard() {
        return ApiStep.ok(request -> {
            WebhookId webhook =
                    finder.find(request.account(), request.resource()).orElseThrow(Webhooks::notFound);
            boolean waits = store.backlogs().pendingCounts(List.of(webhook)).containsKey(webhook);
            if (config.get().webhook(webhook).isEmpty() && !waits) {
                throw notFound();
            }
            String reason = "discarded by key '" + request.caller().key().name() + "'";
            ManualOperations.Handled handled =
                    handling.run(webhook.account(), () -> outbox.manual().discard(webhook, reason, inAWhile()));
            return handled(request, webhook, "discarded", handled);
        });
    }

    /** {@code POST /v1/webhooks/{id or name}/release}: all queued deliveries are due now. */
    public Processor release() {
        return ApiStep.ok(request -> {
            WebhookId webhook = toChange(request);
            if (outbox.state(webhook).state() != WebhookState.State.ACTIVE) {
                throw new ProblemException(Problem.conflict(
                        "webhook-not-active",
                        "webhook '" + webhook.name() + "' is "
                                + outbox.state(webhook).state().text() + "; resume it to send its queued deliveries"));
            }
            return handled(request, webhook, "released", handling.run(webhook.account(), () -> outbox.manual()
                    .makeDue(webhook, inAWhile())));
        });
    }

    private Instant inAWhile() {
        return clock.instant().plus(AT_A_TIME);
    }

    private HandledView handled(ApiRequest request, WebhookId webhook, String what, ManualOperations.Handled handled) {
        if (handled.deliveries() > 0) {
            auditLog.append(
                    request, what, "deliveries of webhook", webhook.name(), handled.deliveries() + " deliveries");
        }
        return new HandledView(webhook.name(), webhook.id(), handled.deliveries(), handled.more());
    }

    private WebhookId toChange(ApiRequest request) {
        return asked(request).id();
    }

    private void change(WebhookId webhook, WebhookState.State to, String reason) {
        outbox.setState(webhook, to, reason).toCompletableFuture().join();
    }

    private Webhook asked(ApiRequest request) {
        return config.get().webhook(request.account(), request.resource()).orElseThrow(Webhooks::notFound);
    }

    private Answered versioned(String account, String name) {
        return Answered.ok(definitions.version(account, ResourceKind.WEBHOOK, name), shown(account, name));
    }

    private static ProblemException notFound() {
        return new ProblemException(Problem.notFound("this account has no webhook of that name or id"));
    }

    /** One by its name, for {@link DefinitionService}. */
    public WebhookView shown(String account, String name) {
        Optional<Webhook> webhook = config.get().webhook(account, name);
        WebhookId id = webhook.map(Webhook::id)
                .or(() -> definitions
                        .id(account, ResourceKind.WEBHOOK, name)
                        .map(known -> new WebhookId(account, known, name)))
                .orElseThrow(Webhooks::notFound);
        WebhookViews.Stored stored = new WebhookViews.Stored(
                store.backlogs().pendingCounts(List.of(id)).getOrDefault(id, 0L),
                store.stats().health(account, List.of(id)).get(id),
                null);
        return views.of(
                id,
                webhook,
                stored,
                webhook.map(known -> MacroCheck.warnings(known, config.get().catalog(account)))
                        .orElse(List.of()));
    }
}
