package io.engagementwebhooks.api.webhook;

import io.engagementwebhooks.api.delivery.EventDetails;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.ingest.EventChecks;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.store.outcome.OutcomeStore;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.EventCatalog;
import io.engagementwebhooks.webhook.EventType;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.jq.JqProgram;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Matches an event against the current definitions of webhooks and of its type, and gives reasons. Thread-safe.
 *
 * @param ledger memory for conditions
 * @param nanos a monotonic clock
 */
public record EventMatching(Supplier<Config> config, OutcomeStore states, Ledger ledger, LongSupplier nanos) {

    /** Limit of webhooks in a response; those that subscribe to the event's type come first. */
    public static final int MOST = 100;

    /** No condition is evaluated after this time. */
    private static final long LONGEST_NANOS = Duration.ofMillis(100).toNanos();

    private static final int MOST_PARTS = 20;

    /** @return matching webhooks first, then by name */
    @SuppressWarnings("try")
    public List<EventDetails.Match> of(Event event) {
        long end = nanos.getAsLong() + LONGEST_NANOS;
        List<EventDetails.Match> matched = new ArrayList<>();
        List<EventDetails.Match> others = new ArrayList<>();
        try (Evaluation evaluation = Evaluation.begin(ledger.of(event.account()))) {
            Evaluation.use(EventJson.treeBound(event.document()));
            for (Webhook webhook : candidates(event)) {
                EventDetails.Match match = match(webhook, event, end);
                (match.matched() ? matched : others).add(match);
            }
        } finally {
            event.dropLargeTree();
        }
        matched.addAll(others);
        return matched;
    }

    /** What of its data does not fit the schema of its type; empty: the account has not defined the type. */
    @SuppressWarnings("try")
    public Optional<List<EventDetails.SchemaFault>> faults(Event event) {
        Optional<EventType> type =
                config.get().catalog(event.account()).type(event.type()).map(EventCatalog.Type::own);
        if (type.isEmpty()) {
            return Optional.empty();
        }
        try (Evaluation evaluation = Evaluation.begin(ledger.of(event.account()))) {
            Evaluation.use(EventJson.treeBound(event.document()));
            return Optional.of(EventChecks.faults(type.get(), event.tree()).stream()
                    .map(fault -> new EventDetails.SchemaFault("/data" + fault.pointer(), fault.toString()))
                    .toList());
        } finally {
            event.dropLargeTree();
        }
    }

    /** Webhooks that subscribe to its type, then others. */
    private List<Webhook> candidates(Event event) {
        List<Webhook> asking = config.get().matching(event.account(), event.type());
        List<Webhook> found = new ArrayList<>(asking.subList(0, Math.min(MOST, asking.size())));
        for (Webhook webhook : config.get().webhooks(event.account())) {
            if (found.size() == MOST) {
                break;
            }
            if (!webhook.events().match(event.type())) {
                found.add(webhook);
            }
        }
        return found;
    }

    private EventDetails.Match match(Webhook webhook, Event event, long end) {
        boolean isInTime = isBefore(end);
        String why = null;
        if (!webhook.events().match(event.type())) {
            why = "it subscribes to " + String.join(", ", webhook.events().patterns()) + ", not to " + event.type();
        } else if (webhook.condition().isPresent()) {
            why = isInTime
                    ? unmet(webhook.condition().get(), event, end)
                    : "its condition was not evaluated: the time for this request was over";
        }
        return new EventDetails.Match(
                webhook.name(), webhook.id().id(), why == null, why == null ? waiting(webhook) : why);
    }

    /** The part of a condition that is false; null: it is true. */
    private String unmet(JqProgram condition, Event event, long end) {
        try {
            if (condition.test(event.tree())) {
                return null;
            }
        } catch (BodyFault e) {
            return "its condition failed: " + e.getMessage();
        }
        int looked = 0;
        for (String part : ConditionParts.of(condition.text(), " and ")) {
            if (++looked > MOST_PARTS || !isBefore(end)) {
                break;
            }
            try {
                if (!JqProgram.compile(part).test(event.tree())) {
                    return "its condition is not true: " + part.strip();
                }
            } catch (BodyFault | IllegalArgumentException e) {
                break; // not a complete expression
            }
        }
        return "its condition is not true: " + condition.text().strip();
    }

    private boolean isBefore(long end) {
        return nanos.getAsLong() - end < 0;
    }

    /** Why a webhook queues its deliveries, or null. */
    private String waiting(Webhook webhook) {
        WebhookState.State state =
                states.webhookState(webhook.id()).map(WebhookState::state).orElse(WebhookState.State.ACTIVE);
        return state == WebhookState.State.ACTIVE
                ? null
                : "it is " + state.text() + ": its deliveries are queued until you resume it";
    }
}
