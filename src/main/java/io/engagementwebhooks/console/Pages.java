package io.engagementwebhooks.console;

import io.engagementwebhooks.api.account.FrameAncestors;
import io.engagementwebhooks.api.account.PortalSessions;
import io.engagementwebhooks.console.deliveries.DeliveryPages;
import io.engagementwebhooks.console.deliveries.EventPages;
import io.engagementwebhooks.console.deliveries.FailurePages;
import io.engagementwebhooks.console.deliveries.ReplayPages;
import io.engagementwebhooks.console.forms.OfferedKamelet;
import io.engagementwebhooks.console.settings.Notifications;
import io.engagementwebhooks.console.settings.SettingsPages;
import io.engagementwebhooks.console.signin.Session;
import io.engagementwebhooks.console.signin.Sessions;
import io.engagementwebhooks.console.signin.SignInFailedException;
import io.engagementwebhooks.console.signin.SignInLink;
import io.engagementwebhooks.console.signin.SingleSignOn;
import io.engagementwebhooks.console.text.DeliveryText;
import io.engagementwebhooks.console.webhooks.BuilderPages;
import io.engagementwebhooks.console.webhooks.InboxPages;
import io.engagementwebhooks.console.webhooks.WebhookForm;
import io.engagementwebhooks.console.webhooks.WebhookPages;
import io.engagementwebhooks.deliver.kamelet.Kamelets;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.server.ProblemResponse;
import io.engagementwebhooks.webhook.Caller;
import io.engagementwebhooks.webhook.EventCatalog;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step {@code pages}: every page of the console. It finds the session, refuses forms of other sites, and restricts what
 * the browser runs, shows and loads to this origin. Thread-safe.
 */
public final class Pages implements Processor {

    /** The form field with the session's token. */
    public static final String TOKEN = "_token";

    static final String SIGN_IN = "sign-in";

    /** Path segment of the sign-in by link. */
    static final String LINK = "link";

    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERROR = 500;
    private static final String ASSETS = "assets";
    private static final String SIGN_OUT = "sign-out";
    private static final String THEME = "theme";
    private static final Set<String> OF_OPERATOR = Set.of("accounts", AppearancePage.AREA);

    /** The cookie of a browser that signs in at the provider. */
    static final String PROVIDER_COOKIE = "webhooks-sign-in";

    private static final String NOT_REVOKED =
            "You have signed out in this browser. The store refuses changes, so a copy of the cookie stays valid until the"
                    + " session ends";

    private static final Logger LOG = LoggerFactory.getLogger(Pages.class);
    private static final Map<String, String> ALWAYS = Map.of(
            "X-Content-Type-Options", "nosniff",
            "Referrer-Policy", "same-origin",
            "Cross-Origin-Opener-Policy", "same-origin");

    private final CallerAuthentication.Guard guard;
    private final Sessions sessions;
    private final boolean behindTls;
    private final SignIns signIns;
    private final Framing framing;
    private final Assets assets;
    private final PageRenderer renderer;
    private final Map<String, Area> areas = new LinkedHashMap<>();

    /**
     * The ways to sign in without a key.
     *
     * @param first the link of the first start
     * @param portals the portal sessions
     * @param provider empty: there is none
     */
    public record SignIns(SignInLink first, PortalSessions portals, Optional<SingleSignOn> provider) {}

    /**
     * @param context with the API's steps
     * @param guard of API keys
     * @param sessions of the signed-in users
     * @param behindTls whether a proxy ends TLS
     * @param branding of the console
     * @param email whether the installation sends e-mail
     * @param inboxes whether it has test inboxes
     * @param kamelets that webhooks may use
     * @param ancestors origins that may frame portal sessions
     */
    public Pages(
            CamelContext context,
            CallerAuthentication.Guard guard,
            Sessions sessions,
            SignIns signIns,
            Clock clock,
            boolean behindTls,
            Branding branding,
            boolean email,
            boolean inboxes,
            Kamelets kamelets,
            FrameAncestors ancestors) {
        this.guard = guard;
        this.sessions = sessions;
        this.signIns = signIns;
        this.framing = new Framing(ancestors);
        this.behindTls = behindTls;
        this.assets = new Assets(branding, kamelets);
        List<OfferedKamelet> offered = OfferedKamelet.of(kamelets);
        this.renderer = new PageRenderer(
                new Templates(),
                assets,
                branding.name(),
                sessions,
                offered.stream().collect(Collectors.toMap(OfferedKamelet::url, OfferedKamelet::title)));
        Api api = new Api(context);
        Function<Session, EventCatalog> catalogs = session ->
                guard.config().get().catalog(session.caller().account().id());
        Function<Session, WebhookForm> forms = session -> new WebhookForm(catalogs.apply(session), offered);
        areas.put("overview", new OverviewPages(api, renderer, clock));
        areas.put("deliveries", new DeliveryPages(api, catalogs, renderer, clock));
        areas.put(FailurePages.AREA, new FailurePages(api, renderer));
        areas.put("replays", new ReplayPages(api, renderer, clock));
        areas.put("webhooks", new WebhookPages(api, forms, renderer, inboxes));
        BuilderPages builder = new BuilderPages(api, forms, renderer, inboxes, signIns.portals()::listenKey);
        areas.put(InboxPages.AREA, new InboxPages(api, renderer));
        areas.put("builder", builder);
        areas.put(BuilderPages.PREVIEW, builder);
        areas.put(BuilderPages.NAMES, builder);
        areas.put(BuilderPages.NEW, builder);
        areas.put("events", new EventPages(api, renderer));
        areas.put("settings", new SettingsPages(api, renderer, clock, branding, Notifications.Recipe.offered(email)));
        areas.put("accounts", new AccountPages(api, renderer));
        areas.put(AppearancePage.AREA, new AppearancePage(renderer, branding));
    }

    /** The signed-in user by the values of the header {@code Cookie}; empty: not signed in. Reads memory only. */
    public Optional<Caller> caller(List<String> cookies) {
        return PageRequest.cookies(cookies, Framing.COOKIE).stream()
                .flatMap(cookie -> sessions.caller(cookie).stream())
                .findFirst();
    }

    /** A framed page may have two cookies with the same name. */
    private Optional<Session> session(PageRequest request) {
        return PageRequest.cookies(request.call().headers().getOrDefault("cookie", List.of()), Framing.COOKIE).stream()
                .flatMap(cookie -> sessions.of(cookie, request.theme()).stream())
                .findFirst();
    }

    @Override
    public void process(Exchange exchange) {
        PageRequest request = null;
        Session session = null;
        PageAnswer answer;
        Map<String, String> framed = Framing.CLOSED;
        try {
            request = PageRequest.of(exchange, behindTls, guard.addresses());
            // if the store cannot be read, the problem is shown in a frame too
            framed = framing.headers(request, null);
            session =
                    request.segment(0).equals(ASSETS) ? null : session(request).orElse(null);
            framed = framing.headers(request, session);
            answer = answer(request, session).compressed(request);
        } catch (Exception e) {
            Problem problem = ProblemResponse.problem(e, false);
            answer = renderer.problem(problem, again(request, problem), session);
        }
        write(exchange, session == null ? answer : withCookie(request, session, answer), framed);
    }

    /** The address of a page that may be there later; null: it will not, or it was a form. */
    private static String again(PageRequest request, Problem problem) {
        boolean passes = problem.status() == TOO_MANY_REQUESTS || problem.status() >= SERVER_ERROR;
        return request != null && !request.isPost() && passes ? request.address() : null;
    }

    /** With the session's cookie, if it has changed. Fragments do not prolong the session. */
    private PageAnswer withCookie(PageRequest request, Session session, PageAnswer answer) {
        boolean isUpdate = request.isPartial() && !request.isPost();
        return !answer.cookies().isEmpty() || isUpdate && !session.hasOtherNotice()
                ? answer
                : sessions.update(session)
                        .map(cookie -> answer.setting(Framing.cookie(request, session, cookie, sessions.life(session))))
                        .orElse(answer);
    }

    private PageAnswer answer(PageRequest request, Session session) {
        String area = request.segment(0);
        if (area.equals(ASSETS) && !request.isPost()) {
            return assets.answer(request, request.segment(1)).orElseThrow(() -> nothing(request));
        }
        if (request.isPost()) {
            refuseForeign(request, session);
        }
        if (area.equals(SIGN_IN)) {
            return signingIn(request, session);
        }
        if ((session == null || session.mayOperate()) && wouldCostWhatWasTyped(request)) {
            throw sessionEnded();
        }
        if (session == null) {
            return framing.returnLink(request, sessions)
                    .map(link -> afterPortal(request, link))
                    .orElseGet(() -> isLink(request)
                            ? onward(request, OwnPage.orHome(request.address()))
                            : PageAnswer.goTo(request, toSignIn(request)));
        }
        if (isOfOtherAccount(request, session)) {
            throw sessionEnded();
        }
        if (area.isEmpty()) {
            return PageAnswer.goTo(request, PageRoutes.HOME + "/" + home(session));
        }
        if (area.equals(SIGN_OUT) && request.isPost()) {
            return signOut(request, session);
        }
        if (area.equals(THEME) && request.isPost()) {
            return PageAnswer.goTo(request, then(request.page(), session))
                    .setting(Theme.of(request.form().text("theme")).cookie(request));
        }
        if (session.mayOperate() != OF_OPERATOR.contains(area)) {
            return PageAnswer.goTo(request, PageRoutes.HOME + "/" + home(session));
        }
        Area pages = Optional.ofNullable(areas.get(area)).orElseThrow(() -> nothing(request));
        return guard.requests().run(session.caller().account().id(), () -> pages.answer(request, session));
    }

    /** Whether another account has signed in since the page was opened that requests a fragment. */
    private static boolean isOfOtherAccount(PageRequest request, Session session) {
        String account = request.call().header("x-account");
        return request.isPartial()
                && account != null
                && !account.equals(session.caller().account().id());
    }

    /** Whether the request follows a link of another site; the browser may have a session it did not send. */
    private static boolean isLink(PageRequest request) {
        return !request.isPost()
                && !request.segments().isEmpty()
                && request.isFromOtherSite()
                && "navigate".equals(request.call().header("sec-fetch-mode"));
    }

    /** Removes the cookie in any case. A portal session has no sign-in page. */
    private PageAnswer signOut(PageRequest request, Session session) {
        boolean isRevoked = sessions.end(session);
        PageAnswer answer;
        if (session.portal() != null) {
            String title = isRevoked ? "You have signed out" : NOT_REVOKED;
            answer = ended(
                    request, isRevoked ? 200 : 503, title, session.portal().returnTo(), null);
        } else {
            answer = isRevoked
                    ? PageAnswer.goTo(request, PageRoutes.HOME + "/" + SIGN_IN)
                    : signInPage(request, 503, NOT_REVOKED + ". To end it now, delete its key.");
        }
        return answer.setting(Framing.end(request, session));
    }

    private PageAnswer afterPortal(PageRequest request, Session.ReturnLink link) {
        return request.isPartial()
                ? PageAnswer.goTo(request, PageRoutes.HOME)
                : ended(
                        request,
                        401,
                        "Your session has ended",
                        link.renews() ? null : link.url(),
                        link.renews() ? link.url() : null);
    }

    /**
     * The page after a portal session.
     *
     * @param back URL to link back to, or null
     * @param renew URL that starts a new session, or null
     */
    private PageAnswer ended(PageRequest request, int status, String title, String back, String renew) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("back", back);
        parameters.put("renew", renew);
        return renderer.door(status, "portal-ended", title, request.theme(), parameters);
    }

    /** Whether a form requests it that the user types into: a redirect would discard the input. */
    private static boolean wouldCostWhatWasTyped(PageRequest request) {
        return request.isPartial() && (request.isPost() || request.segment(0).equals(BuilderPages.NAMES));
    }

    private static String home(Session session) {
        return session.mayOperate() ? "accounts" : "overview";
    }

    private static ProblemException nothing(PageRequest request) {
        return new ProblemException(
                Problem.notFound("there is no page at " + request.call().path()));
    }

    /** The sign-in page, with the requested page to continue with. */
    private static String toSignIn(PageRequest request) {
        String page = request.isPost() || request.isPartial() ? request.page() : request.address();
        return PageRoutes.HOME + "/" + SIGN_IN + (OwnPage.is(page) ? "?then=" + Api.encoded(page) : "");
    }

    private PageAnswer signInPage(PageRequest request, int status, String fault) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("fault", fault);
        parameters.put("provider", signIns.provider().isPresent());
        parameters.put("ended", fault == null && !request.cookie(Framing.COOKIE).isEmpty());
        parameters.put(
                "then",
                request.isPost() ? request.form().text("then") : request.query().text("then"));
        return renderer.door(status, "sign-in", "Sign in", request.theme(), parameters);
    }

    private PageAnswer signingIn(PageRequest request, Session former) {
        String step = request.segment(1);
        if (request.isPost() && step.isEmpty()) {
            return signIn(request, former);
        }
        if (!request.isPost() && step.isEmpty()) {
            return signInPage(request, 200, null);
        }
        if (step.equals(LINK)) {
            return request.isPost() ? signInByLink(request, former) : linkPage(request, former);
        }
        if (request.isPost() || signIns.provider().isEmpty()) {
            throw nothing(request);
        }
        return switch (step) {
            case "provider" -> toProvider(request, signIns.provider().get());
            case "return" -> fromProvider(request, former, signIns.provider().get());
            default -> throw nothing(request);
        };
    }

    /**
     * Shows the link's page without using the link: previews request it too. The form sends its origin, no request its
     * address.
     */
    private PageAnswer linkPage(PageRequest request, Session former) {
        Map<String, Object> parameters = new HashMap<>();
        String token = request.query().text("token");
        parameters.put("token", token);
        parameters.put(
                "caller",
                signIns.first()
                        .caller(token)
                        .or(() -> signIns.portals().ofLink(token).flatMap(this::holder))
                        .orElse(null));
        parameters.put("former", former == null ? null : former.caller());
        return renderer.door(200, "sign-in-link", "Sign in", request.theme(), parameters)
                .with("Referrer-Policy", "strict-origin");
    }

    /** @param former the session that ends, or null */
    private PageAnswer signInByLink(PageRequest request, Session former) {
        String token = request.form().text("token");
        Optional<Caller> first = signIns.first().redeem(token);
        Optional<PortalSessions.Portal> portal =
                first.isPresent() ? Optional.empty() : signIns.portals().redeem(token);
        first.ifPresent(admin -> guard.used(admin.key()));
        return first.or(() -> portal.flatMap(this::holder))
                .map(caller -> beginSession(request, former, caller, portal.orElse(null)))
                .orElseGet(() ->
                        ended(request, 403, "This link was used, revoked, or is older than 15 minutes", null, null));
    }

    private Optional<Caller> holder(PortalSessions.Portal portal) {
        return guard.config().get().account(portal.account()).map(portal::caller);
    }

    private PageAnswer toProvider(PageRequest request, SingleSignOn provider) {
        try {
            SingleSignOn.ProviderRedirect to = provider.begin(request.query().text("then"));
            return PageAnswer.leadTo(to.to())
                    .setting(providerCookie(request, to.cookie(), SingleSignOn.LONGEST.toSeconds()));
        } catch (SignInFailedException e) {
            return refused(request, e);
        } catch (ProblemException e) {
            return refused(request, e.problem());
        }
    }

    /** SameSite Lax, because the browser comes from the provider. */
    private String providerCookie(PageRequest request, String value, long seconds) {
        return PROVIDER_COOKIE + "=" + value + "; Path=/console/sign-in; Max-Age=" + seconds
                + "; HttpOnly; SameSite=Lax" + (request.overTls() ? "; Secure" : "");
    }

    /** @param former the session that ends, or null */
    private PageAnswer fromProvider(PageRequest request, Session former, SingleSignOn provider) {
        SingleSignOn.SignedInUser user;
        try {
            user = provider.end(request.query(), request.cookie(PROVIDER_COOKIE), request.from());
        } catch (SignInFailedException e) {
            return refused(request, e);
        } catch (ProblemException e) {
            return refused(request, e.problem());
        }
        signIns.first().signedIn();
        Session session = replaced(request, former, user.caller(), null);
        LOG.info(
                "console.signed-in account={} by={}",
                user.caller().account().id(),
                user.caller().key().name());
        // no redirect: coming from another site, the browser would omit the strict cookie
        return onward(request, then(user.then(), session)).setting(cookie(request, session));
    }

    /**
     * A page that redirects to another: then the browser sends the strict cookie, which it omits on requests of other
     * sites.
     */
    private PageAnswer onward(PageRequest request, String to) {
        return renderer.door(200, "onward", "One moment", request.theme(), Map.of("to", to));
    }

    private PageAnswer refused(PageRequest request, SignInFailedException e) {
        LOG.warn("console.sign-in-refused {}", e.getMessage());
        return signInPage(request, 403, sentence(e.getMessage()));
    }

    private PageAnswer refused(PageRequest request, Problem problem) {
        PageAnswer page = signInPage(request, problem.status(), sentence(problem.detail()));
        return problem.retryAfter() == null
                ? page
                : page.with(
                        "Retry-After",
                        Long.toString(Math.max(1, problem.retryAfter().toSeconds())));
    }

    /** @param former the session that ends, or null */
    private PageAnswer signIn(PageRequest request, Session former) {
        Caller caller;
        try {
            String key = request.form().text("key");
            if (key.isEmpty()) {
                return signInPage(request, 422, "Paste an API key.");
            }
            caller = guard.authenticate(key, request::from);
        } catch (ProblemException e) {
            return refused(request, e.problem());
        }
        if (!caller.key().role().mayRead() && !caller.key().role().mayOperate()) {
            return signInPage(
                    request,
                    403,
                    "Key '" + caller.key().name()
                            + "' can only send events. Sign in with a key of role admin or read.");
        }
        guard.used(caller.key());
        signIns.first().signedIn();
        return beginSession(request, former, caller, null);
    }

    private PageAnswer beginSession(PageRequest request, Session former, Caller caller, PortalSessions.Portal portal) {
        Session session = replaced(request, former, caller, portal);
        return PageAnswer.goTo(request, then(request.form().text("then"), session))
                .setting(cookie(request, session));
    }

    /** A new session in place of the browser's former one, or null. */
    private Session replaced(PageRequest request, Session former, Caller caller, PortalSessions.Portal portal) {
        if (former != null) {
            sessions.end(former);
        }
        return sessions.begin(caller, portal, request.theme());
    }

    private String cookie(PageRequest request, Session session) {
        return Framing.cookie(request, session, sessions.cookie(session), sessions.life(session));
    }

    /** A page of the console, whatever the sign-in page's address says. */
    private static String then(String asked, Session session) {
        return OwnPage.is(asked) ? asked : PageRoutes.HOME + "/" + home(session);
    }

    private static String sentence(String detail) {
        return DeliveryText.label(detail) + ".";
    }

    /** Refuses a form of another site: browsers send its origin, and it cannot know the session's token. */
    private void refuseForeign(PageRequest request, Session session) {
        if (request.isFromOtherSite()) {
            throw foreign();
        }
        boolean known =
                session == null || sessions.isFormToken(session, request.form().text(TOKEN));
        if (!known && !request.segment(0).equals(SIGN_IN)) {
            throw request.isPartial() ? sessionEnded() : foreign();
        }
    }

    /** Upon this status the page asks to sign in, and puts the token of the new session into its forms. */
    private static ProblemException sessionEnded() {
        return new ProblemException(Problem.unauthorized("your session has ended; sign in, then send the form again"));
    }

    private static ProblemException foreign() {
        return new ProblemException(Problem.forbidden(
                "foreign-form",
                "this form does not belong to your session; open the page again and send the form from there"));
    }

    private static void write(Exchange exchange, PageAnswer answer, Map<String, String> framed) {
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        ALWAYS.forEach(message::setHeader);
        framed.forEach(message::setHeader);
        if (!answer.headers().containsKey("Cache-Control")) {
            message.setHeader("Cache-Control", "no-store");
        }
        answer.headers().forEach(message::setHeader);
        if (!answer.cookies().isEmpty()) {
            message.setHeader("Set-Cookie", answer.cookies());
        }
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, answer.status());
        message.setBody(answer.body());
    }
}
