package io.engagementwebhooks.console;

import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.Figures;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/**
 * The webhooks of the caller's account. What the file defines is read only here; whether a webhook is sent to is
 * run-time, and changed here. Thread-safe.
 */
final class Webhooks {

    /** How long a request goes through what waits; the next one goes on. */
    private static final Duration AT_A_TIME = Duration.ofSeconds(10);

    private final ConcurrencyLimit handling =
            new ConcurrencyLimit(4, "too-many-at-once", "what waits of other webhooks is being discarded or released");
    private final Clock clock;
    private final Store store;
    private final Outbox outbox;
    private final Supplier<Config> config;
    private final Definitions definitions;
    private final WebhookFinder finder;
    private final Auditing auditing;
    private final WebhookView view;

    /** @param tokenProblem why an OAuth client's deliveries wait for a token now, if they do */
    Webhooks(
            Store store,
            Outbox outbox,
            ConfigSource config,
            ApiDefinitions made,
            Auditing auditing,
            Function<OAuthClient, Optional<String>> tokenProblem,
            Clock clock) {
        this.clock = clock;
        this.store = store;
        this.outbox = outbox;
        this.config = config;
        this.definitions = new Definitions(made, config);
        this.finder = new WebhookFinder(config, store.identities());
        this.auditing = auditing;
        this.view = new WebhookView(outbox, clock, tokenProblem);
    }

    /** {@code GET /v1/webhooks}: by name. */
    public Processor list() {
        return ApiStep.ok(request -> {
            Parameters given =
                    request.parameters(Parameters.ACCOUNT, Parameters.TEXT, Parameters.LIMIT, Parameters.CURSOR);
            String account = given.text(Parameters.ACCOUNT);
            if (account != null && !account.equals(request.account())) {
                throw new ProblemException(Problem.notFound("this key has no account of that id"));
            }
            Page.Named<Webhook> page = Page.Named.of(
                    config.get().webhooks(request.account()), Webhook::name, given, "webhooks\n" + request.account());
            List<WebhookId> shown = page.resources().stream().map(Webhook::id).toList();
            Map<WebhookId, Long> waiting = store.deliveries().waiting(request.account(), shown);
            Map<WebhookId, Figures.Health> health = store.figures().health(request.account(), shown);
            return Page.of(
                    page.resources().stream()
                            .map(webhook -> definitions.with(
                                    view.withHealth(
                                            view.of(webhook, waiting.getOrDefault(webhook.id(), 0L)),
                                            webhook.id(),
                                            health.get(webhook.id())),
                                    webhook.account(),
                                    ResourceKind.WEBHOOK,
                                    webhook.name()))
                            .toList(),
                    page.next());
        });
    }

    /** {@code GET /v1/webhooks/{id or name}}. */
    public Processor one() {
        return ApiStep.ok(request -> {
            request.parameters();
            return versioned(request.account(), definitions.name(request, ResourceKind.WEBHOOK));
        });
    }

    /** How one is shown, after a change too. */
    public DefinitionService.View view() {
        return request -> name -> shown(request.account(), name);
    }

    /** {@code POST /v1/webhooks/{id or name}/pause}: its deliveries wait. Nothing changes if it is paused already. */
    public Processor pause() {
        return ApiStep.ok(request -> {
            WebhookId webhook = toChange(request);
            WebhookState state = outbox.state(webhook);
            if (state.state() == WebhookState.State.DISABLED) {
                throw new ProblemException(Problem.conflict(
                        "webhook-disabled",
                        "webhook '" + webhook.name() + "' is disabled (" + state.reason()
                                + "), so nothing is sent to it; resume it when it can be sent to again"));
            }
            if (state.state() == WebhookState.State.ACTIVE) {
                change(
                        webhook,
                        WebhookState.State.PAUSED,
                        "paused by key '" + request.caller().key().name() + "'");
                auditing.note(request, "paused", ResourceKind.WEBHOOK.text(), webhook.name(), null);
            }
            return versioned(webhook.account(), webhook.name());
        });
    }

    /** {@code POST /v1/webhooks/{id or name}/resume}: its deliveries go on. Nothing changes if it is active. */
    public Processor resume() {
        return ApiStep.ok(request -> {
            WebhookId webhook = toChange(request);
            if (outbox.state(webhook).state() != WebhookState.State.ACTIVE) {
                change(webhook, WebhookState.State.ACTIVE, null);
                auditing.note(request, "resumed", ResourceKind.WEBHOOK.text(), webhook.name(), null);
            }
            return versioned(webhook.account(), webhook.name());
        });
    }

    /** {@code POST /v1/webhooks/{id or name}/discard}: ends what waits; also of a webhook that is set up no more. */
    public Processor discard() {
        return ApiStep.ok(request -> {
            request.parameters();
            request.body(Set.of());
            WebhookId webhook =
                    finder.find(request.account(), request.resource()).orElseThrow(Webhooks::notFound);
            boolean waits = store.deliveries()
                    .waiting(webhook.account(), List.of(webhook))
                    .containsKey(webhook);
            if (config.get().webhook(webhook).isEmpty() && !waits) {
                throw notFound();
            }
            Outbox.Handled handled = handling.run(
                    webhook.account(),
                    () -> outbox.discard(
                            webhook,
                            "discarded by key '" + request.caller().key().name() + "'",
                            inAWhile()));
            return handled(request, webhook, "discarded", handled);
        });
    }

    /** {@code POST /v1/webhooks/{id or name}/release}: all that waits is due now. */
    public Processor release() {
        return ApiStep.ok(request -> {
            WebhookId webhook = toChange(request);
            if (outbox.state(webhook).state() != WebhookState.State.ACTIVE) {
                throw new ProblemException(Problem.conflict(
                        "webhook-not-active",
                        "webhook '" + webhook.name() + "' is "
                                + outbox.state(webhook).state().text() + "; resume it, which releases what waits"));
            }
            return handled(
                    request,
                    webhook,
                    "released",
                    handling.run(webhook.account(), () -> outbox.makeDue(webhook, inAWhile())));
        });
    }

    private Instant inAWhile() {
        return clock.instant().plus(AT_A_TIME);
    }

    private Map<String, Object> handled(ApiRequest request, WebhookId webhook, String what, Outbox.Handled handled) {
        if (handled.deliveries() > 0) {
            auditing.note(request, what, "deliveries of webhook", webhook.name(), handled.deliveries() + " deliveries");
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("webhook", webhook.name());
        answer.put("webhookId", webhook.id());
        answer.put("deliveries", handled.deliveries());
        answer.put("more", handled.more());
        return answer;
    }

    private WebhookId toChange(ApiRequest request) {
        request.parameters();
        request.body(Set.of());
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

    private Map<String, Object> shown(String account, String name) {
        Optional<Webhook> webhook = config.get().webhook(account, name);
        WebhookId id = webhook.map(Webhook::id)
                .or(() -> definitions.resting(account, name))
                .orElseThrow(Webhooks::notFound);
        long waiting = store.deliveries().waiting(account, List.of(id)).getOrDefault(id, 0L);
        Map<String, Object> shown =
                webhook.map(known -> view.of(known, waiting)).orElseGet(() -> view.resting(id, waiting));
        view.withHealth(shown, id, store.figures().health(account, List.of(id)).get(id));
        shown.put("warnings", webhook.map(MacroCheck::warnings).orElse(List.of()));
        return definitions.withDefinition(shown, account, ResourceKind.WEBHOOK, name);
    }
}
