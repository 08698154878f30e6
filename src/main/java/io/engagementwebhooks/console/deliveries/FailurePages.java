package io.engagementwebhooks.console.deliveries;

import io.engagementwebhooks.api.webhook.FailuresView;
import io.engagementwebhooks.console.Api;
import io.engagementwebhooks.console.Area;
import io.engagementwebhooks.console.OverviewPages;
import io.engagementwebhooks.console.PageAnswer;
import io.engagementwebhooks.console.PageRenderer;
import io.engagementwebhooks.console.PageRequest;
import io.engagementwebhooks.console.PageRoutes;
import io.engagementwebhooks.console.signin.Session;
import io.engagementwebhooks.console.text.NumberText;
import io.engagementwebhooks.console.text.TimeText;
import io.engagementwebhooks.console.text.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The failures in groups, with advice and the way to retry each group. Thread-safe. */
public record FailurePages(Api api, PageRenderer renderer) implements Area {

    /** Its part of the address. */
    public static final String AREA = "failures";

    private static final String USUAL = "24";
    private static final String PATH = PageRoutes.HOME + "/" + AREA;

    /** Groups on the overview. */
    private static final int MOST_URGENT = 3;

    /** Advice by class of a status. */
    private static final int CLASS = 100;

    /** @param hours the range */
    public record View(String hours, FailuresView failures) {

        /** The page with all groups. */
        public String all() {
            return page(hours);
        }

        public List<FailuresView.Group> mostUrgent() {
            return failures.groups().stream().limit(MOST_URGENT).toList();
        }

        /** A number of deliveries; with a plus if there may be more. */
        public String count(long deliveries) {
            return NumberText.count(deliveries) + (failures.complete() ? "" : "+");
        }

        /** The log with the deliveries of a group. */
        public String log(FailuresView.Group group) {
            return address("deliveries", group, "failing", failures.from(), failures.to());
        }

        /** The log with those accepted in an hour. @param at its start */
        public String log(FailuresView.Group group, String at) {
            String end = Instant.parse(at).plus(Duration.ofHours(1)).toString();
            return address("deliveries", group, "failing", at, end);
        }

        /** The count before the replay of those that ended. */
        public String replay(FailuresView.Group group) {
            return address("replays", group, "failed", failures.from(), failures.to());
        }
    }

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        String asked = request.query().text("hours");
        View view = of(api, session, OverviewPages.HOURS.containsKey(asked) ? asked : USUAL);
        return renderer.page("failures", "Failures", "overview", session, Map.of("view", view));
    }

    /** The groups of the last hours. */
    public static View of(Api api, Session session, String hours) {
        return new View(
                hours, api.get(session, "list-failures", Map.of("hours", hours)).as(FailuresView.class));
    }

    /** The page of a range. */
    public static String page(String hours) {
        return PATH + "?hours=" + hours;
    }

    /** Such as HTTP 404. */
    public static String cause(FailuresView.Group group) {
        return group.httpStatus() != null
                ? "HTTP " + group.httpStatus()
                : Words.of("response", group.fault(), group.fault());
    }

    /** What the cause usually means, and the way out. */
    public static String advice(FailuresView.Group group) {
        if (group.httpStatus() == null) {
            return Words.of("advice", group.fault(), "");
        }
        String ofClass = Words.of("advice", group.httpStatus() / CLASS + "xx", "");
        return Words.of("advice", group.httpStatus().toString(), ofClass);
    }

    private static String address(String page, FailuresView.Group group, String status, String from, String to) {
        Map<String, String> filter = new LinkedHashMap<>();
        filter.put("webhook", group.webhookId());
        filter.put("status", status);
        filter.put(
                "httpStatus",
                group.httpStatus() == null ? "" : group.httpStatus().toString());
        filter.put("fault", group.fault() == null ? "" : group.fault());
        filter.put("from", TimeText.shown(from));
        filter.put("to", TimeText.shown(to));
        return Api.address(PageRoutes.HOME + "/" + page, filter);
    }
}
