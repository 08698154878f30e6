package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.setup.TokenUrl;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Settings: OAuth clients, connections, keys, the account, and who changed what. Thread-safe. */
final class SettingsPages implements Area {

    private static final String AREA = "settings";
    private static final String PATH = PageRoutes.HOME + "/" + AREA;
    /** How many changes are shown at a time. */
    private static final String CHANGES = "12";

    /** What the lists can be narrowed by, as the API calls it. */
    private static final List<String> FILTERS = List.of("text", "attention");

    private static final JsonNode NOTHING = MissingNode.getInstance();

    private final Api api;
    private final Look look;

    SettingsPages(Api api, Look look) {
        this.api = api;
        this.look = look;
    }

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        if (request.segment(1).isEmpty()) {
            return show(request, session);
        }
        if (request.segment(1).equals("token-url")) {
            return tokenUrl(request.form());
        }
        SettingKind kind = SettingKind.of(request.segment(1))
                .orElseThrow(() -> new ProblemException(Problem.notFound("there are no such settings")));
        Edited edited = request.segment(2).isEmpty()
                ? new Edited(kind, "", NOTHING, NOTHING, "")
                : edited(session, kind, request.segment(2));
        return request.isPost() ? submitted(request, session, edited) : opened(session, edited);
    }

    private PageAnswer show(PageRequest request, Session session) {
        Form query = request.query();
        Map<String, SettingsPart> parts = new LinkedHashMap<>();
        parts.put("clients", part(session, query, "listOAuthClients", "oauth-clients", "clients"));
        parts.put("connections", part(session, query, "listConnections", "connections", "connections"));
        parts.put("signingKeys", part(session, query, "listSigningKeys", "signing-keys", "signing"));
        parts.put(
                "apiKeys",
                session.mayChange()
                        ? part(session, query, "listApiKeys", "api-keys", "api-keys")
                        : new SettingsPart(NOTHING, null, null));
        Map<String, Object> parameters = new LinkedHashMap<>(parts);
        parameters.put("filter", query);
        parameters.put("isLong", parts.values().stream().anyMatch(part -> part.next() != null || part.empty() != null));
        JsonNode audit = session.mayChange() ? audit(request, session) : NOTHING;
        parameters.put("audit", audit.path("items"));
        parameters.put("before", next(audit, query, "before", "audit"));
        return look.page("settings", "Settings", AREA, session, parameters);
    }

    /** @param id of its section, and of the parameter that says where it goes on */
    private SettingsPart part(Session session, Form query, String step, String list, String id) {
        Map<String, String> asked = new LinkedHashMap<>();
        asked.put("cursor", query.text(id));
        FILTERS.forEach(filter -> asked.put(filter, query.text(filter)));
        JsonNode page = api.get(session, step, Api.path(list), asked).body();
        boolean isNarrowed =
                FILTERS.stream().anyMatch(filter -> !query.text(filter).isEmpty());
        String empty = isNarrowed ? "None fits." : query.text(id).isEmpty() ? null : "No more.";
        return new SettingsPart(page.path("items"), next(page, query, id, id), empty);
    }

    /** Where a list goes on, narrowed as it is, or null. */
    private static String next(JsonNode page, Form query, String parameter, String section) {
        if (!page.path("next").isTextual()) {
            return null;
        }
        StringBuilder next = new StringBuilder(PATH + "?" + parameter + "=")
                .append(Api.encoded(page.path("next").asText()));
        for (String filter : FILTERS) {
            if (!query.text(filter).isEmpty()) {
                next.append('&').append(filter).append('=').append(Api.encoded(query.text(filter)));
            }
        }
        return next.append('#').append(section).toString();
    }

    private JsonNode audit(PageRequest request, Session session) {
        return api.get(
                        session,
                        "listAudit",
                        Api.path("audit"),
                        Map.of("limit", CHANGES, "cursor", request.query().text("before")))
                .body();
    }

    /** Where the token will be asked for, as a piece of a page. */
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

    /** The script that puts it into the page takes it for HTML. */
    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    /** What is edited: a thing as it is kept, or a new one. */
    private record Edited(SettingKind kind, String name, JsonNode view, JsonNode definition, String tag) {

        boolean isNew() {
            return name.isEmpty();
        }

        boolean isOfFile() {
            return !isNew() && !view.path("managedBy").asText("file").equals("api");
        }

        String path() {
            return PATH + "/" + kind.path() + (isNew() ? "" : "/" + Api.encoded(name));
        }
    }

    private Edited edited(Session session, SettingKind kind, String name) {
        Api.Answer answer = api.get(session, kind.showStep(), Api.path(kind.list(), name));
        return new Edited(kind, name, answer.body(), answer.body().path("definition"), answer.tag());
    }

    private PageAnswer opened(Session session, Edited edited) {
        return page(session, 200, edited, SettingForm.of(edited.kind(), edited.definition()), Faults.NONE, NOTHING);
    }

    private PageAnswer submitted(PageRequest request, Session session, Edited edited) {
        Form form = Over.meant(request.form());
        try {
            return switch (form.text("do")) {
                case "test" -> tested(session, edited, form);
                case "delete" -> deleted(request, session, edited, form);
                case "rotate" -> rotated(session, edited, form);
                default -> saved(request, session, edited, form);
            };
        } catch (ProblemException e) {
            Over over = Over.after(e, form, edited.tag(), edited.path());
            return page(
                    session,
                    422,
                    edited,
                    form,
                    faults(edited.kind(), e.problem()).or(over),
                    NOTHING);
        }
    }

    private static Faults faults(SettingKind kind, Problem problem) {
        return Faults.of(problem, pointer -> SettingForm.field(kind, pointer));
    }

    private PageAnswer saved(PageRequest request, Session session, Edited edited, Form form) {
        JsonNode saved = save(session, edited, form);
        SettingKind kind = edited.kind();
        JsonNode once = saved.has("key") ? saved.path("key") : saved.path("secret");
        if (edited.isNew() && once.isTextual()) {
            return shownOnce(session, kind, saved, once.asText());
        }
        session.tell(kind.words() + " '" + saved.path(kind.nameKey()).asText() + "' is saved.");
        return PageAnswer.goTo(request, PATH);
    }

    private JsonNode save(Session session, Edited edited, Form form) {
        SettingKind kind = edited.kind();
        JsonNode definition = SettingForm.definition(kind, form, edited.definition());
        return edited.isNew()
                ? api.post(session, "create-" + kind.apiKind(), Api.path(kind.list()), definition)
                        .body()
                : api.send(
                                session,
                                "PUT",
                                "replace-" + kind.apiKind(),
                                Api.path(kind.list(), edited.name()),
                                definition,
                                form.text("tag"))
                        .body();
    }

    private PageAnswer shownOnce(Session session, SettingKind kind, JsonNode thing, String secret) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("kind", kind);
        parameters.put("name", thing.path(kind.nameKey()).asText());
        parameters.put("secret", secret);
        return look.page("once", "New " + kind.words(), AREA, session, parameters);
    }

    /** What is kept is tried out; of the file as well. What was typed is saved before. */
    private PageAnswer tested(Session session, Edited edited, Form form) {
        Edited now = edited;
        if (!edited.isOfFile()) {
            JsonNode saved = save(session, edited, form);
            now = edited(
                    session, edited.kind(), saved.path(edited.kind().nameKey()).asText(edited.name()));
        }
        Form kept = SettingForm.of(now.kind(), now.definition());
        try {
            JsonNode result = api.post(
                            session, now.kind().testStep(), Api.path(now.kind().list(), now.name(), "test"), null)
                    .body();
            return page(session, 200, now, kept, Faults.NONE, result).with("HX-Push-Url", now.path());
        } catch (ProblemException e) {
            String saved = now.isOfFile() ? "" : "It is saved, and was not tested: ";
            return page(session, 422, now, kept, Faults.of(saved + e.problem().detail()), NOTHING)
                    .with("HX-Push-Url", now.path());
        }
    }

    private PageAnswer deleted(PageRequest request, Session session, Edited edited, Form form) {
        SettingKind kind = edited.kind();
        api.send(
                session,
                "DELETE",
                "delete-" + kind.apiKind(),
                Api.path(kind.list(), edited.name()),
                null,
                form.text("tag"));
        session.tell(kind.words() + " '" + edited.name() + "' is removed.");
        return PageAnswer.goTo(request, PATH);
    }

    private PageAnswer rotated(Session session, Edited edited, Form form) {
        Map<String, String> asked = new LinkedHashMap<>();
        asked.put("grace", form.text("grace").isEmpty() ? "24h" : form.text("grace"));
        JsonNode made = api.send(
                        session,
                        "POST",
                        "rotateSigningKey",
                        Api.path(edited.kind().list(), edited.name(), "rotate"),
                        asked,
                        form.text("tag"))
                .body();
        String secret = made.path("secret").asText(made.path("publicKey").asText());
        return shownOnce(session, edited.kind(), made, secret);
    }

    private PageAnswer page(Session session, int status, Edited edited, Form form, Faults faults, JsonNode result) {
        SettingKind kind = edited.kind();
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("kind", kind);
        parameters.put("name", edited.name());
        parameters.put("path", edited.path());
        parameters.put("view", edited.view());
        parameters.put("definition", edited.definition());
        parameters.put("ofFile", edited.isOfFile());
        parameters.put("form", form);
        parameters.put("tag", status == 422 && form.has("tag") ? form.text("tag") : edited.tag());
        parameters.put("faults", faults);
        parameters.put("result", result);
        String title = edited.isNew() ? "New " + kind.words() : kind.words() + " " + edited.name();
        return look.page(status, "setting", title, AREA, session, parameters);
    }
}
