package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The builder: one page on which a webhook is put together, tried out and saved. Whatever is asked of it, the page comes
 * back with everything that was typed. Thread-safe.
 */
final class BuilderPages implements Area {

    private static final String KIND = "webhooks";
    private static final String LIST = PageRoutes.HOME + "/webhooks";
    /** What a webhook is called that is tried before it has a name. */
    private static final String UNNAMED = "new webhook";

    /** The piece that shows what would be sent, of a webhook that is not there yet. */
    static final String PREVIEW = "builder-preview";
    /** The piece that offers names to pick. */
    static final String NAMES = "builder-names";

    /** How many things of a kind are picked from a list. */
    private static final String MOST_IN_A_LIST = "200";

    private static final JsonMapper JSON = new JsonMapper();
    private static final JsonNode NOTHING = MissingNode.getInstance();

    private final Api api;
    private final PageRenderer look;

    BuilderPages(Api api, PageRenderer look) {
        this.api = api;
        this.look = look;
    }

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        if (request.segment(0).equals(NAMES)) {
            return names(request, session);
        }
        String name = request.segment(1);
        if (request.segment(2).equals("preview")
                || name.isEmpty() && request.segment(0).equals(PREVIEW)) {
            return preview(request, session, name.isEmpty() ? Edited.NEW : edited(session, name));
        }
        Edited edited = name.isEmpty() ? Edited.NEW : edited(session, name);
        return request.isPost()
                ? submitted(request, session, edited)
                : opened(session, edited, request.query().text("copy"));
    }

    /** What is edited: a webhook as it is kept, or a new one. */
    private record Edited(String name, JsonNode definition, String tag, String readOnly) {
        static final Edited NEW = new Edited("", NOTHING, "", null);

        boolean isNew() {
            return name.isEmpty();
        }

        String path() {
            return PageRoutes.HOME + "/builder" + (isNew() ? "" : "/" + Api.encoded(name));
        }

        /** The webhook that a form means; of one that cannot be changed here what is in effect. */
        JsonNode meant(Form form) {
            return readOnly == null ? WebhookForm.definition(form, definition) : definition;
        }
    }

    private Edited edited(Session session, String name) {
        Api.Answer answer = api.get(session, "showWebhook", Api.path(KIND, name));
        JsonNode webhook = answer.body();
        String readOnly = !webhook.path("managedBy").asText("file").equals("api")
                ? "This webhook is defined by the set-up file of this installation. It can be read"
                        + (session.mayChange() ? " and tried" : "") + " here, and changed there."
                : session.mayChange() ? null : "You are signed in with a key that only reads.";
        return new Edited(name, webhook.path("definition"), answer.tag(), readOnly);
    }

    /** @param copied the name of a webhook that a new one begins as, or empty */
    private PageAnswer opened(Session session, Edited edited, String copied) {
        JsonNode definition =
                edited.isNew() && !copied.isEmpty() ? edited(session, copied).definition() : edited.definition();
        Form form = definition.isObject() ? WebhookForm.of(definition) : WebhookForm.fresh();
        return page(
                session,
                200,
                edited,
                edited.isNew() && definition.isObject() ? form.with("name", copied + " copy") : form,
                Faults.NONE,
                null);
    }

    private PageAnswer submitted(PageRequest request, Session session, Edited edited) {
        Form form = EditConflict.meant(request.form());
        String asked = form.text("do");
        if (asked.startsWith("remove-")) {
            return page(session, 200, edited, without(form, asked.substring("remove-".length())), Faults.NONE, null);
        }
        return switch (asked) {
            case "add-line" -> page(session, 200, edited, withLine(form), Faults.NONE, null);
            case "take-recent" -> page(session, 200, edited, withRecent(session, form), Faults.NONE, null);
            case "delete" -> deleted(request, session, edited, form);
            case "test" -> tested(session, edited, form);
            default -> saved(request, session, edited, form);
        };
    }

    private static Form withLine(Form form) {
        List<String> fields = new ArrayList<>(form.all("field"));
        List<String> comparisons = new ArrayList<>(form.all("comparison"));
        List<String> values = new ArrayList<>(form.all("value"));
        fields.add(CallField.KNOWN.get(0).path());
        comparisons.add(ConditionLines.Comparison.AT_LEAST.name());
        values.add("");
        return withLines(form, fields, comparisons, values);
    }

    private static Form without(Form form, String index) {
        List<String> fields = new ArrayList<>(form.all("field"));
        List<String> comparisons = new ArrayList<>(form.all("comparison"));
        List<String> values = new ArrayList<>(form.all("value"));
        if (index.matches("\\d{1,4}")) {
            int at = Integer.parseInt(index);
            for (List<String> list : List.of(fields, comparisons, values)) {
                if (at < list.size()) {
                    list.remove(at);
                }
            }
        }
        return withLines(form, fields, comparisons, values);
    }

    private static Form withLines(Form form, List<String> fields, List<String> comparisons, List<String> values) {
        return form.with("field", fields.toArray(String[]::new))
                .with("comparison", comparisons.toArray(String[]::new))
                .with("value", values.toArray(String[]::new));
    }

    private Form withRecent(Session session, Form form) {
        if (form.text("recent").isEmpty()) {
            return form;
        }
        JsonNode event = api.get(session, "showEvent", Api.path("events", form.text("recent")))
                .body()
                .path("document");
        return event.isObject() ? form.with(TestEvent.EVENT, event.toPrettyString()) : form;
    }

    private PageAnswer saved(PageRequest request, Session session, Edited edited, Form form) {
        Faults unfinished = unfinished(edited, form);
        if (!unfinished.isEmpty()) {
            return page(session, 422, edited, form, unfinished, null);
        }
        try {
            ObjectNode definition = WebhookForm.definition(form, edited.definition());
            String name = definition.path("name").asText();
            Api.Answer saved = edited.isNew()
                    ? api.post(session, "create-webhook", Api.path(KIND), definition)
                    : api.send(
                            session,
                            "PUT",
                            "replace-webhook",
                            Api.path(KIND, edited.name()),
                            definition,
                            form.text("tag"));
            StringBuilder told = new StringBuilder("Webhook '" + name + "' is saved and in effect.");
            saved.body().path("warnings").forEach(warning -> told.append(" Warning: ")
                    .append(warning.asText())
                    .append('.'));
            session.tell(told.toString());
            return PageAnswer.goTo(request, LIST);
        } catch (ProblemException e) {
            return refused(session, edited, form, e);
        }
    }

    private PageAnswer deleted(PageRequest request, Session session, Edited edited, Form form) {
        try {
            api.send(session, "DELETE", "delete-webhook", Api.path(KIND, edited.name()), null, form.text("tag"));
            session.tell("Webhook '" + edited.name() + "' is deleted.");
            return PageAnswer.goTo(request, LIST);
        } catch (ProblemException e) {
            return refused(session, edited, form, e);
        }
    }

    private PageAnswer refused(Session session, Edited edited, Form form, ProblemException e) {
        EditConflict over = EditConflict.after(e, form, edited.tag(), edited.path());
        return page(session, 422, edited, form, faults(e.problem(), form).or(over), null);
    }

    /** What is wrong with what only the form knows; nothing where it is not what is tried. */
    private static Faults unfinished(Edited edited, Form form) {
        return edited.readOnly() == null ? WebhookForm.faults(form) : Faults.NONE;
    }

    private PageAnswer tested(Session session, Edited edited, Form form) {
        String event = withEvent(edited, form).raw(TestEvent.EVENT);
        if (!TestEvent.isObject(event)) {
            Faults.Gathering faults = new Faults.Gathering();
            faults.add(TestEvent.EVENT, Messages.text("sample.no-object"));
            return page(session, 422, edited, form, faults.done(), null);
        }
        Faults unfinished = unfinished(edited, form);
        if (!unfinished.isEmpty()) {
            return page(session, 422, edited, form, unfinished, null);
        }
        String name = edited.isNew() ? UNNAMED : edited.name();
        try {
            JsonNode exchange = api.post(
                            session, "testWebhook", Api.path(KIND, name, "test"), tried(edited, form, event, false))
                    .body();
            return page(session, 200, edited, form, Faults.NONE, exchange);
        } catch (ProblemException e) {
            return page(session, 422, edited, form, faults(e.problem(), form), null);
        }
    }

    private static Faults faults(Problem problem, Form form) {
        return Faults.of(
                problem, pointer -> WebhookForm.field(pointer.replaceFirst("^/definition", ""), form), Messages::label);
    }

    private PageAnswer page(Session session, int status, Edited edited, Form form, Faults faults, JsonNode exchange) {
        BuilderView view = new BuilderView(
                edited.name(),
                withEvent(edited, form),
                faults,
                form.has("tag") ? form.text("tag") : edited.tag(),
                edited.definition(),
                new BuilderView.Choices(
                        picker(session, Picked.CLIENT, form),
                        picker(session, Picked.CONNECTION, form),
                        recent(session),
                        edited.readOnly()),
                new BuilderView.Trial(NOTHING, exchange));
        String title = edited.isNew() ? "New webhook" : "Webhook " + edited.name();
        return look.page(status, "builder", title, "webhooks", session, Map.of("view", view));
    }

    /** What is picked by its name. */
    private enum Picked {
        CLIENT("client", "oauth-clients", "listOAuthClients", "showOAuthClient"),
        CONNECTION("connection", "connections", "listConnections", "showConnection");

        private final String field;
        private final String list;
        private final String listStep;
        private final String showStep;

        Picked(String field, String list, String listStep, String showStep) {
            this.field = field;
            this.list = list;
            this.listStep = listStep;
            this.showStep = showStep;
        }

        static Picked of(String field) {
            return Arrays.stream(values())
                    .filter(picked -> picked.field.equals(field))
                    .findFirst()
                    .orElseThrow(() -> new ProblemException(Problem.notFound("there is nothing to pick by this name")));
        }
    }

    private Picker picker(Session session, Picked picked, Form form) {
        String chosen = form.text(picked.field);
        JsonNode page = named(session, picked, "");
        boolean isThere = exact(session, picked, page, chosen).isPresent();
        return new Picker(picked.field, page.path("items"), isCut(page), chosen, isThere);
    }

    /** Whether there are more than are on a page. */
    private static boolean isCut(JsonNode page) {
        return page.path("next").isTextual();
    }

    /** The first of those with a text in their name. */
    private JsonNode named(Session session, Picked picked, String text) {
        return api.get(session, picked.listStep, Api.path(picked.list), Map.of("limit", MOST_IN_A_LIST, "text", text))
                .body();
    }

    /** The one of a name, be it on the page or cut off. */
    private Optional<JsonNode> exact(Session session, Picked picked, JsonNode page, String name) {
        for (JsonNode resource : page.path("items")) {
            if (resource.path("name").asText().equals(name)) {
                return Optional.of(resource);
            }
        }
        return isCut(page) && !name.isEmpty() ? shown(session, picked, name) : Optional.empty();
    }

    private Optional<JsonNode> shown(Session session, Picked picked, String name) {
        try {
            return Optional.of(api.get(session, picked.showStep, Api.path(picked.list, name))
                    .body());
        } catch (ProblemException e) {
            if (e.problem().status() != 404) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** Names that fit what is typed so far, that very name first, as a piece of the page. */
    private PageAnswer names(PageRequest request, Session session) {
        Picked picked = Picked.of(request.segment(1));
        String typed = request.query().text(picked.field);
        JsonNode page = named(session, picked, typed);
        List<JsonNode> fitting = new ArrayList<>();
        page.path("items").forEach(fitting::add);
        exact(session, picked, page, typed).ifPresent(exact -> {
            fitting.remove(exact);
            fitting.add(0, exact);
        });
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("field", picked.field);
        parameters.put("fitting", fitting);
        parameters.put("isCut", isCut(page) && !typed.isEmpty());
        return look.part("offered", parameters);
    }

    private JsonNode recent(Session session) {
        return api.get(session, "listEvents", Api.path("events"), Map.of("limit", "10"))
                .body()
                .path("items");
    }

    /** What would be sent as the form stands now, as a piece of the page. */
    private PageAnswer preview(PageRequest request, Session session, Edited edited) {
        Form form = request.form();
        Form with = withEvent(edited, form);
        String event = with.raw(TestEvent.EVENT);
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("preview", previewed(session, edited, form, event));
        parameters.put("put", event.equals(form.raw(TestEvent.EVENT)) ? null : with);
        return look.part("preview", parameters);
    }

    private JsonNode previewed(Session session, Edited edited, Form form, String event) {
        if (!TestEvent.isObject(event)) {
            return fault(Messages.text("sample.no-object"));
        }
        Faults unfinished = unfinished(edited, form);
        if (!unfinished.isEmpty()) {
            return fault(String.join(" ", unfinished.fields().values()));
        }
        try {
            return api.post(session, "previewWebhook", "/v1/webhooks/preview", tried(edited, form, event, true))
                    .body();
        } catch (ProblemException e) {
            Faults refused = faults(e.problem(), form);
            return fault(Stream.concat(refused.fields().values().stream(), refused.general().stream())
                    .collect(Collectors.joining(" ")));
        }
    }

    private static Form withEvent(Edited edited, Form form) {
        return TestEvent.in(form, WebhookForm.events(edited.meant(form)));
    }

    /** What is tried: the form as it stands, or of the file's webhooks what is in effect, with an event to the letter. */
    private static Map<String, Object> tried(Edited edited, Form form, String event, boolean named) {
        Map<String, Object> tried = new LinkedHashMap<>();
        if (named && !edited.isNew()) {
            tried.put("webhook", edited.name());
        }
        if (edited.readOnly() == null) {
            ObjectNode definition = WebhookForm.definition(form, edited.definition());
            if (definition.path("name").asText().isEmpty()) {
                definition.put("name", UNNAMED);
            }
            tried.put("definition", definition);
        }
        tried.put("event", new RawValue(event.strip()));
        return tried;
    }

    private static JsonNode fault(String text) {
        return JSON.createObjectNode().put("fault", text);
    }
}
