package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.engagementwebhooks.server.ProblemException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Sending many deliveries again: first how many they are, then doing it, and how far it is. Thread-safe. */
final class ReplayPages implements Area {

    private static final String PATH = PageRoutes.HOME + "/replays";
    private static final JsonNode NOTHING = MissingNode.getInstance();
    private static final List<String> FILTERS = List.of("webhook", "eventType", "outcome", "from", "to");

    private final Api api;
    private final Look look;
    private final Clock clock;

    ReplayPages(Api api, Look look, Clock clock) {
        this.api = api;
        this.look = look;
        this.clock = clock;
    }

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        if (!request.isPost()) {
            return page(session, 200, request.query(), Faults.NONE, NOTHING);
        }
        if (!request.segment(1).isEmpty()) {
            return cancelled(request, session, request.segment(1));
        }
        Form form = request.form();
        boolean counts = !form.text("do").equals("start");
        try {
            JsonNode answer = api.post(session, "startReplay", "/v1/replays", asked(form, counts))
                    .body();
            if (counts) {
                return page(session, 200, form, Faults.NONE, answer);
            }
            session.tell("They are being sent again.");
            return PageAnswer.goTo(request, PATH);
        } catch (ProblemException e) {
            Faults faults = Faults.of(e.problem(), pointer -> pointer.isEmpty() ? null : pointer.substring(1));
            return page(session, 422, form, faults, NOTHING);
        }
    }

    private Map<String, Object> asked(Form form, boolean counts) {
        Map<String, Object> asked = new LinkedHashMap<>();
        for (String name : FILTERS) {
            String text = form.text(name);
            if (!text.isEmpty()) {
                boolean isTime = name.equals("from") || name.equals("to");
                asked.put(name, isTime ? Times.instant(text, clock) : text);
            }
        }
        asked.put("newId", form.has("newId"));
        if (form.text("perSecond").matches("\\d{1,6}")) {
            asked.put("perSecond", Integer.parseInt(form.text("perSecond")));
        }
        asked.put("dryRun", counts);
        return asked;
    }

    private PageAnswer cancelled(PageRequest request, Session session, String id) {
        try {
            api.post(session, "cancelReplay", Api.path("replays", id, "cancel"), null);
            session.tell("It is cancelled. What was due already is sent.");
        } catch (ProblemException e) {
            session.warn(e.problem().detail());
        }
        return PageAnswer.goTo(request, PATH);
    }

    private PageAnswer page(Session session, int status, Form form, Faults faults, JsonNode count) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("form", form);
        parameters.put("faults", faults);
        parameters.put("count", count);
        JsonNode jobs = api.get(session, "listReplays", "/v1/replays", Map.of("limit", "20"))
                .body()
                .path("items");
        boolean runs = false;
        for (JsonNode job : jobs) {
            runs |= job.path("state").asText().equals("running");
        }
        parameters.put("jobs", jobs);
        parameters.put("runs", runs);
        return look.page(status, "replays", "Replay many", "deliveries", session, parameters);
    }
}
