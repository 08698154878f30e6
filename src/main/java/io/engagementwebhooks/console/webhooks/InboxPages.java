package io.engagementwebhooks.console.webhooks;

import io.engagementwebhooks.api.inbox.InboxView;
import io.engagementwebhooks.console.Api;
import io.engagementwebhooks.console.Area;
import io.engagementwebhooks.console.PageAnswer;
import io.engagementwebhooks.console.PageRenderer;
import io.engagementwebhooks.console.PageRequest;
import io.engagementwebhooks.console.PageRoutes;
import io.engagementwebhooks.console.forms.Form;
import io.engagementwebhooks.console.signin.Session;
import java.util.List;
import java.util.Map;

/** The test inboxes: their list, and what each received. Thread-safe. */
public record InboxPages(Api api, PageRenderer renderer) implements Area {

    /** Their part of the address. */
    public static final String AREA = "inboxes";

    private static final String HOME = PageRoutes.HOME + "/" + AREA;
    private static final String OF_WEBHOOKS = "webhooks";

    /** The responses to choose from, by status. */
    private static final List<Integer> STATUSES = List.of(204, 400, 401, 404, 410, 429, 500, 503);

    private static final List<String> DELAYS = List.of("0s", "1s", "5s", "20s");

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        String id = request.segment(1);
        if (request.isPost()) {
            return changed(request, session, id);
        }
        return id.isEmpty() ? list(session) : one(session, id);
    }

    /** The page of an inbox. */
    public static String page(String id) {
        return HOME + "/" + id;
    }

    private PageAnswer list(Session session) {
        List<InboxView> inboxes =
                api.list(session, "list-inboxes", Map.of(), InboxView.class).items();
        return renderer.page("inboxes", "Test inboxes", OF_WEBHOOKS, session, Map.of("inboxes", inboxes));
    }

    private PageAnswer one(Session session, String id) {
        InboxView inbox = api.get(session, "show-inbox", id).as(InboxView.class);
        Map<String, ?> parameters = Map.of("inbox", inbox, "statuses", STATUSES, "delays", DELAYS);
        return renderer.page("inbox", "Test inbox", OF_WEBHOOKS, session, parameters);
    }

    private PageAnswer changed(PageRequest request, Session session, String id) {
        Form form = request.form();
        if (id.isEmpty()) {
            InboxView created = api.post(session, "create-inbox", null).as(InboxView.class);
            return PageAnswer.goTo(request, page(created.id()));
        }
        if (form.text("do").equals("clear")) {
            api.send(session, "clear-inbox", null, null, id);
            session.inform("Test inbox cleared.");
        } else {
            String status = form.text("status");
            Object number = status.matches("\\d{3}") ? Integer.valueOf(status) : status;
            Map<String, ?> response = Map.of("status", number, "delay", form.text("delay"));
            api.send(session, "change-inbox", response, null, id);
            session.inform("Response changed.");
        }
        return PageAnswer.goTo(request, page(id));
    }
}
