package io.engagementwebhooks.console.pages;

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
 * @param notice what the next page tells him once, or null in it
 */
record Session(String id, String token, Caller caller, Instant began, AtomicReference<Message> notice) {

    /** A sentence about what was just done. @param good false: it did not work */
    record Message(boolean good, String text) {}

    boolean mayChange() {
        return caller.key().role().mayChange();
    }

    boolean mayOperate() {
        return caller.key().role().mayOperate();
    }

    void tell(String text) {
        notice.set(new Message(true, text));
    }

    void warn(String text) {
        notice.set(new Message(false, text));
    }

    /** Without what proves who it is. */
    @Override
    public String toString() {
        return "session of " + caller.key().name();
    }
}
