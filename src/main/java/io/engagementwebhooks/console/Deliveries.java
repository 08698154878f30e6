package io.engagementwebhooks.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.deliver.RequestBuilding;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.AttemptRow;
import io.engagementwebhooks.store.DeliveryQuery;
import io.engagementwebhooks.store.DeliveryRow;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.Config;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Processor;

/** What became of events: deliveries and their attempts, of the caller's account alone. Thread-safe. */
final class Deliveries {

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
    private static final int LONGEST_TEXT = 200;

    private final Store store;
    private final Outbox outbox;
    private final Supplier<Config> config;
    private final WebhookFinder finder;
    private final Auditing auditing;
    private final Clock clock;
    private final DeliveryView view;
    private final DeliverySearch search;
    private final SentRequests sent;

    /**
     * @param requests makes once more what was sent
     * @param ledger whose memory that takes
     */
    Deliveries(
            Store store,
            Outbox outbox,
            Supplier<Config> config,
            RequestBuilding requests,
            Auditing auditing,
            Clock clock,
            Ledger ledger) {
        this.store = store;
        this.outbox = outbox;
        this.config = config;
        this.finder = new WebhookFinder(config, store.identities());
        this.auditing = auditing;
        this.clock = clock;
        this.view = new DeliveryView(outbox, config);
        this.sent = new SentRequests(store, config, requests, ledger);
        this.search = new DeliverySearch(store, System::nanoTime);
    }

    /** {@code GET /v1/deliveries}: newest first. */
    public Processor list() {
        return ApiStep.ok(this::page);
    }

    /** {@code GET /v1/deliveries/{id}}: one with its attempts. */
    public Processor one() {
        return ApiStep.ok(request -> {
            request.parameters();
            Map<String, Object> delivery = view.of(asked(request));
            delivery.put("attempts", attemptsOf(request));
            return delivery;
        });
    }

    /** {@code GET /v1/deliveries/{id}/attempts}. */
    public Processor attempts() {
        return ApiStep.ok(request -> {
            request.parameters();
            asked(request);
            return Page.of(attemptsOf(request), null);
        });
    }

    /** {@code POST /v1/deliveries/{id}/replay}: due now, as if it were new. */
    public Processor replay() {
        return ApiStep.accepted(this::replayed);
    }

    /** {@code POST /v1/deliveries/{id}/cancel}: it is discarded. */
    public Processor cancel() {
        return ApiStep.ok(request -> {
            DeliveryRow row = waiting(request);
            String reason = "discarded by key '" + request.caller().key().name() + "'";
            if (!outbox.discardOne(row.webhook(), row.id(), reason)) {
                throw refused("being-sent", "this delivery is being sent at this moment; look again when it has ended");
            }
            auditing.note(request, "discarded", KIND, DeliveryView.PREFIX + row.id(), null);
            return view.of(existing(request, row.id()));
        });
    }

    /** {@code POST /v1/deliveries/{id}/retry}: it is tried now, and goes on with its schedule. */
    public Processor retry() {
        return ApiStep.accepted(request -> {
            DeliveryRow row = waiting(request);
            if (row.behind() != null && row.dueAt() == null) {
                throw refused(
                        "behind-another",
                        "this delivery waits for delivery " + DeliveryView.PREFIX + row.behind()
                                + ", the first in the order of its key; retry or cancel that one");
            }
            outbox.retryNow(row.webhook(), row.id());
            auditing.note(request, "retried", KIND, DeliveryView.PREFIX + row.id(), null);
            return view.of(existing(request, row.id()));
        });
    }

    private DeliveryRow waiting(ApiRequest request) {
        request.parameters();
        request.body(Set.of());
        DeliveryRow row = asked(request);
        if (row.state().ended()) {
            throw refused(
                    "ended",
                    "this delivery has ended (" + row.state().text()
                            + "), so nothing of it waits; to send it again, replay it");
        }
        return row;
    }

    private static final String KIND = "delivery";

    private Map<String, Object> page(ApiRequest request) {
        Parameters given = request.parameters(
                "webhook",
                "event",
                EVENT_TYPE,
                STATUS,
                STATE,
                OUTCOME,
                "from",
                "to",
                TEXT,
                Parameters.LIMIT,
                Parameters.CURSOR);
        String webhook = finder.filter(request.account(), given.text("webhook"));
        String event = given.text("event");
        String type = given.text(EVENT_TYPE);
        Optional<DeliveryStatus> status =
                DeliveryStatus.filter(given.oneOf(STATUS, Set.copyOf(DeliveryStatus.filters())));
        String state = given.oneOf(STATE, STANDINGS.keySet());
        String outcome = given.oneOf(OUTCOME, OUTCOMES);
        if (status.isPresent() && (state != null || outcome != null)) {
            throw Parameters.bad("parameter 'status' stands beside 'state' or 'outcome'; give 'status' alone");
        }
        String text = text(given);
        Instant from = given.time("from");
        Instant to = given.time("to");
        if (from != null && to != null && !from.isBefore(to)) {
            throw Parameters.bad("parameter 'from' must be before 'to'; 'from' is included, 'to' is not");
        }
        int limit = given.limit();
        String scope = String.join(
                "\n",
                "deliveries",
                request.account(),
                "" + webhook,
                "" + event,
                "" + type,
                "" + status,
                "" + state,
                "" + outcome,
                "" + from,
                "" + to,
                "" + text);
        String before = given.after(scope);
        DeliverySearch.Result found = search.find(new DeliveryQuery(
                request.account(),
                webhook,
                event,
                type,
                status.map(DeliveryStatus::standing).orElse(state == null ? null : STANDINGS.get(state)),
                status.map(DeliveryStatus::outcome).orElse(outcome),
                from,
                to,
                text,
                before,
                limit));
        Map<String, Object> page = Page.of(
                view.of(found.deliveries()), found.goOnBefore() == null ? null : Cursor.of(scope, found.goOnBefore()));
        page.put("searchedBackTo", DeliveryView.text(found.searchedBackTo()));
        return page;
    }

    /** Ids are searched for as they are kept. */
    private static String text(Parameters given) {
        String text = given.text(TEXT);
        if (text != null && text.length() > LONGEST_TEXT) {
            throw Parameters.bad("parameter 'text' must have at most " + LONGEST_TEXT + " characters");
        }
        return text != null && text.startsWith(DeliveryView.PREFIX) && text.length() > DeliveryView.PREFIX.length()
                ? text.substring(DeliveryView.PREFIX.length())
                : text;
    }

    private List<Map<String, Object>> attemptsOf(ApiRequest request) {
        List<AttemptRow> attempts = store.deliveries().attempts(request.account(), id(request));
        List<Map<String, Object>> sent = this.sent.of(request.account(), id(request), attempts);
        List<Map<String, Object>> views = new ArrayList<>();
        for (int i = 0; i < attempts.size(); i++) {
            Map<String, Object> view = DeliveryView.of(attempts.get(i));
            view.put("request", sent.get(i));
            views.add(view);
        }
        return views;
    }

    private Map<String, Object> replayed(ApiRequest request) {
        request.parameters();
        boolean makesNew = makesNew(request.body(Set.of(NEW_ID)));
        DeliveryRow row = asked(request);
        if (config.get().webhook(row.webhook()).isEmpty()) {
            throw refused(
                    "webhook-not-set-up",
                    "webhook '" + row.webhook().name() + "' (" + row.webhook().id()
                            + ") is no longer configured, so there is nowhere to send this; configure it again first");
        }
        if (!makesNew && outbox.isInFlight(row.webhook(), row.id())) {
            throw refused(
                    "being-sent",
                    "this delivery is being sent at this moment; look again when it has ended, or replay it with"
                            + " {\"newId\": true}");
        }
        String newId = makesNew ? UlidCreator.getMonotonicUlid(clock.millis()).toString() : null;
        return switch (outbox.replay(row.webhook(), row.id(), newId)
                .toCompletableFuture()
                .join()) {
            case DUE -> {
                String id = newId == null ? row.id() : newId;
                auditing.note(request, "replayed", KIND, DeliveryView.PREFIX + row.id(), null);
                yield view.of(existing(request, id));
            }
            case NOT_FOUND -> throw notFound();
            case PAYLOAD_EXPIRED ->
                throw new ProblemException(Problem.gone(
                        "payload-expired",
                        "the event's payload was removed when its retention time was over (webhooks.retention.payload),"
                                + " so it cannot be sent again; send the event anew under another id"));
        };
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

    private DeliveryRow asked(ApiRequest request) {
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
