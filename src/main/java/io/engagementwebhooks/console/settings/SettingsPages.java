package io.engagementwebhooks.console.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.SettingView;
import io.engagementwebhooks.api.definition.EventTypeView;
import io.engagementwebhooks.api.definition.SigningKeyView;
import io.engagementwebhooks.config.read.TokenUrl;
import io.engagementwebhooks.console.Api;
import io.engagementwebhooks.console.Area;
import io.engagementwebhooks.console.Branding;
import io.engagementwebhooks.console.PageAnswer;
import io.engagementwebhooks.console.PageRenderer;
import io.engagementwebhooks.console.PageRequest;
import io.engagementwebhooks.console.PageRoutes;
import io.engagementwebhooks.console.deliveries.EventPages;
import io.engagementwebhooks.console.forms.EditConflict;
import io.engagementwebhooks.console.forms.Faults;
import io.engagementwebhooks.console.forms.Form;
import io.engagementwebhooks.console.forms.SettingKind;
import io.engagementwebhooks.console.signin.Session;
import io.engagementwebhooks.console.text.DeliveryText;
import io.engagementwebhooks.console.text.ExpiryText;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.ApiKey;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Settings: OAuth clients, connections, keys, notifications and the audit log. Thread-safe.
 *
 * @param branding how the console is called and colored
 * @param recipes offered notifications
 */
public record SettingsPages(
        Api api, PageRenderer renderer, Clock clock, Branding branding, List<Notifications.Recipe> recipes)
        implements Area {

    public static final String AREA = "settings";
    private static final String PATH = PageRoutes.HOME + "/" + AREA;
    private static final String CURSOR = "cursor";

    /** The action of the command that sends an event, and the prefix of the name of its key. */
    private static final String FIRST_EVENT = "first-event";

    /** Filters of the lists, named as in the API. */
    private static final List<String> FILTERS = List.of("text", "attention");

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        if (request.segment(1).isEmpty()) {
            return PageAnswer.goTo(request, path(SettingsList.CLIENTS));
        }
        Optional<SettingsList> list = SettingsList.of(request.segment(1));
        if (list.isPresent() && request.segment(2).isEmpty()) {
            return list(request, session, list.get());
        }
        if (list.filter(SettingsList.PORTAL_LINKS::equals).isPresent() && request.isPost()) {
            return revoked(request, session, request.segment(2));
        }
        if (list.filter(SettingsList.NOTIFICATIONS::equals).isPresent()) {
            return recipes.stream()
                    .filter(recipe -> recipe.path().equals(request.segment(2)))
                    .findFirst()
                    .map(recipe -> notification(request, session, recipe))
                    .orElseThrow(() -> new ProblemException(Problem.notFound("there is no such notification")));
        }
        if (request.segment(1).equals("token-url")) {
            return tokenUrl(request.form());
        }
        SettingKind kind = SettingKind.of(request.segment(1))
                .orElseThrow(() -> new ProblemException(Problem.notFound("there are no such settings")));
        Edited edited = request.segment(2).isEmpty()
                ? new Edited(kind, "", null, "")
                : edited(session, kind, request.segment(2));
        return request.isPost() ? submitted(request, session, edited) : opened(session, edited);
    }

    private PageAnswer list(PageRequest request, Session session, SettingsList list) {
        Form query = request.query();
        String cursor = query.text(CURSOR);
        Map<String, Object> parameters = new LinkedHashMap<>();
        if (list == SettingsList.NOTIFICATIONS) {
            parameters.put("recipes", recipes);
            parameters.put(
                    "notifiers",
                    Notifications.of(api.list(session, list.step(), Map.of(), EventTypeView.class, list.names(session))
                            .items()));
        } else if (list == SettingsList.APPEARANCE) {
            parameters.put("branding", branding);
        } else {
            Map<String, String> filters = filters(list, query);
            ListView<?> page = page(session, list, filters, cursor);
            parameters.put("part", part(list, filters, page, cursor));
            parameters.put("filter", query);
        }
        parameters.put("ends", new ExpiryText(clock.instant()));
        parameters.put("list", list);
        return renderer.page(list.template(), list.title(), AREA, session, parameters);
    }

    private static Map<String, String> filters(SettingsList list, Form query) {
        Map<String, String> filters = new LinkedHashMap<>();
        for (String filter : list.canBeNarrowed() ? FILTERS : List.<String>of()) {
            if (!query.text(filter).isEmpty()) {
                filters.put(filter, query.text(filter));
            }
        }
        return filters;
    }

    /** A page of a list; an unknown position gives the first page. */
    private ListView<?> page(Session session, SettingsList list, Map<String, String> filters, String cursor) {
        Map<String, String> asked = new LinkedHashMap<>(filters);
        asked.put(CURSOR, cursor);
        try {
            return api.list(session, list.step(), asked, list.type(), list.names(session));
        } catch (ProblemException e) {
            if (e.problem().status() != 400 || cursor.isEmpty()) {
                throw e;
            }
            return page(session, list, filters, "");
        }
    }

    private static SettingsPart<?> part(
            SettingsList list, Map<String, String> filters, ListView<?> page, String cursor) {
        return new SettingsPart<>(
                page.items(),
                page.next() == null ? null : link(list, filters, page.next()),
                cursor.isEmpty() ? null : link(list, filters, null),
                !filters.isEmpty());
    }

    /** @param position null: the first page */
    private static String link(SettingsList list, Map<String, String> filters, String position) {
        Map<String, String> asked = new LinkedHashMap<>(filters);
        if (position != null) {
            asked.put(CURSOR, position);
        }
        return Api.address(path(list), asked);
    }

    public static String path(SettingsList list) {
        return PATH + "/" + list.path();
    }

    private PageAnswer revoked(PageRequest request, Session session, String id) {
        api.post(
                session,
                "delete-portal-session",
                null,
                session.caller().account().id(),
                id);
        session.inform("Portal session revoked.");
        return PageAnswer.goTo(request, path(SettingsList.PORTAL_LINKS));
    }

    /** Shows and saves the form of a new notification. */
    private PageAnswer notification(PageRequest request, Session session, Notifications.Recipe recipe) {
        Form form = request.form();
        if (!request.isPost()) {
            return notification(
                    session, 200, recipe, new Form(Map.of("name", List.of(recipe.usualName()))), Faults.NONE);
        }
        try {
            Faults.Gathering faults = new Faults.Gathering();
            if (form.text("to").isEmpty()) {
                faults.add("to", "Enter the " + recipe.label() + ".");
                return notification(session, 422, recipe, form, faults.done());
            }
            api.save(session, "webhook", "", recipe.webhook(form.text("name"), form.text("to")), null);
            session.inform(recipe.title() + " is notified when a webhook fails, recovers or is disabled.");
            return PageAnswer.goTo(request, path(SettingsList.NOTIFICATIONS));
        } catch (ProblemException e) {
            Faults faults = Faults.of(e.problem(), pointer -> switch (pointer) {
                case "/name" -> "name";
                case "/delivery/url" -> "to";
                default -> null;
            });
            return notification(session, 422, recipe, form, faults);
        }
    }

    private PageAnswer notification(
            Session session, int status, Notifications.Recipe recipe, Form form, Faults faults) {
        Map<String, ?> parameters = Map.of("recipe", recipe, "form", form, "faults", faults);
        return renderer.page(status, "notification", "Notify by " + recipe.title(), AREA, session, parameters);
    }

    /** The resulting token URL as a fragment. */
    private static PageAnswer tokenUrl(Form form) {
        String endpoint = form.text("authenticationEndpoint");
        String typed = form.text("tokenPath");
        String path = form.has("tokenPath.none") ? "" : typed.isEmpty() ? "/oauth2/token" : typed;
        String url = endpoint.isEmpty() ? "…" : TokenUrl.of(endpoint, path);
        return new PageAnswer(
                200,
                Map.of("Content-Type", "text/plain; charset=utf-8"),
                escaped(url).getBytes(StandardCharsets.UTF_8));
    }

    /** Escapes text that the script inserts as HTML. */
    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    /**
     * The edited resource.
     *
     * @param view as stored; null: it is new
     */
    public record Edited(SettingKind kind, String name, SettingView view, String tag) {

        public boolean isNew() {
            return view == null;
        }

        public boolean isOfFile() {
            return !isNew() && !view.managedBy().equals("api");
        }

        public JsonNode definition() {
            return isNew() ? MissingNode.getInstance() : SettingView.definition(view);
        }

        public String path() {
            return PATH + "/" + kind.path() + (isNew() ? "" : "/" + Api.encoded(name));
        }
    }

    private Edited edited(Session session, SettingKind kind, String name) {
        Api.Answer answer = api.get(session, "show-" + kind.apiKind(), name);
        SettingView view = answer.as(SettingView.class);
        if (view.managedBy().equals("product")) {
            throw new ProblemException(Problem.notFound(kind.words() + " '" + name + "' is built in: it has no form"));
        }
        return new Edited(kind, name, view, answer.tag());
    }

    private PageAnswer opened(Session session, Edited edited) {
        return page(session, 200, edited, edited.kind().form().of(edited.definition()), Faults.NONE, null);
    }

    private PageAnswer submitted(PageRequest request, Session session, Edited edited) {
        Form form = EditConflict.meant(request.form());
        try {
            return switch (form.text("do")) {
                case "test" -> tested(session, edited, form);
                case "delete" -> deleted(request, session, edited, form);
                case "rotate" -> rotated(session, edited, form);
                case FIRST_EVENT -> firstEvent(request, session, edited, form);
                default -> saved(request, session, edited, form);
            };
        } catch (ProblemException e) {
            EditConflict over = EditConflict.after(e, form, edited.tag(), edited.path());
            Faults faults = edited.kind().form().faults(e.problem()).or(over);
            return page(session, 422, edited, form, faults, null);
        }
    }

    private PageAnswer saved(PageRequest request, Session session, Edited edited, Form form) {
        SettingKind kind = edited.kind();
        Faults unreadable = kind.form().faults(form);
        if (!unreadable.isEmpty()) {
            return page(session, 422, edited, form, unreadable, null);
        }
        SettingView saved = save(session, edited, form);
        if (edited.isNew() && kind.once(saved) != null) {
            return shownOnce(session, kind, saved, null, Map.of());
        }
        session.inform(DeliveryText.label(kind.words()) + " '" + saved.name() + "' is saved.");
        return PageAnswer.goTo(
                request,
                kind == SettingKind.EVENT_TYPE
                        ? EventPages.page(saved.name())
                        : edited.kind().home());
    }

    /** Creates the API key of the command that sends an event, and shows the command. */
    private PageAnswer firstEvent(PageRequest request, Session session, Edited edited, Form form) {
        String second = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        Form key = form.with("name", FIRST_EVENT + "-" + second)
                .with("role", ApiKey.Role.INGEST.name().toLowerCase(Locale.ROOT));
        Map<String, ?> command = Map.of("site", request.site(), "type", form.text("type"));
        return shownOnce(session, SettingKind.API_KEY, save(session, edited, key), null, command);
    }

    private SettingView save(Session session, Edited edited, Form form) {
        SettingKind kind = edited.kind();
        JsonNode definition = kind.form().definition(form, edited.definition());
        return api.save(session, kind.apiKind(), edited.name(), definition, form.text("tag"))
                .as(SettingView.class);
    }

    /** @param old the rotated key, or null @param command parameters of the command that sends an event; empty: none */
    private PageAnswer shownOnce(
            Session session, SettingKind kind, SettingView made, SigningKeyView old, Map<String, ?> command) {
        Map<String, Object> parameters = new LinkedHashMap<>(command);
        parameters.put("kind", kind);
        parameters.put("made", made);
        parameters.put("old", old);
        return renderer.page("once", "New " + kind.words(), AREA, session, parameters);
    }

    /** Tests the form: an OAuth client without saving, a connection after saving. */
    private PageAnswer tested(Session session, Edited edited, Form form) {
        if (edited.kind() == SettingKind.OAUTH_CLIENT && !edited.isOfFile()) {
            return page(session, 200, edited, form, Faults.NONE, testedDraft(session, edited, form));
        }
        Edited now = edited;
        if (!edited.isOfFile()) {
            SettingView saved = save(session, edited, form);
            now = edited(session, edited.kind(), saved.name());
        }
        Form kept = now.kind().form().of(now.definition());
        try {
            Object result = api.post(session, "test-" + now.kind().apiKind(), null, now.name())
                    .as(Object.class);
            return page(session, 200, now, kept, Faults.NONE, TestResult.of(result))
                    .with("HX-Push-Url", now.path());
        } catch (ProblemException e) {
            String saved = now.isOfFile() ? "" : "Saved, but not tested: ";
            return page(session, 422, now, kept, Faults.of(saved + e.problem().detail()), null)
                    .with("HX-Push-Url", now.path());
        }
    }

    private TestResult testedDraft(Session session, Edited edited, Form form) {
        Map<String, Object> draft = new LinkedHashMap<>();
        draft.put("definition", edited.kind().form().definition(form, edited.definition()));
        if (!edited.isNew()) {
            draft.put("client", edited.name());
        }
        return TestResult.of(api.post(session, "test-oauth-client-draft", draft).as(Object.class));
    }

    private PageAnswer deleted(PageRequest request, Session session, Edited edited, Form form) {
        SettingKind kind = edited.kind();
        api.send(session, "delete-" + kind.apiKind(), null, form.text("tag"), edited.name());
        session.inform(DeliveryText.label(kind.words()) + " '" + edited.name() + "' deleted.");
        return PageAnswer.goTo(request, edited.kind().home());
    }

    private PageAnswer rotated(Session session, Edited edited, Form form) {
        Map<String, String> asked = new LinkedHashMap<>();
        asked.put("grace", form.text("grace").isEmpty() ? "24h" : form.text("grace"));
        SettingView made = api.send(session, "rotate-signing-key", asked, form.text("tag"), edited.name())
                .as(SettingView.class);
        SigningKeyView old =
                (SigningKeyView) edited(session, edited.kind(), edited.name()).view();
        return shownOnce(session, edited.kind(), made, old, Map.of());
    }

    private PageAnswer page(Session session, int status, Edited edited, Form form, Faults faults, TestResult result) {
        SettingKind kind = edited.kind();
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("edited", edited);
        parameters.put("form", form);
        parameters.put("tag", status == 422 && form.has("tag") ? form.text("tag") : edited.tag());
        parameters.put("faults", faults);
        parameters.put("notDone", Faults.notDone(form));
        parameters.put("result", result);
        String title = edited.isNew() ? "New " + kind.words() : kind.words() + " " + edited.name();
        return renderer.page(status, "setting", title, kind.area(), session, parameters);
    }
}
