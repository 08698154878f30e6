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
 * Which pages another site may frame, and the cookie of a session. Only pages of portal sessions may be framed, and only by the
 * origins of the settings. A portal session's cookie also says where its holder goes when it has ended, after a restart too. Immutable.
 */
final class Framing {

    /** The name of a session's cookie. */
    static final String COOKIE = "webhooks-session";

    /** Behind the id in the cookie, before an encoded URL. */
    private static final String RENEW = ".renew.";

    private static final String BACK = ".back.";

    /** So long a browser knows where to go after a portal session. */
    private static final Duration REMEMBERED = Duration.ofDays(30);

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors ";

    /** For what no other site may frame. */
    static final Map<String, String> CLOSED =
            Map.of("Content-Security-Policy", POLICY + "'none'", "X-Frame-Options", "DENY");

    private final FrameAncestors ancestors;

    /**
     * Where the holder of a portal session that has ended goes.
     *
     * @param renews whether another session begins there; false: the product that it was part of
     */
    record WayOn(String url, boolean renews) {}

    Framing(FrameAncestors ancestors) {
        this.ancestors = ancestors;
    }

    /** @param session null: no one has signed in */
    Map<String, String> headers(PageRequest request, Session session) {
        boolean isLink =
                request.segment(0).equals(Pages.SIGN_IN) && request.segment(1).equals(Pages.LINK);
        boolean isAfterPortal = session == null && !request.segment(0).equals(Pages.SIGN_IN);
        boolean isOfPortal = isLink || isAfterPortal || session != null && session.portal() != null;
        return isOfPortal && !ancestors.origins().isEmpty()
                ? Map.of("Content-Security-Policy", POLICY + ancestors.policy())
                : CLOSED;
    }

    /** What {@code Set-Cookie} says at the beginning of a session. */
    String begin(PageRequest request, Session session) {
        PortalSessions.Portal portal = session.portal();
        if (portal == null) {
            return cookie(request, session.id(), Sessions.LONGEST, "Strict");
        }
        String way = portal.renew() != null
                ? RENEW + encoded(portal.renew())
                : portal.returnTo() != null ? BACK + encoded(portal.returnTo()) : "";
        return cookie(request, session.id() + way, REMEMBERED, ofPortal(request));
    }

    /** What {@code Set-Cookie} says at the end of a session. */
    String end(PageRequest request, Session session) {
        return cookie(request, "", Duration.ZERO, session.portal() == null ? "Strict" : ofPortal(request));
    }

    /** Browsers send a framed page no other cookie, and take this one only over https. */
    private static String ofPortal(PageRequest request) {
        return request.overTls() ? "None; Partitioned" : "Strict";
    }

    private static String cookie(PageRequest request, String value, Duration life, String sameSite) {
        return COOKIE + "=" + value + "; Path=/console; Max-Age=" + life.toSeconds() + "; HttpOnly; SameSite="
                + sameSite + (request.overTls() ? "; Secure" : "");
    }

    /** The ids of sessions among cookies: a framed page may have two of the same name. */
    static List<String> ids(List<String> cookies) {
        return PageRequest.cookies(cookies, COOKIE).stream()
                .map(value -> value.split("\\.", 2)[0])
                .toList();
    }

    /** Where the holder of a portal session that has ended goes; empty: it is not known, or may not be there any more. */
    Optional<WayOn> wayOn(PageRequest request) {
        return PageRequest.cookies(request.call().headers().getOrDefault("cookie", List.of()), COOKIE).stream()
                .map(value -> value.split("\\.", 3))
                .filter(parts -> parts.length == 3)
                .map(parts -> new WayOn(decoded(parts[2]), RENEW.equals("." + parts[1] + ".")))
                .filter(way -> ancestors.has(way.url()))
                .findFirst();
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
