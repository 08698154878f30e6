package io.engagementwebhooks.api.listen;

import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.deliver.request.RequestBuilding;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.store.accept.EventStore;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.DeliveryMethod;
import io.engagementwebhooks.webhook.EventTypes;
import io.engagementwebhooks.webhook.RetrySchedule;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import io.engagementwebhooks.webhook.auth.Authentication;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.template.Body;
import io.engagementwebhooks.webhook.template.Template;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a listener gets: the requests of a webhook, or of a default one, with the listener's URL and without credentials.
 * Immutable.
 *
 * @param named the name or id by which the webhook was chosen, or null: the default
 * @param events the types that it gets
 * @param target with the listener's URL
 */
record Listener(String named, Webhook webhook, EventTypes events, Target.Http target) {

    /** The id of the default webhook in the store; no webhook of an account can have it, or the name. */
    private static final String DEFAULT_ID = "wh_listen";

    private static final String DEFAULT_NAME = "(listen)";
    private static final EventTypes ALL = new EventTypes(List.of("*"));

    /** A webhook that sends each whole event, signed by the keys of its account. */
    static Listener ofDefault(Account account, Optional<EventTypes> events, URI to) {
        Signing signing = new Signing(Signing.Form.STANDARD, account.signingKeys(), true, Optional.empty());
        Target.Http target = new Target.Http(to, "POST", new Body.WholeEvent(), Map.of(), signing);
        DeliveryMethod method = new DeliveryMethod(
                target,
                new Authentication.None(),
                DeliveryMethod.DEFAULT_TIMEOUT,
                Set.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        Webhook webhook = new Webhook(
                new WebhookId(account.id(), DEFAULT_ID, DEFAULT_NAME),
                ALL,
                Optional.empty(),
                method,
                RetrySchedule.PRESETS.get(0),
                Duration.ofDays(1),
                Set.of());
        return new Listener(null, webhook, events.orElse(ALL), target);
    }

    /** As a webhook sends; empty: a third party defines its requests. @param events instead of the webhook's types */
    static Optional<Listener> of(String named, Webhook webhook, Optional<EventTypes> events, URI to) {
        Target target = webhook.delivery().target();
        Target.Http request = target instanceof Target.OwnRequest own
                ? own.request()
                : target instanceof Target.Http http ? http : null;
        if (request == null) {
            return Optional.empty();
        }
        Map<String, Template> headers = new LinkedHashMap<>(request.headers());
        headers.keySet().removeIf(Redactor::isSensitive);
        return Optional.of(new Listener(
                named,
                webhook,
                events.orElse(webhook.events()),
                new Target.Http(to, request.method(), request.body(), headers, request.signing())));
    }

    /** Whether it gets events of this type. */
    boolean asksFor(EventStore.EventRow row) {
        return row.source().equals(Event.SYSTEM_SOURCE) ? events.matchByName(row.type()) : events.match(row.type());
    }

    /** Whether the webhook's condition is true. @throws BodyFault if it fails */
    boolean matches(Event event) {
        if (webhook.condition().isEmpty()) {
            return true;
        }
        Evaluation.use(EventJson.treeBound(event.document()));
        return webhook.condition().get().test(event.tree());
    }

    /** The request as it is signed at a time. @throws BodyFault if it cannot be made from the event */
    OutgoingRequest request(String delivery, Event event, Instant at) {
        return new RequestBuilding(Clock.fixed(at, ZoneOffset.UTC), AttemptTracing.PROPAGATE_ONLY)
                .request(delivery(delivery, event, at), target);
    }

    Delivery delivery(String id, Event event, Instant at) {
        return new Delivery(id, webhook, event, null, 1, at);
    }
}
