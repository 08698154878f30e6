package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.engagementwebhooks.server.ProblemException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Sending many deliveries again: first how many they are, then doing it, and how far it is. Thread-safe. */
final class ReplayPages implements Area {

    private static final String PATH = PageRoutes.HOME + "/replays";
    /** How many replays are shown at a time. */
    private static final String SHOWN = "20";

    private static final JsonNode NOTHING = MissingNode.getInstance();
    private static final List<String> FILTERS = List.of("webhook", "eventType", "outcome", "within", "from", "to");

    /** Filters of the list that the form has no field for, to how they are called. */
    private static final Map<String, String> NEVER_TAKEN = neverTaken();

    private static final String LEFT_OUT = "leftOut";
    /** In front of the names of hidden fields that hold what was counted, as it was typed. */
    private static final String COUNTED = "counted-";
    /** Said where something else was meant than was counted. */
    private static final String ANEW = "anew";
    /** The moment that was counted from. */
    private static final String SINCE = "counted-since";

    private final Api api;
    private final PageRenderer look;
    private final Clock clock;

    ReplayPages(Api api, PageRenderer look, Clock clock) {
        this.api = api;
        this.look = look;
        this.clock = clock;
    }

    private static Map<String, String> neverTaken() {
        Map<String, String> words = new LinkedHashMap<>();
        words.put("text", "text");
        words.put("event", "event id");
        words.put("state", "state");
        return words;
    }

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        if (!request.isPost()) {
            Form filter = request.query();
            return page(request, session, 200, filter.with(LEFT_OUT, leftOut(filter)), Faults.NONE, NOTHING);
        }
        if (!request.segment(1).isEmpty()) {
            return cancelled(request, session, request.segment(1));
        }
        Form form = request.form();
        boolean starts = form.text("do").equals("start");
        try {
            if (starts && isCounted(form)) {
                api.post(session, "startReplay", "/v1/replays", asked(form, form.text(SINCE), false));
                session.tell("They are being sent again.");
                return PageAnswer.goTo(request, PATH);
            }
            String since = TimeText.begin(form, clock);
            JsonNode answer = api.post(session, "startReplay", "/v1/replays", asked(form, since, true))
                    .body();
            Form counted = counted(form, since);
            return page(request, session, 200, starts ? counted.with(ANEW, "true") : counted, Faults.NONE, answer);
        } catch (ProblemException e) {
            Faults faults = Faults.of(e.problem(), pointer -> pointer.isEmpty() ? null : pointer.substring(1));
            return page(request, session, 422, form, faults, NOTHING);
        }
    }

    /** What the list of deliveries was narrowed by and a replay cannot be: without it more is sent than was seen there. */
    private static String[] leftOut(Form filter) {
        List<String> leftOut = new ArrayList<>();
        NEVER_TAKEN.forEach((name, words) -> {
            if (!filter.text(name).isEmpty()) {
                leftOut.add(words);
            }
        });
        if (filter.text("outcome").equals("try-later")) {
            leftOut.add("last outcome");
        }
        return leftOut.toArray(String[]::new);
    }

    /** Whether what is meant is what was counted. */
    private static boolean isCounted(Form form) {
        return FILTERS.stream()
                .allMatch(name -> form.has(COUNTED + name) && form.text(name).equals(form.text(COUNTED + name)));
    }

    private static Form counted(Form form, String since) {
        Form counted = form.with(SINCE, since);
        for (String name : FILTERS) {
            counted = counted.with(COUNTED + name, form.text(name));
        }
        return counted;
    }

    /** @param since where the deliveries begin; empty: with the first */
    private static Map<String, Object> asked(Form form, String since, boolean counts) {
        Map<String, Object> asked = new LinkedHashMap<>();
        FILTERS.forEach(name -> asked.put(name, form.text(name)));
        asked.remove("within");
        asked.put("from", since);
        asked.put("to", TimeText.instant(form.text("to")));
        asked.values().removeIf(""::equals);
        asked.put("newId", form.has("newId"));
        String perSecond = form.text("perSecond");
        if (!perSecond.isEmpty()) {
            asked.put("perSecond", perSecond.matches("\\d{1,18}") ? Long.valueOf(perSecond) : perSecond);
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

    private PageAnswer page(
            PageRequest request, Session session, int status, Form form, Faults faults, JsonNode count) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("form", form);
        parameters.put("leftOut", form.all(LEFT_OUT));
        parameters.put("faults", faults);
        parameters.put("count", count);
        String before = request.query().text("before");
        JsonNode page = api.get(session, "listReplays", "/v1/replays", Map.of("limit", SHOWN, "cursor", before))
                .body();
        JsonNode jobs = page.path("items");
        boolean runs = false;
        for (JsonNode job : jobs) {
            runs |= job.path("state").asText().equals("running");
        }
        parameters.put("jobs", jobs);
        parameters.put("renewedAt", runs ? PATH + (before.isEmpty() ? "" : "?before=" + Api.encoded(before)) : null);
        parameters.put(
                "older",
                page.path("next").isTextual()
                        ? PATH + "?before=" + Api.encoded(page.path("next").asText()) + "#jobs"
                        : null);
        return look.page(status, "replays", "Replay many", "deliveries", session, parameters);
    }
}
