package io.engagementwebhooks.console.signin;

import io.engagementwebhooks.api.StoredCaller;
import io.engagementwebhooks.api.account.PortalSessions;
import io.engagementwebhooks.console.Theme;
import io.engagementwebhooks.webhook.Caller;
import java.time.Instant;

/** The session of a request. Not thread-safe. */
public final class Session {

    /** A longer notice is cut, so that browsers accept the cookie. */
    static final int LONGEST_NOTICE = 500;

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
     * @param creator of its portal session, or null
     * @param provider that signed in a user, see {@link SingleSignOnSettings#provider}; or null
     * @param began time of the sign-in
     * @param used last use
     * @param ends latest end
     * @param returnLink where to go after it, or null
     * @param notice of the next page, or null
     */
    public record Cookie(
            String id,
            StoredCaller caller,
            StoredCaller creator,
            String provider,
            long began,
            long used,
            long ends,
            ReturnLink returnLink,
            Message notice) {}

    /**
     * Where to go after a portal session.
     *
     * @param url null: unknown
     * @param renews whether the URL starts a new session; false: it is the embedding product
     */
    public record ReturnLink(String url, boolean renews) {

        /** Null: the embedding product gave no URL. */
        static ReturnLink after(PortalSessions.Portal portal) {
            boolean renews = portal.renew() != null;
            String url = renews ? portal.renew() : portal.returnTo();
            return url == null ? null : new ReturnLink(url, renews);
        }
    }

    /**
     * A notice about the last action.
     *
     * @param good false: it failed
     * @param link a page with details, or null
     * @param label of the link, or null
     */
    public record Message(boolean good, String text, String link, String label) {

        /** @param longest number of characters, at least 1 */
        private Message cut(int longest) {
            if (text.length() <= longest) {
                return this;
            }
            int end = Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest;
            return new Message(good, text.substring(0, end) + "…", link, label);
        }
    }

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

    public Caller caller() {
        return caller;
    }

    /** Its portal session; null: none. */
    public PortalSessions.Portal portal() {
        return portal;
    }

    public Theme theme() {
        return theme;
    }

    public Instant began() {
        return Instant.ofEpochMilli(cookie.began());
    }

    Instant ends() {
        return Instant.ofEpochMilli(cookie.ends());
    }

    /** Where to go after it, or null. */
    public ReturnLink returnLink() {
        return cookie.returnLink();
    }

    /** Whether its cookie has another notice. */
    public boolean hasOtherNotice() {
        return notice != cookie.notice();
    }

    /** Whether its cookie has a use before a time. */
    boolean wasUsedBefore(Instant time) {
        return cookie.used() < time.toEpochMilli();
    }

    /** @param longest characters of the notice; 0: it is left out */
    Cookie cookie(Instant now, int longest) {
        Message message = notice == null || longest == 0 ? null : notice.cut(longest);
        return new Cookie(
                cookie.id(),
                cookie.caller(),
                cookie.creator(),
                cookie.provider(),
                cookie.began(),
                now.toEpochMilli(),
                cookie.ends(),
                cookie.returnLink(),
                message);
    }

    public boolean mayChange() {
        return caller.key().role().mayChange();
    }

    public boolean mayOperate() {
        return caller.key().role().mayOperate();
    }

    public void inform(String text) {
        inform(text, null, null);
    }

    /** @param link a page of the console */
    public void inform(String text, String link, String label) {
        notice = new Message(true, text, link, label);
    }

    public void warn(String text) {
        notice = new Message(false, text, null, null);
    }

    /** The notice to show, once. */
    public Message takeNotice() {
        Message taken = notice;
        notice = null;
        return taken;
    }

    @Override
    public String toString() {
        return "session of " + caller.key().name();
    }
}
