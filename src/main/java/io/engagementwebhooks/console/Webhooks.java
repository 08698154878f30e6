package io.engagementwebhooks.console;

import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.SetUp;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
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
public final class Webhooks {

    private final Store store;
    private final Outbox outbox;
    private final Supplier<SetUp> setUp;
    private final WebhookView view;

    /** @param tokenProblem why an OAuth client's deliveries wait for a token now, if they do */
    public Webhooks(
            Store store,
            Outbox outbox,
            Supplier<SetUp> setUp,
            Function<OAuthClient, Optional<String>> tokenProblem,
            Clock clock) {
        this.store = store;
        this.outbox = outbox;
        this.setUp = setUp;
        this.view = new WebhookView(outbox, clock, tokenProblem);
    }

    /** {@code GET /v1/webhooks}: by name. */
    public Processor list() {
        return ApiStep.ok(request -> {
            Parameters given = request.parameters(Parameters.ACCOUNT, Parameters.LIMIT, Parameters.CURSOR);
            String account = given.text(Parameters.ACCOUNT);
            if (account != null && !account.equals(request.account())) {
                throw new ProblemException(Problem.notFound("this key has no account of that id"));
            }
            Page.Named<Webhook> page = Page.Named.of(
                    setUp.get().webhooks(request.account()), Webhook::name, given, "webhooks\n" + request.account());
            Map<String, Long> waiting = store.waiting(
                    request.account(), page.things().stream().map(Webhook::name).toList());
            return Page.of(
                    page.things().stream()
                            .map(webhook -> view.of(webhook, waiting.getOrDefault(webhook.name(), 0L)))
                            .toList(),
                    page.next());
        });
    }

    /** {@code GET /v1/webhooks/{name}}. */
    public Processor one() {
        return ApiStep.ok(request -> {
            request.parameters();
            return shown(asked(request));
        });
    }

    /** {@code POST /v1/webhooks/{name}/pause}: its deliveries wait. Nothing changes if it is paused already. */
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
            }
            return shown(asked(request));
        });
    }

    /** {@code POST /v1/webhooks/{name}/resume}: its deliveries go on. Nothing changes if it is active. */
    public Processor resume() {
        return ApiStep.ok(request -> {
            WebhookId webhook = toChange(request);
            if (outbox.state(webhook).state() != WebhookState.State.ACTIVE) {
                change(webhook, WebhookState.State.ACTIVE, null);
            }
            return shown(asked(request));
        });
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
        return setUp.get()
                .webhook(new WebhookId(request.account(), request.thing()))
                .orElseThrow(() -> new ProblemException(Problem.notFound("this account has no webhook of that name")));
    }

    private Map<String, Object> shown(Webhook webhook) {
        return view.of(
                webhook,
                store.waiting(webhook.account(), List.of(webhook.name())).getOrDefault(webhook.name(), 0L));
    }
}
