package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.PortalSessions;
import io.engagementwebhooks.console.StoredCaller;
import io.engagementwebhooks.webhook.Caller;
import java.time.Instant;

/** The session of a request. Not thread-safe. */
final class Session {

    /** A longer notice is cut, so that browsers accept the cookie. */
    private static final int LONGEST_NOTICE = 500;

    private final Cookie cookie;
    private final Caller caller;
    private final PortalSessions.Portal portal;
    private final Theme theme;
    private Message notice;

    /**
     * What the cookie of a session holds, times in milliseconds since 1970.
     *
     * @param id of the session; of a portal session that of its portal
     * @param caller who signed in
     * @param began time of the sign-in
     * @param used last use
     * @param ends latest end
     * @param way where to go after it, or null
     * @param notice of the next page, or null
     */
    record Cookie(String id, StoredCaller caller, long began, long used, long ends, Way way, Message notice) {}

    /**
     * Where to go after a portal session.
     *
     * @param url null: unknown
     * @param renews whether the URL starts a new session; false: it is the embedding product
     */
    record Way(String url, boolean renews) {

        /** Null: the embedding product gave no URL. */
        static Way after(PortalSessions.Portal portal) {
            boolean renews = portal.renew() != null;
            String url = renews ? portal.renew() : portal.returnTo();
            return url == null ? null : new Way(url, renews);
        }
    }

    /**
     * A notice about the last action.
     *
     * @param good false: it failed
     * @param link a page with details, or null
     * @param label of the link, or null
     */
    record Message(boolean good, String text, String link, String label) {}

    /**
     * @param cookie of the request
     * @param caller by the current configuration
     * @param portal its portal session; null: none
     * @param asked theme of the browser; that of a portal session has precedence
     */
    Session(Cookie cookie, Caller caller, PortalSessions.Portal portal, Theme asked) {
        this.cookie = cookie;
        this.caller = caller;
        this.portal = portal;
        this.theme = portal == null || portal.theme() == null ? asked : Theme.of(portal.theme());
        this.notice = cookie.notice();
    }

    String id() {
        return cookie.id();
    }

    Caller caller() {
        return caller;
    }

    /** Its portal session; null: none. */
    PortalSessions.Portal portal() {
        return portal;
    }

    Theme theme() {
        return theme;
    }

    Instant began() {
        return Instant.ofEpochMilli(cookie.began());
    }

    Instant ends() {
        return Instant.ofEpochMilli(cookie.ends());
    }

    /** Where to go after it, or null. */
    Way way() {
        return cookie.way();
    }

    /** Whether its cookie has another notice, or a use before a time. */
    boolean differsFromCookie(Instant usedBefore) {
        return notice != cookie.notice() || cookie.used() < usedBefore.toEpochMilli();
    }

    Cookie cookie(Instant now) {
        return new Cookie(
                cookie.id(), cookie.caller(), cookie.began(), now.toEpochMilli(), cookie.ends(), cookie.way(), notice);
    }

    boolean mayChange() {
        return caller.key().role().mayChange();
    }

    boolean mayOperate() {
        return caller.key().role().mayOperate();
    }

    void inform(String text) {
        inform(text, null, null);
    }

    /** @param link a page of the console */
    void inform(String text, String link, String label) {
        notice = new Message(true, cut(text), link, label);
    }

    void warn(String text) {
        notice = new Message(false, cut(text), null, null);
    }

    private static String cut(String text) {
        return text.length() <= LONGEST_NOTICE ? text : text.substring(0, LONGEST_NOTICE - 1) + "…";
    }

    /** The notice to show, once. */
    Message takeNotice() {
        Message taken = notice;
        notice = null;
        return taken;
    }

    @Override
    public String toString() {
        return "session of " + caller.key().name();
    }
}
