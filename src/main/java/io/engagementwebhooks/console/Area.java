package io.engagementwebhooks.console;

import io.engagementwebhooks.console.signin.Session;

/** Related pages for a signed-in user. Thread-safe. */
public interface Area {

    /**
     * Shows a page, or runs the action of a form.
     *
     * @throws io.engagementwebhooks.server.ProblemException which is shown as a page
     */
    PageAnswer answer(PageRequest request, Session session);
}
