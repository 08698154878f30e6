package io.engagementwebhooks.console;

import io.engagementwebhooks.api.account.FrameAncestors;
import io.engagementwebhooks.console.signin.Session;
import io.engagementwebhooks.console.signin.Sessions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides which pages may be framed, and creates session cookies. Only portal sessions may be framed, and only by
 * configured origins. Its cookie outlives it, and has the URL where to go then. Immutable.
 */
record Framing(FrameAncestors ancestors) {

    /** The name of a session's cookie. */
    static final String COOKIE = "webhooks-session";

    /** How long a browser keeps the cookie of a portal session, which says where to go after it. */
    private static final Duration REMEMBERED = Duration.ofDays(30);

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors ";

    /** Headers of pages that may not be framed. */
    static final Map<String, String> CLOSED =
            Map.of("Content-Security-Policy", POLICY + "'none'", "X-Frame-Options", "DENY");

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

    /** {@code Set-Cookie} of a session. @param value its sealed cookie @param life how long it is valid */
    static String cookie(PageRequest request, Session session, String value, Duration life) {
        return cookie(
                request, COOKIE, value, session.returnLink() == null ? life : REMEMBERED, sameSite(request, session));
    }

    /** {@code Set-Cookie} at the end of a session. */
    static String end(PageRequest request, Session session) {
        return cookie(request, COOKIE, "", Duration.ZERO, sameSite(request, session));
    }

    private static String sameSite(PageRequest request, Session session) {
        return session.portal() == null ? "Strict" : ofPortal(request);
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
    Optional<Session.ReturnLink> returnLink(PageRequest request, Sessions sessions) {
        return PageRequest.cookies(request.call().headers().getOrDefault("cookie", List.of()), COOKIE).stream()
                .flatMap(cookie -> sessions.returnLink(cookie).stream())
                .filter(link -> ancestors.has(link.url()))
                .findFirst()
                .or(() -> "iframe".equals(request.call().header("sec-fetch-dest"))
                        ? Optional.of(new Session.ReturnLink(null, false))
                        : Optional.empty());
    }
}
