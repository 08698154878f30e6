package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.PortalSessions;
import io.engagementwebhooks.webhook.Caller;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A signed-in user. Thread-safe.
 *
 * @param id in the browser's cookie
 * @param token of forms, unknown to other sites
 * @param caller the user's key
 * @param began time of the sign-in
 * @param portal its portal session; null: none
 * @param notice of the next page, or null in it
 * @param theme of this request's browser
 */
record Session(
        String id,
        String token,
        Caller caller,
        Instant began,
        PortalSessions.Portal portal,
        AtomicReference<Message> notice,
        Theme theme) {

    /**
     * A notice about the last action.
     *
     * @param good false: it failed
     * @param link a page with details, or null
     * @param label of the link, or null
     */
    record Message(boolean good, String text, String link, String label) {}

    /** The same with the theme of a request; the theme of a portal session has precedence. */
    Session in(Theme asked) {
        Theme now = portal == null || portal.theme() == null ? asked : Theme.of(portal.theme());
        return new Session(id, token, caller, began, portal, notice, now);
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
        notice.set(new Message(true, text, link, label));
    }

    void warn(String text) {
        notice.set(new Message(false, text, null, null));
    }

    /** Leaves out what authenticates the user. */
    @Override
    public String toString() {
        return "session of " + caller.key().name();
    }
}
