package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.server.Problem;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes answers of templates: each page gets its frame. Thread-safe. */
final class PageRenderer {

    private final Templates templates;
    private final Assets assets;

    PageRenderer(Templates templates, Assets assets) {
        this.templates = templates;
        this.assets = assets;
    }

    /**
     * A page.
     *
     * @param template its name
     * @param title in the browser's tab
     * @param area the entry of the navigation
     * @param session null: nobody has signed in
     * @param parameters what the template asks for, besides {@code frame}
     */
    PageAnswer page(
            int status, String template, String title, String area, Session session, Map<String, ?> parameters) {
        Session.Message notice = session == null ? null : session.notice().getAndSet(null);
        Map<String, Object> all = new LinkedHashMap<>(parameters);
        all.put("frame", new Frame(title, area, session, notice, assets));
        return PageAnswer.html(status, templates.render(template, all));
    }

    PageAnswer page(String template, String title, String area, Session session, Map<String, ?> parameters) {
        return page(200, template, title, area, session, parameters);
    }

    /** A piece of a page, without its frame. */
    PageAnswer part(String template, Map<String, Object> parameters) {
        return PageAnswer.html(200, templates.render(template, parameters));
    }

    /** What went wrong, as a page. */
    PageAnswer problem(Problem problem, Session session) {
        return page(problem.status(), "problem", problem.title(), "", session, Map.of("problem", problem));
    }
}
