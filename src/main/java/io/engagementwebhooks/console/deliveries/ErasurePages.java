package io.engagementwebhooks.console.deliveries;

import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.delivery.ErasureCount;
import io.engagementwebhooks.api.delivery.ErasureView;
import io.engagementwebhooks.console.Api;
import io.engagementwebhooks.console.PageAnswer;
import io.engagementwebhooks.console.PageRenderer;
import io.engagementwebhooks.console.PageRequest;
import io.engagementwebhooks.console.forms.Faults;
import io.engagementwebhooks.console.forms.Form;
import io.engagementwebhooks.console.signin.Session;
import io.engagementwebhooks.server.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Erasures of the events of a person (semantics 44): count, start, and receipts. Thread-safe. */
public record ErasurePages(Api api, PageRenderer renderer) {

    /** Segment of the path below the events. */
    static final String PART = "erasures";

    private static final String HOME = EventPages.PATH + "/" + PART;
    private static final String RECEIPTS = "receipts.json";
    private static final String LIST = "list-erasures";

    /** The fields of the form, named as in the API. */
    private static final List<String> FIELDS = List.of("field", "equals");

    /** Prefix of hidden fields with the counted ones. */
    private static final String COUNTED = "counted-";

    /** Receipts in a page of the API. */
    private static final String MOST_OF_PAGE = "200";

    PageAnswer answer(PageRequest request, Session session) {
        if (request.isPost()) {
            return posted(request, session);
        }
        return switch (request.segment(2)) {
            case "" -> page(request, session, 200, new Form(Map.of()), Faults.NONE, null);
            case RECEIPTS -> receipts(session);
            default -> one(session, request.segment(2));
        };
    }

    /** The page of an erasure. */
    public static String page(ErasureView erasure) {
        return HOME + "/" + erasure.id();
    }

    /** Counts first: only what was counted is erased. */
    private PageAnswer posted(PageRequest request, Session session) {
        Form form = request.form();
        try {
            if (form.text("do").equals("erase") && isCounted(form)) {
                ErasureView started =
                        api.post(session, "start-erasure", body(form, false)).as(ErasureView.class);
                return PageAnswer.goTo(request, page(started));
            }
            ErasureCount count =
                    api.post(session, "start-erasure", body(form, true)).as(ErasureCount.class);
            return page(request, session, 200, form, Faults.NONE, count);
        } catch (ProblemException e) {
            Faults faults = Faults.of(e.problem(), pointer -> pointer.isEmpty() ? null : pointer.substring(1));
            return page(request, session, 422, form, faults, null);
        }
    }

    private static boolean isCounted(Form form) {
        return FIELDS.stream()
                .allMatch(name -> form.has(COUNTED + name) && form.raw(name).equals(form.raw(COUNTED + name)));
    }

    private static Map<String, Object> body(Form form, boolean counts) {
        Map<String, Object> body = new LinkedHashMap<>();
        FIELDS.forEach(name -> body.put(name, form.raw(name)));
        body.put("dryRun", counts);
        return body;
    }

    private PageAnswer page(
            PageRequest request, Session session, int status, Form form, Faults faults, ErasureCount count) {
        String cursor = request.query().text("cursor");
        ListView<ErasureView> page = api.list(session, LIST, Map.of("cursor", cursor), ErasureView.class);
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("form", form);
        parameters.put("faults", faults);
        parameters.put("count", count);
        parameters.put("erasures", page.items());
        parameters.put(
                "older", page.next() == null ? null : Api.address(HOME, Map.of("cursor", page.next())) + "#receipts");
        return renderer.page(status, "erasures", "Erase a person", EventPages.AREA, session, parameters);
    }

    private PageAnswer one(Session session, String id) {
        ErasureView erasure = api.get(session, "show-erasure", id).as(ErasureView.class);
        return renderer.page("erasure", "Erasure " + id, EventPages.AREA, session, Map.of("erasure", erasure));
    }

    /** All receipts, as {@code --erase-again} reads them. */
    private PageAnswer receipts(Session session) {
        List<ErasureView> all = new ArrayList<>();
        String cursor = "";
        while (cursor != null) {
            Map<String, String> query = Map.of("limit", MOST_OF_PAGE, "cursor", cursor);
            ListView<ErasureView> page = api.list(session, LIST, query, ErasureView.class);
            all.addAll(page.items());
            cursor = page.next();
        }
        return new PageAnswer(
                200,
                Map.of(
                        "Content-Type",
                        "application/json",
                        "Content-Disposition",
                        "attachment; filename=\"erasures.json\""),
                Api.tree(Map.of("items", all)).toPrettyString().getBytes(StandardCharsets.UTF_8));
    }
}
