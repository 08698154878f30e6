package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.AuditLog;
import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.ingest.Admission;
import io.engagementwebhooks.ingest.EventReader;
import io.engagementwebhooks.ingest.WebhookLookup;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.accept.Accepted;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.EventCatalog;
import io.engagementwebhooks.webhook.EventType;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.Webhook;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/**
 * The event catalog in the API. Thread-safe.
 *
 * @param webhooks finds subscribed webhooks
 * @param outbox stores sample events
 * @param admission whether events are accepted now
 */
public record EventTypeApi(
        Supplier<Config> config,
        Definitions definitions,
        WebhookLookup webhooks,
        Outbox outbox,
        Admission admission,
        AuditLog auditLog,
        Clock clock) {

    /** The source of sample events. */
    static final String SOURCE = "/console/samples";

    private static final EventReader READER = new EventReader();

    /** Limit of named webhooks per type. */
    private static final int NAMED = 20;

    /** {@code GET /v1/event-types}: the catalog, with subscribed webhooks. */
    public Processor list() {
        return ApiStep.ok(request -> {
            String account = request.account();
            return new ListView<>(config.get().catalog(account).types(), null).map(type -> view(account, type, null));
        });
    }

    /** One by its name, for {@link DefinitionService}. */
    public EventTypeView shown(String account, String name) {
        EventCatalog.Type type = type(account, name);
        return view(
                account,
                type,
                type.isOwn() ? definitions.defined(account, ResourceKind.EVENT_TYPE, name) : DefinedView.ELSEWHERE);
    }

    private EventCatalog.Type type(String account, String name) {
        return config.get()
                .catalog(account)
                .type(name)
                .orElseThrow(
                        () -> new ProblemException(Problem.notFound("the event catalog has no type '" + name + "'")));
    }

    /** {@code POST /v1/event-types/{type}/sample}: stores the sample of a type as an event of a test. */
    public Processor sendSample() {
        return ApiStep.accepted(request -> {
            EventCatalog.Type type = type(request.account(), definitions.name(request, ResourceKind.EVENT_TYPE));
            admission.check(request.account());
            Event event = sample(request.account(), type);
            auditLog.append(request, "sampled", "event-type", type.type(), event.id());
            return sent(event);
        });
    }

    private Event sample(String account, EventCatalog.Type type) {
        Instant now = clock.instant();
        String id = UlidCreator.getMonotonicUlid(now.toEpochMilli()).toString();
        ObjectNode document = type.sample();
        document.put("id", "sample-" + id).put("source", SOURCE).put("time", now.toString());
        byte[] bytes = document.toString().getBytes(StandardCharsets.UTF_8);
        return READER.readOne(account, "application/cloudevents+json", bytes).asTest(id);
    }

    private EventTypeView.Sent sent(Event event) {
        try {
            Accepted accepted = outbox.acceptance()
                    .accept(webhooks.lookUp(List.of(event)).join())
                    .toCompletableFuture()
                    .join()
                    .get(0);
            return new EventTypeView.Sent(accepted.eventId(), accepted.deliveries());
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** System events go only to webhooks that name them or their prefix. */
    private List<Webhook> asking(String account, EventCatalog.Type type) {
        List<Webhook> matching = config.get().matching(account, type.type());
        return type.product()
                ? matching.stream()
                        .filter(webhook -> webhook.events().matchByName(type.type()))
                        .toList()
                : matching;
    }

    private EventTypeView view(String account, EventCatalog.Type type, DefinedView defined) {
        List<Webhook> asking = asking(account, type);
        return new EventTypeView(
                type.isOwn()
                        ? definitions
                                .id(account, ResourceKind.EVENT_TYPE, type.type())
                                .orElse(null)
                        : null,
                type.type(),
                type.title(),
                type.description(),
                type.product() ? "product" : "account",
                type.fields().stream()
                        .map(field -> new EventTypeView.Field(field.name(), field.type(), field.description()))
                        .toList(),
                type.schema(),
                (type.isOwn() ? type.own().check() : EventType.Check.OFF).name().toLowerCase(Locale.ROOT),
                type.sample(),
                asking.size(),
                asking.stream()
                        .limit(NAMED)
                        .map(webhook -> new UsedBy.User(webhook.id().id(), webhook.name()))
                        .toList(),
                type.isOwn() ? definitions.managedBy(account, ResourceKind.EVENT_TYPE, type.type()) : "product",
                defined);
    }
}
