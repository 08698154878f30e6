package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.PortalSessions;
import io.engagementwebhooks.webhook.Caller;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Somebody who has signed in. Thread-safe.
 *
 * @param id what the browser's cookie holds
 * @param token what forms carry, so that no other site can send them
 * @param caller by which key
 * @param began when he signed in
 * @param portal the portal session that it is of; null: he signed in himself
 * @param notice what the next page tells him once, or null in it
 * @param theme the colors that the browser of this request asks for
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
     * A sentence about what was just done.
     *
     * @param good false: it did not work
     * @param link a page of ours where more of it is seen, or null
     * @param label what the link says, or null
     */
    record Message(boolean good, String text, String link, String label) {}

    /** The same for a request of a browser that asks for these colors; those of a portal session go before. */
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

    void tell(String text) {
        tell(text, null, null);
    }

    /** @param link a page of ours */
    void tell(String text, String link, String label) {
        notice.set(new Message(true, text, link, label));
    }

    void warn(String text) {
        notice.set(new Message(false, text, null, null));
    }

    /** Without what proves who it is. */
    @Override
    public String toString() {
        return "session of " + caller.key().name();
    }
}
