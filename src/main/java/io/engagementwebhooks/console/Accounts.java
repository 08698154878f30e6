package io.engagementwebhooks.console;

import io.engagementwebhooks.ledger.AccountLedger;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/**
 * What the operator sees (semantics 25): which accounts there are, and how many of their deliveries stand where,
 * and what they use of this process. No definition, no payload, no secret. Thread-safe.
 */
final class Accounts {

    private static final double NANOS = 1e9;

    private final DeliveryCounts deliveries;
    private final Outbox outbox;
    private final Supplier<Config> config;
    private final Ledger ledger;

    /** @param ledger what accounts use of this process */
    Accounts(DeliveryCounts deliveries, Outbox outbox, Supplier<Config> config, Ledger ledger) {
        this.ledger = ledger;
        this.deliveries = deliveries;
        this.outbox = outbox;
        this.config = config;
    }

    /** {@code GET /v1/accounts}: by id. */
    public Processor list() {
        return ApiStep.ok(request -> {
            Config current = config.get();
            Page.Named<Account> page = Page.Named.of(
                    List.copyOf(current.accounts().values()),
                    Account::id,
                    request.parameters(Parameters.LIMIT, Parameters.CURSOR),
                    "accounts\n" + request.account());
            Map<String, DeliveryCounts.Counts> counted =
                    deliveries.of(page.resources().stream().map(Account::id).toList());
            return Page.of(
                    page.resources().stream()
                            .map(account -> view(account.id(), current, counted.get(account.id())))
                            .toList(),
                    page.next());
        });
    }

    /** {@code GET /v1/webhooks?account=…} by the operator: by name. */
    public Processor webhooks() {
        return ApiStep.ok(request -> {
            Parameters given = request.parameters(Parameters.ACCOUNT, Parameters.LIMIT, Parameters.CURSOR);
            String account = given.text(Parameters.ACCOUNT);
            if (account == null) {
                throw Parameters.bad("the operator's key has no account; say whose webhooks by 'account'");
            }
            Config current = config.get();
            if (current.account(account).isEmpty()) {
                throw new ProblemException(Problem.notFound("there is no account of that id"));
            }
            Page.Named<Webhook> page =
                    Page.Named.of(current.webhooks(account), Webhook::name, given, "figures\n" + account);
            DeliveryCounts.Counts counted = deliveries.of(List.of(account)).get(account);
            return Page.of(
                    page.resources().stream()
                            .map(webhook -> view(webhook.id(), counted))
                            .toList(),
                    page.next());
        });
    }

    private Map<String, Object> view(String account, Config current, DeliveryCounts.Counts counted) {
        List<Webhook> webhooks = current.webhooks(account);
        Map<WebhookState.State, Long> states = outbox.states(webhooks);
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", account);
        view.put("webhooks", webhooks.size());
        for (WebhookState.State state : WebhookState.State.values()) {
            view.put(state.text(), states.getOrDefault(state, 0L));
        }
        putCounts(view, counted, counted == null ? Map.of() : counted.total());
        putUse(view, ledger.of(account));
        return view;
    }

    private void putUse(Map<String, Object> view, AccountLedger account) {
        long all = ledger.accounts().stream()
                .mapToLong(AccountLedger::processorNanos)
                .sum();
        view.put("memoryBytes", account.reserved() + account.inFlight());
        view.put("memoryRefused", account.refused() + account.refusedInFlight());
        view.put("processorSeconds", account.processorNanos() / NANOS);
        view.put("processorShare", all == 0 ? 0.0 : (double) account.processorNanos() / all);
    }

    private Map<String, Object> view(WebhookId webhook, DeliveryCounts.Counts counted) {
        WebhookState state = outbox.state(webhook);
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", webhook.id());
        view.put("name", webhook.name());
        view.put("state", state.state().text());
        view.put("since", DeliveryView.text(state.since()));
        putCounts(
                view, counted, counted == null ? Map.of() : counted.byWebhook().getOrDefault(webhook, Map.of()));
        return view;
    }

    /** @param counted null: nobody has counted them yet */
    private static void putCounts(
            Map<String, Object> view, DeliveryCounts.Counts counted, Map<DeliveryState, Long> counts) {
        Map<String, DeliveryState> names = new LinkedHashMap<>();
        names.put("waiting", DeliveryState.WAITING);
        names.put("delivered", DeliveryState.DELIVERED);
        names.put("gaveUp", DeliveryState.GAVE_UP);
        names.put("skipped", DeliveryState.SKIPPED);
        names.put("discarded", DeliveryState.DISCARDED);
        names.forEach((name, state) -> view.put(name, counted == null ? null : counts.getOrDefault(state, 0L)));
        view.put("countedAt", counted == null ? null : DeliveryView.text(counted.at()));
    }
}
