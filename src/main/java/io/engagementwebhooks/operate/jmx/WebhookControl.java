package io.engagementwebhooks.operate.jmx;

import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.outcome.WebhookState.State;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.camel.api.management.ManagedAttribute;
import org.apache.camel.api.management.ManagedOperation;
import org.apache.camel.api.management.ManagedResource;

/** States of webhooks. Thread-safe. */
@ManagedResource(description = "States of webhooks. The audit log of the account lists changes as made by 'JMX'")
public record WebhookControl(JmxLookup known, Outbox outbox) {

    private static final Duration AT_A_TIME = Duration.ofSeconds(10);
    private static final String KIND = "webhook";

    @ManagedAttribute(description = "The configured accounts")
    public List<String> getAccounts() {
        return List.copyOf(new TreeSet<>(known.config().get().accounts().keySet()));
    }

    @ManagedOperation(description = "The webhooks of an account with their states: active, paused or disabled")
    public Map<String, String> states(String account) {
        Map<String, String> states = new TreeMap<>();
        for (Webhook webhook : known.config().get().webhooks(known.account(account))) {
            states.put(webhook.name(), state(webhook.id()).text());
        }
        return states;
    }

    @ManagedOperation(
            description =
                    "Pauses a webhook: its deliveries stay queued. Returns its state. Parameters: account, webhook")
    public String pause(String account, String webhook) {
        WebhookId id = known.webhook(account, webhook);
        if (state(id) == State.DISABLED) {
            throw new IllegalStateException(
                    "webhook '" + webhook + "' is disabled (" + outbox.state(id).reason()
                            + "), so nothing is sent to it; resume it when its receiver works again");
        }
        return change(id, State.PAUSED, "paused over JMX", "paused");
    }

    @ManagedOperation(
            description =
                    "Resumes a paused or disabled webhook: its deliveries continue. Returns its state. Parameters: account, webhook")
    public String resume(String account, String webhook) {
        return change(known.webhook(account, webhook), State.ACTIVE, null, "resumed");
    }

    @ManagedOperation(
            description =
                    "Makes all queued deliveries of an active webhook due now. Runs for at most 10 s; call it again until it"
                            + " returns 0. Returns how many it made due. Parameters: account, webhook")
    public int retryNow(String account, String webhook) {
        WebhookId id = known.webhook(account, webhook);
        if (state(id) != State.ACTIVE) {
            throw new IllegalStateException("webhook '" + id.name() + "' is "
                    + state(id).text() + "; resume it, which releases its queued deliveries");
        }
        int released = outbox.manual()
                .makeDue(id, known.clock().instant().plus(AT_A_TIME))
                .deliveries();
        if (released > 0) {
            known.note(account, "released", "deliveries of webhook", id.name(), released + " deliveries");
        }
        return released;
    }

    private State state(WebhookId webhook) {
        return outbox.state(webhook).state();
    }

    private String change(WebhookId webhook, State to, String reason, String action) {
        if (state(webhook) != to) {
            outbox.setState(webhook, to, reason).toCompletableFuture().join();
            known.note(webhook.account(), action, KIND, webhook.name(), null);
        }
        return state(webhook).text();
    }
}
