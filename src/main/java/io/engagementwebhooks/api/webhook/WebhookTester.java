package io.engagementwebhooks.api.webhook;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.api.ApiRequest;
import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.AuditLog;
import io.engagementwebhooks.api.definition.DefinitionService;
import io.engagementwebhooks.api.definition.MacroCheck;
import io.engagementwebhooks.api.definition.Masked;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.api.delivery.Events;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.ShownAttempt;
import io.engagementwebhooks.deliver.judge.LimitReachedException;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.deliver.request.PlannedRequest;
import io.engagementwebhooks.deliver.request.RequestBuilding;
import io.engagementwebhooks.deliver.request.ShownRequest;
import io.engagementwebhooks.deliver.step.OwnDestinations;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.ingest.Admission;
import io.engagementwebhooks.ingest.EventReader;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.accept.EventStore;
import io.engagementwebhooks.store.outcome.OutcomeStore;
import io.engagementwebhooks.store.outcome.TestedDelivery;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.EventCatalog;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.Authentication;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;
import org.apache.camel.support.DefaultExchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Previews and tests webhooks, stored or only defined. A test sends one request by the route that deliveries use. A
 * test of a stored webhook is recorded as a delivery with {@code test}. Thread-safe.
 *
 * @param planned requests to third parties, by destination
 * @param ledger memory for conditions and requests
 * @param admission whether events are accepted now
 * @param tests limit of tests at a time
 */
public record WebhookTester(
        CamelContext camel,
        Supplier<Config> configs,
        DefinitionService editing,
        OwnDestinations destinations,
        RequestBuilding requests,
        Map<String, PlannedRequest> planned,
        EventStore events,
        OutcomeStore outcomes,
        AuditLog auditLog,
        Clock clock,
        Ledger ledger,
        Admission admission,
        ConcurrencyLimit tests) {

    private static final EventReader READER = new EventReader();
    private static final Logger LOG = LoggerFactory.getLogger(WebhookTester.class);
    private static final Set<String> MEMBERS = Set.of("webhook", "definition", "event", "eventId");

    private static final Duration NEXT_TEST = Duration.ofSeconds(10);
    private static final int SHOWN_BYTES = 64 * 1024;

    /**
     * A requested preview or test.
     *
     * @param webhook an id or name, or empty
     * @param definition a missing node if not given
     * @param event its original text, or null
     * @param eventId of an accepted event, or empty
     */
    private record Trial(String webhook, JsonNode definition, String event, String eventId) {

        static Trial of(Map<String, String> members) {
            return new Trial(
                    ApiRequest.parsed(members.get("webhook")).asText(""),
                    ApiRequest.parsed(members.get("definition")),
                    members.get("event"),
                    ApiRequest.parsed(members.get("eventId")).asText(""));
        }
    }

    /** {@code POST /v1/webhooks/preview}: the request, or why there is none. */
    @SuppressWarnings("try")
    public Processor preview() {
        return ApiStep.ok(request -> {
            Trial trial = Trial.of(request.members(MEMBERS));
            if (trial.webhook().isEmpty() && !trial.definition().isObject()) {
                throw ApiRequest.badBody("name the webhook in 'webhook' by id or name, or give a 'definition'");
            }
            Webhook webhook = webhook(request, trial.webhook(), trial.definition());
            Event event = event(request, webhook, trial);
            try (Evaluation evaluation = Evaluation.begin(ledger.of(request.account()))) {
                return preview(webhook, event);
            }
        });
    }

    private PreviewView preview(Webhook webhook, Event event) {
        String why = mismatch(webhook, event);
        TriedRequestView request = null;
        String fault = null;
        try {
            request = planned(delivery(webhook, event));
        } catch (BodyFault e) {
            fault = e.getMessage();
        }
        return new PreviewView(
                why == null, why, event.tree(), request, fault, MacroCheck.warnings(webhook, catalog(webhook)));
    }

    /** {@code POST /v1/webhooks/{id or name}/test}: sends an event now and responds with the outcome. */
    public Processor test() {
        return ApiStep.ok(request -> {
            Trial trial = Trial.of(request.members(Set.of("definition", "event", "eventId")));
            Webhook webhook = webhook(request, request.resource(), trial.definition());
            Event event = event(request, webhook, trial);
            destinations.refusal(webhook).ifPresent(why -> {
                throw new ProblemException(Problem.forbidden("destination-not-open", why));
            });
            Long eventKey = trial.eventId().isEmpty() ? null : (Long) Events.key(trial.eventId());
            boolean isSaved = trial.definition().isMissingNode();
            if (isSaved) {
                // a test is recorded
                admission.check(request.account());
            }
            return tests.run(request.account(), () -> tested(request, webhook, event, eventKey, isSaved));
        });
    }

    @SuppressWarnings("try")
    private TestedView tested(ApiRequest request, Webhook webhook, Event event, Long eventKey, boolean isSaved) {
        try (Evaluation evaluation = Evaluation.begin(ledger.of(request.account()))) {
            String why = mismatch(webhook, event);
            Sent sent = send(webhook, event);
            TestedView view = view(sent, why, isSaved && recorded(sent.row(eventKey)));
            auditLog.append(request, "tested", ResourceKind.WEBHOOK.text(), webhook.name(), null);
            return view;
        }
    }

    /** Whether the store recorded it. The request was sent, so the caller gets the result in either case. */
    private boolean recorded(TestedDelivery tested) {
        try {
            outcomes.recordTest(tested).toCompletableFuture().join();
            return true;
        } catch (CompletionException e) {
            LOG.warn("test.not-recorded webhook={}", tested.webhook().id(), e.getCause());
            return false;
        }
    }

    private Webhook webhook(ApiRequest request, String idOrName, JsonNode definition) {
        if (definition instanceof ObjectNode given) {
            return editing.draft(request, idOrName, given);
        }
        if (!definition.isMissingNode()) {
            throw ApiRequest.badBody("'definition' must be an object: the definition of a webhook");
        }
        return configs.get()
                .webhook(request.account(), idOrName)
                .orElseThrow(
                        () -> new ProblemException(Problem.notFound("this account has no webhook of that name or id")));
    }

    private Event event(ApiRequest request, Webhook webhook, Trial trial) {
        String id = trial.eventId();
        if (trial.event() != null && !id.isEmpty()) {
            throw ApiRequest.badBody(
                    "'event' and 'eventId' cannot be combined; give one of them, or none for a sample");
        }
        if (!id.isEmpty()) {
            return events.event(request.account(), Events.key(id))
                    .orElseThrow(() -> new ProblemException(
                            Problem.notFound("this account has no event of that id with a stored payload")));
        }
        String document = trial.event() == null
                ? catalog(webhook).sample(webhook.events().patterns()).toString()
                : trial.event();
        return READER.readOne(request.account(), "application/json", document.getBytes(StandardCharsets.UTF_8));
    }

    private EventCatalog catalog(Webhook webhook) {
        return configs.get().catalog(webhook.account());
    }

    private Delivery delivery(Webhook webhook, Event event) {
        Instant now = clock.instant();
        String id = UlidCreator.getMonotonicUlid(now.toEpochMilli()).toString();
        return new Delivery(id, webhook, event, null, 1, now);
    }

    /** Why the webhook would not get the event; null: it would. */
    private static String mismatch(Webhook webhook, Event event) {
        try {
            if (!webhook.events().match(event.type())) {
                return "the webhook does not subscribe to type " + event.type();
            }
            return webhook.condition().isEmpty() || webhook.condition().get().test(content(event))
                    ? null
                    : "the condition is not true";
        } catch (BodyFault e) {
            return "the condition failed: " + e.getMessage();
        }
    }

    private static JsonNode content(Event event) {
        Evaluation.use(EventJson.treeBound(event.document()));
        return event.tree();
    }

    private TriedRequestView planned(Delivery delivery) {
        Target target = delivery.webhook().delivery().target();
        if (target instanceof Target.Http http) {
            TriedRequestView.Http view = view(requests.request(delivery, http));
            authorize(delivery.webhook(), view.headers());
            return view;
        }
        if (target instanceof Target.OwnRequest own) {
            return view(requests.request(delivery, own.request()));
        }
        return new TriedRequestView.Planned(planned.get(branchOf(delivery)).of(delivery));
    }

    private static String branchOf(Delivery delivery) {
        return OwnDestinations.of(delivery.webhook()).orElse(delivery.authentication());
    }

    /** Authentication is added by the route; its kind is shown. */
    private static void authorize(Webhook webhook, Map<String, String> headers) {
        Authentication credentials = webhook.delivery().authentication().credentials();
        if (credentials instanceof Authentication.Header header) {
            headers.put(
                    "Authorization",
                    ShownRequest.masked("Authorization", header.value().reveal()));
        } else if (credentials instanceof Authentication.ApiKey key) {
            headers.put(key.header(), Masked.MASK);
        } else if (credentials instanceof Authentication.OAuth2) {
            headers.put("Authorization", "Bearer " + Masked.MASK);
        }
    }

    private static TriedRequestView.Http view(OutgoingRequest request) {
        byte[] body = ShownRequest.body(request);
        return new TriedRequestView.Http(
                request.method(),
                ShownRequest.url(request),
                ShownRequest.headers(request),
                new String(body, 0, Math.min(body.length, SHOWN_BYTES), StandardCharsets.UTF_8),
                body.length > SHOWN_BYTES);
    }

    private Sent send(Webhook webhook, Event event) {
        Delivery delivery = delivery(webhook, event);
        Exchange exchange = new DefaultExchange(camel);
        DeliveryContext context = DeliveryContext.beginTrial(exchange, delivery, clock.instant());
        long start = System.nanoTime();
        try (ProducerTemplate branch = camel.createProducerTemplate()) {
            branch.send(branch(delivery.authentication()), exchange);
        } catch (java.io.IOException e) {
            throw new IllegalStateException("a template of Camel does not close", e);
        } finally {
            context.releaseRecordLock();
        }
        refuseUnsent(exchange);
        LOG.info("webhook.tested account={} webhook={}", webhook.account(), webhook.name());
        long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        return new Sent(delivery, context, DeliveryContext.outcome(exchange), ms);
    }

    private TestedView view(Sent sent, String why, boolean isRecorded) {
        Delivery delivery = sent.delivery();
        Outcome outcome = sent.outcome();
        OutgoingRequest request = sent.context().request();
        return new TestedView(
                why == null,
                why,
                delivery.event().tree(),
                isRecorded ? DeliveryView.PREFIX + delivery.id() : null,
                outcome == null ? "failed" : word(outcome),
                outcome == null || outcome.reason().isEmpty() ? null : outcome.reason(),
                sent.context().note(),
                DeliveryView.text(sent.context().startedAt()),
                sent.ms(),
                request == null ? null : DeliveryView.read(request.timing().json(), new TypeReference<>() {}),
                request == null ? plannedOrNull(delivery) : view(request),
                TestedView.Response.of(sent.context().answer()));
    }

    /** A test that was sent. @param outcome null: the route ended without one */
    private record Sent(Delivery delivery, DeliveryContext context, Outcome outcome, long ms) {

        /** The recorded delivery: a test is not retried, so a failed one has ended. */
        TestedDelivery row(Long eventKey) {
            DeliveryState state = state(outcome);
            String reason = outcome == null ? "the route ended without an outcome" : outcome.reason();
            boolean isSent =
                    context.request() != null || context.answer() != null || outcome != null && outcome.isAttempt();
            return new TestedDelivery(
                    delivery.id(),
                    delivery.webhook().id(),
                    delivery.event(),
                    eventKey,
                    state,
                    reason.isEmpty() ? null : reason,
                    isSent ? ShownAttempt.of(context).row(1, state.text(), reason) : null,
                    context.startedAt());
        }
    }

    private static String branch(String authentication) {
        String name =
                switch (authentication) {
                    case "header", "api-key" -> "header";
                    case "oauth2", "salesforce", "contentsquare" -> authentication;
                    case Authentication.Custom.TYPE -> authentication;
                    default -> "unauthenticated";
                };
        return "direct:deliver-" + name + "?block=false";
    }

    /** An attempt that was not sent because of this instance is not an outcome of the webhook. */
    private void refuseUnsent(Exchange exchange) {
        Throwable caught = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        Throwable failure = exchange.getException() == null ? caught : exchange.getException();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BudgetExceededException exceeded) {
                throw exceeded;
            }
            if (cause instanceof LimitReachedException limit) {
                throw new ProblemException(Problem.tooMany(
                        "too-many-emails", limit.getMessage(), Duration.between(clock.instant(), limit.until())));
            }
            if (cause instanceof DirectConsumerNotAvailableException) {
                throw new ProblemException(
                        Problem.unavailable("deliver-stopped", "delivery is stopped, so nothing is sent", NEXT_TEST));
            }
        }
    }

    /** Records for a third party; if there are none, the outcome says why. */
    private TriedRequestView plannedOrNull(Delivery delivery) {
        PlannedRequest kind = planned.get(branchOf(delivery));
        try {
            return kind == null ? null : new TriedRequestView.Planned(kind.of(delivery));
        } catch (BodyFault | ClassCastException e) {
            return null;
        }
    }

    private static String word(Outcome outcome) {
        if (outcome instanceof Outcome.TryLater) {
            return "try-later";
        }
        return outcome instanceof Outcome.NotSent ? "not-sent" : state(outcome).text();
    }

    private static DeliveryState state(Outcome outcome) {
        if (outcome instanceof Outcome.Delivered) {
            return DeliveryState.DELIVERED;
        }
        return outcome instanceof Outcome.Skipped ? DeliveryState.SKIPPED : DeliveryState.GAVE_UP;
    }
}
