package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.config.TokenUrl;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

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
    private final PageRenderer look;
    private final Clock clock;

    SettingsPages(Api api, PageRenderer look, Clock clock) {
        this.api = api;
        this.look = look;
        this.clock = clock;
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

    /** A list on the page. */
    private enum Section {
        CLIENTS("clients", "clients", "listOAuthClients", "oauth-clients"),
        CONNECTIONS("connections", "connections", "listConnections", "connections"),
        SIGNING_KEYS("signing", "signing", "listSigningKeys", "signing-keys"),
        API_KEYS("api-keys", "api-keys", "listApiKeys", "api-keys"),
        AUDIT("audit", "before", "listAudit", "audit");

        private final String id;
        /** The parameter that says where it goes on. */
        private final String position;

        private final String step;
        private final String list;

        Section(String id, String position, String step, String list) {
            this.id = id;
            this.position = position;
            this.step = step;
            this.list = list;
        }

        boolean mayRead(Session session) {
            return session.mayChange() || !Api.READ_BY_ADMINS.contains(step);
        }

        /** What is asked of the list beside its position. */
        Map<String, String> narrowedBy(Form query) {
            return this == AUDIT ? Map.of("limit", CHANGES) : filters(query);
        }
    }

    private PageAnswer show(PageRequest request, Session session) {
        Form query = request.query();
        Map<Section, String> positions = positions(query);
        Map<Section, JsonNode> pages = new EnumMap<>(Section.class);
        for (Section section : Section.values()) {
            pages.put(section, section.mayRead(session) ? page(session, query, section, positions) : NOTHING);
        }
        Map<Section, SettingsPart> parts = new EnumMap<>(Section.class);
        pages.forEach((section, page) -> parts.put(section, part(query, section, page, positions)));
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("clients", parts.get(Section.CLIENTS));
        parameters.put("connections", parts.get(Section.CONNECTIONS));
        parameters.put("signingKeys", parts.get(Section.SIGNING_KEYS));
        parameters.put("apiKeys", parts.get(Section.API_KEYS));
        parameters.put("audit", parts.remove(Section.AUDIT));
        parameters.put("filter", query);
        boolean isNarrowed = !filters(query).isEmpty();
        parameters.put("isLong", isNarrowed || parts.values().stream().anyMatch(SettingsPart::isLong));
        parameters.put("ends", new ExpiryText(clock.instant()));
        return look.page("settings", "Settings", AREA, session, parameters);
    }

    private static Map<Section, String> positions(Form query) {
        Map<Section, String> positions = new EnumMap<>(Section.class);
        for (Section section : Section.values()) {
            if (!query.text(section.position).isEmpty()) {
                positions.put(section, query.text(section.position));
            }
        }
        return positions;
    }

    private static Map<String, String> filters(Form query) {
        Map<String, String> filters = new LinkedHashMap<>();
        for (String filter : FILTERS) {
            if (!query.text(filter).isEmpty()) {
                filters.put(filter, query.text(filter));
            }
        }
        return filters;
    }

    /** A page of a list, from its position; one that the list does not know any more is taken away, for its start. */
    private JsonNode page(Session session, Form query, Section section, Map<Section, String> positions) {
        Map<String, String> asked = new LinkedHashMap<>(section.narrowedBy(query));
        asked.put("cursor", positions.get(section));
        try {
            return api.get(session, section.step, Api.path(section.list), asked).body();
        } catch (ProblemException e) {
            if (e.problem().status() != 400 || positions.remove(section) == null) {
                throw e;
            }
            return page(session, query, section, positions);
        }
    }

    private static SettingsPart part(Form query, Section section, JsonNode page, Map<Section, String> positions) {
        String next = page.path("next").asText(null);
        boolean isFirst = !positions.containsKey(section);
        String empty = !filters(query).isEmpty() ? "None fits." : isFirst ? null : "No more.";
        return new SettingsPart(
                page.path("items"),
                next == null ? null : link(query, section, next, positions),
                isFirst ? null : link(query, section, null, positions),
                empty);
    }

    /** To this page with one of its lists elsewhere. @param position of that list; null: its start */
    private static String link(Form query, Section moved, String position, Map<Section, String> positions) {
        Map<String, String> asked = new LinkedHashMap<>();
        asked.put(moved.position, position);
        positions.forEach((section, at) -> {
            if (section != moved) {
                asked.put(section.position, at);
            }
        });
        asked.putAll(filters(query));
        String parameters = asked.entrySet().stream()
                .filter(one -> one.getValue() != null)
                .map(one -> one.getKey() + "=" + Api.encoded(one.getValue()))
                .collect(Collectors.joining("&"));
        return PATH + (parameters.isEmpty() ? "" : "?" + parameters) + "#" + moved.id;
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
        Form form = EditConflict.meant(request.form());
        try {
            return switch (form.text("do")) {
                case "test" -> tested(session, edited, form);
                case "delete" -> deleted(request, session, edited, form);
                case "rotate" -> rotated(session, edited, form);
                default -> saved(request, session, edited, form);
            };
        } catch (ProblemException e) {
            EditConflict over = EditConflict.after(e, form, edited.tag(), edited.path());
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

    private PageAnswer shownOnce(Session session, SettingKind kind, JsonNode resource, String secret) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("kind", kind);
        parameters.put("name", resource.path(kind.nameKey()).asText());
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
