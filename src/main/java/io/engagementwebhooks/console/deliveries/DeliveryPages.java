package io.engagementwebhooks.console.deliveries;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.engagementwebhooks.api.delivery.DeliveryDetails;
import io.engagementwebhooks.api.delivery.DeliveryList;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.api.delivery.EventDetails;
import io.engagementwebhooks.api.delivery.PayloadMatch;
import io.engagementwebhooks.api.webhook.WebhookPage;
import io.engagementwebhooks.console.Api;
import io.engagementwebhooks.console.Area;
import io.engagementwebhooks.console.PageAnswer;
import io.engagementwebhooks.console.PageRenderer;
import io.engagementwebhooks.console.PageRequest;
import io.engagementwebhooks.console.PageRoutes;
import io.engagementwebhooks.console.forms.Form;
import io.engagementwebhooks.console.forms.NamedThing;
import io.engagementwebhooks.console.signin.Session;
import io.engagementwebhooks.console.text.CountText;
import io.engagementwebhooks.console.text.DeliveryText;
import io.engagementwebhooks.console.text.JsonSize;
import io.engagementwebhooks.console.text.TimeText;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.EventCatalog;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Deliveries: the log with its filters, and the panel of a delivery. Thread-safe. */
public record DeliveryPages(Api api, Function<Session, EventCatalog> catalogs, PageRenderer renderer, Clock clock)
        implements Area {

    private static final String AREA = "deliveries";
    private static final String PATH = PageRoutes.HOME + "/" + AREA;

    private static final String TEXT = "text";

    /** Filters; named as in the API, except for "within". */
    public static final List<String> FILTERS = List.of(
            TEXT,
            "status",
            "webhook",
            "event",
            "eventType",
            "state",
            "outcome",
            "httpStatus",
            "fault",
            "test",
            "within",
            "from",
            "to");

    /** The start time of the first page, which further pages of the list keep. */
    private static final String SINCE = "since";

    /** The number of deliveries on the pages before, for a search of payloads. */
    private static final String FOUND = "found";

    /** The selected deliveries. */
    private static final String PICKED = "id";

    private static final String REPLAY = "replay";

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        String id = request.segment(1);
        if (request.isPost()) {
            return id.isEmpty() ? many(request, session) : change(request, session, id);
        }
        return switch (id) {
            case "" -> list(request, session);
            case "csv" -> csv(request, session);
            case "webhook-names" -> names(request, session);
            default -> one(request, session, id, Edit.NONE);
        };
    }

    private PageAnswer list(PageRequest request, Session session) {
        Form filter = request.query();
        DeliveryList page = new DeliveryList(List.of(), null, null, null);
        Problem fault = null;
        Map<String, String> query = query(filter);
        Optional<PayloadMatch> payload = PayloadMatch.of(filter.text(TEXT));
        if (!"rows".equals(request.call().header("hx-target"))) {
            query.put("counts", "true");
        }
        try {
            page = api.get(session, "list-deliveries", query).as(DeliveryList.class);
        } catch (ProblemException e) {
            fault = e.problem();
        }
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("filter", filter);
        parameters.put("fault", fault);
        parameters.put("page", page);
        parameters.put("payload", payload.orElse(null));
        parameters.put(
                "filtered", FILTERS.stream().anyMatch(name -> !filter.text(name).isEmpty()));
        parameters.put("here", address(PATH, filter));
        parameters.put("site", request.site());
        parameters.put("types", catalogs.apply(session).types());
        String before = filter.text(FOUND).matches("\\d{1,8}") ? filter.text(FOUND) : "0";
        int found = Integer.parseInt(before) + page.items().size();
        parameters.put("found", found);
        parameters.put("older", page.next() == null ? null : further(filter, query.get("from"), page.next(), found));
        return renderer.page(
                fault == null ? 200 : fault.status(), "deliveries", "Deliveries", AREA, session, parameters);
    }

    /** The filters as typed. */
    private static Map<String, String> given(Form filter) {
        Map<String, String> given = new LinkedHashMap<>();
        FILTERS.forEach(name -> given.put(name, filter.text(name)));
        return given;
    }

    /** The filters as API parameters: times of the form are UTC. */
    private Map<String, String> query(Form filter) {
        Map<String, String> query = given(filter);
        query.put("cursor", filter.text("cursor"));
        boolean isNextPage = filter.has("cursor") && filter.has(SINCE);
        query.put("from", isNextPage ? filter.text(SINCE) : TimeText.begin(filter, clock));
        query.put("to", TimeText.instant(filter.text("to")));
        query.remove("within");
        PayloadMatch.of(filter.text(TEXT)).ifPresent(payload -> query.put("payload", query.remove(TEXT)));
        return query;
    }

    /** The address of a page with the filters. @param but filters to leave out */
    public static String address(String path, Form filter, String... but) {
        Map<String, String> query = given(filter);
        query.keySet().removeAll(Set.of(but));
        return Api.address(path, query);
    }

    /** @param since start time of the list; empty: from the first delivery */
    private static String further(Form filter, String since, String cursor, int found) {
        Map<String, String> query = given(filter);
        query.put(SINCE, since);
        query.put("cursor", cursor);
        if (PayloadMatch.of(filter.text(TEXT)).isPresent()) {
            query.put(FOUND, Integer.toString(found));
        }
        return Api.address(PATH, query);
    }

    private PageAnswer csv(PageRequest request, Session session) {
        Api.Answer table = api.get(session, "export-deliveries", query(request.query()));
        String name = table.next() == null ? "deliveries.csv" : "deliveries-newest-only.csv";
        return new PageAnswer(
                200,
                Map.of("Content-Type", "text/csv", "Content-Disposition", "attachment; filename=\"" + name + "\""),
                table.as(byte[].class));
    }

    /** Names of webhooks that contain the typed text. */
    private PageAnswer names(PageRequest request, Session session) {
        Map<String, String> query = Map.of("limit", "20", TEXT, request.query().text("webhook"));
        WebhookPage found = api.get(session, "list-webhooks", query).as(WebhookPage.class);
        List<NamedThing> known = found.items().stream()
                .map(webhook -> new NamedThing(webhook.name(), null))
                .toList();
        return renderer.part("names", Map.of("known", known));
    }

    /**
     * An event being edited.
     *
     * @param data as typed, or null
     * @param fault its error, or null
     */
    private record Edit(String data, String fault) {
        static final Edit NONE = new Edit(null, null);
    }

    private PageAnswer one(PageRequest request, Session session, String id, Edit edit) {
        DeliveryDetails delivery = details(session, id);
        JsonNode event = event(session, delivery.delivery());
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("details", delivery);
        parameters.put("event", event);
        parameters.put("edited", edit.data() == null ? data(event) : edit.data());
        parameters.put("fault", edit.fault());
        boolean isPanel = "sheet".equals(request.call().header("hx-target"));
        parameters.put("renewed", request.isPartial() && !isPanel && !isInPlace(request));
        parameters.put("acted", isInPlace(request));
        return renderer.page(edit.fault() == null ? 200 : 422, "delivery", "Delivery " + id, AREA, session, parameters);
    }

    /** Whether an action renews the whole panel or page of a delivery. */
    private static boolean isInPlace(PageRequest request) {
        return "delivery".equals(request.call().header("hx-target"));
    }

    private DeliveryDetails details(Session session, String id) {
        return api.get(session, "show-delivery", id).as(DeliveryDetails.class);
    }

    /** The document of a delivery's event; null: it was removed. */
    private JsonNode event(Session session, DeliveryView delivery) {
        return api.get(session, "show-event", delivery.eventKey())
                .as(EventDetails.class)
                .document();
    }

    /** The event's data for the editor; null: there is none. */
    private static String data(JsonNode event) {
        if (event == null) {
            return null;
        }
        JsonNode data = event.path("data");
        return data.isMissingNode() ? "{}" : JsonSize.folds(data) ? data.toPrettyString() : data.toString();
    }

    /** Runs an action on the selected deliveries. */
    private PageAnswer many(PageRequest request, Session session) {
        Form form = request.form();
        List<String> ids = form.all(PICKED);
        int done = 0;
        String refusal = null;
        for (String id : ids) {
            try {
                again(session, id);
                done++;
            } catch (ProblemException e) {
                refusal = e.problem().detail();
            }
        }
        if (ids.isEmpty()) {
            session.warn("Select deliveries first.");
        } else if (done == ids.size()) {
            session.inform(done == 1 ? "1 delivery is queued." : CountText.deliveries(done) + " are queued.");
        } else {
            session.warn(done + " of " + ids.size() + " deliveries are queued. The last error: " + refusal + ".");
        }
        return PageAnswer.goTo(request, address(PATH, form));
    }

    /** Retries a pending delivery, and replays an ended one. */
    private void again(Session session, String id) {
        DeliveryView delivery = details(session, id).delivery();
        if (delivery.endedAt() == null) {
            api.post(session, "retry-delivery", null, id);
        } else {
            api.post(session, "replay-delivery", null, id);
        }
    }

    private PageAnswer change(PageRequest request, Session session, String id) {
        try {
            switch (request.segment(2)) {
                case REPLAY -> {
                    DeliveryView made = api.post(session, "replay-delivery", Map.of("newId", true), id)
                            .as(DeliveryView.class);
                    session.inform("This is the new delivery. It has a new webhook-id.");
                    return shown(request, session, made.id());
                }
                case "again" -> {
                    again(session, id);
                    if (request.form().has("line")) {
                        return line(request, session, id);
                    }
                    session.inform("Delivery queued.");
                }
                case "resend" -> {
                    return resend(request, session, id);
                }
                case "cancel" -> {
                    api.post(session, "cancel-delivery", null, id);
                    session.inform("Delivery canceled. It will not be sent any more.");
                }
                default -> session.warn("There is no such action for a delivery.");
            }
        } catch (ProblemException e) {
            session.warn(e.problem().detail());
        }
        return shown(request, session, id);
    }

    /** The delivery after an action: in place, or as a page. */
    private PageAnswer shown(PageRequest request, Session session, String id) {
        String path = PATH + "/" + Api.encoded(id);
        return isInPlace(request)
                ? one(request, session, id, Edit.NONE).with("HX-Replace-Url", path)
                : PageAnswer.goTo(request, path);
    }

    /** The updated line of the log. */
    private PageAnswer line(PageRequest request, Session session, String id) {
        if (!request.isPartial()) {
            return PageAnswer.goTo(request, address(PATH, request.form()));
        }
        DeliveryView delivery = details(session, id).delivery();
        Map<String, Object> parameters = Map.of(
                "d",
                delivery,
                "token",
                renderer.token(session),
                "mayChange",
                session.mayChange(),
                "filter",
                request.form());
        return renderer.part("delivery-line", parameters);
    }

    private PageAnswer resend(PageRequest request, Session session, String id) {
        String typed = request.form().raw("data");
        Optional<String> fault = faultOf(typed);
        if (fault.isPresent()) {
            return one(request, session, id, new Edit(typed, fault.get()));
        }
        try {
            Map<String, Object> body = Map.of("data", new RawValue(typed + "\n"));
            DeliveryView made = api.post(session, "resend-delivery", body, id).as(DeliveryView.class);
            session.inform("This is the new delivery, with the edited event.");
            return PageAnswer.goTo(request, PATH + "/" + Api.encoded(made.id()));
        } catch (ProblemException e) {
            String refusal = DeliveryText.label(e.problem().detail()) + ".";
            return one(request, session, id, new Edit(typed, refusal));
        }
    }

    /** Why a text is not JSON, and where. */
    private static Optional<String> faultOf(String json) {
        try {
            return EventJson.mapper().readTree(json).isMissingNode()
                    ? Optional.of("Enter the data as JSON, such as {}.")
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            String where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
            return Optional.of("This is not JSON" + where + ": check the quotes, commas and brackets there.");
        }
    }
}
