package io.engagementwebhooks.console.deliveries;

import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.definition.EventTypeView;
import io.engagementwebhooks.console.Api;
import io.engagementwebhooks.console.Area;
import io.engagementwebhooks.console.PageAnswer;
import io.engagementwebhooks.console.PageRenderer;
import io.engagementwebhooks.console.PageRequest;
import io.engagementwebhooks.console.PageRoutes;
import io.engagementwebhooks.console.forms.FormField;
import io.engagementwebhooks.console.forms.SettingKind;
import io.engagementwebhooks.console.signin.Session;
import io.engagementwebhooks.console.text.CountText;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import java.util.Locale;
import java.util.Map;

/** The event catalog, with subscribed webhooks and sample events; received events; erasures. Thread-safe. */
public record EventPages(Api api, PageRenderer renderer) implements Area {

    public static final String AREA = "events";
    public static final String PATH = PageRoutes.HOME + "/" + AREA;

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        if (request.segment(1).equals(ReceivedPages.PART)) {
            return new ReceivedPages(api, renderer).answer(request, session);
        }
        if (request.segment(1).equals(ErasurePages.PART)) {
            return new ErasurePages(api, renderer).answer(request, session);
        }
        if (!request.segment(1).isEmpty()) {
            throw new ProblemException(
                    Problem.notFound("there is no page at " + request.call().path()));
        }
        return request.isPost() ? sampled(request, session) : catalog(request, session);
    }

    private PageAnswer catalog(PageRequest request, Session session) {
        ListView<EventTypeView> types = api.list(session, "list-event-types", Map.of(), EventTypeView.class);
        String shown = request.query().text("type");
        return renderer.page(AREA, "Events", AREA, session, Map.of("types", types.items(), "shown", shown));
    }

    /** The catalog with one type unfolded. */
    public static String page(String type) {
        return PATH + "?type=" + Api.encoded(type) + "#" + type;
    }

    private PageAnswer sampled(PageRequest request, Session session) {
        String type = request.form().text("type");
        EventTypeView.Sent sent =
                api.post(session, "send-sample-event", null, type).as(EventTypeView.Sent.class);
        if (sent.deliveries() == 0) {
            session.inform("Sample event stored. No webhook gets it: none subscribes to " + type
                    + ", or no condition matches.");
            return PageAnswer.goTo(request, page(type));
        }
        session.inform("Sample event sent to " + webhooks(sent.deliveries()) + ".");
        return PageAnswer.goTo(request, PageRoutes.HOME + "/deliveries?event=" + Api.encoded(sent.id()));
    }

    /** What becomes of events of a type that do not fit its schema, as in its form: "accepted". */
    public static String check(EventTypeView type) {
        return FormField.named("check", SettingKind.EVENT_TYPE.form().fields())
                .options()
                .get(type.check())
                .toLowerCase(Locale.ROOT);
    }

    /** The number of webhooks in words. */
    public static String webhooks(int count) {
        return count == 0 ? "no webhooks" : CountText.webhooks(count);
    }
}
