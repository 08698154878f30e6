package io.engagementwebhooks.api.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.api.Answered;
import io.engagementwebhooks.api.ApiRequest;
import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.AuditLog;
import io.engagementwebhooks.api.Cursor;
import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.Parameters;
import io.engagementwebhooks.api.webhook.WebhookFinder;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryQuery;
import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.store.query.ReplayJobs;
import io.engagementwebhooks.store.query.ResponseKind;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.PublicUrl;
import io.engagementwebhooks.webhook.Target;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Deliveries and their attempts, of the caller's account. Thread-safe.
 *
 * @param sent restores sent requests
 */
public record Deliveries(
        Store store,
        Outbox outbox,
        Supplier<Config> config,
        WebhookFinder finder,
        DeliveryViewer view,
        DeliverySearch search,
        SentRequests sent,
        AuditLog auditLog,
        Clock clock) {

    static final Set<String> OUTCOMES = Set.of("delivered", "try-later", "gave-up", "skipped");
    private static final Map<String, DeliveryQuery.Standing> STANDINGS = Stream.of(
                    DeliveryQuery.Standing.WAITING, DeliveryQuery.Standing.PAUSED, DeliveryQuery.Standing.DISCARDED)
            .collect(Collectors.toUnmodifiableMap(DeliveryQuery.Standing::text, standing -> standing));
    static final Pattern ULID = Pattern.compile("[0-7][0-9A-HJKMNP-TV-Z]{25}");
    private static final String NEW_ID = "newId";
    private static final String EVENT_TYPE = "eventType";
    private static final String STATE = "state";
    private static final String STATUS = "status";
    private static final String OUTCOME = "outcome";
    private static final String TEXT = "text";
    private static final String TEST = "test";
    private static final String HTTP_STATUS = "httpStatus";
    private static final String FAULT = "fault";
    private static final String PAYLOAD = "payload";
    private static final String COUNTS = "counts";
    private static final int LONGEST_TEXT = 200;
    private static final int LONGEST_PAYLOAD = 500;

    /** Kind of a delivery in audit entries. */
    static final String KIND = "delivery";

    private static final List<String> FILTERS = List.of(
            "webhook",
            "event",
            EVENT_TYPE,
            STATUS,
            STATE,
            OUTCOME,
            "from",
            "to",
            TEXT,
            TEST,
            HTTP_STATUS,
            FAULT,
            PAYLOAD);

    private static final Map<String, Optional<Boolean>> TESTS =
            Map.of("true", Optional.of(true), "false", Optional.of(false), "all", Optional.empty());

    /** Limit of an export. */
    private static final int MOST_EXPORTED = 10_000;

    private static final int STEP = 500;
    private static final Duration LONGEST_EXPORT = Duration.ofSeconds(3);

    /** The header with the cursor of the rest of an export. */
    static final String NEXT_CURSOR = "Next-Cursor";

    /** {@code GET /v1/deliveries}: newest first. */
    public Processor list() {
        return ApiStep.ok(this::page);
    }

    /** {@code GET /v1/deliveries/{id}}: one with its attempts. */
    public Processor one() {
        return ApiStep.ok(request -> {
            DeliveryRow row = asked(request);
            return new DeliveryDetails(view.of(row), urlNow(row), attemptsOf(request));
        });
    }

    private String urlNow(DeliveryRow row) {
        return config.get()
                .webhook(row.webhook())
                .map(webhook -> webhook.delivery().target())
                .map(target -> target instanceof Target.Http http ? PublicUrl.of(http.url()) : null)
                .orElse(null);
    }

    /** {@code GET /v1/deliveries/{id}/attempts}. */
    public Processor attempts() {
        return ApiStep.ok(request -> {
            asked(request);
            return new ListView<>(attemptsOf(request), null);
        });
    }

    /** {@code POST /v1/deliveries/{id}/replay}: due now, with a new retry schedule. */
    public Processor replay() {
        return ApiStep.accepted(this::replayed);
    }

    /** {@code POST /v1/deliveries/{id}/cancel}: discards it. */
    public Processor cancel() {
        return ApiStep.ok(request -> {
            DeliveryRow row = waiting(request);
            String reason = "discarded by key '" + request.caller().key().name() + "'";
            if (outbox.manual().discardOne(row.webhook(), row.id(), reason)) {
                auditLog.append(request, "discarded", KIND, DeliveryView.PREFIX + row.id(), null);
            }
            return view.of(existing(request, row.id()));
        });
    }

    /** {@code POST /v1/deliveries/{id}/retry}: due now; the retry schedule continues. */
    public Processor retry() {
        return ApiStep.accepted(request -> {
            DeliveryRow row = waiting(request);
            if (row.blockedBy() != null && row.dueAt() == null) {
                throw refused(
                        "behind-another",
                        "this delivery waits for delivery " + DeliveryView.PREFIX + row.blockedBy()
                                + ", the first of its FIFO key; retry or cancel that one");
            }
            outbox.manual().retryNow(row.webhook(), row.id());
            auditLog.append(request, "retried", KIND, DeliveryView.PREFIX + row.id(), null);
            return view.of(existing(request, row.id()));
        });
    }

    private DeliveryRow waiting(ApiRequest request) {
        DeliveryRow row = asked(request);
        if (row.state().ended()) {
            throw refused("ended", "this delivery has ended (" + row.state().text() + "); to send it again, replay it");
        }
        return row;
    }

    private DeliveryList page(ApiRequest request) {
        Filter filter = filter(request, Parameters.LIMIT, Parameters.CURSOR, COUNTS);
        int limit = filter.given().limit();
        boolean counts = "true".equals(filter.given().oneOf(COUNTS, Set.of("true", "false")));
        DeliverySearch.Result found =
                search.find(filter.query().before(filter.given().after(filter.scope()), limit), filter.payload());
        return new DeliveryList(
                view.of(found.deliveries()),
                found.goOnBefore() == null ? null : Cursor.of(filter.scope(), found.goOnBefore()),
                DeliveryView.text(found.searchedBackTo()),
                counts && filter.query().text() == null && filter.payload() == null
                        ? search.counts(filter.query())
                        : null);
    }

    /**
     * The filters of a request.
     *
     * @param query for the newest ones
     * @param payload a condition on the stored payload, or null
     * @param scope of its cursors
     */
    private record Filter(Parameters given, DeliveryQuery query, PayloadMatch payload, String scope) {}

    /** @param more further allowed parameters */
    private Filter filter(ApiRequest request, String... more) {
        List<String> known = new ArrayList<>(FILTERS);
        known.addAll(List.of(more));
        Parameters given = request.parameters(known.toArray(String[]::new));
        String webhook = finder.filter(request.account(), given.text("webhook"));
        Optional<DeliveryStatus> status =
                DeliveryStatus.filter(given.oneOf(STATUS, Set.copyOf(DeliveryStatus.filters())));
        String state = given.oneOf(STATE, STANDINGS.keySet());
        String outcome = given.oneOf(OUTCOME, OUTCOMES);
        if (status.isPresent() && (state != null || outcome != null)) {
            throw Parameters.bad(
                    "parameter 'status' cannot be combined with 'state' or 'outcome'; give 'status' alone");
        }
        Instant from = given.time("from");
        Instant to = given.time("to");
        if (from != null && to != null && !from.isBefore(to)) {
            throw Parameters.bad("parameter 'from' must be before 'to'; 'from' is included, 'to' is not");
        }
        DeliveryQuery query = new DeliveryQuery(
                request.account(),
                webhook,
                given.text("event"),
                given.text(EVENT_TYPE),
                status.map(DeliveryStatus::standing).orElse(state == null ? null : STANDINGS.get(state)),
                status.map(DeliveryStatus::outcome).orElse(outcome),
                from,
                to,
                text(given),
                TESTS.get(Objects.requireNonNullElse(given.oneOf(TEST, TESTS.keySet()), "all"))
                        .orElse(null),
                DeliveryQuery.Response.of(
                        given.text(HTTP_STATUS) == null ? null : given.number(HTTP_STATUS, 100, 599, 0),
                        ResponseKind.of(given.oneOf(FAULT, Set.copyOf(ResponseKind.faults())))
                                .orElse(null)),
                null,
                0);
        PayloadMatch payload = payload(given);
        return new Filter(
                given,
                payload == null ? query : query.since(firstPayload(from)),
                payload,
                "deliveries\n" + query + (payload == null ? "" : payload));
    }

    private static PayloadMatch payload(Parameters given) {
        String text = given.text(PAYLOAD);
        return text == null
                ? null
                : Optional.of(text)
                        .filter(asked -> asked.length() <= LONGEST_PAYLOAD)
                        .flatMap(PayloadMatch::of)
                        .orElseThrow(() -> Parameters.bad("parameter 'payload' must be a field of the event's data and"
                                + " its value, such as data.order=SE4711, at most " + LONGEST_PAYLOAD
                                + " characters, not '" + Parameters.shortened(text) + "'"));
    }

    /** Older payloads are removed. */
    private Instant firstPayload(Instant from) {
        Instant oldest = store.deliveries().oldestPayload().orElseGet(clock::instant);
        return from == null || from.isBefore(oldest) ? oldest : from;
    }

    /** {@code GET /v1/deliveries.csv}: matching deliveries, newest first, as CSV. */
    public Processor export() {
        return ApiStep.ok(request -> {
            Filter filter = filter(request, Parameters.CURSOR);
            DeliveryCsv csv = new DeliveryCsv();
            String before = filter.given().after(filter.scope());
            long end = System.nanoTime() + LONGEST_EXPORT.toNanos();
            do {
                try {
                    DeliverySearch.Result found = search.find(
                            filter.query().before(before, Math.min(STEP, MOST_EXPORTED - csv.rows())),
                            filter.payload());
                    csv.add(view.of(found.deliveries()));
                    before = found.goOnBefore();
                } catch (ProblemException e) {
                    // too many other searches run
                    if (csv.rows() == 0) {
                        throw e;
                    }
                    break;
                }
            } while (before != null && csv.rows() < MOST_EXPORTED && System.nanoTime() - end < 0);
            Map<String, String> headers = new LinkedHashMap<>();
            headers.put(Exchange.CONTENT_TYPE, "text/csv");
            headers.put("Content-Disposition", "attachment; filename=\"deliveries.csv\"");
            if (before != null) {
                headers.put(NEXT_CURSOR, Cursor.of(filter.scope(), before));
            }
            return new Answered(200, headers, csv.bytes());
        });
    }

    /** Converts a searched id to its stored form. */
    private static String text(Parameters given) {
        String text = given.text(TEXT);
        if (text != null && text.length() > LONGEST_TEXT) {
            throw Parameters.bad("parameter 'text' must have at most " + LONGEST_TEXT + " characters");
        }
        return text != null && text.startsWith(DeliveryView.PREFIX) && text.length() > DeliveryView.PREFIX.length()
                ? text.substring(DeliveryView.PREFIX.length())
                : text;
    }

    private List<AttemptView> attemptsOf(ApiRequest request) {
        List<AttemptRow> attempts = store.deliveries().attempts(request.account(), id(request));
        List<SentRequestView> sent = this.sent.of(request.account(), id(request), attempts);
        List<AttemptView> views = new ArrayList<>();
        for (int i = 0; i < attempts.size(); i++) {
            views.add(AttemptView.of(attempts.get(i), sent.get(i)));
        }
        return views;
    }

    private DeliveryView replayed(ApiRequest request) {
        boolean makesNew = makesNew(request.body(Set.of(NEW_ID)));
        DeliveryRow row = asked(request);
        mustBeRepeatable(row);
        if (!makesNew && outbox.isInFlight(row.webhook(), row.id())) {
            throw refused(
                    "being-sent",
                    "this delivery is in flight; try again when its attempt has ended, or replay it with"
                            + " {\"newId\": true}");
        }
        String newId = makesNew ? UlidCreator.getMonotonicUlid(clock.millis()).toString() : null;
        DeliveryView due =
                due(request, newId == null ? row.id() : newId, outbox.manual().replay(row.webhook(), row.id(), newId));
        auditLog.append(request, "replayed", KIND, DeliveryView.PREFIX + row.id(), null);
        return due;
    }

    /** Creates a delivery for the edited event of another. @param id of the new delivery */
    DeliveryView resent(ApiRequest request, DeliveryRow row, String id, Event edited) {
        return due(request, id, outbox.manual().resend(row.webhook(), row.id(), id, edited));
    }

    private DeliveryView due(ApiRequest request, String id, CompletionStage<ReplayJobs.Replayed> replayed) {
        return switch (replayed.toCompletableFuture().join()) {
            case DUE -> view.of(existing(request, id));
            case NOT_FOUND -> throw notFound();
            case PAYLOAD_EXPIRED -> throw payloadExpired();
        };
    }

    private static ProblemException payloadExpired() {
        return new ProblemException(Problem.gone(
                "payload-expired",
                "the event's payload was removed after its retention time (webhooks.retention.payload),"
                        + " so it cannot be sent again; send the event with a new id"));
    }

    /** Refuses tests, and deliveries of deleted webhooks. */
    void mustBeRepeatable(DeliveryRow row) {
        if (row.kind() == DeliveryRow.Kind.TEST) {
            throw refused(
                    "is-test", "this delivery is a test; test its webhook or send the sample event again instead");
        }
        if (config.get().webhook(row.webhook()).isEmpty()) {
            throw refused(
                    "webhook-not-configured",
                    "webhook '" + row.webhook().name() + "' (" + row.webhook().id()
                            + ") is no longer configured, so this cannot be sent; configure the webhook again first");
        }
    }

    /** The event of a delivery, with its data. */
    Event event(ApiRequest request, DeliveryRow row) {
        return store.events().event(request.account(), row.event()).orElseThrow(Deliveries::payloadExpired);
    }

    private static boolean makesNew(JsonNode body) {
        JsonNode newId = body.path(NEW_ID);
        if (!newId.isMissingNode() && !newId.isBoolean()) {
            throw ApiRequest.badBody("'newId' must be true or false");
        }
        return newId.asBoolean();
    }

    private static ProblemException refused(String code, String detail) {
        return new ProblemException(Problem.conflict(code, detail));
    }

    /** The delivery named in the path. */
    DeliveryRow asked(ApiRequest request) {
        return existing(request, id(request));
    }

    private DeliveryRow existing(ApiRequest request, String id) {
        return store.deliveries().delivery(request.account(), id).orElseThrow(Deliveries::notFound);
    }

    private static String id(ApiRequest request) {
        String resource = request.resource();
        String id =
                resource.startsWith(DeliveryView.PREFIX) ? resource.substring(DeliveryView.PREFIX.length()) : resource;
        if (!ULID.matcher(id).matches()) {
            throw notFound();
        }
        return id;
    }

    private static ProblemException notFound() {
        return new ProblemException(Problem.notFound("this account has no delivery of that id"));
    }
}
