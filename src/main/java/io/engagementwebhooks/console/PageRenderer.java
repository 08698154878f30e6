package io.engagementwebhooks.console;

import io.engagementwebhooks.console.signin.Session;
import io.engagementwebhooks.console.signin.Sessions;
import io.engagementwebhooks.server.Problem;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Renders templates with the layout of the pages. Thread-safe.
 *
 * @param product name of the console
 * @param sessions creates the tokens of forms
 * @param kamelets titles of Kamelets, by the URL that webhooks and deliveries show
 */
public record PageRenderer(
        Templates templates, Assets assets, String product, Sessions sessions, Map<String, String> kamelets) {

    /**
     * A page.
     *
     * @param template its name
     * @param title in the browser's tab
     * @param area entry of the navigation
     * @param session null: not signed in
     * @param parameters of the template, besides {@code frame}
     */
    public PageAnswer page(
            int status, String template, String title, String area, Session session, Map<String, ?> parameters) {
        if (session == null) {
            return door(status, template, title, Theme.SYSTEM, parameters);
        }
        Frame frame = new Frame(title, area, session, session.theme(), token(session), session.takeNotice(), this);
        return rendered(status, template, frame, parameters);
    }

    /** A page without a session. */
    PageAnswer door(int status, String template, String title, Theme theme, Map<String, ?> parameters) {
        return rendered(status, template, new Frame(title, "", null, theme, null, null, this), parameters);
    }

    private PageAnswer rendered(int status, String template, Frame frame, Map<String, ?> parameters) {
        Map<String, Object> all = new LinkedHashMap<>(parameters);
        all.put("frame", frame);
        return PageAnswer.html(status, templates.render(template, all));
    }

    public PageAnswer page(String template, String title, String area, Session session, Map<String, ?> parameters) {
        return page(200, template, title, area, session, parameters);
    }

    /** The title of the Kamelet that a URL stands for, or the URL. */
    public String target(String url) {
        return kamelets.getOrDefault(url, url);
    }

    /** The token of a session's forms. */
    public String token(Session session) {
        return sessions.formToken(session);
    }

    /** A fragment without the layout. */
    public PageAnswer part(String template, Map<String, Object> parameters) {
        return PageAnswer.html(200, templates.render(template, parameters));
    }

    /** A problem as a page. @param again the address to request again, or null: that does not help */
    PageAnswer problem(Problem problem, String again, Session session) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("problem", problem);
        parameters.put("again", again);
        return page(problem.status(), "problem", problem.title(), "", session, parameters);
    }
}
