package io.engagementwebhooks.console.webhooks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.SettingView;
import io.engagementwebhooks.api.account.PortalSessions;
import io.engagementwebhooks.api.definition.SigningKeyView;
import io.engagementwebhooks.api.delivery.BackfillView;
import io.engagementwebhooks.api.delivery.EventDetails;
import io.engagementwebhooks.api.delivery.EventSummary;
import io.engagementwebhooks.api.inbox.InboxView;
import io.engagementwebhooks.api.webhook.PreviewView;
import io.engagementwebhooks.api.webhook.TestedView;
import io.engagementwebhooks.api.webhook.WebhookView;
import io.engagementwebhooks.console.Api;
import io.engagementwebhooks.console.Area;
import io.engagementwebhooks.console.PageAnswer;
import io.engagementwebhooks.console.PageRenderer;
import io.engagementwebhooks.console.PageRequest;
import io.engagementwebhooks.console.PageRoutes;
import io.engagementwebhooks.console.forms.Draft;
import io.engagementwebhooks.console.forms.EditConflict;
import io.engagementwebhooks.console.forms.Faults;
import io.engagementwebhooks.console.forms.Form;
import io.engagementwebhooks.console.forms.NamedThing;
import io.engagementwebhooks.console.forms.Picker;
import io.engagementwebhooks.console.forms.SettingKind;
import io.engagementwebhooks.console.signin.Session;
import io.engagementwebhooks.console.text.CountText;
import io.engagementwebhooks.console.text.ListenText;
import io.engagementwebhooks.console.text.Messages;
import io.engagementwebhooks.console.text.TimeText;
import io.engagementwebhooks.console.text.WebhookText;
import io.engagementwebhooks.server.CallerAdmission;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.EventCatalog;
import io.engagementwebhooks.webhook.EventTypes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The Engagement Builder: the page that configures, tests and saves a webhook. Each action returns the page with
 * everything that was typed. Thread-safe.
 *
 * @param forms of the account of a session
 * @param hasInboxes whether it offers test inboxes
 * @param listenKeys the key of a portal session for a listener
 */
public record BuilderPages(
        Api api,
        Function<Session, WebhookForm> forms,
        PageRenderer renderer,
        boolean hasInboxes,
        Function<PortalSessions.Portal, String> listenKeys)
        implements Area {

    private static final String LIST = PageRoutes.HOME + "/webhooks";
    private static final String OAUTH_CLIENT = "oauth-client";
    /** The id of the signing key that is created for an account without one. */
    private static final String FIRST_KEY = "k1";
    /** Up to this number of rules the preview shows which are false. */
    private static final int MOST_RULES = 20;
    /** The field with the version of the offered fields. */
    public static final String OFFERED = "offered";
    /** The field with the begin of past events. */
    private static final String SINCE = "since";
    /** The name of a webhook that is tested before it has one. */
    private static final String UNNAMED = "new webhook";

    /** The fragment with the preview of a new webhook. */
    public static final String PREVIEW = "builder-preview";
    /** The side sheet that creates an OAuth client or a connection. */
    public static final String NEW = "builder-new";

    /** The fragment that offers names. */
    public static final String NAMES = "builder-names";

    /** Offers values of a rule's field instead of names. */
    private static final String VALUES = "value";

    private static final int MOST_VALUES = 50;
    private static final int MOST_RECENT = 10;

    /** Limit of names in a list. */
    private static final String MOST_IN_A_LIST = "200";

    private static final JsonMapper JSON = new JsonMapper();
    private static final JsonNode NOTHING = MissingNode.getInstance();

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        if (request.segment(0).equals(NAMES)) {
            return request.segment(1).equals(VALUES) ? values(request, session) : names(request, session);
        }
        if (request.segment(0).equals(NEW)) {
            return credential(request, session);
        }
        String name = request.segment(1);
        if (request.segment(2).equals("preview")
                || name.isEmpty() && request.segment(0).equals(PREVIEW)) {
            return preview(request, session, edited(request, session, name));
        }
        Edited edited = edited(request, session, name);
        return request.isPost() ? submitted(request, session, edited) : opened(request, session, edited);
    }

    /**
     * The edited webhook: stored or new.
     *
     * @param name empty: a new one
     * @param definition as stored, without secrets; a missing node: there is none
     * @param tag its version
     * @param readOnly why it cannot be saved, or null
     * @param waiting its queued deliveries
     * @param site the origin of this installation for the browser
     */
    public record Edited(
            String id, String name, JsonNode definition, String tag, String readOnly, long waiting, String site) {

        boolean isNew() {
            return name.isEmpty();
        }

        public String path() {
            return PageRoutes.HOME + "/builder" + (isNew() ? "" : "/" + id);
        }

        /** The definition of a form; for a read-only webhook the active one. */
        JsonNode meant(WebhookForm webhooks, Form form) {
            return readOnly == null ? webhooks.definition(form, definition) : definition;
        }
    }

    /** @param idOrName empty: a new one */
    private Edited edited(PageRequest request, Session session, String idOrName) {
        if (idOrName.isEmpty()) {
            return new Edited("", "", NOTHING, "", null, 0, request.site());
        }
        Api.Answer answer = api.get(session, "show-webhook", idOrName);
        WebhookView webhook = answer.as(WebhookView.class);
        String readOnly = !webhook.managedBy().equals("api")
                ? "This webhook is defined in the configuration file of this installation. You can read"
                        + (session.mayChange() ? " and test" : "") + " it here, and change it there."
                : session.mayChange()
                        ? null
                        : "You are signed in with role read. To change webhooks, sign in with role admin.";
        return new Edited(
                webhook.id(),
                webhook.name(),
                webhook.defined().json(),
                answer.tag(),
                readOnly,
                webhook.waiting(),
                request.site());
    }

    private PageAnswer opened(PageRequest request, Session session, Edited edited) {
        Form query = request.query();
        if (edited.definition().isObject()) {
            return page(session, 200, edited, form(session, edited), Faults.NONE, null);
        }
        if (!query.text("copy").isEmpty()) {
            Edited copied = edited(request, session, query.text("copy"));
            Form form = form(session, copied).with("name", copied.name() + "-copy");
            return page(
                    session, 200, edited, form, Faults.NONE, null, Messages.text("note.copy", "name", copied.name()));
        }
        Form fresh = WebhookForm.fresh();
        Form form = query.all("event").isEmpty()
                ? fresh
                : fresh.with("event", query.all("event").toArray(String[]::new));
        return page(session, 200, edited, form, Faults.NONE, null);
    }

    private Form form(Session session, Edited edited) {
        return webhooks(session).of(edited.definition());
    }

    private WebhookForm webhooks(Session session) {
        return forms.apply(session);
    }

    private PageAnswer submitted(PageRequest request, Session session, Edited edited) {
        Form form = EditConflict.meant(request.form());
        String asked = form.text("do");
        if (asked.startsWith("remove-")) {
            return page(session, 200, edited, without(form, asked.substring("remove-".length())), Faults.NONE, null);
        }
        if (asked.startsWith("new-")) {
            SettingKind kind = credentialKind(asked.substring("new-".length()));
            return credentialPage(
                    session, 200, kind, kind.form().of(NOTHING), Faults.NONE, Draft.of(edited.id(), form));
        }
        return switch (asked) {
            case "restore" -> page(session, 200, edited, form, Faults.NONE, null);
            case "add-line" -> page(session, 200, edited, withLine(session, form), Faults.NONE, null);
            case "take-recent" -> page(session, 200, edited, withRecent(session, form), Faults.NONE, null);
            case "use-inbox" -> page(session, 200, edited, withInbox(session, form), Faults.NONE, null);
            case "delete" -> deleted(request, session, edited, form);
            case "test" -> tested(session, edited, form);
            case "count" -> counted(session, edited, form);
            default -> saved(request, session, edited, form);
        };
    }

    private Form withLine(Session session, Form form) {
        ConditionLines.Line line = ConditionLines.Line.fresh(
                webhooks(session).fields(form).offered().get(0));
        return form.adding("field", line.field().path())
                .adding("comparison", line.comparison().name())
                .adding("value", line.value());
    }

    private Form withInbox(Session session, Form form) {
        InboxView inbox = api.post(session, "create-inbox", null).as(InboxView.class);
        return form.with("url", inbox.url());
    }

    private static Form without(Form form, String index) {
        int at = index.matches("\\d{1,4}") ? Integer.parseInt(index) : Integer.MAX_VALUE;
        Form without = form;
        for (String name : List.of("field", "comparison", "value")) {
            List<String> values = new ArrayList<>(form.all(name));
            if (at < values.size()) {
                values.remove(at);
            }
            without = without.with(name, values.toArray(String[]::new));
        }
        return without;
    }

    /** With another sample event: of a type, or a received one. */
    private Form withRecent(Session session, Form form) {
        String asked = form.text("recent");
        if (asked.isEmpty()) {
            return form;
        }
        Optional<EventCatalog.Type> type = webhooks(session).catalog().type(asked);
        if (type.isPresent()) {
            String sample = type.get().sample().toPrettyString();
            return form.with(TestEvent.EVENT, sample);
        }
        JsonNode event = event(session, asked);
        return event != null && event.isObject() ? form.with(TestEvent.EVENT, event.toPrettyString()) : form;
    }

    private PageAnswer saved(PageRequest request, Session session, Edited edited, Form form) {
        Faults unfinished = unfinished(session, edited, form);
        if (!unfinished.isEmpty()) {
            return page(session, 422, edited, form, unfinished, null);
        }
        ObjectNode definition = webhooks(session).definition(form, edited.definition());
        boolean makesKey = edited.isNew() && WebhookForm.isSigned(form) && !api.signs(session);
        try {
            Api.Answer key = makesKey ? firstKey(session) : null;
            WebhookView saved = kept(session, edited, form, definition, key);
            StringBuilder message = new StringBuilder("Webhook '" + saved.name() + "' saved.");
            saved.warnings()
                    .forEach(warning ->
                            message.append(" Warning: ").append(warning).append('.'));
            startBackfill(session, saved, form)
                    .ifPresent(past -> message.append(' ').append(past));
            session.inform(message.toString());
            return makesKey
                    ? shownOnce(request, session, key.as(SigningKeyView.class), saved)
                    : PageAnswer.goTo(request, WebhookText.page(saved.id()));
        } catch (ProblemException e) {
            return refused(session, edited, form, e);
        }
    }

    /** Counts the past events that the webhook of the form would get. */
    private PageAnswer counted(Session session, Edited edited, Form form) {
        Faults unfinished = unfinished(session, edited, form);
        if (!unfinished.isEmpty()) {
            return page(session, 422, edited, form, unfinished, null);
        }
        Map<String, Object> asked = since(form);
        asked.put("dryRun", true);
        ObjectNode definition = webhooks(session).definition(form, edited.definition());
        if (form.text("name").isEmpty()) {
            definition.put("name", UNNAMED);
        }
        asked.put("definition", definition);
        try {
            BackfillView past = api.post(session, "start-backfill", asked, edited.isNew() ? UNNAMED : edited.name())
                    .as(BackfillView.class);
            return page(session, 200, edited, form, Faults.NONE, null, null, past);
        } catch (ProblemException e) {
            return page(session, 422, edited, form, faults(e.problem(), form), null);
        }
    }

    private static Map<String, Object> since(Form form) {
        Map<String, Object> asked = new LinkedHashMap<>();
        if (!form.text(SINCE).isEmpty()) {
            asked.put("from", TimeText.instant(form.text(SINCE)));
        }
        return asked;
    }

    /** Starts a backfill of a saved webhook. @return a message about it, or about its problem; empty: none is wanted */
    private Optional<String> startBackfill(Session session, WebhookView saved, Form form) {
        if (form.text(SINCE).isEmpty()) {
            return Optional.empty();
        }
        try {
            BackfillView past =
                    api.post(session, "start-backfill", since(form), saved.id()).as(BackfillView.class);
            return Optional.of(CountText.pastEvents(past) + " will be sent.");
        } catch (ProblemException e) {
            return Optional.of("Past events will not be sent: " + words(faults(e.problem(), form)));
        }
    }

    private WebhookView kept(Session session, Edited edited, Form form, ObjectNode definition, Api.Answer key) {
        try {
            return api.save(session, "webhook", edited.name(), definition, form.text("tag"))
                    .as(WebhookView.class);
        } catch (ProblemException e) {
            if (key != null) {
                api.send(session, "delete-signing-key", null, key.tag(), FIRST_KEY);
            }
            throw e;
        }
    }

    /** Creates a signing key with the first webhook of an account without one, so that every request is signed. */
    private Api.Answer firstKey(Session session) {
        return api.save(session, "signing-key", "", Map.of("id", FIRST_KEY, "scheme", "v1"), null);
    }

    private PageAnswer shownOnce(PageRequest request, Session session, SigningKeyView key, WebhookView webhook) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("webhook", webhook);
        parameters.put("key", key);
        parameters.put("site", request.site());
        parameters.put(
                "inbox",
                inbox(session, webhook.defined().json().at("/delivery/url").asText()));
        return renderer.page("first-signing-key", "Webhook " + webhook.name(), "webhooks", session, parameters)
                .with("HX-Trigger", "saved");
    }

    private PageAnswer deleted(PageRequest request, Session session, Edited edited, Form form) {
        try {
            api.send(session, "delete-webhook", null, form.text("tag"), edited.name());
            session.inform("Webhook '" + edited.name() + "' deleted.");
            return PageAnswer.goTo(request, LIST);
        } catch (ProblemException e) {
            return refused(session, edited, form, e);
        }
    }

    private PageAnswer refused(Session session, Edited edited, Form form, ProblemException e) {
        EditConflict over = EditConflict.after(e, form, edited.tag(), edited.path());
        return page(session, 422, edited, form, faults(e.problem(), form).or(over), null);
    }

    /** Errors of values that only the form has; none if they are not being tested. */
    private Faults unfinished(Session session, Edited edited, Form form) {
        return edited.readOnly() == null ? webhooks(session).faults(form, edited.definition()) : Faults.NONE;
    }

    private PageAnswer tested(Session session, Edited edited, Form form) {
        String event = withEvent(session, edited, form).raw(TestEvent.EVENT);
        if (!TestEvent.isObject(event)) {
            Faults.Gathering faults = new Faults.Gathering();
            faults.add(TestEvent.EVENT, Messages.text("sample.no-object"));
            return page(session, 422, edited, form, faults.done(), null);
        }
        Faults unfinished = unfinished(session, edited, form);
        if (!unfinished.isEmpty()) {
            return page(session, 422, edited, form, unfinished, null);
        }
        String name = edited.isNew() ? UNNAMED : edited.name();
        try {
            Map<String, Object> tried = tried(session, edited, form, event, false);
            TestedView test = api.post(session, "test-webhook", tried, name).as(TestedView.class);
            return page(session, 200, edited, form, Faults.NONE, test);
        } catch (ProblemException e) {
            return page(session, 422, edited, form, faults(e.problem(), form), null);
        }
    }

    private static Faults faults(Problem problem, Form form) {
        return Faults.of(
                problem,
                pointer -> pointer.equals("/from")
                        ? SINCE
                        : WebhookForm.fieldAt(pointer.replaceFirst("^/definition", ""), form),
                name -> name.equals(SINCE)
                        ? BuilderView.SINCE
                        : WebhookForm.field(name).label());
    }

    private PageAnswer page(Session session, int status, Edited edited, Form form, Faults faults, TestedView test) {
        return page(session, status, edited, form, faults, test, null);
    }

    private PageAnswer page(
            Session session, int status, Edited edited, Form form, Faults faults, TestedView test, String note) {
        return page(session, status, edited, form, faults, test, note, null);
    }

    /** @param note a notice about the form, or null @param past the number of past events, or null */
    private PageAnswer page(
            Session session,
            int status,
            Edited edited,
            Form form,
            Faults faults,
            TestedView test,
            String note,
            BackfillView past) {
        BuilderView view = new BuilderView(
                edited,
                withEvent(session, edited, form),
                faults,
                webhooks(session),
                new BuilderView.Choices(
                        picker(session, Picked.CLIENT, form.text("client")),
                        picker(session, Picked.CONNECTION, form.text("connection")),
                        received(session).limit(MOST_RECENT).toList(),
                        api.signs(session),
                        hasInboxes,
                        listen(session, edited),
                        inbox(session, form.text("url")),
                        note),
                test,
                past);
        String title = edited.isNew() ? "New webhook" : "Webhook " + edited.name();
        return renderer.page(status, "builder", title, "webhooks", session, Map.of("view", view));
    }

    private String listen(Session session, Edited edited) {
        boolean sendsHttp = edited.definition().at("/delivery/url").isTextual();
        return ListenText.command(
                edited.site(),
                sendsHttp ? edited.name() : "",
                session.portal() == null ? null : listenKeys.apply(session.portal()));
    }

    /** The page of the test inbox of the account that a URL is of, or null. */
    private String inbox(Session session, String url) {
        int at = url.indexOf(CallerAdmission.INBOX);
        if (!hasInboxes || at < 0 || !session.mayChange()) {
            return null;
        }
        try {
            String id = url.substring(at + CallerAdmission.INBOX.length());
            InboxView inbox = api.get(session, "show-inbox", id).as(InboxView.class);
            return inbox.url().equals(url) ? InboxPages.page(id) : null;
        } catch (ProblemException e) {
            return null;
        }
    }

    /** Resources chosen by name. @param field of the form @param kind as in the API */
    private record Picked(String field, String kind) {

        private static final Picked CLIENT = new Picked("client", "oauth-client");
        private static final Picked CONNECTION = new Picked("connection", "connection");

        static Picked of(String field) {
            return Stream.of(CLIENT, CONNECTION)
                    .filter(picked -> picked.field.equals(field))
                    .findFirst()
                    .orElseThrow(
                            () -> new ProblemException(Problem.notFound("there is nothing to choose by this name")));
        }
    }

    private Picker picker(Session session, Picked picked, String chosen) {
        ListView<NamedThing> page = named(session, picked, "");
        boolean isThere = exact(session, picked, page, chosen).isPresent();
        return new Picker(picked.field, page.items(), page.next() != null, chosen, isThere);
    }

    /** The first resources with a text in their name. */
    private ListView<NamedThing> named(Session session, Picked picked, String text) {
        Map<String, String> query = Map.of("limit", MOST_IN_A_LIST, "text", text);
        String list = picked.kind + "s";
        return api.list(session, "list-" + list, query, SettingView.class).map(NamedThing::of);
    }

    /** The resource of a name, on the page or not. */
    private Optional<NamedThing> exact(Session session, Picked picked, ListView<NamedThing> page, String name) {
        for (NamedThing one : page.items()) {
            if (one.name().equals(name)) {
                return Optional.of(one);
            }
        }
        return page.next() != null && !name.isEmpty() ? shown(session, picked, name) : Optional.empty();
    }

    private Optional<NamedThing> shown(Session session, Picked picked, String name) {
        try {
            return Optional.of(
                    NamedThing.of(api.get(session, "show-" + picked.kind, name).as(SettingView.class)));
        } catch (ProblemException e) {
            if (e.problem().status() != 404) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** Names that contain the typed text, an exact match first, as a fragment. */
    private PageAnswer names(PageRequest request, Session session) {
        Picked picked = Picked.of(request.segment(1));
        String typed = request.query().text(picked.field);
        ListView<NamedThing> page = named(session, picked, typed);
        List<NamedThing> fitting = new ArrayList<>(page.items());
        exact(session, picked, page, typed).ifPresent(exact -> {
            fitting.remove(exact);
            fitting.add(0, exact);
        });
        boolean isCut = page.next() != null && !typed.isEmpty();
        return renderer.part("offered", Map.of("field", picked.field, "fitting", fitting, "isCut", isCut));
    }

    /** Values of a rule's field, as a fragment: those of its type, and those of the last events. */
    private PageAnswer values(PageRequest request, Session session) {
        Form form = request.query();
        EventField field = ConditionLines.Line.submitted(
                        form.text("field"), webhooks(session).fields(form), ConditionLines.Comparison.IS, "")
                .field();
        EventTypes asked = new EventTypes(WebhookForm.events(form));
        Stream<String> seen = received(session)
                .filter(event -> asked.match(event.type()))
                .limit(MOST_RECENT)
                .map(event -> event(session, event.id()))
                .filter(Objects::nonNull)
                .flatMap(field::in);
        List<String> values = Stream.concat(field.values().stream(), seen)
                .distinct()
                .limit(MOST_VALUES)
                .toList();
        return renderer.part("values", Map.of("values", values));
    }

    /** The document of a received event; null: its data was removed. */
    private JsonNode event(Session session, String id) {
        return api.get(session, "show-event", id).as(EventDetails.class).document();
    }

    private Stream<EventSummary> received(Session session) {
        return api.list(session, "list-events", Map.of("limit", "50"), EventSummary.class).items().stream()
                .filter(event -> event.hasPayload() && !event.test());
    }

    /**
     * The side sheet that creates an OAuth client or a connection: without scripts a separate page, which keeps a draft
     * of the builder's form. The builder then selects the new resource.
     */
    private PageAnswer credential(PageRequest request, Session session) {
        SettingKind kind = credentialKind(request.segment(1));
        Form form = request.form();
        Draft draft = Draft.in(form);
        if (!request.isPost()) {
            return credentialPage(session, 200, kind, kind.form().of(NOTHING), Faults.NONE, draft);
        }
        if (form.text("do").equals("cancel")) {
            return resumed(request, session, draft.form(), draft);
        }
        try {
            SettingView made = api.save(session, kind.apiKind(), "", kind.form().definition(form, NOTHING), null)
                    .as(SettingView.class);
            String name = made.name();
            Picked picked = kind == SettingKind.OAUTH_CLIENT ? Picked.CLIENT : Picked.CONNECTION;
            if (request.isPartial()) {
                return renderer.part("credential-made", Map.of("picker", picker(session, picked, name), "name", name));
            }
            session.inform(kind.words() + " '" + name + "' created.");
            return resumed(request, session, draft.form().with(picked.field, name), draft);
        } catch (ProblemException e) {
            return credentialPage(session, 422, kind, form, kind.form().faults(e.problem()), draft);
        }
    }

    private static SettingKind credentialKind(String path) {
        return SettingKind.of(path)
                .filter(SettingKind::isCredential)
                .orElseThrow(() -> new ProblemException(Problem.notFound("nothing of this kind can be created here")));
    }

    private PageAnswer credentialPage(
            Session session, int status, SettingKind kind, Form form, Faults faults, Draft draft) {
        Map<String, ?> parameters = Map.of("kind", kind, "form", form, "faults", faults, "draft", draft);
        return renderer.page(status, "credential", "New " + kind.words(), "webhooks", session, parameters);
    }

    /** The builder with a draft. */
    private PageAnswer resumed(PageRequest request, Session session, Form form, Draft draft) {
        Edited edited = edited(request, session, draft.webhook());
        return page(session, 200, edited, form, Faults.NONE, null);
    }

    /** The preview of the form as a fragment. */
    private PageAnswer preview(PageRequest request, Session session, Edited edited) {
        Form form = request.form();
        Form with = withEvent(session, edited, form);
        String event = with.raw(TestEvent.EVENT);
        PreviewView preview = previewed(session, edited, form, event);
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("preview", preview);
        parameters.put("renderer", renderer);
        parameters.put("rules", rules(session, edited, form, event, preview));
        parameters.put("warned", WebhookForm.THIRD_PARTIES.contains(form.text("to")) ? "fields" : "body");
        parameters.put("sampleLabel", TestEvent.label(event, webhooks(session).catalog()));
        parameters.put("put", event.equals(form.raw(TestEvent.EVENT)) ? null : with);
        EventFields fields = webhooks(session).fields(form);
        parameters.put("form", form);
        List<ConditionLines.Line> lines = webhooks(session).shownLines(form);
        parameters.put("lines", lines);
        parameters.put("program", new ConditionLines(!form.text("match").equals("any"), lines).program());
        boolean isOther = form.has(OFFERED) && !form.text(OFFERED).equals(fields.version());
        parameters.put("offered", isOther ? fields : null);
        return renderer.part("preview", parameters);
    }

    private PreviewView previewed(Session session, Edited edited, Form form, String event) {
        if (!TestEvent.isObject(event)) {
            return PreviewView.faulty(Messages.text("sample.no-object"));
        }
        Faults unfinished = unfinished(session, edited, form);
        if (!unfinished.isEmpty()) {
            return PreviewView.faulty(String.join(" ", unfinished.fields().values()));
        }
        try {
            Map<String, Object> tried = tried(session, edited, form, event, true);
            return api.post(session, "preview-webhook", tried).as(PreviewView.class);
        } catch (ProblemException e) {
            return PreviewView.faulty(words(faults(e.problem(), form)));
        }
    }

    private static String words(Faults faults) {
        return Stream.concat(faults.fields().values().stream(), faults.general().stream())
                .collect(Collectors.joining(" "));
    }

    /** The result of each rule for an event that does not match: previews a webhook with that rule alone. */
    private List<RuleResult> rules(Session session, Edited edited, Form form, String event, PreviewView preview) {
        boolean isAsked = form.text("condition-kind").equals("lines") && preview.fault() == null && !preview.matches();
        if (!isAsked || edited.readOnly() != null) {
            return List.of();
        }
        List<RuleResult> results = new ArrayList<>();
        WebhookForm webhooks = webhooks(session);
        ObjectNode definition = webhooks.definition(form, edited.definition());
        definition.put("name", UNNAMED).putArray("events").add(EventGroup.EVERY);
        Map<String, Object> tried = tried(session, edited, form, event, true);
        tried.put("definition", definition);
        for (ConditionLines.Line line :
                webhooks.lines(form).lines().stream().limit(MOST_RULES).toList()) {
            definition.put("condition", new ConditionLines(true, List.of(line)).program());
            PreviewView alone = api.post(session, "preview-webhook", tried).as(PreviewView.class);
            results.add(new RuleResult(line.words(), alone.matches()));
        }
        return results;
    }

    private Form withEvent(Session session, Edited edited, Form form) {
        WebhookForm webhooks = webhooks(session);
        return TestEvent.in(form, WebhookForm.events(edited.meant(webhooks, form)), webhooks.catalog());
    }

    /**
     * The definition to preview or test: the form's, or the active one of a read-only webhook, with the event's
     * original text.
     */
    private Map<String, Object> tried(Session session, Edited edited, Form form, String event, boolean named) {
        Map<String, Object> tried = new LinkedHashMap<>();
        if (named && !edited.isNew()) {
            tried.put("webhook", edited.name());
        }
        if (edited.readOnly() == null) {
            ObjectNode definition = webhooks(session).definition(form, edited.definition());
            if (form.text("name").isEmpty()) {
                definition.put("name", UNNAMED);
            }
            tried.put("definition", definition);
        }
        tried.put("event", new RawValue(event.strip()));
        return tried;
    }
}
