package io.engagementwebhooks.api.account;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.api.Answered;
import io.engagementwebhooks.api.ApiRequest;
import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.AuditLog;
import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.Page;
import io.engagementwebhooks.api.Parameters;
import io.engagementwebhooks.api.StoredCaller;
import io.engagementwebhooks.api.definition.Definitions;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.config.schema.FieldFault;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.Actor;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Durations;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/**
 * {@code /v1/accounts/{account}/portal-sessions}: creates, lists and revokes portal sessions, for the operator and
 * admins of the account. Thread-safe.
 *
 * @param overTls whether browsers reach this installation with https
 */
public record PortalSessionApi(
        PortalSessions sessions,
        FrameAncestors ancestors,
        Supplier<Config> config,
        AuditLog auditLog,
        Clock clock,
        boolean overTls) {

    private static final String KIND = "portal-session";
    private static final int PLACE_OF_SESSION = 4;
    private static final int LONGEST_URL = 1_000;
    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final String USUAL_LIFE = "2h";
    private static final Set<String> THEMES = Set.of("system", "light", "dark");
    private static final Set<String> MEMBERS = Set.of("role", "expiresIn", "return", "renew", "navigation", "theme");

    /** {@code POST …}: creates a session and its link. */
    public Processor create() {
        return ApiStep.ok(request -> {
            String account = account(request);
            Instant now = clock.instant();
            if (request.caller().key().actor().kind().equals(Actor.PORTAL_SESSION)) {
                throw new ProblemException(Problem.forbidden(
                        "wrong-role", "a portal session cannot create another one; use an API key of role admin"));
            }
            PortalSessions.Portal portal = read(request.body(MEMBERS), account, StoredCaller.of(request.caller()), now);
            String path = sessions.create(portal);
            String detail = "role " + role(portal) + ", until " + text(portal.endsAt());
            auditLog.append(account, request, "created", KIND, portal.id(), detail);
            long linkEnds = Math.min(now.plus(PortalSessions.LINK_LASTS).toEpochMilli(), portal.endsAt());
            Map<String, String> location = Map.of("Location", request.call().path() + "/" + portal.id());
            PortalSessions.PortalUsage unused = new PortalSessions.PortalUsage(portal, null, now);
            return new Answered(201, location, view(unused, site(request) + path, text(linkEnds)));
        });
    }

    private String site(ApiRequest request) {
        String host = request.call().header("host");
        return host == null ? "" : (overTls ? "https://" : "http://") + host;
    }

    /** {@code GET …}: sessions that have not ended, newest first. */
    public Processor list() {
        return ApiStep.ok(request -> {
            String account = account(request);
            ListView<PortalSessions.PortalUsage> page = Page.named(
                    sessions.of(account),
                    PortalSessionApi::position,
                    request.parameters(Parameters.LIMIT, Parameters.CURSOR),
                    "accounts/" + account + "/portal-sessions\n" + account);
            return page.map(this::view);
        });
    }

    /** Sorts newest first: later times are smaller. */
    private static String position(PortalSessions.PortalUsage used) {
        PortalSessions.Portal portal = used.portal();
        return String.format(Locale.ROOT, "%019d %s", Long.MAX_VALUE - portal.createdAt(), portal.id());
    }

    private static String text(long millis) {
        return DeliveryView.text(Instant.ofEpochMilli(millis));
    }

    /** {@code GET …/{id}}. */
    public Processor one() {
        return ApiStep.ok(request -> {
            return view(asked(account(request), request.segment(PLACE_OF_SESSION)));
        });
    }

    /** {@code DELETE …/{id}}: ends the session at once. */
    public Processor revoke() {
        return ApiStep.ok(request -> {
            String account = account(request);
            PortalSessions.PortalUsage used = asked(account, request.segment(PLACE_OF_SESSION));
            sessions.end(used.portal());
            auditLog.append(account, request, "deleted", KIND, used.portal().id(), null);
            return Answered.nothing();
        });
    }

    private PortalSessions.PortalUsage asked(String account, String id) {
        return sessions.of(account).stream()
                .filter(used -> used.portal().id().equals(id))
                .findFirst()
                .orElseThrow(
                        () -> new ProblemException(Problem.notFound("this account has no portal session of that id")));
    }

    /** The account in the path: the caller's, or any for the operator. */
    private String account(ApiRequest request) {
        String account = request.resource();
        boolean may = request.caller().key().role().mayOperate() || account.equals(request.account());
        if (!may || config.get().account(account).isEmpty()) {
            throw new ProblemException(Problem.notFound("there is no account of that id"));
        }
        return account;
    }

    private PortalSessions.Portal read(JsonNode body, String account, StoredCaller creator, Instant now) {
        List<FieldFault> faults = new ArrayList<>();
        String role = text(body, "role", "read", faults);
        if (!role.equals("read") && !role.equals("admin")) {
            faults.add(new FieldFault("/role", "'role' is not known", "known: read, admin"));
        }
        String theme = text(body, "theme", "system", faults);
        if (!THEMES.contains(theme)) {
            faults.add(new FieldFault("/theme", "'theme' is not known", "known: system, light, dark"));
        }
        JsonNode navigation = body.path("navigation");
        if (!navigation.isMissingNode() && !navigation.isNull() && !navigation.isBoolean()) {
            faults.add(new FieldFault("/navigation", "'navigation' must be true or false", "leave it out for true"));
        }
        Duration life = life(body, faults);
        String returnTo = address(body, "return", faults);
        String renew = address(body, "renew", faults);
        if (!faults.isEmpty()) {
            throw Definitions.invalid(faults);
        }
        return new PortalSessions.Portal(
                sessions.newId(),
                account,
                ApiKey.Role.valueOf(role.toUpperCase(Locale.ROOT)),
                creator,
                now.toEpochMilli(),
                now.plus(life).toEpochMilli(),
                returnTo,
                renew,
                navigation.asBoolean(true),
                theme.equals("system") ? null : theme);
    }

    private static String text(JsonNode body, String member, String usual, List<FieldFault> faults) {
        JsonNode value = body.path(member);
        if (value.isMissingNode() || value.isNull()) {
            return usual;
        }
        if (!value.isTextual()) {
            faults.add(new FieldFault("/" + member, "'" + member + "' must be a text", "write it in quotes"));
            return usual;
        }
        return value.textValue();
    }

    private static Duration life(JsonNode body, List<FieldFault> faults) {
        try {
            Duration life = Durations.parse(text(body, "expiresIn", USUAL_LIFE, faults));
            if (life.compareTo(SHORTEST) >= 0 && life.compareTo(PortalSessions.LONGEST) <= 0) {
                return life;
            }
        } catch (IllegalArgumentException e) {
            // reported below
        }
        faults.add(new FieldFault(
                "/expiresIn",
                "'expiresIn' must be a duration from 1m to 8h",
                "write 30m or 2h, or leave it out for 2h"));
        return SHORTEST;
    }

    /** Null: not given. */
    private String address(JsonNode body, String member, List<FieldFault> faults) {
        String url = text(body, member, null, faults);
        if (url != null && (url.length() > LONGEST_URL || !ancestors.has(url))) {
            faults.add(new FieldFault(
                    "/" + member,
                    "'" + member + "' must be a URL of at most " + LONGEST_URL
                            + " characters at an origin that may frame the console",
                    "name its origin in webhooks.console.frame-ancestors"));
        }
        return url;
    }

    private PortalSessionView view(PortalSessions.PortalUsage used) {
        return view(used, null, null);
    }

    private static PortalSessionView view(PortalSessions.PortalUsage used, String url, String linkEnds) {
        PortalSessions.Portal portal = used.portal();
        return new PortalSessionView(
                portal.id(),
                role(portal),
                portal.creator().name(),
                text(portal.createdAt()),
                DeliveryView.text(used.signedInAt()),
                used.signedInAt() == null ? null : DeliveryView.text(used.usedAt()),
                text(portal.endsAt()),
                portal.returnTo(),
                portal.renew(),
                portal.navigation(),
                portal.theme() == null ? "system" : portal.theme(),
                url,
                linkEnds);
    }

    private static String role(PortalSessions.Portal portal) {
        return portal.role().name().toLowerCase(Locale.ROOT);
    }
}
