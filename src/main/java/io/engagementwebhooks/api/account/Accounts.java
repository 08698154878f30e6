package io.engagementwebhooks.api.account;

import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.BackgroundCounts;
import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.Page;
import io.engagementwebhooks.api.Parameters;
import io.engagementwebhooks.api.delivery.DeliveryCounts;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.ledger.AccountLedger;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.query.StatsStore;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.camel.Processor;

/**
 * Accounts with their delivery counts and resource use, for the operator (semantics 25). No definition, no payload, no
 * secret. Thread-safe.
 *
 * @param ledger what accounts use of this process
 * @param stats which webhooks are unhealthy
 */
public record Accounts(
        BackgroundCounts<DeliveryCounts> deliveries,
        Outbox outbox,
        Supplier<Config> config,
        Ledger ledger,
        StatsStore stats) {

    private static final double NANOS = 1e9;

    /** Limit of counted unhealthy webhooks, over all accounts. */
    private static final int MOST_UNHEALTHY = 10_000;

    /** {@code GET /v1/accounts}: by id. */
    public Processor list() {
        return ApiStep.ok(request -> {
            Config current = config.get();
            ListView<Account> page = Page.named(
                    List.copyOf(current.accounts().values()),
                    Account::id,
                    request.parameters(Parameters.LIMIT, Parameters.CURSOR),
                    "accounts\n" + request.account());
            Map<String, DeliveryCounts> counted =
                    deliveries.of(page.items().stream().map(Account::id).toList());
            Map<String, Map<Boolean, Long>> health = health(current);
            long nanos = ledger.accounts().stream()
                    .mapToLong(AccountLedger::processorNanos)
                    .sum();
            return page.map(account -> view(
                    account.id(),
                    current,
                    counted.get(account.id()),
                    health.getOrDefault(account.id(), Map.of()),
                    nanos));
        });
    }

    /** {@code GET /v1/webhooks?account=…} by the operator: by name. */
    public Processor webhooks() {
        return ApiStep.ok(request -> {
            Parameters given = request.parameters(Parameters.ACCOUNT, Parameters.LIMIT, Parameters.CURSOR);
            String account = given.text(Parameters.ACCOUNT);
            if (account == null) {
                throw Parameters.bad("the operator's key has no account; name the account in 'account'");
            }
            Config current = config.get();
            if (current.account(account).isEmpty()) {
                throw new ProblemException(Problem.notFound("there is no account of that id"));
            }
            ListView<Webhook> page = Page.named(current.webhooks(account), Webhook::name, given, "figures\n" + account);
            DeliveryCounts counted = deliveries.of(List.of(account)).get(account);
            return page.map(webhook -> view(webhook.id(), counted));
        });
    }

    /** @param nanos processor time of all accounts, of a moment before */
    private AccountView view(
            String account, Config current, DeliveryCounts counted, Map<Boolean, Long> health, long nanos) {
        List<Webhook> webhooks = current.webhooks(account);
        Map<WebhookState.State, Long> states = outbox.states(webhooks);
        AccountLedger use = ledger.of(account);
        return new AccountView(
                account,
                webhooks.size(),
                states.getOrDefault(WebhookState.State.ACTIVE, 0L),
                states.getOrDefault(WebhookState.State.PAUSED, 0L),
                states.getOrDefault(WebhookState.State.DISABLED, 0L),
                health.getOrDefault(true, 0L),
                health.getOrDefault(false, 0L),
                counts(counted, counted == null ? Map.of() : counted.total()),
                use.reserved() + use.inFlight(),
                use.refused() + use.refusedInFlight(),
                use.processorNanos() / NANOS,
                nanos == 0 ? 0.0 : Math.min(1, (double) use.processorNanos() / nanos));
    }

    /** Number of active webhooks per account that are failing (true) and degraded (false). */
    private Map<String, Map<Boolean, Long>> health(Config current) {
        return stats.unhealthy(MOST_UNHEALTHY).entrySet().stream()
                .filter(webhook -> current.webhook(webhook.getKey()).isPresent()
                        && outbox.state(webhook.getKey()).state() == WebhookState.State.ACTIVE)
                .collect(Collectors.groupingBy(
                        webhook -> webhook.getKey().account(),
                        Collectors.groupingBy(Map.Entry::getValue, Collectors.counting())));
    }

    private AccountView.Webhook view(WebhookId webhook, DeliveryCounts counted) {
        WebhookState state = outbox.state(webhook);
        return new AccountView.Webhook(
                webhook.id(),
                webhook.name(),
                state.state().text(),
                DeliveryView.text(state.since()),
                counts(counted, counted == null ? Map.of() : counted.byWebhook().getOrDefault(webhook, Map.of())));
    }

    /** @param counted null: not counted yet */
    private static AccountView.Deliveries counts(DeliveryCounts counted, Map<DeliveryState, Long> counts) {
        return counted == null
                ? new AccountView.Deliveries(null, null, null, null, null, null)
                : new AccountView.Deliveries(
                        counts.getOrDefault(DeliveryState.WAITING, 0L),
                        counts.getOrDefault(DeliveryState.DELIVERED, 0L),
                        counts.getOrDefault(DeliveryState.GAVE_UP, 0L),
                        counts.getOrDefault(DeliveryState.SKIPPED, 0L),
                        counts.getOrDefault(DeliveryState.DISCARDED, 0L),
                        DeliveryView.text(counted.at()));
    }
}
