package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.FrameAncestors;
import io.engagementwebhooks.console.PortalSessions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides which pages may be framed, and creates session cookies. Only portal sessions may be framed, and only by
 * configured origins. A second cookie has the renewal URL of a portal session, which works after a restart too. Immutable.
 */
record Framing(FrameAncestors ancestors) {

    /** The name of a session's cookie. */
    static final String COOKIE = "webhooks-session";

    /** The name of the cookie with the renewal URL. */
    static final String WAY_COOKIE = "webhooks-portal";

    /** Precedes the encoded URL in that cookie. */
    private static final String RENEW = "renew.";

    private static final String BACK = "back.";

    /** How long a browser keeps the renewal URL. */
    private static final Duration REMEMBERED = Duration.ofDays(30);

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors ";

    /** Headers of pages that may not be framed. */
    static final Map<String, String> CLOSED =
            Map.of("Content-Security-Policy", POLICY + "'none'", "X-Frame-Options", "DENY");

    /**
     * Where to go after a portal session.
     *
     * @param url null: unknown
     * @param renews whether the URL starts a new session; false: it is the embedding product
     */
    record WayOn(String url, boolean renews) {}

    /** @param session null: not signed in */
    Map<String, String> headers(PageRequest request, Session session) {
        boolean isLink =
                request.segment(0).equals(Pages.SIGN_IN) && request.segment(1).equals(Pages.LINK);
        boolean isAfterPortal = session == null && !request.segment(0).equals(Pages.SIGN_IN);
        boolean isOfPortal = isLink || isAfterPortal || session != null && session.portal() != null;
        return isOfPortal && !ancestors.origins().isEmpty()
                ? Map.of("Content-Security-Policy", POLICY + ancestors.policy())
                : CLOSED;
    }

    /** {@code Set-Cookie} at the start of a session: its cookie ends with it. */
    String[] begin(PageRequest request, Session session) {
        PortalSessions.Portal portal = session.portal();
        if (portal == null) {
            return new String[] {
                cookie(request, COOKIE, session.id(), Sessions.LONGEST, "Strict"),
                cookie(request, WAY_COOKIE, "", Duration.ZERO, "Strict")
            };
        }
        String way = portal.renew() != null
                ? RENEW + encoded(portal.renew())
                : portal.returnTo() != null ? BACK + encoded(portal.returnTo()) : "";
        Duration life = Duration.between(session.began(), portal.expiresAt());
        return new String[] {
            cookie(request, COOKIE, session.id(), life, ofPortal(request)),
            cookie(request, WAY_COOKIE, way, way.isEmpty() ? Duration.ZERO : REMEMBERED, ofPortal(request))
        };
    }

    /** {@code Set-Cookie} at the end of a session. */
    String[] end(PageRequest request, Session session) {
        String sameSite = session.portal() == null ? "Strict" : ofPortal(request);
        return new String[] {
            cookie(request, COOKIE, "", Duration.ZERO, sameSite),
            cookie(request, WAY_COOKIE, "", Duration.ZERO, sameSite)
        };
    }

    /** Browsers send only such a cookie to a framed page, and only with https. */
    private static String ofPortal(PageRequest request) {
        return request.overTls() ? "None; Partitioned" : "Strict";
    }

    static String cookie(PageRequest request, String name, String value, Duration life, String sameSite) {
        return name + "=" + value + "; Path=/console; Max-Age=" + life.toSeconds() + "; HttpOnly; SameSite=" + sameSite
                + (request.overTls() ? "; Secure" : "");
    }

    /** Where to go after a portal session; empty: the request comes from none. URLs of other origins are left out. */
    Optional<WayOn> wayOn(PageRequest request) {
        return PageRequest.cookies(request.call().headers().getOrDefault("cookie", List.of()), WAY_COOKIE).stream()
                .map(value -> value.split("\\.", 2))
                .filter(parts -> parts.length == 2)
                .map(parts -> new WayOn(decoded(parts[1]), RENEW.equals(parts[0] + ".")))
                .filter(way -> ancestors.has(way.url()))
                .findFirst()
                .or(() -> "iframe".equals(request.call().header("sec-fetch-dest"))
                        ? Optional.of(new WayOn(null, false))
                        : Optional.empty());
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decoded(String text) {
        try {
            return new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
