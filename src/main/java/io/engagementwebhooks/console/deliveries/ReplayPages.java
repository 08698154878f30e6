package io.engagementwebhooks.console.deliveries;

import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.delivery.ReplayCount;
import io.engagementwebhooks.api.delivery.ReplayView;
import io.engagementwebhooks.console.Api;
import io.engagementwebhooks.console.Area;
import io.engagementwebhooks.console.PageAnswer;
import io.engagementwebhooks.console.PageRenderer;
import io.engagementwebhooks.console.PageRequest;
import io.engagementwebhooks.console.PageRoutes;
import io.engagementwebhooks.console.forms.Faults;
import io.engagementwebhooks.console.forms.Form;
import io.engagementwebhooks.console.signin.Session;
import io.engagementwebhooks.console.text.TimeText;
import io.engagementwebhooks.console.text.Words;
import io.engagementwebhooks.server.ProblemException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Replays of many deliveries: count, start and progress. Thread-safe. */
public record ReplayPages(Api api, PageRenderer renderer, Clock clock) implements Area {

    private static final String PATH = PageRoutes.HOME + "/replays";
    /** Whether delivered deliveries are included. */
    private static final String DELIVERED = "delivered";
    /** Replays per page. */
    private static final String SHOWN = "20";

    private static final List<String> FILTERS = List.of(
            "webhook", "eventType", "status", "httpStatus", "fault", "outcome", DELIVERED, "within", "from", "to");

    /** Statuses of ended deliveries. */
    private static final Set<String> ENDED = Set.of("failed", "delivered", "skipped", "canceled");

    /** Filters of the list without a field of the form, with their labels. */
    private static final Map<String, String> NEVER_TAKEN =
            Words.labels("text", "text", "event", "event id", "state", "state");

    private static final String ONLY_TESTS = "Tests are not replayed. Choose below which deliveries are sent again.";

    private static final String LEFT_OUT = "leftOut";
    /** Prefix of hidden fields with the counted filters, as typed. */
    private static final String COUNTED = "counted-";
    /** Set if the filters changed after the count. */
    private static final String RECOUNTED = "recounted";
    /** The start time of the count. */
    private static final String SINCE = "counted-since";

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        if (!request.isPost()) {
            Form filter = request.query();
            Form form = ended(filter).with(LEFT_OUT, leftOut(filter));
            boolean isAsked = session.mayChange()
                    && DeliveryPages.FILTERS.stream()
                            .anyMatch(name -> !filter.text(name).isEmpty());
            if (isAsked && filter.text("test").equals("true")) {
                return page(request, session, 422, form, Faults.of(ONLY_TESTS), null);
            }
            return isAsked
                    ? count(request, session, form, false)
                    : page(request, session, 200, form, Faults.NONE, null);
        }
        if (!request.segment(1).isEmpty()) {
            return canceled(request, session, request.segment(1));
        }
        Form form = request.form();
        boolean starts = form.text("do").equals("start");
        try {
            if (starts && isCounted(form)) {
                api.post(session, "start-replay", asked(form, form.text(SINCE), false));
                session.inform("Replay started.");
                return PageAnswer.goTo(request, PATH);
            }
            return count(request, session, form, starts);
        } catch (ProblemException e) {
            return refused(request, session, form, e);
        }
    }

    /** @param starts whether it should start, but the filters changed after the count */
    private PageAnswer count(PageRequest request, Session session, Form form, boolean starts) {
        try {
            String since = TimeText.begin(form, clock);
            ReplayCount count =
                    api.post(session, "start-replay", asked(form, since, true)).as(ReplayCount.class);
            Form counted = counted(form, since);
            return page(request, session, 200, starts ? counted.with(RECOUNTED, "true") : counted, Faults.NONE, count);
        } catch (ProblemException e) {
            return refused(request, session, form, e);
        }
    }

    private PageAnswer refused(PageRequest request, Session session, Form form, ProblemException e) {
        Faults faults = Faults.of(e.problem(), pointer -> pointer.isEmpty() ? null : pointer.substring(1));
        return page(request, session, 422, form, faults, null);
    }

    /** A filter of the list, without statuses of pending deliveries: of the failing ones, those that failed. */
    private static Form ended(Form filter) {
        String status = filter.text("status");
        return ENDED.contains(status) ? filter : filter.with("status", status.equals("failing") ? "failed" : "");
    }

    /** Filters of the list that a replay cannot use: it may send more than the list showed. */
    private static String[] leftOut(Form filter) {
        List<String> leftOut = new ArrayList<>();
        NEVER_TAKEN.forEach((name, words) -> {
            if (!filter.text(name).isEmpty()) {
                leftOut.add(words);
            }
        });
        if (!filter.text("status").isEmpty() && !ENDED.contains(filter.text("status"))) {
            leftOut.add("status");
        }
        return leftOut.toArray(String[]::new);
    }

    /** Whether the filters are the counted ones. */
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

    /** @param since start of the deliveries; empty: the first */
    private static Map<String, Object> asked(Form form, String since, boolean counts) {
        Map<String, Object> asked = new LinkedHashMap<>();
        FILTERS.forEach(name -> asked.put(name, form.text(name)));
        asked.remove("within");
        asked.put("from", since);
        asked.put("to", TimeText.instant(form.text("to")));
        asked.values().removeIf(""::equals);
        asked.put("newId", form.has("newId"));
        boolean isDelivered =
                form.text("status").equals(DELIVERED) || form.text("outcome").equals(DELIVERED);
        asked.put(DELIVERED, isDelivered || !form.text(DELIVERED).isEmpty());
        number(asked, "httpStatus", form.text("httpStatus"));
        number(asked, "perSecond", form.text("perSecond"));
        asked.put("dryRun", counts);
        return asked;
    }

    /** The API reports an invalid number. */
    private static void number(Map<String, Object> asked, String name, String text) {
        if (!text.isEmpty()) {
            asked.put(name, text.matches("\\d{1,18}") ? Long.valueOf(text) : text);
        }
    }

    private PageAnswer canceled(PageRequest request, Session session, String id) {
        try {
            api.post(session, "cancel-replay", null, id);
            session.inform("Replay canceled. Deliveries that are due already are sent.");
        } catch (ProblemException e) {
            session.warn(e.problem().detail());
        }
        return PageAnswer.goTo(request, PATH);
    }

    private PageAnswer page(
            PageRequest request, Session session, int status, Form form, Faults faults, ReplayCount count) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("form", form);
        parameters.put("leftOut", form.all(LEFT_OUT));
        parameters.put("faults", faults);
        parameters.put("count", count);
        String before = request.query().text("before");
        Map<String, String> query = Map.of("limit", SHOWN, "cursor", before);
        ListView<ReplayView> page = api.list(session, "list-replays", query, ReplayView.class);
        boolean runs = page.items().stream().anyMatch(job -> job.state().equals("running"));
        parameters.put("jobs", page.items());
        parameters.put("renewedAt", runs ? PATH + (before.isEmpty() ? "" : "?before=" + Api.encoded(before)) : null);
        parameters.put("older", page.next() == null ? null : PATH + "?before=" + Api.encoded(page.next()) + "#jobs");
        return renderer.page(status, "replays", "Replays", "deliveries", session, parameters);
    }
}
